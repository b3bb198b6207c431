"""A paintbrush that lies down, with paint on its bristles: round, flat, or a painter's."""

import math
from itertools import pairwise

from answers import answer, view
from materials import GOLD, Material, metal, wood
from mathutils import Matrix
from shapes import strands, sweep, tilt
from stage import recipe

LOOKS = (  # colour of the paint, of the handle, form
    ("blue", "light brown", "flat"),
    ("red", "black", "round"),
    ("yellow", "red", "flat"),
    ("green", "white", "round"),
    ("pink", "light blue", "flat"),
    ("orange", "blue", "round"),
    ("white", "green", "flat"),
    ("purple", "yellow", "round"),
    ("black", "light brown", "flat"),
)
FORMS = {  # half breadth and half height of the ferrule, length of bristles, of the handle, point
    "flat": (0.2, 0.07, 0.46, 0.95, 0.15),
    "round": (0.095, 0.095, 0.56, 1.4, 0.9),
}


@recipe("paintbrush")
def paintbrush(rng, variant):
    paint, color, form = LOOKS[variant % len(LOOKS)]
    wide, high, long, reach, point = FORMS[form]
    if color == "light brown":
        skin = wood((0.56, 0.31, 0.12), (0.36, 0.17, 0.06), axis="x", scale=3)
    else:
        skin = Material("varnish", color, 0.25, coat_weight=1.0, coat_roughness=0.05)
    tin = metal(GOLD if form == "round" else (0.72, 0.73, 0.75), roughness=0.2)
    lie = high + 0.02

    def sleeve(t):
        pinch = 1 + 0.06 * math.cos(t * 6 * math.pi) * (0.1 < t < 0.9)
        return oval(wide * (1.03 - 0.1 * t) * pinch, high * (1.03 - 0.1 * t) * pinch)

    things = [sweep([(0.02 * k, 0, lie) for k in range(17)], sleeve, tin)]

    def grip(t):
        if form == "round":
            swell = 0.72 + 0.5 * math.sin(math.pi * min(1, t * 2.2)) * (t < 0.45) - 0.5 * t
            half = high * max(0.16, swell)
            return oval(half, half)
        waist = 0.86 - 0.62 * math.sin(math.pi * min(0.5, t * 0.9)) + 0.25 * max(0.0, t - 0.5)
        end = math.sqrt(max(0.1, 1 - max(0.0, t - 0.93) ** 2 / 0.0054))
        return oval(wide * waist * end, high * (0.9 - 0.2 * t) * end)

    path = [(0.3 + reach * k / 32, 0, lie - (lie - 0.06) * k / 32) for k in range(33)]
    things.append(sweep(path, grip, skin))
    hairs, dipped = [], []
    for _ in range(1500):
        a, size = rng.uniform(0, math.tau), rng.random() ** 0.5
        y, z = size * math.cos(a), size * math.sin(a)
        tip = long * (1 - point * 0.32 * size**2) * rng.uniform(0.93, 1.0)
        bend = rng.uniform(-0.02, 0.02)
        line = []
        for t in (0, 0.25, 0.5, 0.75, 1):
            spread = (1 + 0.16 * math.sin(math.pi * t)) * (1 - point * t**1.7)
            sag = (lie - 0.03) * t**2 * 0.8
            line.append((-tip * t, wide * y * spread + bend * t, lie + high * z * spread - sag))
        hairs.append(line)
        dipped.append([p for p in dense(line) if p[0] < -long * rng.uniform(0.4, 0.5)])
    bristle = Material("bristle", (0.50, 0.34, 0.17), 0.5)
    things.append(strands(hairs, 0.0045, bristle, taper=0.6))
    wet = Material("paint", paint, 0.22, coat_weight=1.0, coat_roughness=0.05)
    things.append(strands([line for line in dipped if len(line) > 1], 0.0075, wet, taper=0.5))
    turn = rng.choice((-1, 1)) * rng.uniform(0.3, 0.7) + rng.choice((0, math.pi))
    tilt(things, Matrix.Rotation(turn, 3, "Z"))
    material = "wood" if color == "light brown" else "plastic"
    return answer([color, paint], material, {"form": form}, view(rng, 38, 50))


def oval(wide, high):
    turns = [math.tau * k / 24 for k in range(24)]
    return [(wide * math.cos(a), high * math.sin(a)) for a in turns]


def dense(line):
    """The same hair with more points, so that it can be cut where the paint begins."""
    points = []
    for a, b in pairwise(line):
        points += [tuple(p + (q - p) * t / 4 for p, q in zip(a, b, strict=True)) for t in range(4)]
    return [*points, line[-1]]
