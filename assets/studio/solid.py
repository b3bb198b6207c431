"""Solid, opaque things of the house, the kitchen and the garden."""

from __future__ import annotations

import math
from itertools import pairwise

import bmesh
import bpy
from materials import Material, ceramic, fabric, metal, paper, plastic, rgb, rubber, wood
from mathutils import Matrix, Vector
from shapes import ball, box, lathe, leaf, sheet, strands, sweep, tube
from stage import recipe

GOLD = (0.80, 0.52, 0.16)


def answer(rng, colors, material, pattern="plain", low=8, high=20, swing=25, label=None, **params):
    """What a recipe says about the thing it built, with a camera within the given limits."""
    angles = {"azimuth_deg": rng.uniform(-swing, swing), "elevation_deg": rng.uniform(low, high)}
    return {
        "attributes": {
            "color": list(dict.fromkeys(c for c in colors if c)),
            "material": material,
            "pattern": pattern,
            "transparent": False,
        },
        "params": {k: round(v, 3) if isinstance(v, float) else v for k, v in params.items()},
        "camera": {key: round(angle, 1) for key, angle in angles.items()},
        "label": label or {},
        "solid": True,
    }


def tilt(things, turn: Matrix, ground: bool = True) -> None:
    """Turn finished things together about the origin, then let them touch the ground."""
    bpy.context.view_layer.update()
    for thing in things:
        thing.matrix_world = turn.to_4x4() @ thing.matrix_world
    bpy.context.view_layer.update()
    if not ground:
        return
    graph, lowest = bpy.context.evaluated_depsgraph_get(), math.inf
    for thing in things:
        shape = thing.evaluated_get(graph)
        lowest = min([lowest, *((thing.matrix_world @ v.co).z for v in shape.to_mesh().vertices)])
        shape.to_mesh_clear()
    for thing in things:
        thing.matrix_world.translation.z -= lowest


# --- kitchen -------------------------------------------------------------------------------------


@recipe("mug")
def mug(rng, variant):
    colour, pattern, accent = [
        ("red", "plain", None),
        ("light blue", "dotted", "white"),
        ("yellow", "plain", None),
        ("white", "striped", "blue"),
        ("green", "plain", None),
        ("black", "plain", None),
        ("pink", "dotted", "white"),
    ][variant % 7]
    height, r = rng.uniform(0.95, 1.15), rng.uniform(0.42, 0.5)
    lip, t = r + rng.uniform(-0.02, 0.05), 0.05
    body = ceramic(colour)
    if pattern == "dotted":
        body.dots(colour, accent, 14, 5.2, 0.24)
    elif pattern == "striped":
        body.stripes(colour, accent, "z", 5 / height, 0.55)
    outside = [(0, 0.02), (r * 0.7, 0.02), (r * 0.78, 0.0), (r * 0.9, 0.0), (r * 0.98, 0.05)]
    outside += [(r, 0.14), (r, height * 0.6), (lip, height - 0.03), (lip - 0.01, height)]
    inside = [(lip - t + 0.01, height), (lip - t, height - 0.03), (r - t, height * 0.6)]
    inside += [(r - t, 0.2), (r - t * 2, 0.11), (r * 0.5, 0.09), (0, 0.09)]
    lathe(outside + inside, body)
    turn, reach = rng.uniform(-0.45, 0.1), rng.uniform(0.3, 0.38)
    side = [(r - 0.03, 0.82), (r + reach * 0.7, 0.84), (r + reach, 0.6), (r + reach * 0.75, 0.34)]
    side += [(r - 0.03, 0.22)]
    handle = [(x * math.cos(turn), x * math.sin(turn), z * height) for x, z in side]
    tube(handle, [0.068, 0.058, 0.056, 0.058, 0.07], ceramic(colour))
    return answer(rng, [colour, accent], "ceramic", pattern, 12, 22, 15, height=height, radius=r)


@recipe("cupcake")
def cupcake(rng, variant):
    cream, liner, topping = [
        ("pink", "light blue", "sprinkles"),
        ("brown", "white", "cherry"),
        ("white", "red", "sprinkles"),
        ("light blue", "yellow", "cherry"),
        ("yellow", "purple", "sprinkles"),
        ("light green", "brown", "cherry"),
    ][variant % 6]
    pleats = rng.choice((22, 26, 30))

    def pleat(angle, radius, z):
        return radius * (1 + 0.022 * math.sin(pleats * angle)), z

    cup = [(0, 0), (0.4, 0), (0.43, 0.02), (0.53, 0.35), (0.6, 0.6), (0.605, 0.62), (0.585, 0.61)]
    lathe([*cup, (0.5, 0.3), (0, 0.3)], paper(liner), pleats * 8, 1, ripple=pleat)
    cake = Material("cake", (0.50, 0.26, 0.09), 0.9).grain(26, 0.5)
    lathe([(0, 0.4), (0.52, 0.4), (0.6, 0.58), (0.63, 0.66), (0.56, 0.74), (0, 0.78)], cake)

    body = {"subsurface_weight": 0.25, "subsurface_scale": 0.05}
    icing = Material("icing", cream, 0.42, **body)
    icing.bump(icing.noise(9), 0.12, 0.05)
    turns, steps, top = rng.uniform(2.6, 3.3), 150, rng.uniform(0.72, 0.88)
    path, sizes = [], []
    for k in range(steps + 1):
        t = k / steps
        angle = math.tau * turns * t + 0.6
        wide = 0.42 * (1 - t) ** 0.85
        path.append((wide * math.cos(angle), wide * math.sin(angle), 0.78 + top * t**1.15))
        sizes.append(0.235 * (1 - t) ** 0.6 + 0.012)

    def star(t):
        size = sizes[round(t * steps)]
        points = []
        for j in range(36):
            a = math.tau * j / 36
            r = size * (1 + 0.16 * math.cos(6 * a))
            points.append((r * math.cos(a + 7 * t), r * math.sin(a + 7 * t)))
        return points

    sweep(path, star, icing)
    ball(1, (0.5, 0.5, 0.2), (0, 0, 0.78), icing)
    if topping == "cherry":
        gloss = {"coat_weight": 1.0, "coat_roughness": 0.05}
        ball(
            0.15,
            (1, 1, 0.92),
            (0, 0, 0.86 + top),
            Material("cherry", (0.5, 0.0, 0.02), 0.3, **gloss),
        )
        stalk = [(0, 0, 0.95 + top), (0.02, 0, 1.12 + top), (0.1, 0, 1.3 + top)]
        tube(stalk, [0.014, 0.011, 0.018], Material("stalk", (0.16, 0.22, 0.04), 0.6))
    else:
        sprinkle(rng, path, sizes)
    return answer(rng, [cream, liner], "cake", "plain", 10, 20, pleats=pleats, topping=topping)


