"""A potted cactus: a column with arms, a barrel or paddles."""

from __future__ import annotations

import math
from itertools import pairwise

from answers import solid
from materials import Material, ceramic
from mathutils import Matrix, Vector
from shapes import ball, lathe, leaf, strands, sweep
from stage import recipe


@recipe("cactus")
def cactus(rng, variant):
    shape, pot = [
        ("column", "orange"),
        ("barrel", "white"),
        ("paddles", "blue"),
        ("column", "yellow"),
        ("barrel", "red"),
        ("paddles", "light gray"),
    ][variant % 6]
    clay = Material("clay", (0.58, 0.20, 0.08), 0.85).grain(40, 0.12)
    body = clay if pot == "orange" else ceramic(pot)
    profile = [(0, 0), (0.34, 0), (0.37, 0.02), (0.45, 0.46), (0.46, 0.48), (0.52, 0.49)]
    profile += [(0.54, 0.51), (0.55, 0.64), (0.53, 0.66), (0.48, 0.66), (0.46, 0.62), (0.44, 0.52)]
    lathe([*profile, (0, 0.5)], body)
    soil = Material("soil", (0.07, 0.04, 0.025), 1.0).mottle(
        (0.07, 0.04, 0.025), (0.2, 0.15, 0.1), 30
    )
    lathe([(0, 0.56), (0.3, 0.58), (0.47, 0.55), (0.47, 0.5), (0, 0.5)], soil.grain(22, 1.0))
    spines = {"column": column_cactus, "barrel": barrel_cactus, "paddles": paddle_cactus}[shape](
        rng
    )
    paths = []
    for point, normal in spines:
        for _ in range(6):
            scatter = Vector((rng.gauss(0, 1), rng.gauss(0, 1), rng.gauss(0, 1))) * 0.55
            paths.append([point, point + (normal + scatter).normalized() * rng.uniform(0.05, 0.11)])
    strands(paths, 0.0038, Material("spine", (0.80, 0.70, 0.48), 0.5), taper=0.2)
    made = solid(rng, ["green", pot], "plant", low=8, high=16, shape=shape, pot=pot)
    return {**made, "solid": False}  # the spines are thin


def cactus_skin(color=(0.06, 0.24, 0.06)) -> Material:
    skin = Material("cactus", color, 0.5, subsurface_weight=0.08, subsurface_scale=0.03)
    return skin.mottle(color, (0.14, 0.33, 0.10), 4, 0.8).grain(50, 0.1)


def ribbed(path, radius, ribs, skin, up=(0, 1, 0)):
    """A fleshy ribbed stem with a round top; returns where its spines grow: (point, normal)."""
    path, up = [Vector(p) for p in path], Vector(up)
    last = len(path) - 1
    reach = sum((b - a).length for a, b in pairwise(path))

    def size(t):
        left = (1 - t) * reach / radius
        return radius * (1 if left > 1 else max(0.03, 1 - (1 - left) ** 2) ** 0.5)

    def section(t):
        corners = (math.tau * j / (ribs * 8) for j in range(ribs * 8))
        rounds = [(a, size(t) * (1 + 0.13 * math.cos(ribs * a))) for a in corners]
        return [(r * math.cos(a), r * math.sin(a)) for a, r in rounds]

    sweep(path, section, skin, up)
    spines = []
    for k in range(1, last, 2):
        along = (path[k + 1] - path[k - 1]).normalized()
        side = along.cross(up).normalized()
        rise = side.cross(along)
        for j in range(ribs):
            a = math.tau * j / ribs
            normal = side * math.cos(a) + rise * math.sin(a)
            spines.append((path[k] + normal * size(k / last) * 1.12, normal))
    return spines


