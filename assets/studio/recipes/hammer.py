"""A hammer that stands on its head: a claw hammer, or a mallet."""

import math

from answers import solid
from materials import metal, rubber, wood
from mathutils import Matrix
from shapes import lathe, sweep, tilt, turned
from stage import recipe

LOOKS = (  # colour of the handle, its material, form of the head
    ("light brown", "wood", "claw"),
    ("red", "rubber", "claw"),
    ("beige", "wood", "mallet"),
    ("yellow", "rubber", "claw"),
    ("blue", "rubber", "claw"),
    ("dark brown", "wood", "claw"),
    ("black", "rubber", "mallet"),
    ("green", "rubber", "claw"),
    ("orange", "rubber", "claw"),
)
TIMBER = {
    "light brown": ((0.52, 0.27, 0.10), (0.30, 0.13, 0.045)),
    "beige": ((0.72, 0.52, 0.30), (0.50, 0.30, 0.14)),
    "dark brown": ((0.14, 0.05, 0.02), (0.06, 0.022, 0.01)),
}


@recipe("hammer")
def hammer(rng, variant):
    color, material, form = LOOKS[variant % len(LOOKS)]
    long = rng.uniform(1.5, 1.75)
    steel = metal((0.60, 0.61, 0.63), roughness=0.24)
    timber = wood(*TIMBER.get(color, TIMBER["light brown"]), axis="z", scale=3.5)
    if form == "mallet":
        head = wood(*TIMBER["beige"], axis="x", scale=3) if material == "wood" else rubber(color)
        half, r = rng.uniform(0.36, 0.42), 0.24
        barrel = [(0, -half), (r - 0.03, -half), (r - 0.01, -half + 0.01), (r, -half + 0.04)]
        barrel += [(r, -half * 0.6), (r * 1.06, 0)]
        barrel += [(a, -b) for a, b in reversed(barrel[:-1])]
        things = [lathe(barrel, head, 64)]
        things[0].matrix_world = Matrix.Rotation(math.pi / 2, 4, "Y")
    else:
        things = claw(rng, steel)
    # the shaft, upward: slim at the neck, fuller where a hand holds it
    grip = timber if material == "wood" else rubber(color)
    shaft = [(0, -0.17), (0.068, -0.17), (0.07, 0.12), (0.062, 0.35), (0.075, long * 0.6)]
    shaft += [
        (0.088, long * 0.78),
        (0.076, long * 0.9),
        (0.095, long - 0.03),
        (0.08, long),
        (0, long),
    ]
    if material == "rubber" and form == "claw":
        neck = [(0, -0.17), (0.055, -0.17), (0.05, 0.12), (0.045, long * 0.5), (0, long * 0.5)]
        things.append(oval(turned(neck, steel)))
        low = long * 0.42
        rings = [(0.06, low), (0.075, low + 0.02)]
        for k in range(9):
            z = low + 0.06 + k * 0.06
            rings += [(0.086, z), (0.086, z + 0.035), (0.077, z + 0.042), (0.077, z + 0.055)]
        rings += [(0.08, long - 0.06), (0.1, long - 0.03), (0.08, long), (0, long)]
        things.append(oval(turned([(0, low), *rings], grip, steps=4)))
    else:
        things.append(oval(turned(shaft, timber if form == "mallet" else grip)))
    side, lean = rng.choice((-1, 1)), rng.uniform(-0.04, 0.04)
    turn = Matrix.Rotation(rng.uniform(-0.5, 0.5) + math.pi * (side > 0), 3, "Z")
    tilt(things, turn @ Matrix.Rotation(lean, 3, "Y"))
    other = "gray" if form == "claw" else None
    return solid(rng, [color, other], material, "plain", 8, 16, 0, form=form, length=long)


def oval(thing):
    for vertex in thing.data.vertices:
        vertex.co.y *= 0.72
    return thing


def claw(rng, steel):
    """Face, neck and cheek along +x; two tines that curve back along -x, towards the handle."""
    face = [(0, 0.36), (0.12, 0.36), (0.135, 0.375), (0.135, 0.46), (0.12, 0.475), (0, 0.48)]
    neck = [
        (0, 0.05),
        (0.11, 0.05),
        (0.1, 0.14),
        (0.085, 0.24),
        (0.1, 0.34),
        (0.12, 0.37),
        (0, 0.37),
    ]
    things = [lathe(face, steel), lathe(neck, steel)]
    for thing in things:
        thing.matrix_world = Matrix.Rotation(math.pi / 2, 4, "Y")
    cheek = [(-0.14 + 0.26 * t / 8, 0, 0) for t in range(9)]
    things.append(sweep(cheek, lambda t: square(0.115, 0.125), steel, subdivide=2))
    curl = rng.uniform(0.85, 1.0)
    for way in (-1, 1):
        path = []
        for k in range(13):
            t = k / 12
            spread = 0.012 + 0.05 * t + 0.03 * (1 - t)
            drop = 0.32 * t**2.2 * curl
            path.append((-0.1 - 0.42 * t, way * spread, drop - 0.03 - 0.05 * math.sin(math.pi * t)))

        def tine(t):
            return square(0.052 - 0.014 * t, 0.085 * (1 - t) ** 0.8 + 0.014)

        things.append(sweep(path, tine, steel, subdivide=2))
    return things


def square(wide, high):
    """A rectangle of half `wide` and `high` with rounded corners."""
    corners = [math.pi / 4 + math.pi / 2 * k for k in range(4)]
    points = []
    for corner in corners:
        for a in (corner - 0.6, corner, corner + 0.6):
            x, y = math.cos(a), math.sin(a)
            size = max(abs(x), abs(y)) ** 0.8
            points.append((wide * x / size, high * y / size))
    return points