def sprinkle(rng, path, sizes) -> None:
    """Scatter sugar strands over the outside of a piped spiral."""
    colours = ("red", "yellow", "blue", "green", "white", "orange")
    sugars = [Material(f"sugar {c}", c, 0.35, coat_weight=0.6) for c in colours]
    for _ in range(70):
        k = int(rng.triangular(0, len(path) - 12, 0))
        centre, size = Vector(path[k]), sizes[k]
        out = Vector((centre.x, centre.y, 0)).normalized()
        rise = rng.uniform(-0.1, 1.1)
        point = centre + (out * math.cos(rise) + Vector((0, 0, math.sin(rise)))) * size * 1.08
        along = Vector((rng.gauss(0, 1), rng.gauss(0, 1), rng.gauss(0, 0.6))).normalized() * 0.035
        tube([point - along, point + along], 0.013, rng.choice(sugars))


# --- garden --------------------------------------------------------------------------------------


@recipe("apple")
def apple(rng, variant):
    colour, skin, streak = [
        ("red", (0.46, 0.006, 0.012), (0.72, 0.13, 0.04)),
        ("green", (0.22, 0.46, 0.03), (0.42, 0.58, 0.10)),
        ("yellow", (0.86, 0.56, 0.05), (0.80, 0.24, 0.05)),
        ("dark red", (0.22, 0.004, 0.012), (0.42, 0.02, 0.02)),
    ][variant % 4]
    wide, tall = rng.uniform(0.94, 1.06), rng.uniform(0.94, 1.1)
    phase, lean = rng.uniform(0, 6), rng.uniform(-0.04, 0.04)
    profile = [(0, 0.17), (0.1, 0.13), (0.2, 0.05), (0.33, 0.02), (0.52, 0.1), (0.69, 0.33)]
    profile += [(0.78, 0.62), (0.77, 0.9), (0.66, 1.14), (0.48, 1.26), (0.3, 1.27), (0.15, 1.19)]
    profile += [(0.06, 1.08), (0, 1.05)]

    def lobes(angle, radius, z):
        low = max(0.0, 1 - z / 0.7)
        wave = math.cos(5 * angle + phase)
        radius *= wide * (1 + 0.035 * wave * (0.4 + low) + lean * math.cos(angle) * z)
        return radius, tall * z - 0.02 * wave * low * (radius > 0.15)

    flesh = {"coat_weight": 0.7, "coat_roughness": 0.12, "subsurface_weight": 0.1}
    peel = Material("peel", skin, 0.36, subsurface_scale=0.05, **flesh)
    u, v = peel.wrapped(9, 0.5)
    where = peel.node("ShaderNodeCombineXYZ", {"X": u, "Y": v}).outputs[0]
    flames = peel.ramp(peel.noise(2.2, 5, where), [(0.48, skin), (0.85, streak)])
    cells = peel.node("ShaderNodeTexVoronoi", {"Vector": peel.position(), "Scale": 9.0})
    pores = peel.math("LESS_THAN", cells.outputs["Distance"], 0.07)
    pores = peel.math("MULTIPLY", pores, 0.55)
    peel.color(peel.mix(pores, flames, (0.80, 0.62, 0.30)))
    peel.bump(peel.noise(5), 0.06, 0.05)
    lathe(profile, peel, 60, 2, ripple=lobes)

    top, bend = 1.08 * tall, rng.uniform(-0.2, 0.2)
    bark = Material("stalk", (0.10, 0.05, 0.02), 0.8).grain(30, 0.4)
    stalk = [(0, 0, top - 0.06), (bend * 0.2, 0, top + 0.2), (bend, 0.02, top + 0.42)]
    tube(stalk, [0.03, 0.026, 0.045], bark)
    if variant % 4 != 3:
        green = Material("leaf", (0.07, 0.25, 0.03), 0.5, coat_weight=0.2)
        green.bump(green.noise(12), 0.2)
        side = rng.choice((0.25, math.pi - 0.25))
        leaf(0.62, 0.3, green, (bend * 0.4, 0, top + 0.24), side, rng.uniform(0.3, 0.6), 0.9)
    return answer(rng, [colour], "fruit", low=10, high=20, width=wide, height=tall)


