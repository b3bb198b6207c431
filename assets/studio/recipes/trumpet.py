"""A trumpet with three valves: lacquered, silvered, or painted."""

import math

from answers import answer
from materials import GOLD, Material, metal
from mathutils import Matrix, Vector
from shapes import lathe, tilt, tube, turned
from stage import recipe

LOOKS = (  # colour of the tubes, of valves and rings
    ("yellow", "yellow"),
    ("gray", "gray"),
    ("red", "yellow"),
    ("black", "yellow"),
    ("blue", "gray"),
    ("orange", "yellow"),
    ("white", "yellow"),
    ("green", "yellow"),
    ("pink", "gray"),
)
METALS = {
    "yellow": (GOLD, 0.14),
    "gray": ((0.76, 0.77, 0.79), 0.13),
    "orange": ((0.82, 0.30, 0.12), 0.16),
}
BORE = 0.034


@recipe("trumpet")
def trumpet(rng, variant):
    color, trim = LOOKS[variant % len(LOOKS)]
    skin, fine = brass(color), brass(trim)
    low, high, reach = -0.26, 0.0, rng.uniform(0.5, 0.58)
    things = [flare(skin, high)]
    # from the mouthpiece along the top, round the tuning slide, back below, up into the bell
    lead = [(-1.35, low + 0.04), (-1.0, low + 0.04), (0.3, low + 0.04), (reach, low + 0.04)]
    bend = round_turn(reach, (low + 0.04 + low - 0.3) / 2, 0.17, 1)
    below = [(0.2, low - 0.3), (-0.1, low - 0.3)]
    things.append(pipe([*lead, *bend, *below], skin, 0.09))
    back = round_turn(-0.62, (high + low - 0.3) / 2, (high - low + 0.3) / 2, -1)
    loop = [(0.3, high), (0.0, high), *back, (-0.3, low - 0.3), (0.0, low - 0.3)]
    things.append(pipe(loop, skin, 0.0))
    things += [pipe([*lead[:2]], fine, 0.09, BORE * 1.35)]
    things += valves(skin, fine, low)
    things += mouthpiece(fine, low + 0.04)
    # stays, the finger hook, the ring for the third finger
    for x in (-0.45, 0.42):
        things.append(tube([(x, 0, high), (x, 0.09, low + 0.04)], 0.014, fine))
    for x, z in ((0.25, high), (-0.38, high), (0.1, low - 0.3)):
        things.append(tube([(x - 0.05, 0, z), (x + 0.05, 0, z)], BORE * 1.3, fine))
    hook = [(-0.3, 0.09, low + 0.07), (-0.34, 0.09, low + 0.2), (-0.25, 0.09, low + 0.22)]
    things.append(tube(hook, 0.014, fine))
    ring = [(0.36 + 0.075 * math.cos(a), 0, low - 0.2 + 0.075 * math.sin(a)) for a in turns(20)]
    things.append(tube(ring, 0.014, fine, closed=True))
    side = rng.choice((-1, 1))
    half = 0.0 if side > 0 else math.pi
    lift = Matrix.Rotation(side * rng.uniform(-0.28, -0.12), 3, "Y")
    tilt(things, lift @ Matrix.Rotation(half + side * rng.uniform(-0.4, -0.15), 3, "Z"))
    camera = {"elevation_deg": rng.uniform(4, 12), "azimuth_deg": rng.uniform(-10, 10)}
    words = list(dict.fromkeys([color, trim]))
    return answer(words, "metal", {"reach": reach}, camera, stands=False)


def brass(color):
    if color in METALS:
        return metal(METALS[color][0], roughness=METALS[color][1])
    return Material("lacquer", color, 0.2, metallic=0.3, coat_weight=1.0, coat_roughness=0.04)


def round_turn(x, z, r, way):
    """Half a circle that comes in along x at the top and leaves at the bottom, or from below."""
    angles = [math.pi / 2 - math.pi * k / 10 for k in range(11)]
    return [(x + way * r * math.cos(a), z + r * math.sin(a)) for a in angles]


def pipe(points, skin, y, radius=BORE):
    line = [Vector((x, y, z)) for x, z in points]
    return tube(line, radius, skin)


def flare(skin, z):
    """The bell, thin at its rim, turned about the x axis."""
    shape = [(BORE, 0.2), (0.045, 0.5), (0.075, 0.85), (0.12, 1.08), (0.2, 1.22), (0.33, 1.29)]
    lip = [(0.345, 1.292), (0.347, 1.3), (0.34, 1.306)]
    inner = [(r - 0.012, x + 0.006) for r, x in reversed(shape[1:])]
    thing = turned([*shape, *lip, *inner, (0, 0.5)], skin)
    place = Matrix.Translation((0, 0, z)) @ Matrix.Rotation(math.pi / 2, 4, "Y")
    thing.matrix_world = place
    return thing


def valves(skin, fine, low):
    """Three casings side by side, their caps, stems and pearl buttons, and the slides between."""
    things, pearl = [], Material("pearl", (0.85, 0.82, 0.76), 0.2, coat_weight=1.0)
    bottom, top = low - 0.42, low + 0.22
    for k in range(3):
        x = -0.2 + 0.2 * k
        case = [(0, bottom - 0.05), (0.03, bottom - 0.05), (0.05, bottom - 0.02), (0.088, bottom)]
        case += [(0.088, bottom + 0.05), (0.076, bottom + 0.06), (0.076, top - 0.06)]
        case += [(0.088, top - 0.05), (0.088, top), (0.05, top + 0.03), (0, top + 0.03)]
        things.append(lathe(case, skin if k % 2 else fine, at=(x, 0.045, 0)))
        press = 0.1 if k == 1 else 0.14
        stem = [(x, 0.045, top), (x, 0.045, top + press)]
        things.append(tube(stem, 0.018, fine))
        button = [(0, 0), (0.055, 0.0), (0.06, 0.02), (0.05, 0.03), (0, 0.025)]
        things.append(lathe(button, fine, at=(x, 0.045, top + press)))
        disc = lathe([(0, 0.022), (0.042, 0.03), (0, 0.038)], pearl, at=(x, 0.045, top + press))
        things.append(disc)
    for x, z in ((-0.2, low - 0.12), (0.2, low - 0.16)):
        out = -1 if x < 0 else 1
        loop = [(x, -0.02, z), (x + out * 0.16, -0.05, z), (x + out * 0.22, -0.05, z - 0.05)]
        loop += [(x + out * 0.16, -0.05, z - 0.1), (x, -0.02, z - 0.1)]
        things.append(tube(loop, 0.028, skin))
    return things


def mouthpiece(skin, z):
    shape = [(BORE, 0.0), (BORE * 0.75, 0.05), (BORE * 0.7, 0.16), (0.05, 0.25), (0.085, 0.3)]
    shape += [(0.092, 0.34), (0.085, 0.355), (0.07, 0.35), (0.03, 0.29), (0, 0.28)]
    thing = turned(shape, skin)
    place = Matrix.Translation((-1.33, 0.09, z)) @ Matrix.Rotation(-math.pi / 2, 4, "Y")
    thing.matrix_world = place
    return [thing]


def turns(count):
    return [math.tau * k / count for k in range(count)]
