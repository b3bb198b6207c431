"""An old key with a pierced bow, and a ribbon or a ring through it."""

import math

from answers import answer, view
from materials import GOLD, fabric, metal
from mathutils import Matrix, Vector
from shapes import ball, lathe, plate, strands, tilt, tube
from stage import recipe

METALS = {
    "yellow": (GOLD, 0.2),
    "gray": ((0.70, 0.71, 0.73), 0.2),
    "black": ((0.03, 0.03, 0.032), 0.4),
    "orange": ((0.80, 0.28, 0.11), 0.22),
    "brown": ((0.20, 0.085, 0.035), 0.4),
}
LOOKS = (  # colour, form of the bow, colour of the tassel
    ("yellow", "trefoil", None),
    ("gray", "ring", "red"),
    ("black", "heart", None),
    ("orange", "trefoil", "blue"),
    ("brown", "ring", None),
    ("yellow", "heart", "green"),
    ("gray", "trefoil", None),
    ("black", "ring", "pink"),
    ("orange", "heart", None),
)


@recipe("key")
def key(rng, variant):
    color, form, tassel = LOOKS[variant % len(LOOKS)]
    tint, rough = METALS[color]
    steel = metal(tint, roughness=rough)
    long, thick = rng.uniform(1.0, 1.2), 0.05
    things = bow(form, steel)
    lie = Matrix.Rotation(math.pi / 2, 4, "Y")  # a lathe's z becomes the key's length
    shaft = [(0, -0.02), (thick, -0.02), (thick * 1.7, 0.03), (thick, 0.08), (thick * 1.5, 0.12)]
    shaft += [(thick, 0.16), (thick * 0.9, long * 0.7), (thick * 1.3, long * 0.71)]
    shaft += [(thick * 1.3, long * 0.74), (thick * 0.9, long * 0.75), (thick * 0.9, long)]
    things.append(lathe([*shaft, (thick * 0.6, long + 0.03), (0, long + 0.03)], steel))
    things[-1].matrix_world = lie
    # the bit: a comb of wards, cut anew for each key
    x0, deep = long * 0.78, rng.uniform(0.26, 0.32)
    cuts = [deep * rng.uniform(0.55, 1.0) for _ in range(5)]
    outline = [(x0, 0.0)]
    for k, cut in enumerate(cuts):
        outline += [(x0 + 0.04 * k, -cut), (x0 + 0.04 * (k + 1), -cut)]
    outline.append((x0 + 0.2, 0.0))
    slot = [(x0 + 0.05 + a, -0.11 + b) for a, b in ((0, 0), (0.1, 0), (0.1, 0.025), (0, 0.025))]
    things.append(plate([outline, slot], 0.06, steel, 0.006))
    turn = rng.choice((-1, 1)) * rng.uniform(0.25, 0.6) + rng.choice((0, math.pi))
    if tassel:
        things += fringe(rng, -0.55 if form == "ring" else -0.42, tassel)
    tilt(things, Matrix.Rotation(turn, 3, "Z"))
    words = [w for w in (color, tassel) if w]
    return answer(words, "metal", {"form": form}, view(rng, 46, 58))


def bow(form, steel):
    """What the fingers turn, pierced, with its middle at x = -0.3."""
    if form == "ring":
        ring = [(-0.3 + 0.25 * math.cos(a), 0.28 * math.sin(a), 0) for a in turns(32)]
        inner = [(-0.3 + 0.13 * math.cos(a), 0.15 * math.sin(a), 0) for a in turns(24)]
        bars = [
            tube([(-0.3 + x * 0.13, y * 0.15, 0), (-0.3 + x * 0.25, y * 0.28, 0)], 0.02, steel)
            for x, y in ((0, 1), (0, -1), (-1, 0), (1, 0))
        ]
        return [
            tube(ring, 0.042, steel, closed=True),
            tube(inner, 0.026, steel, closed=True),
            *bars,
        ]
    if form == "trefoil":
        places = [(-0.16, 0.2), (-0.16, -0.2), (-0.42, 0.0)]
        things = []
        for x, y in places:
            ring = [(x + 0.15 * math.cos(a), y + 0.15 * math.sin(a), 0) for a in turns(24)]
            things.append(tube(ring, 0.036, steel, closed=True))
            pearl = Vector((x + 0.22, y, 0)) - Vector((0.22, 0, 0))
            out = (pearl - Vector((-0.22, 0, 0))).normalized() * 0.19
            things.append(lathe(BEAD, steel, at=tuple(pearl + out)))
        return things
    heart = []
    for a in turns(48):
        x = 16 * math.sin(a) ** 3
        y = 13 * math.cos(a) - 5 * math.cos(2 * a) - 2 * math.cos(3 * a) - math.cos(4 * a)
        heart.append((-0.27 - 0.02 * y, 0.02 * x, 0))
    inner = [(-0.27 + 0.5 * (x + 0.27), 0.5 * y, 0) for x, y, _ in heart]
    bar = tube([(-0.06, 0, 0), (0.02, 0, 0)], 0.04, steel)
    things = [tube(heart, 0.04, steel, closed=True), tube(inner, 0.022, steel, closed=True), bar]
    return [*things, tube([(-0.37, 0, 0), (-0.43, 0, 0)], 0.02, steel)]


def fringe(rng, x, color):
    """A silk tassel on a cord that goes round the bow at `x`."""
    silk = fabric(color, scale=300)
    bend = rng.uniform(-0.12, 0.12)
    ends = ((0.0, 0.3), (0.25, 0.75), (0.6, 0.95), (1.0, 1.1))  # how far out, and how spread
    cord = [
        (x + 0.1, 0, 0.03),
        (x, 0.03, 0.07),
        (x - 0.22, bend + 0.03, 0.0),
        (x - 0.4, bend, 0.03),
    ]
    back = [(x - 0.22, bend - 0.03, 0.0), (x, -0.03, -0.07), (x + 0.1, 0, -0.03)]
    head = Vector((x - 0.44, bend, 0.03))
    threads = []
    for _ in range(150):
        a, wide = rng.uniform(0, math.tau), rng.random() ** 0.5
        y, z, long = wide * math.cos(a), wide * math.sin(a), rng.uniform(0.4, 0.46)
        hang = [(-0.05 - long * t, 0.11 * y * w, 0.07 * z * w - 0.03 * t) for t, w in ends]
        threads.append([head + Vector(point) for point in hang])
    things = [tube(cord + back, 0.014, silk), strands(threads, 0.007, silk, 0.8)]
    things.append(ball(0.075, (1.15, 1, 1), head, silk))
    band = [head + Vector((-0.085, 0.06 * math.cos(a), 0.05 * math.sin(a))) for a in turns(12)]
    return [*things, tube(band, 0.018, silk, closed=True)]


BEAD = ((0, -0.05), (0.04, -0.03), (0.05, 0), (0.04, 0.03), (0, 0.05))


def turns(count):
    return [math.tau * k / count for k in range(count)]