@recipe("pumpkin")
def pumpkin(rng, variant):
    colour, skin, other, squat = [
        ("orange", (0.80, 0.20, 0.012), (0.62, 0.11, 0.01), 0.8),
        ("white", (0.80, 0.74, 0.60), (0.68, 0.60, 0.44), 0.62),
        ("green", (0.045, 0.13, 0.045), (0.16, 0.24, 0.10), 0.7),
        ("orange", (0.84, 0.30, 0.02), (0.70, 0.16, 0.01), 1.05),
        ("yellow", (0.86, 0.52, 0.05), (0.78, 0.34, 0.03), 0.75),
    ][variant % 5]
    ribs, deep = rng.choice((9, 10, 11, 12)), rng.uniform(0.1, 0.15)
    squat *= rng.uniform(0.95, 1.08)
    uneven = [rng.uniform(0.955, 1.03) for _ in range(ribs)]

    def crease(angle, radius, z):
        turn = angle * ribs / math.tau
        near = abs(math.sin(math.pi * turn)) ** 0.6  # 0 in a crease, 1 on a rib
        swell = 1 + (uneven[int(turn) % ribs] - 1) * near
        return radius * (1 - deep * (1 - near)) * swell, z + 0.03 * near * (radius > 0.12)

    outline = []
    for k in range(23):
        a = math.pi * (k / 22)
        radius = math.sin(a) ** 0.75
        dip = 0.26 * math.exp(-((radius / 0.3) ** 2))
        outline.append((radius, squat * (0.86 - 0.86 * math.cos(a)) + dip * (1 if k < 11 else -1)))
    rind = Material("rind", skin, 0.42, coat_weight=0.25, coat_roughness=0.25)
    rind.mottle(skin, other, 3.0, 0.9).bump(rind.noise(7), 0.12, 0.05).grain(45, 0.05)
    lathe(outline, rind, ribs * 16, 1, ripple=crease)

    top, lean = squat * 1.72 - 0.24, rng.choice((-1, 1)) * rng.uniform(0.16, 0.3)
    stalk = Material("stalk", (0.20, 0.17, 0.06), 0.85).mottle((0.25, 0.2, 0.07), (0.1, 0.12, 0.03))
    stalk.grain(25, 0.4)
    path = [(lean * (k / 9) ** 2, -0.05 * k / 9, top - 0.04 + 0.48 * k / 9) for k in range(10)]

    def ridged(t):
        size = 0.10 + 0.16 * (1 - t) ** 3 + 0.035 * t**4
        corners = (math.tau * j / 30 for j in range(30))
        bumps = [(a, size * (1 + 0.14 * math.cos(5 * a + 1.5 * t))) for a in corners]
        return [(r * math.cos(a), r * math.sin(a)) for a, r in bumps]

    sweep(path, ridged, stalk, up=(0, 1, 0))
    return answer(rng, [colour], "plant", low=10, high=20, ribs=ribs, squat=squat)


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
    made = answer(rng, ["green", pot], "plant", low=8, high=16, shape=shape, pot=pot)
    return {**made, "solid": False}  # the spines are thin


def cactus_skin(colour=(0.06, 0.24, 0.06)) -> Material:
    skin = Material("cactus", colour, 0.5, subsurface_weight=0.08, subsurface_scale=0.03)
    return skin.mottle(colour, (0.14, 0.33, 0.10), 4, 0.8).grain(50, 0.1)


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


def flower(at, size, colour=(0.86, 0.08, 0.30)):
    """Two rings of petals around a yellow middle."""
    petal = Material("petal", colour, 0.5, sheen_weight=0.3)
    petal.mottle(colour, (0.95, 0.45, 0.6), 6, 0.8)
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


# --- house ---------------------------------------------------------------------------------------


@recipe("chair")
def chair(rng, variant):
    style, colour = [
        ("windsor", "brown"),
        ("shell", "yellow"),
        ("windsor", "white"),
        ("shell", "red"),
        ("windsor", "green"),
        ("shell", "light blue"),
        ("windsor", "blue"),
        ("shell", "black"),
    ][variant % 8]
    tall = rng.uniform(0.95, 1.08)
    (windsor if style == "windsor" else shell)(colour, tall)
    side = rng.choice((-1, 1))
    material, extra = ("wood", None) if style == "windsor" else ("plastic", "light brown")
    made = answer(rng, [colour, extra], material, low=10, high=18, style=style, height=tall)
    made["camera"]["azimuth_deg"] = round(side * rng.uniform(18, 30), 1)
    return made


def windsor(colour, tall):
    """Turned legs, a saddled seat, spindles and a bent crest rail."""

    def timber(axis="z"):
        if colour == "brown":
            return wood((0.36, 0.16, 0.055), (0.13, 0.05, 0.018), axis=axis)
        return Material("paint", colour, 0.45).grain(60, 0.06)

    seat, deep = [], 0.44
    for i in range(9):
        y = -deep + 2 * deep * i / 8
        half = 0.5 - 0.07 * (i / 8) - 0.04 * (2 * i / 8 - 1) ** 6
        row = []
        for j in range(9):
            x = j / 4 - 1
            hollow = 0.05 * (1 - x * x) * math.sin(math.pi * min(1, i / 8 + 0.15))
            row.append((x * half, y * (1 - 0.06 * x * x), 0.9 - hollow))
        seat.append(row)
    sheet(seat, timber("x"), 0.085)
    for sx in (-1, 1):
        for sy in (-1, 1):
            foot, head = Vector((sx * 0.47, sy * 0.44, 0)), Vector((sx * 0.36, sy * 0.31, 0.84))
            steps = [foot.lerp(head, t) for t in (0, 0.3, 0.5, 0.56, 0.62, 0.8, 1)]
            tube(steps, [0.03, 0.045, 0.05, 0.036, 0.05, 0.052, 0.042], timber())
        low = [(sx * 0.44, -0.39, 0.33), (sx * 0.42, 0, 0.36), (sx * 0.44, 0.39, 0.33)]
        tube(low, [0.024, 0.034, 0.024], timber("y"))
    tube([(-0.42, 0, 0.36), (0, 0, 0.36), (0.42, 0, 0.36)], [0.024, 0.034, 0.024], timber("x"))
    top = 0.9 + tall

    def crest(x, z):
        return Vector((x, 0.4 + 0.28 * (z - 0.9) + 0.16 * (1 - (x / 0.5) ** 2) * (z - 0.9), z))

    for k in range(7):
        x = -0.36 + 0.72 * k / 6
        outer = k in (0, 6)
        spindle = [crest(x * (0.95 + 0.2 * t), 0.86 + (tall + 0.02) * t) for t in (0, 0.35, 0.7, 1)]
        tube(
            spindle, [0.036, 0.042, 0.034, 0.03] if outer else [0.02, 0.028, 0.022, 0.018], timber()
        )
    rail = [crest(-0.5 + k / 16, top + 0.05 * math.sin(math.pi * k / 16)) for k in range(17)]

    def board(t):
        high = 0.1 * (0.72 + 0.28 * math.sin(math.pi * t))
        return [
            (-0.026, -high),
            (0.026, -high),
            (0.032, 0),
            (0.026, high),
            (-0.026, high),
            (-0.032, 0),
        ]

    sweep(rail, board, timber("x"), subdivide=3)