def column_cactus(rng):
    skin, tall = cactus_skin(), rng.uniform(1.25, 1.55)
    spines = ribbed([(0, 0, 0.5 + tall * k / 32) for k in range(33)], 0.25, 11, skin)
    for side in (-1, 1):
        low, reach = 0.5 + tall * rng.uniform(0.25, 0.45), rng.uniform(0.4, 0.48)
        rise, path = rng.uniform(0.3, 0.5), []
        for k in range(9):  # a quarter turn outward, then straight up
            a = math.pi / 2 * k / 8
            path.append(
                (side * (0.12 + (reach - 0.12) * math.sin(a)), 0, low + 0.24 * (1 - math.cos(a)))
            )
        path += [(side * reach, 0, low + 0.24 + rise * k / 10) for k in range(1, 11)]
        spines += ribbed(path, 0.135, 8, skin)
    return spines


def barrel_cactus(rng):
    skin, wide, tall = (
        cactus_skin((0.07, 0.28, 0.09)),
        rng.uniform(0.48, 0.56),
        rng.uniform(0.9, 1.1),
    )
    ribs, spines, outline = 16, [], []
    for k in range(25):
        a = math.pi * k / 24
        outline.append((wide * math.sin(a) ** 0.8, 0.48 + tall / 2 * (1 - math.cos(a))))

    def rib(angle, radius, z):
        return radius * (1 + 0.09 * math.cos(ribs * angle)), z

    lathe(outline, skin, ribs * 8, 1, ripple=rib)
    for k in range(5, 24, 2):
        radius, z = outline[k]
        for j in range(ribs):
            a = math.tau * j / ribs
            normal = Vector((math.cos(a), math.sin(a), (z - 0.48 - tall / 2) / tall * 1.6))
            spines.append(
                (
                    Vector((radius * math.cos(a), radius * math.sin(a), z)) * 1.0
                    + normal.normalized() * radius * 0.08,
                    normal.normalized(),
                )
            )
    flower((0, 0, 0.46 + tall), 0.34)
    return spines


def flower(at, size, color=(0.86, 0.08, 0.30)):
    """Two rings of petals around a yellow middle."""
    petal = Material("petal", color, 0.5, sheen_weight=0.3)
    petal.mottle(color, (0.95, 0.45, 0.6), 6, 0.8)
    for ring, (count, pitch) in enumerate(((11, 0.45), (8, 0.95))):
        for k in range(count):
            yaw = math.tau * (k + ring / 2) / count
            leaf(size * (1 - 0.12 * ring), size * 0.42, petal, at, yaw, pitch, -0.5, 1.5)
    ball(size * 0.2, (1, 1, 0.8), (at[0], at[1], at[2] + 0.09), Material("pollen", "yellow", 0.9))


def paddle_cactus(rng):
    skin, spines = cactus_skin((0.07, 0.27, 0.10)), []

    def paddle(foot, size, lean, yaw):
        turn = Matrix.Rotation(yaw, 3, "Z") @ Matrix.Rotation(lean, 3, "Y")
        centre = Vector(foot) + turn @ Vector((0, 0, size * 0.94))
        thing = ball(size, (0.66, 0.17, 1), centre, skin)
        thing.rotation_euler = turn.to_euler()
        for row in range(-4, 5):
            for column in range(-3, 4):
                x, z = (column + 0.5 * (row % 2)) * 0.25, row * 0.21
                if (inner := 1 - x * x - z * z) < 0.04:
                    continue
                for front in (-1, 1):
                    unit = Vector((x, front * math.sqrt(inner), z))
                    point = Vector((unit.x * 0.66, unit.y * 0.17, unit.z)) * size
                    normal = Vector((unit.x / 0.66, unit.y / 0.17, unit.z)).normalized()
                    spines.append((centre + turn @ point, turn @ normal))
        return lambda a: (
            centre + turn @ Vector((0.62 * size * math.sin(a), 0, 0.94 * size * math.cos(a)))
        )

    edge = paddle((0, 0, 0.52), 0.42, rng.uniform(-0.08, 0.08), rng.uniform(-0.2, 0.2))
    left = paddle(edge(-0.75), 0.3, -0.55, rng.uniform(-0.3, 0.3))
    right = paddle(edge(0.6), 0.33, 0.4, rng.uniform(-0.3, 0.3))
    paddle(left(0.5), 0.2, 0.25, 0.3)
    paddle(right(-0.5), 0.22, -0.3, 0.2)
    flower(right(0.5), 0.17, (0.92, 0.22, 0.05))
    return spines
