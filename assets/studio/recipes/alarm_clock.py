"""An alarm clock with two bells on its head and a hammer between them."""

from answers import answer
from materials import GOLD, metal
from mathutils import Matrix, Vector
from shapes import ball, tube, turned
from stage import recipe

from recipes.clock import dial, enamel, upright

LOOKS = (  # colour of the case, of the face, of the bells
    ("green", "white", "yellow"),
    ("red", "white", "gray"),
    ("black", "white", "yellow"),
    ("yellow", "black", "yellow"),
    ("pink", "white", "gray"),
    ("light blue", "yellow", "gray"),
    ("white", "light blue", "yellow"),
    ("orange", "white", "gray"),
    ("purple", "white", "yellow"),
)


@recipe("alarm clock")
def alarm_clock(rng, variant):
    color, face, bells = LOOKS[variant % len(LOOKS)]
    middle, r = 0.66, rng.uniform(0.48, 0.54)
    skin = enamel(color)
    bright = metal(GOLD if bells == "yellow" else (0.74, 0.75, 0.77), roughness=0.16)
    case = [(0, -0.16), (r * 0.8, -0.16), (r * 0.97, -0.1), (r, 0), (r, 0.12), (r * 0.96, 0.165)]
    upright(turned([*case, (r * 0.88, 0.175), (r * 0.88, 0.14), (0, 0.14)], skin), 0, middle)
    dial(rng, face, middle, r * 0.86, color)
    for side in (-1, 1):
        out = Vector((side * 0.62, 0, 0.8)).normalized()
        foot = Vector((side * 0.42, 0, 0.04))
        tube([foot, (side * 0.26, 0, middle - r * 0.8)], [0.04, 0.055], bright)
        ball(0.055, at=foot, material=bright, detail=3)
        stem = [Vector((0, 0, middle)) + out * (r + reach) for reach in (-0.04, 0.2)]
        tube(stem, 0.03, bright)
        bell(bright, Vector((0, 0, middle)) + out * (r + 0.07), out)
    top = middle + r
    sway = rng.choice((-0.05, 0.05))
    tube([(0, 0, top - 0.03), (sway, 0, top + 0.16)], 0.016, bright)
    ball(0.05, (1.7, 1, 1), (sway, 0, top + 0.17), bright, detail=3)
    arch = [(0.47, 0.24), (0.42, 0.42), (0.2, 0.58), (0, 0.61)]
    arch += [(-x, z) for x, z in reversed(arch[:-1])]
    tube([(x, 0.02, top - 0.13 + z) for x, z in arch], 0.019, bright)
    side = rng.choice((-1, 1)) * rng.uniform(6, 24)
    camera = {"elevation_deg": rng.uniform(3, 9), "azimuth_deg": side}
    words = list(dict.fromkeys([color, face]))
    return answer(words, "metal", {"radius": r}, camera)


def bell(skin, at, out):
    """A shallow cup that opens towards the case."""
    cup = [(0.24, 0), (0.25, 0.012), (0.235, 0.06), (0.17, 0.14), (0.07, 0.18), (0, 0.185)]
    inner = [(max(x - 0.02, 0), z - 0.012) for x, z in reversed(cup[2:])]
    thing = turned([*inner, (0.23, 0.0), *cup], skin)
    turn = out.to_track_quat("Z", "Y").to_matrix().to_4x4()
    thing.matrix_world = Matrix.Translation(at) @ turn
    ball(0.035, at=tuple(at + out * 0.2), material=skin, detail=3)
