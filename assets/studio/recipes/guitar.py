"""A guitar that stands upright: an acoustic one, or an electric one."""

import math

from answers import answer
from materials import Material, metal, plastic, wood
from mathutils import Matrix
from shapes import ball, box, circle, plate, spline, strands, tube
from stage import recipe

LOOKS = (  # colour of the body, second colour, form
    ("light brown", None, "acoustic"),
    ("red", "white", "electric"),
    ("black", None, "acoustic"),
    ("light blue", "white", "electric"),
    ("dark red", None, "acoustic"),
    ("yellow", "black", "electric"),
    ("blue", None, "acoustic"),
    ("white", "black", "electric"),
    ("green", "white", "electric"),
)
# The right half of the body from its foot to the neck, as (half breadth, height).
ACOUSTIC = (
    *((0, 0), (0.3, 0.02), (0.47, 0.16), (0.5, 0.36), (0.42, 0.56), (0.32, 0.72)),
    *((0.3, 0.82), (0.34, 0.98), (0.36, 1.1), (0.3, 1.23), (0.16, 1.29), (0, 1.3)),
)
# The whole outline, with two horns.
ELECTRIC = (
    *((0, 0), (-0.25, 0.0), (-0.42, 0.1), (-0.46, 0.3), (-0.37, 0.5), (-0.31, 0.64)),
    *((-0.36, 0.84), (-0.4, 1.02), (-0.33, 1.16), (-0.26, 1.13), (-0.24, 1.0), (-0.17, 0.9)),
    *((0, 0.88), (0.14, 0.88), (0.2, 0.95), (0.25, 1.04), (0.33, 1.05), (0.36, 0.95)),
    *((0.33, 0.8), (0.31, 0.64), (0.39, 0.48), (0.46, 0.3), (0.42, 0.1), (0.25, 0.0), (0, 0)),
)
FRONT = Matrix.Rotation(math.pi / 2, 4, "X")  # what was cut flat stands upright and faces the eye


@recipe("guitar")
def guitar(rng, variant):
    color, accent, form = LOOKS[variant % len(LOOKS)]
    neck = rng.uniform(1.12, 1.22)
    low = acoustic(color) if form == "acoustic" else electric(color, accent)
    top = 1.3 + neck
    fingerboard(low, top)
    head(rng, top, color if form == "electric" else "dark brown")
    strings(0.34 if form == "acoustic" else 0.28, top, 0.115 if form == "acoustic" else 0.1)
    words = [w for w in (color, accent) if w]
    params = {"form": form, "neck": neck}
    side = rng.choice((-1, 1)) * rng.uniform(8, 24)
    camera = {"elevation_deg": rng.uniform(3, 8), "azimuth_deg": side}
    return answer(words, "wood", params, camera)


def at(z):
    """A cut piece whose middle is `z` before the body's middle."""
    return Matrix.Translation((0, -z, 0)) @ FRONT


def lacquer(color):
    if color == "light brown":
        made = wood((0.62, 0.34, 0.12), (0.48, 0.23, 0.07), axis="z", scale=6)
    else:
        made = Material("lacquer", color, 0.25)
    return made.set(coat_weight=1.0, coat_roughness=0.05)


def acoustic(color):
    half = spline(ACOUSTIC, 6)
    outline = [*half, *((-x, y) for x, y in reversed(half[1:-1]))]
    slim = [(x * 0.99, 0.65 + (y - 0.65) * 0.992) for x, y in outline]
    back = wood((0.22, 0.08, 0.03), (0.10, 0.035, 0.014), axis="z", scale=4)
    ebony = Material("ebony", (0.02, 0.013, 0.01), 0.4)
    hole = circle(0.135, (0, 0.86))
    plate([outline], 0.2, back, 0.02, at(0))
    plate([slim, hole], 0.03, lacquer(color), 0.006, at(0.108))
    dark = Material("dark", (0.01, 0.007, 0.005), 0.9)
    plate([circle(0.134, (0, 0.86))], 0.02, dark, 0.004, at(0.1))
    cream = Material("binding", (0.75, 0.66, 0.48), 0.4)
    tube([(x, -0.112, y) for x, y in outline[::2]], 0.012, cream, closed=True)
    for radius, size, skin in ((0.15, 0.006, cream), (0.168, 0.009, ebony), (0.186, 0.005, cream)):
        ring = [(x, -0.122, y) for x, y in circle(radius, (0, 0.86))]
        tube(ring, size, skin, closed=True)
    guard = [(0.12, 0.78), (0.2, 0.86), (0.24, 0.74), (0.26, 0.58), (0.15, 0.6), (0.1, 0.7)]
    plate([spline([*guard, guard[0]], 6)[:-1]], 0.012, ebony, 0.003, at(0.128))
    bridge = [(-0.22, 0.3), (-0.22, 0.34), (-0.12, 0.37), (0.12, 0.37), (0.22, 0.34), (0.22, 0.3)]
    plate([bridge], 0.035, ebony, 0.008, at(0.135))
    for k in range(6):
        ball(0.013, at=(-0.1 + 0.04 * k, -0.155, 0.325), material=cream)
    return 1.0


