"""A kitchen sieve: a bowl of fine wire cloth on a rim, with a handle and two feet."""

import math

from answers import answer
from materials import Material, metal, plastic, wood
from mathutils import Matrix
from shapes import strands, sweep, tilt, tube
from stage import recipe

LOOKS = (  # colour of the handle, its material
    ("gray", "metal"),
    ("red", "plastic"),
    ("light brown", "wood"),
    ("blue", "plastic"),
    ("black", "plastic"),
    ("light green", "plastic"),
    ("yellow", "plastic"),
    ("dark brown", "wood"),
    ("pink", "plastic"),
)
TIMBER = {
    "light brown": ((0.52, 0.28, 0.11), (0.32, 0.14, 0.05)),
    "dark brown": ((0.14, 0.05, 0.02), (0.06, 0.022, 0.01)),
}


@recipe("sieve")
def sieve(rng, variant):
    color, material = LOOKS[variant % len(LOOKS)]
    steel = metal((0.68, 0.69, 0.71), roughness=0.22)
    r, deep, count = rng.uniform(0.5, 0.56), rng.uniform(0.4, 0.46), rng.choice((30, 33, 36))
    things, lines = [], []
    for way in range(2):  # wires that run both ways over a dish
        for k in range(1, count):
            u = 2 * k / count - 1
            line = []
            for j in range(25):
                v = (2 * j / 24 - 1) * math.sqrt(1 - u * u)
                x, y = (u, v) if way else (v, u)
                z = -deep * math.sqrt(max(0.0, 1 - x * x - y * y)) ** 1.15
                line.append((r * x, r * y, z + 0.003 * (-1) ** (k + j + way)))
            lines.append(line)
    things.append(strands(lines, 0.0045, steel, taper=1.0))
    rim = plastic(color) if material == "plastic" else steel
    ring = [(r * math.cos(a), r * math.sin(a), 0.01) for a in turns(48)]
    things.append(tube(ring, 0.03, rim, closed=True))
    reach = rng.uniform(0.85, 1.0)
    grip = {
        "plastic": lambda: plastic(color),
        "metal": lambda: steel,
        "wood": lambda: wood(*TIMBER[color], axis="x", scale=4),
    }[material]()
    if material == "metal":  # a long loop of wire
        loop = [(r, 0.05, 0.01), (r + reach * 0.5, 0.045, 0.05), (r + reach, 0.07, 0.06)]
        loop += [(r + reach + 0.07, 0, 0.06)]
        loop += [(x, -y, z) for x, y, z in reversed(loop[:-1])]
        things.append(tube(loop, 0.02, steel))
    else:
        neck = [(r, 0, 0.01), (r + 0.3, 0, 0.05)]
        things.append(tube(neck, 0.026, steel))
        path = [(r + 0.2 + (reach - 0.1) * t / 12, 0, 0.04 + 0.03 * t / 12) for t in range(13)]
        things.append(sweep(path, handle, grip))
    for side in (-0.35, 0.35):  # the hooks that rest on a pot
        a = math.pi + side
        x, y = r * math.cos(a), r * math.sin(a)
        hook = [(x, y, 0.01), (x * 1.2, y * 1.2, 0.05), (x * 1.32, y * 1.32, -0.02)]
        things.append(tube(hook, 0.016, steel))
    foot = Material("foot", (0.02, 0.02, 0.022), 0.6) if color == "black" else steel
    base = [(0.26 * math.cos(a), 0.26 * math.sin(a), -deep - 0.02) for a in turns(32)]
    things.append(tube(base, 0.018, foot, closed=True))
    for a in turns(4):
        leg = [(0.26, -deep - 0.02), (0.4, -deep * 0.85)]
        turn = a + 0.6
        points = [(x * math.cos(turn), x * math.sin(turn), z) for x, z in leg]
        things.append(tube(points, 0.012, foot))
    turn = rng.choice((-1, 1)) * rng.uniform(0.25, 0.6) + rng.choice((0, math.pi))
    tilt(things, Matrix.Rotation(turn, 3, "Z"))
    camera = {"elevation_deg": rng.uniform(18, 28), "azimuth_deg": rng.uniform(-5, 5)}
    words = list(dict.fromkeys([color, "gray"]))
    return answer(words, "metal", {"radius": r, "depth": deep}, camera)


def handle(t):
    half = 0.045 + 0.022 * math.sin(math.pi * t) ** 2 + 0.014 * t
    half *= math.sqrt(max(0.06, 1 - max(0.0, t - 0.92) ** 2 / 0.0068))
    return [(half * math.cos(a), half * 0.55 * math.sin(a)) for a in turns(20)]


def turns(count):
    return [math.tau * k / count for k in range(count)]
