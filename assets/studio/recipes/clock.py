"""A clock to stand on a shelf: a round case on feet, an arch of wood, or a sunburst."""

import math

from answers import answer
from materials import GOLD, Material, metal, wood
from mathutils import Matrix, Vector
from shapes import ball, box, circle, lathe, plate, tube, turned
from stage import recipe

LOOKS = (  # colour, colour of the face, form
    ("red", "white", "round"),
    ("brown", "white", "arch"),
    ("yellow", "white", "sunburst"),
    ("light blue", "white", "round"),
    ("black", "yellow", "sunburst"),
    ("green", "beige", "round"),
    ("white", "black", "arch"),
    ("pink", "white", "round"),
    ("gray", "blue", "sunburst"),
)
FRONT = Matrix.Rotation(math.pi / 2, 4, "X")  # a lathe's axis comes towards the eye
TIMBER = ((0.30, 0.12, 0.04), (0.14, 0.05, 0.02))


@recipe("clock")
def clock(rng, variant):
    color, face, form = LOOKS[variant % len(LOOKS)]
    middle, r = {"round": (0.66, 0.52), "arch": (0.62, 0.4), "sunburst": (1.0, 0.42)}[form]
    {"round": drum, "arch": arch, "sunburst": rays}[form](rng, color, middle, r)
    dial(rng, face, middle, r * 0.86, color)
    side = rng.choice((-1, 1)) * rng.uniform(6, 22)
    camera = {"elevation_deg": rng.uniform(3, 9), "azimuth_deg": side}
    material = "wood" if form == "arch" else "metal"
    label = {"stands": False, "hangs": True} if form == "sunburst" else {"stands": True}
    return answer([color, face], material, {"form": form}, camera, **label)


def upright(thing, y, z):
    thing.matrix_world = Matrix.Translation((0, y, z)) @ FRONT
    return thing


def enamel(color):
    if color in ("yellow", "gray"):
        return metal(GOLD if color == "yellow" else (0.70, 0.71, 0.73), roughness=0.2)
    return Material("enamel", color, 0.25, coat_weight=0.9, coat_roughness=0.06)


def dial(rng, color, middle, r, case):
    """A face with twelve marks and two hands, under a brass rim."""
    ink = Material("ink", "white" if color in ("black", "blue") else "black", 0.5)
    disc = [(0, 0.0), (r, 0.0), (r, 0.012), (0, 0.012)]
    upright(turned(disc, Material("face", color, 0.5), steps=2), -0.15, middle)
    for k in range(60):
        a, hour, quarter = math.tau * k / 60, k % 5 == 0, k % 15 == 0
        long, wide = (0.13, 0.03) if quarter else (0.1, 0.018) if hour else (0.03, 0.007)
        out = Vector((math.sin(a), 0, math.cos(a))) * (r * 0.92 - long * r / 2)
        box(
            (wide * r * 1.6, 0.006, long * r),
            (out.x, -0.164, middle + out.z),
            ink,
            0.001,
            (0, a, 0),
        )
    hours, minutes = rng.randrange(12), rng.randrange(60)
    for a, long, wide in (
        (math.tau * (hours + minutes / 60) / 12, 0.52, 0.05),
        (math.tau * minutes / 60, 0.82, 0.036),
    ):
        shape = [(-0.25, -0.15), (0.25, -0.15), (0.9, 0.1), (0.45, 0.75), (0, 1), (-0.45, 0.75)]
        shape = [(x * wide * r, y * long * r) for x, y in [*shape, (-0.9, 0.1)]]
        turn = Matrix.Translation((0, -0.175, middle)) @ Matrix.Rotation(a, 4, "Y") @ FRONT
        plate([shape], 0.008, ink, 0.002, turn)
    hand = Material("second", "red" if case != "red" else "black", 0.4)
    a = math.tau * rng.random()
    tip = Vector((math.sin(a), 0, math.cos(a))) * r
    here = Vector((0, -0.185, middle))
    tube([here - tip * 0.2, here + tip * 0.86], 0.005, hand)
    tube([here + Vector((0, 0.01, 0)), here - Vector((0, 0.008, 0))], 0.022, hand)
    ring = [(x, -0.165, middle + z) for x, z in circle(r * 1.03, steps=64)]
    tube(ring, r * 0.05, metal(GOLD, roughness=0.2), closed=True)


def drum(rng, color, middle, r):
    """A round tin on two feet, a ring on top."""
    skin, brass = enamel(color), metal(GOLD, roughness=0.2)
    case = [(0, -0.16), (r * 0.8, -0.16), (r * 0.97, -0.1), (r, 0), (r, 0.12), (r * 0.96, 0.165)]
    upright(turned([*case, (r * 0.88, 0.175), (r * 0.88, 0.14), (0, 0.14)], skin), 0, middle)
    for side in (-1, 1):
        foot = Vector((side * 0.4, 0, 0.05))
        tube([foot, (side * 0.27, 0, middle - r * 0.8)], [0.035, 0.05], brass)
        ball(0.05, at=foot, material=brass)
    top = middle + r
    tube([(0, 0, top - 0.02), (0, 0, top + 0.07)], 0.035, brass)
    ring = [(x, 0, top + 0.17 + z) for x, z in circle(0.11, steps=24)]
    tube(ring, 0.02, brass, closed=True)


def arch(rng, color, middle, r):
    """A case with a round top on a moulded plinth."""
    grain = wood(*TIMBER, axis="x", scale=3) if color == "brown" else Material("paint", color, 0.4)
    wide = r * rng.uniform(1.3, 1.4)
    shape = [(-wide, 0.1), (wide, 0.1), *circle(wide, (0, middle), 33, 0, math.pi)]
    plate([shape], 0.28, grain, 0.03, FRONT)
    for high, more, deep in ((0.09, 0.16, 0.46), (0.05, 0.1, 0.4)):
        z = high / 2 if more > 0.12 else 0.115
        box((2 * wide + more, deep, high), (0, 0, z), grain, 0.02)
    rim = [(x, -0.14, middle + z) for x, z in circle(wide * 0.94, (0, 0), 33, 0, math.pi)]
    tube(rim, 0.014, metal(GOLD, roughness=0.25))
    lathe(
        [(0, 0), (0.06, 0), (0.07, 0.03), (0.03, 0.06), (0.05, 0.1), (0, 0.17)],
        grain,
        at=(0, 0, middle + wide - 0.01),
    )


def rays(rng, color, middle, r):
    """A small case from which rods of two lengths stand out, each with a bead."""
    skin = enamel(color)
    case = [(0, -0.1), (r * 0.9, -0.1), (r, -0.04), (r, 0.12), (r * 0.92, 0.165), (r * 0.9, 0.14)]
    upright(turned([*case, (0, 0.14)], skin), 0, middle)
    count, long = rng.choice((24, 28, 32)), rng.uniform(0.92, 1.0)
    for k in range(count):
        a = math.tau * k / count
        out = Vector((math.sin(a), 0, math.cos(a)))
        reach = long if k % 2 else long * 0.78
        here = Vector((0, 0, middle))
        tube([here + out * r * 0.9, here + out * reach], [0.022, 0.009], skin)
        ball(0.045 if k % 2 else 0.03, at=here + out * reach, material=skin, detail=3)