def electric(color, accent):
    paint, chrome = lacquer(color), metal((0.75, 0.76, 0.78), roughness=0.16)
    plate([spline(ELECTRIC, 6)[:-1]], 0.13, paint, 0.03, at(0))
    guard = [(-0.3, 0.92), (-0.13, 0.82), (0.14, 0.82), (0.27, 0.88), (0.26, 0.66), (0.3, 0.46)]
    guard += [(0.36, 0.26), (0.26, 0.12), (0.14, 0.3), (-0.02, 0.42), (-0.18, 0.44), (-0.26, 0.6)]
    plate([spline([*guard, guard[0]], 6)[:-1]], 0.016, plastic(accent), 0.004, at(0.07))
    other = plastic("black" if accent == "white" else "white")
    for y, lean in ((0.72, 0), (0.58, 0), (0.44, 0.12)):
        box((0.25, 0.03, 0.065), (0, -0.085, y), other, 0.014, (0, lean, 0))
        for k in range(6):
            x = -0.08 + 0.032 * k
            ball(0.011, at=(x, -0.1, y - lean * x), material=chrome)
    box((0.24, 0.04, 0.1), (0, -0.085, 0.28), chrome, 0.012)
    for x, y in ((0.22, 0.36), (0.28, 0.27), (0.3, 0.17)):
        tube([(x, -0.07, y), (x, -0.12, y)], [0.036, 0.028], other)
    tube([(0.1, -0.09, 0.25), (0.12, -0.16, 0.3), (0.24, -0.17, 0.38)], 0.01, chrome)
    for x, z in ((0, -0.01), (-0.35, 1.17)):
        ball(0.022, at=(x, 0, z), material=chrome)
    return 0.78


def fingerboard(low, top):
    timber = wood((0.42, 0.20, 0.08), (0.28, 0.12, 0.045), axis="z", scale=4)
    board = Material("board", (0.06, 0.025, 0.012), 0.45).grain(50, 0.1)
    shape = [(-0.085, 0.9), (0.085, 0.9), (0.062, top), (-0.062, top)]
    plate([shape], 0.1, timber, 0.035, at(0.06))
    fret = [(-0.087, low), (0.087, low), (0.063, top), (-0.063, top)]
    plate([fret], 0.03, board, 0.006, at(0.125))
    silver, pearl = metal((0.7, 0.7, 0.68)), Material("pearl", (0.8, 0.78, 0.7), 0.25)
    bridge, long = 0.33, top - 0.33
    for n in range(1, 20):
        z = bridge + long * 2 ** (-n / 12)
        if z < low + 0.02:
            break
        half = 0.063 + 0.024 * (top - z) / (top - low)
        tube([(-half, -0.142, z), (half, -0.142, z)], 0.006, silver)
        if n in (3, 5, 7, 9, 12):
            middle = bridge + long * (2 ** (-n / 12) + 2 ** (-(n - 1) / 12)) / 2
            ball(0.014, (1, 0.3, 1), (0, -0.14, middle), pearl)
    box((0.13, 0.03, 0.02), (0, -0.135, top), pearl, 0.004)


def head(rng, top, color):
    skin = lacquer(color)
    shape = [(-0.062, 0), (-0.1, 0.1), (-0.12, 0.38), (-0.06, 0.42), (0, 0.4), (0.06, 0.42)]
    shape += [(0.12, 0.38), (0.1, 0.1), (0.062, 0)]
    plate([[(x, top + y) for x, y in shape]], 0.06, skin, 0.012, at(0.08))
    chrome = metal((0.75, 0.75, 0.74), roughness=0.18)
    knob = Material("knob", (0.85, 0.8, 0.68), 0.3)
    for side in (-1, 1):
        for k in range(3):
            z = top + 0.12 + 0.095 * k
            edge = 0.1 + 0.07 * (z - top - 0.1)
            tube([(side * 0.06, -0.1, z), (side * 0.06, -0.15, z)], 0.016, chrome)
            tube([(side * edge, -0.07, z), (side * (edge + 0.06), -0.07, z)], 0.01, chrome)
            ball(0.026, (1, 0.5, 1.3), (side * (edge + 0.07), -0.07, z), knob)


def strings(low, top, spread):
    bronze = metal((0.72, 0.55, 0.30), roughness=0.25)
    lines = []
    for k in range(6):
        u = k / 5 - 0.5
        side, peg = (-1 if k < 3 else 1), (k if k < 3 else 5 - k)
        end = (side * 0.05, -0.14, top + 0.12 + 0.095 * peg)
        lines.append([(u * 2 * spread * 0.9, -0.165, low), (u * 0.1, -0.158, top), end])
    strands(lines, 0.0035, bronze, taper=1.0)