def shell(colour, tall):
    """One moulded seat on four wooden legs."""
    side = [(-0.5, 0.82), (-0.47, 0.89), (-0.3, 0.92), (0, 0.88), (0.22, 0.9), (0.33, 1.0)]
    side += [(0.4, 0.95 + 0.35 * tall), (0.45, 0.95 + 0.62 * tall), (0.47, 0.95 + 0.8 * tall)]
    halves = [0.40, 0.47, 0.52, 0.53, 0.53, 0.53, 0.51, 0.45, 0.33]
    grid = []
    for k, ((y, z), half) in enumerate(zip(side, halves, strict=True)):
        back = min(1.0, max(0.0, (k - 3) / 3))
        row = []
        for j in range(9):
            x = j / 4 - 1
            wing = abs(x) ** 2.5
            row.append((x * half, y - 0.2 * wing * back, z + 0.1 * wing * (1 - back) * (k > 1)))
        grid.append(row)
    sheet(grid, plastic(colour, roughness=0.3), 0.035, 3)
    timber = wood((0.55, 0.32, 0.13), (0.36, 0.17, 0.06))
    steel = metal((0.1, 0.1, 0.1), roughness=0.4)
    for sx in (-1, 1):
        for sy in (-1, 1):
            tube([(sx * 0.45, sy * 0.42, 0), (sx * 0.25, sy * 0.24, 0.86)], [0.028, 0.05], timber)
        cross = [(sx * 0.33, -0.31, 0.52), (-sx * 0.33, 0.31, 0.52)]
        tube(cross, 0.014, steel)


@recipe("lamp")
def lamp(rng, variant):
    style, colour, accent = [
        ("shade", "red", "white"),
        ("desk", "yellow", None),
        ("mushroom", "green", "white"),
        ("shade", "white", "blue"),
        ("desk", "black", None),
        ("mushroom", "orange", "white"),
        ("shade", "light green", "brown"),
        ("desk", "light blue", None),
        ("mushroom", "pink", "white"),
    ][variant % 9]
    tall = rng.uniform(0.92, 1.1)
    if style == "shade":
        shade_lamp(rng, colour, accent, tall)
    elif style == "desk":
        desk_lamp(rng, colour)
    else:
        mushroom_lamp(colour, accent, tall)
    material = {"shade": "fabric", "desk": "metal", "mushroom": "metal"}[style]
    return answer(rng, [colour, accent], material, low=5, high=11, style=style, height=tall)


def glowing(name, colour, strength):
    return Material(name, colour, 0.6, emission_color=(*rgb(colour), 1), emission_strength=strength)


def shade_lamp(rng, colour, accent, tall):
    foot = wood() if accent == "brown" else ceramic(accent)
    neck, belly = rng.uniform(0.07, 0.1), rng.uniform(0.3, 0.36)
    base = [(0, 0), (0.25, 0), (0.27, 0.03), (0.24, 0.07), (0.2, 0.1), (belly, 0.36), (belly, 0.5)]
    base += [(belly * 0.65, 0.74), (neck, 0.88), (neck, 0.98), (neck * 1.3, 1.0), (0, 1.0)]
    lathe([(r, z * tall) for r, z in base], foot)
    brass = metal(GOLD)
    tube([(0, 0, tall - 0.02), (0, 0, tall + 0.85)], 0.028, brass)
    cloth = fabric(colour, scale=420)
    cloth.set(emission_color=(*rgb(colour), 1), emission_strength=0.22)
    low, wide = tall + 0.08, rng.uniform(0.58, 0.66)
    cone = [
        (wide, low),
        (wide * 0.58, low + 0.78),
        (wide * 0.56, low + 0.78),
        (wide * 0.98, low + 0.005),
    ]
    lathe([*cone, cone[0]], cloth, 96, 0)
    for radius, z in ((wide, low), (wide * 0.575, low + 0.78)):
        ring = [
            (radius * math.cos(a / 8 * math.pi), radius * math.sin(a / 8 * math.pi), z)
            for a in range(16)
        ]
        tube(ring, 0.016, fabric(colour, scale=420), closed=True)
    ball(0.13, at=(0, 0, low + 0.3), material=glowing("bulb", (1.0, 0.8, 0.5), 4.0))
    lathe(
        [(0, 0.0), (0.035, 0.02), (0.045, 0.06), (0.03, 0.1), (0, 0.12)],
        brass,
        at=(0, 0, tall + 0.83),
    )


