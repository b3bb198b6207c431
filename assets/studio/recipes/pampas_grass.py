"""Pampas grass: plumes of silky hair on long stalks, dyed or as they grow."""

import math

from answers import answer, view
from materials import Material, blend
from mathutils import Matrix, Vector
from shapes import strands, tilt, tube
from stage import recipe

GRASSES = (  # words, hair, tips, plumes
    (["beige"], (0.70, 0.54, 0.34), (0.84, 0.74, 0.58), 3),
    (["pink"], (0.88, 0.38, 0.46), (0.92, 0.62, 0.64), 1),
    (["white"], (0.86, 0.83, 0.76), (0.90, 0.89, 0.85), 3),
    (["brown"], (0.26, 0.12, 0.05), (0.44, 0.26, 0.13), 1),
    (["purple"], (0.30, 0.12, 0.48), (0.50, 0.32, 0.66), 2),
    (["blue"], (0.05, 0.20, 0.62), (0.26, 0.46, 0.80), 3),
    (["orange"], (0.84, 0.28, 0.03), (0.90, 0.50, 0.16), 1),
    (["yellow"], (0.88, 0.60, 0.08), (0.92, 0.78, 0.34), 2),
    (["black"], (0.03, 0.028, 0.03), (0.08, 0.075, 0.08), 1),
)


def plume(rng, foot, lean, long, stalk, wide):
    """The line of a stalk, and the hairs of its plume: branches that hang over, each fringed."""

    def spine(t):
        bend = lean * (0.35 * t + 0.65 * t**2.4)
        return foot + Vector(
            (bend * 0.8, 0.12 * t * t, (stalk + long) * (t - 0.10 * abs(lean) * t**3))
        )

    low, hairs = stalk / (stalk + long), []
    for k in range(150):
        s = k / 149
        t = low + (1 - low) * s
        root, along = spine(t), (spine(min(t + 0.01, 1.0)) - spine(t - 0.01)).normalized()
        a = k * 2.39996
        out = Vector((math.cos(a), math.sin(a), 0))
        full = math.sin(math.pi * min(1, 0.14 + 0.86 * s**0.75)) ** 0.6
        reach = wide * (0.35 + full) * rng.uniform(0.8, 1.2)
        branch = []
        for j in range(7):
            u = j / 6
            hang = Vector((0.1 * lean, 0, -0.62 * reach * u**2.4))
            branch.append(
                root + along * reach * (1.3 * u - 0.25 * u * u) + out * reach * 0.5 * u**1.3 + hang
            )
        hairs.append(branch)
        for _ in range(18):
            u = rng.uniform(0.1, 0.98) * 6
            start = branch[int(u)].lerp(branch[int(u) + 1], u % 1)
            way = (branch[int(u) + 1] - branch[int(u)]).normalized()
            fray = Vector(rng.gauss(0, 0.42) for _ in range(3))
            size = rng.uniform(0.07, 0.15)
            tip = start + (way + fray).normalized() * size + Vector((0, 0, -0.25 * size))
            hairs.append([start, start.lerp(tip, 0.5) + way * size * 0.12, tip])
    return [spine(k / 12) for k in range(13)], hairs


@recipe("pampas grass")
def pampas_grass(rng, variant):
    words, color, pale, count = GRASSES[variant % len(GRASSES)]
    silk = Material("silk", color, 0.6, sheen_weight=0.4)
    silk.color(silk.mix(silk.noise(2.5, 2), color, pale))
    straw = Material("stalk", blend(color, (0.45, 0.36, 0.18), 0.6), 0.6)
    things, hairs = [], []
    leans = {1: (0.5,), 2: (-0.45, 0.55), 3: (-0.75, 0.12, 0.80)}[count]
    side = rng.choice((-1, 1))
    for number, lean in enumerate(leans):
        lean = side * lean * rng.uniform(0.8, 1.15)
        foot = Vector((0.05 * (number - (count - 1) / 2), 0.04 * number, 0))
        long, stalk = rng.uniform(1.15, 1.35), rng.uniform(0.6, 0.8) + 0.2 * (number == 1)
        line, fringe = plume(rng, foot, lean, long, stalk, rng.uniform(0.24, 0.30))
        things.append(tube(line, [0.016 - 0.011 * k / 12 for k in range(13)], straw))
        hairs += fringe
    blades = []
    for _ in range(2 * count):  # a few dry leaves at the foot
        a, long = rng.uniform(0, math.tau), rng.uniform(0.5, 0.9)
        out = Vector((math.cos(a), 0.5 * math.sin(a), 0))
        blades.append(
            [
                out * 0.42 * long * t**1.6 + Vector((0, 0, long * (t - 0.35 * t**3)))
                for t in (j / 10 for j in range(11))
            ]
        )
    things.append(strands(blades, 0.010, straw, taper=0.1))
    things.append(strands(hairs, 0.0023, silk, taper=0.35))
    tilt(things, Matrix.Rotation(rng.uniform(-0.3, 0.3), 3, "Z"))
    return answer(words, "plant", {"plumes": count}, view(rng, 2, 10, 12), stands=False)
