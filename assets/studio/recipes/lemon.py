"""A lemon or a lime: whole with a leaf, cut in half, or a slice that light shines through."""

import math

from answers import answer, view
from materials import Material, blend, tints
from mathutils import Matrix
from shapes import leaf, mesh, tilt, tint, tube, turned
from stage import recipe
from veil import smooth_alpha

LEMONS = (  # words, rind, flesh, form; the green ones are limes
    (["yellow"], (0.90, 0.62, 0.02), (0.90, 0.76, 0.20), "whole"),
    (["green", "white"], (0.18, 0.42, 0.03), (0.40, 0.58, 0.05), "half"),
    (["yellow", "white"], (0.90, 0.60, 0.02), (0.90, 0.66, 0.06), "half"),
    (["yellow"], (0.90, 0.62, 0.02), (0.90, 0.60, 0.03), "slice"),
    (["green"], (0.16, 0.40, 0.03), (0.56, 0.68, 0.16), "whole"),
    (["green"], (0.16, 0.42, 0.03), (0.34, 0.56, 0.04), "slice"),
    (["yellow", "pink"], (0.90, 0.62, 0.04), (0.88, 0.36, 0.30), "half"),
    (["yellow"], (0.88, 0.50, 0.02), (0.88, 0.60, 0.08), "whole"),
    (["light green"], (0.40, 0.56, 0.06), (0.56, 0.68, 0.16), "whole"),
)
OUTLINE = (
    *((0, -1.0), (0.07, -0.985), (0.13, -0.94), (0.24, -0.86), (0.48, -0.62), (0.64, -0.2)),
    *((0.63, 0.2), (0.49, 0.58), (0.28, 0.84), (0.14, 0.91), (0.07, 0.90), (0, 0.87)),
)
PITH = (0.86, 0.82, 0.66)


def zest(color):
    made = Material("rind", color, 0.35, coat_weight=0.4, coat_roughness=0.2)
    cells = made.node("ShaderNodeTexVoronoi", {"Vector": made.position(), "Scale": 20.0})
    made.mottle(color, blend(color, (0.3, 0.42, 0.03), 0.25), 2.5, 0.6)
    return made.bump(cells.outputs["Distance"], 0.28, 0.03).bump(made.noise(5), 0.05, 0.05)


def cut_face(radius, rind, flesh, thick):
    """A disc about z = 0: wedges of pulp between white skins, pith and rind around them."""
    made = Material("pulp", flesh, 0.22, coat_weight=0.8, coat_roughness=0.1)
    made.set(subsurface_weight=0.2, subsurface_scale=0.1)
    stretch = made.node("ShaderNodeTexVoronoi", {"Vector": made.position(), "Scale": 13.0})
    drops = made.math("MULTIPLY", stretch.outputs["Distance"], 0.22)
    made.color(made.mix(drops, tints(made), PITH)).bump(stretch.outputs["Distance"], 0.3, 0.02)
    around, rings = 180, 48
    points, faces = [(0, 0, 0)], []
    for i in range(1, rings + 1):
        for k in range(around):
            a, r = math.tau * k / around, radius * i / rings
            points.append((r * math.cos(a), r * math.sin(a), 0))
    for k in range(around):
        n = (k + 1) % around
        faces.append((0, 1 + k, 1 + n))
        for i in range(rings - 1):
            b = 1 + i * around
            faces.append((b + k, b + around + k, b + around + n, b + n))
    face = mesh("cut", points, faces, made)
    wedges = 9

    def paint(p):
        r, a = math.hypot(p.x, p.y) / radius, math.atan2(p.y, p.x) / math.tau
        side = abs((a * wedges) % 1 - 0.5)  # 0.5 between two wedges
        gap = (0.5 - side) * math.tau * r / wedges
        rounded = 0.82 - 0.09 * (side * 2) ** 5
        skin = max((0.022 - gap) / 0.012, (r - rounded) / 0.015, (0.09 - r) / 0.02)
        color = blend(flesh, PITH, skin)
        color = blend(color, rind, (r - 0.94) / 0.02)
        if not thick:
            return color
        return (*color, 0.74 + 0.24 * min(max(skin, 0.0), 1.0))

    tint(face, paint)
    if thick:
        tints(made, True)
    return face


@recipe("lemon")
def lemon(rng, variant):
    words, rind, flesh, form = LEMONS[variant % len(LEMONS)]
    peel, things = zest(rind), []
    wide, phase = rng.uniform(0.95, 1.08), rng.uniform(0, 6)

    def lumps(angle, radius, z):
        return radius * wide * (1 + 0.02 * math.cos(3 * angle + phase)), z

    if form == "whole":
        things.append(turned(OUTLINE, peel, lumps))
        green = Material("leaf", (0.05, 0.22, 0.03), 0.4, coat_weight=0.3)
        green.bump(green.noise(12), 0.2)
        bark = Material("stalk", (0.16, 0.26, 0.05), 0.7)
        things.append(
            tube([(0, 0, 0.84), (0.02, 0, 1.0), (0.05, 0, 1.1)], [0.06, 0.045, 0.05], bark)
        )
        for side in (-1, 1)[: rng.choice((1, 2))]:
            lie = math.pi / 2 + side * rng.uniform(0.7, 1.2)
            things.append(leaf(0.85, 0.40, green, (0.02, 0, 1.0), lie, -0.1, 0.7))
        turn = Matrix.Rotation(rng.uniform(-0.35, 0.35), 3, "Z")
        turn = turn @ Matrix.Rotation(rng.choice((-1, 1)) * math.pi / 2 * 0.95, 3, "Y")
    elif form == "half":
        low = [(r, z) for r, z in OUTLINE if z < 0]
        things.append(turned([*low, (0.65, 0.0), (0.65, 0.0), (0.63, 0.004)], peel, lumps))
        face = cut_face(0.64 * wide, rind, flesh, False)
        face.location.z = 0.004
        things.append(face)
        turn = Matrix.Rotation(rng.uniform(-0.5, 0.5), 3, "Z") @ Matrix.Rotation(0.8, 3, "X")
    else:
        smooth_alpha()
        edge = [(0.652, -0.03), (0.665, -0.015), (0.668, 0.0), (0.665, 0.015), (0.652, 0.03)]
        things.append(turned([(0.60, -0.03), *edge, (0.60, 0.03)], peel, steps=3))
        things.append(cut_face(0.655, rind, flesh, True))
        turn = Matrix.Rotation(rng.uniform(-0.6, 0.6), 3, "Z") @ Matrix.Rotation(1.3, 3, "X")
    tilt(things, turn)
    camera = view(rng, 10, 20, 6)
    label = {"category": "lime"} if "green" in words[0] else {}
    made = answer(words, "fruit", {"form": form}, camera, stands=form != "slice", **label)
    return {**made, "solid": form != "slice"}