def desk_lamp(rng, colour):
    paint = Material("paint", colour, 0.3, coat_weight=0.6, coat_roughness=0.1).grain(120, 0.02)
    steel = metal()
    lathe(
        [(0, 0), (0.44, 0), (0.46, 0.02), (0.45, 0.06), (0.38, 0.09), (0.1, 0.11), (0, 0.11)], paint
    )
    side = rng.choice((-1, 1))
    joint = Vector((side * rng.uniform(0.3, 0.42), 0.0, 0.95))
    elbow, head = Vector((0, 0, 0.16)), Vector((-side * rng.uniform(0.22, 0.34), -0.05, 1.72))
    for a, b in ((elbow, joint), (joint, head)):
        for y in (-0.045, 0.045):
            tube([a + Vector((0, y, 0)), b + Vector((0, y, 0))], 0.024, paint)
    for point in (elbow, joint, head):
        tube([point + Vector((0, -0.09, 0)), point + Vector((0, 0.09, 0))], 0.055, steel)
    cone = [
        (0.02, 0.3),
        (0.1, 0.3),
        (0.13, 0.27),
        (0.14, 0.1),
        (0.2, 0.02),
        (0.36, -0.3),
        (0.38, -0.38),
    ]
    cone += [(0.365, -0.38), (0.34, -0.3), (0.18, 0.0), (0.02, 0.04)]
    hood = lathe([*cone, cone[0]], paint)
    bulb = ball(0.15, at=(0, 0, -0.2), material=glowing("bulb", (1.0, 0.85, 0.6), 5.0))
    tilt([hood, bulb], Matrix.Rotation(side * 0.5, 3, "Y") @ Matrix.Rotation(-0.35, 3, "X"), False)
    for thing in (hood, bulb):
        thing.matrix_world.translation += head + Vector((-side * 0.1, -0.06, -0.08))


def mushroom_lamp(colour, accent, tall):
    paint = Material("paint", colour, 0.25, coat_weight=0.8, coat_roughness=0.08)
    stem = [
        (0, 0),
        (0.42, 0),
        (0.44, 0.03),
        (0.36, 0.1),
        (0.2, 0.3),
        (0.15, 0.6),
        (0.16, 0.85),
        (0, 0.9),
    ]
    lathe([(r, z * tall) for r, z in stem], paint)
    low = 0.82 * tall
    inside = glowing("opal", (1.0, 0.84, 0.62), 0.9)
    lathe([(0, low), (0.3, low - 0.02), (0.68, low), (0.5, low + 0.2), (0, low + 0.3)], inside)
    dome = [
        (0.72, low - 0.02),
        (0.735, low),
        (0.72, low + 0.14),
        (0.6, low + 0.38),
        (0.36, low + 0.56),
    ]
    dome += [(0, low + 0.62)]
    under = [
        (0, low + 0.58),
        (0.36, low + 0.52),
        (0.57, low + 0.36),
        (0.69, low + 0.14),
        (0.7, low),
    ]
    lathe([*dome, *under, dome[0]], paint)
    lathe([(0, low + 0.6), (0.05, low + 0.62), (0.06, low + 0.67), (0, low + 0.7)], ceramic(accent))


@recipe("book")
def book(rng, variant):
    colour, trim = [
        ("red", GOLD),
        ("blue", (0.75, 0.76, 0.78)),
        ("green", GOLD),
        ("brown", GOLD),
        ("yellow", (0.05, 0.08, 0.2)),
        ("purple", GOLD),
        ("black", GOLD),
        ("white", (0.5, 0.03, 0.05)),
    ][variant % 8]
    wide, high, thick = rng.uniform(0.95, 1.15), rng.uniform(1.4, 1.6), rng.uniform(0.22, 0.36)
    cloth = fabric(colour, scale=620)
    cloth.set(roughness=0.7, sheen_weight=0.1)
    shine = metal(trim, roughness=0.35) if sum(trim) > 1 else Material("print", trim, 0.6)
    pages = Material("pages", (0.86, 0.80, 0.66), 0.9)
    lines = pages.node("ShaderNodeTexNoise", {"Scale": 1.0, "Detail": 4.0})
    where = pages.node("ShaderNodeMapping", {"Vector": pages.position(), "Scale": (1.5, 160, 1.5)})
    pages.links.new(where.outputs[0], lines.inputs["Vector"])
    pages.color(pages.mix(lines.outputs["Fac"], (0.90, 0.84, 0.70), (0.62, 0.54, 0.40)))

    board, inset, parts = 0.035, 0.045, []
    for y in (-thick / 2, thick / 2):
        parts.append(box((wide, board, high), (0, y, high / 2), cloth, 0.012))
    x = -wide / 2

    def spine(t):
        arc = [math.pi * (k / 12 - 0.5) for k in range(13)]
        outer = [(-0.11 * math.cos(a), (thick / 2 + board / 2) * math.sin(a)) for a in arc]
        return outer + [(u * 0.7, v * 0.94) for u, v in reversed(outer)]

    rows = [(x + 0.012, 0, z * high) for z in (0, 0.01, 0.5, 0.99, 1)]
    parts.append(sweep(rows, lambda t: [(u, -v) for u, v in spine(t)], cloth, up=(0, -1, 0)))
    block = (wide - inset, thick - board, high - 2 * inset)
    parts.append(box(block, (-inset / 2, 0, high / 2), pages, 0.008))
    face = -thick / 2 - board / 2 - 0.001
    w, h = wide / 2 - 0.1, high / 2 - 0.1
    for grow, size in ((0, 0.009), (-0.035, 0.005)):
        a, b = w + grow, h + grow
        corners = [(-a, -b), (a, -b), (a, b), (-a, b)]
        frame = [(u + 0.02, face, v + high / 2) for u, v in corners]
        parts.append(tube(frame, size, shine, closed=True, smooth=False))
    petals = rng.choice((5, 6, 8))
    for k in range(petals):
        a = math.tau * k / petals
        spot = (0.02 + 0.15 * math.sin(a), face, high * 0.6 + 0.15 * math.cos(a))
        parts.append(ball(0.1, (0.4, 0.08, 1), spot, shine, (0, a, 0)))
    parts.append(ball(0.055, (1, 0.2, 1), (0.02, face, high * 0.6), shine))
    for z, half in ((0.3, 0.24), (0.25, 0.15)):
        parts.append(
            tube([(0.02 - half, face, z * high), (0.02 + half, face, z * high)], 0.014, shine)
        )
    yaw = rng.uniform(0.4, 0.62)
    tilt(parts, Matrix.Rotation(yaw, 3, "Z"))
    return answer(rng, [colour], "paper", "plain", 14, 22, 8, thickness=thick)


@recipe("gift box")
def gift_box(rng, variant):
    colour, ribbon, pattern = [
        ("red", "yellow", "plain"),
        ("light blue", "white", "dotted"),
        ("green", "red", "striped"),
        ("pink", "purple", "plain"),
        ("white", "blue", "dotted"),
        ("purple", "yellow", "striped"),
        ("black", "red", "plain"),
    ][variant % 7]
    wide, high = rng.uniform(0.95, 1.15), rng.uniform(0.65, 1.0)
    wrap = Material("wrap", colour, 0.35, coat_weight=0.3).grain(5, 0.12)
    spot = {"light blue": "white", "green": "white", "white": "light blue"}.get(colour, ribbon)
    if pattern != "plain":
        across = wrap.math("ADD", wrap.axis("x"), wrap.axis("y"))
        if pattern == "dotted":
            u, v = (wrap.math("MULTIPLY", s, 6.5) for s in (across, wrap.axis("z")))
            wrap.polka(colour, spot, u, v, 0.24)
        else:
            slant = wrap.math("ADD", across, wrap.axis("z"))
            wave = wrap.math("FRACT", wrap.math("MULTIPLY", slant, 4.0))
            wrap.color(wrap.ramp(wave, [(0, colour), (0.72, spot)], constant=True))
    lid = Material("lid", colour, 0.35, coat_weight=0.3).grain(5, 0.1)
    box((wide, wide, high), (0, 0, high / 2), wrap, 0.015)
    box((wide + 0.08, wide + 0.08, 0.24), (0, 0, high), lid, 0.02)
    satin = Material("satin", ribbon, 0.28, sheen_weight=0.4, anisotropic=0.5).grain(4, 0.1)
    top, band = high + 0.125, 0.17
    for size in ((band, wide + 0.02), (wide + 0.02, band)):
        box((*size, high - 0.06), (0, 0, high / 2 - 0.02), satin, 0.006)
        box(
            (size[0] + 0.08 * (size[0] > band), size[1] + 0.08 * (size[1] > band), 0.256),
            (0, 0, high),
            satin,
            0.008,
        )
    bow(rng, satin, top)
    return answer(rng, [colour, ribbon], "paper", pattern, 14, 22, width=wide, height=high)


def bow(rng, satin, top):
    """Loops of a flat ribbon around a knot, and two tails."""

    def strip(x, y):
        return [(-x, -y), (x, -y), (x, y), (-x, y)]

    def loop(t):
        return strip(0.008, 0.075 + 0.03 * math.sin(math.pi * t))

    def tail(t):
        return strip(0.075, 0.008)

    loops = ((0.0, 1.0), (math.pi, 1.0), (0.75, 0.8), (math.pi + 0.75, 0.8))
    for k, (yaw, size) in enumerate(loops):
        yaw += rng.uniform(-0.1, 0.1)
        path = []
        for j in range(21):
            a = math.tau * j / 20
            out = 0.27 * size * (1 - math.cos(a))
            lift = 0.03 + 0.2 * size * math.sin(a) * (1 if a < math.pi else 0.25) + 0.22 * out
            path.append((out * math.cos(yaw), out * math.sin(yaw), top + lift + 0.02 * k))
        up = (-math.sin(yaw), math.cos(yaw), 0)
        sweep(path, loop, satin, up=up, subdivide=2)
    for yaw in (-1.05, -2.2):
        path = []
        for j in range(9):
            t = j / 8
            wave = 0.05 * math.sin(5 * t)
            x, y = 0.5 * t * math.cos(yaw), 0.5 * t * math.sin(yaw)
            path.append((x, y, top + 0.06 + wave * (1 - t)))
        sweep(path, tail, satin, subdivide=2)
    ball(0.1, (1, 1, 0.8), (0, 0, top + 0.1), satin)


@recipe("umbrella")
def umbrella(rng, variant):
    first, second, pattern = [
        ("red", "red", "plain"),
        ("blue", "white", "striped"),
        ("yellow", "yellow", "plain"),
        ("pink", "white", "striped"),
        ("black", "black", "plain"),
        ("green", "yellow", "striped"),
        ("purple", "purple", "plain"),
    ][variant % 7]
    panels, deep = 8, rng.uniform(0.42, 0.52)
    things = []

    def dome(angle, r, sag):
        """The canopy at a distance r from its pole; cloth hangs inward between the ribs."""
        reach = r * (1 - 0.075 * sag * r**2)
        return Vector(
            (
                reach * math.cos(angle),
                reach * math.sin(angle),
                deep * (1 - r**2.1) - 0.05 * sag * r * (1 - r),
            )
        )

    cloths = [fabric(colour, scale=220) for colour in (first, second)]
    for cloth in cloths:
        cloth.set(roughness=0.55, sheen_weight=0.15)
    steel, handle = metal((0.6, 0.6, 0.62)), wood((0.36, 0.16, 0.06), (0.15, 0.06, 0.02))
    for k in range(panels):
        grid = []
        for i in range(11):
            r = 0.012 + 0.988 * i / 10
            row = []
            for j in range(9):
                u = j / 8
                row.append(dome(math.tau * (k + u) / panels, r, math.sin(math.pi * u)))
            grid.append(row)
        things.append(sheet(grid, cloths[k % 2], 0.006, 1))
        a = math.tau * k / panels
        rib = [dome(a, r, 0) - Vector((0, 0, 0.014)) for r in (0.02, 0.3, 0.6, 0.85, 1.0)]
        things.append(tube(rib, 0.008, steel))
        things.append(
            tube([dome(a, 0.5, 0) - Vector((0, 0, 0.014)), (0, 0, deep - 0.36)], 0.007, steel)
        )
        things.append(ball(0.016, at=rib[-1], material=steel))
    long = rng.uniform(1.0, 1.12)
    things.append(tube([(0, 0, deep + 0.14), (0, 0, deep - long)], 0.019, steel))
    things.append(
        lathe([(0, deep + 0.17), (0.014, deep + 0.16), (0.03, deep), (0, deep - 0.02)], handle)
    )
    foot = deep - long
    hook = [(0, 0, foot + 0.1), (0, 0, foot - 0.12)]
    hook += [
        (0.1 - 0.1 * math.cos(a), 0, foot - 0.16 - 0.1 * math.sin(a)) for a in (0.5, 1.6, 2.7, 3.3)
    ]
    things.append(tube(hook, [0.034, 0.034, 0.034, 0.034, 0.033, 0.03], handle))
    # Resting on the rim and the hook, as an open umbrella does when it is put down.
    lean = math.atan2(long + 0.26 - deep, 1.0)
    side = rng.choice((-1, 1)) * rng.uniform(0.5, 0.9)
    turn = Matrix.Rotation(math.pi / 2 + side, 3, "Z") @ Matrix.Rotation(lean, 3, "Y")
    tilt(things, turn @ Matrix.Rotation(math.pi / panels * rng.choice((0, 1)), 3, "Z"))
    colors = [first] if first == second else [first, second]
    return answer(rng, colors, "fabric", pattern, 8, 16, 8, depth=deep)


# --- toys ----------------------------------------------------------------------------------------


@recipe("ball")
def toy_ball(rng, variant):
    style, colors = [
        ("beach", ["red", "white", "blue"]),
        ("football", ["white", "black"]),
        ("basketball", ["orange", "black"]),
        ("tennis", ["light green", "white"]),
        ("beach", ["yellow", "white", "green"]),
        ("rubber", ["blue", "white"]),
        ("football", ["yellow", "blue"]),
        ("rubber", ["red", "yellow"]),
        ("beach", ["pink", "white", "purple"]),
    ][variant % 9]
    build = {"beach": beach_ball, "football": football, "basketball": basketball}
    build |= {"tennis": tennis_ball, "rubber": rubber_ball}
    things = build[style](colors)
    spin = Matrix.Rotation(rng.uniform(-0.5, 0.5), 3, "Y") @ Matrix.Rotation(
        rng.uniform(0.2, 0.6), 3, "X"
    )
    tilt(things, spin @ Matrix.Rotation(rng.uniform(0, 6), 3, "Z"))
    pattern = {"beach": "striped", "rubber": "striped"}.get(style, "plain")
    material = {"beach": "plastic", "football": "leather", "tennis": "fabric"}.get(style, "rubber")
    return answer(rng, colors, material, pattern, style=style)


def beach_ball(colors):
    first, white, third = colors
    skin = Material("vinyl", first, 0.22, coat_weight=0.6, coat_roughness=0.08)
    u, _ = skin.wrapped(1, 1)
    share = skin.math("FRACT", skin.math("ADD", u, 1.0))
    wedges = [
        (k / 6, (first, white, third, white, "yellow" if first == "red" else first, white)[k])
        for k in range(6)
    ]
    skin.color(skin.ramp(share, wedges, constant=True))
    crease = skin.math("ABSOLUTE", skin.math("SINE", skin.math("MULTIPLY", share, 6 * math.pi)))
    skin.bump(skin.math("MINIMUM", crease, 0.06), 0.6, 0.3)
    cap = Material("cap", white, 0.25, coat_weight=0.5)
    disc = [
        lathe([(0, 0.006), (0.15, -0.005), (0.16, -0.016), (0, -0.02)], cap, at=(0, 0, z))
        for z in (0.998,)
    ]
    return [ball(1.0, detail=5, material=skin), *disc]


def rubber_ball(colors):
    first, second = colors
    skin = Material("rubber", first, 0.35, coat_weight=0.4, coat_roughness=0.15)
    stops = [(0, first), (0.42, second), (0.47, first), (0.49, second), (0.66, first)]
    height = skin.math("MULTIPLY", skin.math("ADD", skin.axis("z"), 1.0), 0.5)
    skin.color(skin.ramp(height, stops, constant=True)).grain(120, 0.05)
    return [ball(1.0, detail=5, material=skin)]


def football(colors):
    """A truncated icosahedron blown up to a sphere, its seams pressed in."""
    build = bmesh.new()
    bmesh.ops.create_icosphere(build, subdivisions=1, radius=1.0)
    bmesh.ops.bevel(
        build, geom=build.verts[:], offset=100 / 3, offset_type="PERCENT", affect="VERTICES"
    )
    planes = []
    for face in build.faces:
        face.material_index = int(len(face.verts) == 5)
        planes.append(face.normal * (1 / face.calc_center_median().dot(face.normal)))
    bmesh.ops.poke(build, faces=build.faces[:])
    bmesh.ops.subdivide_edges(build, edges=build.edges, cuts=11, use_grid_fill=True)
    for vertex in build.verts:
        way = vertex.co.normalized()
        near = sorted((way.dot(plane) for plane in planes), reverse=True)
        vertex.co = way * (1 - 0.022 * math.exp(-(((near[0] - near[1]) / 0.03) ** 2)))
    data = bpy.data.meshes.new("football")
    build.to_mesh(data)
    build.free()
    data.shade_smooth()
    for colour in colors:
        skin = Material("leather", colour, 0.4, coat_weight=0.35, coat_roughness=0.2).grain(
            90, 0.06
        )
        data.materials.append(skin.material)
    thing = bpy.data.objects.new("football", data)
    bpy.context.scene.collection.objects.link(thing)
    return [thing]


def basketball(colors):
    skin = Material("pebbled rubber", (0.68, 0.20, 0.04), 0.55)
    x, y, z = (skin.axis(name) for name in "xyz")
    flat = [skin.math("ABSOLUTE", s) for s in (x, z)]
    bulge = skin.math("MULTIPLY", skin.math("MULTIPLY", z, z), 0.5)
    bow_line = skin.math("SUBTRACT", skin.math("SUBTRACT", skin.math("ABSOLUTE", y), 0.52), bulge)
    seam = skin.math("MINIMUM", skin.math("MINIMUM", *flat), skin.math("ABSOLUTE", bow_line))
    on_seam = skin.math("LESS_THAN", seam, 0.019)
    skin.color(skin.mix(on_seam, (0.68, 0.20, 0.04), (0.02, 0.018, 0.016)))
    pebbles = skin.node("ShaderNodeTexVoronoi", {"Vector": skin.position(), "Scale": 42.0})
    skin.bump(pebbles.outputs["Distance"], -0.35, 0.02)
    skin.bump(skin.math("MINIMUM", seam, 0.03), 0.8, 0.8)
    return [ball(1.0, detail=5, material=skin)]


def tennis_ball(colors):
    felt = Material("felt", (0.55, 0.72, 0.06), 1.0, sheen_weight=0.8, sheen_roughness=0.4)
    felt.mottle((0.55, 0.72, 0.06), (0.40, 0.58, 0.04), 25).grain(35, 0.5).grain(110, 0.5)
    seam = []
    for k in range(48):
        t = math.tau * k / 48
        seam.append(
            (
                0.75 * math.cos(t) + 0.25 * math.cos(3 * t),
                0.75 * math.sin(t) - 0.25 * math.sin(3 * t),
                0.866 * math.sin(2 * t),
            )
        )
    line = tube(seam, 0.03, rubber("white"), closed=True)
    return [ball(1.0, detail=5, material=felt), line]


@recipe("balloon")
def balloon(rng, variant):
    colour, style = [
        ("red", "drop"),
        ("blue", "drop"),
        ("pink", "heart"),
        ("yellow", "drop"),
        ("green", "drop"),
        ("red", "heart"),
        ("purple", "drop"),
        ("orange", "drop"),
        ("white", "drop"),
    ][variant % 9]
    low, tall = 1.2, rng.uniform(1.0, 1.2)
    if style == "drop":
        skin = Material(
            "latex",
            colour,
            0.2,
            coat_weight=1.0,
            coat_roughness=0.03,
            subsurface_weight=0.35,
            subsurface_scale=0.2,
        )
        outline = []
        for k in range(25):
            a = math.pi * k / 24
            z = -math.cos(a)
            narrow = 1 - 0.3 * max(0.0, -z) ** 1.4
            outline.append(
                (
                    0.78 * math.sin(a) * narrow,
                    low + tall * 0.92 * (1 + z) * (1 + 0.06 * (z < 0) * z),
                )
            )
        lathe(outline, skin)
    else:
        skin = Material("foil", colour, 0.22, metallic=0.3, coat_weight=0.8)
        skin.bump(skin.noise(3.2, 2), 0.15, 0.1)
        thing = ball(1.0, detail=6, material=skin)
        for vertex in thing.data.vertices:
            x, y, z = vertex.co
            side = math.hypot(x, 0.07)  # rounds the crease in the middle
            lift = side * 0.72 * math.sqrt(max(0.0, 1 - side * 0.45))
            slim = 1 - 0.12 * max(0.0, -z)
            vertex.co = (x * 0.98 * slim, y * 0.42, (z * 0.92 + lift) * 0.86 + low + 0.8)
    lathe(
        [(0.0, 0.03), (0.04, 0.02), (0.03, -0.02), (0.085, -0.08), (0.08, -0.085), (0, -0.05)],
        skin,
        at=(0, 0, low + 0.02),
    )
    sway = rng.uniform(-0.12, 0.12)
    string = [
        (sway * math.sin(2.6 * k / 9), 0.04 * math.sin(1.7 * k), low - 0.03 - 1.15 * k / 9)
        for k in range(10)
    ]
    tube(string, 0.008, Material("string", (0.7, 0.68, 0.64), 0.8))
    label = {"stands": False}
    material = "rubber" if style == "drop" else "plastic"
    return answer(rng, [colour], material, "plain", 0, 8, 20, label, shape=style)
