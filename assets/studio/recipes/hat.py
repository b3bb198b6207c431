"""A straw hat: a braid coiled into crown and brim, openwork, a frayed edge and a ribbon."""

import math

from answers import answer, view
from materials import Material, blend
from mathutils import Matrix, Vector
from shapes import sheet, strands, tilt, turned
from stage import recipe

HATS = (  # words, straw, ribbon, its spots or stripes (None: plain)
    (["beige", "red"], (0.70, 0.50, 0.24), "red", None),
    (["white", "blue"], (0.84, 0.81, 0.74), "blue", None),
    (["brown", "yellow"], (0.26, 0.12, 0.045), "yellow", None),
    (["pink", "white"], (0.88, 0.42, 0.50), "white", None),
    (["black", "orange"], (0.03, 0.028, 0.028), "orange", None),
    (["yellow", "green"], (0.88, 0.62, 0.10), "green", None),
    (["light blue", "white"], (0.32, 0.60, 0.84), "white", None),
    (["red", "black"], (0.56, 0.03, 0.02), "black", None),
    (["light green", "purple"], (0.44, 0.64, 0.24), "purple", None),
)


def braid(color, turns):
    """Straw in rows: each a plait, with paler and darker stalks."""
    made = Material("straw", color, 0.55, coat_weight=0.1)
    angle = made.math("MULTIPLY", made.math("ARCTAN2", made.axis("y"), made.axis("x")), 60.0)
    x, y = made.axis("x"), made.axis("y")
    r = made.math(
        "SQRT", made.math("ADD", made.math("MULTIPLY", x, x), made.math("MULTIPLY", y, y))
    )
    up = made.math("SUBTRACT", r, made.axis("z"))
    row = made.math("MULTIPLY", up, turns)
    saw = made.math("ABSOLUTE", made.math("SUBTRACT", made.math("FRACT", row), 0.5))
    plait = made.math("SINE", made.math("ADD", angle, made.math("MULTIPLY", saw, 11.0)))
    tone = made.math(
        "ADD", made.math("MULTIPLY", plait, 0.22), made.math("MULTIPLY", made.noise(26, 4), 0.7)
    )
    tone = made.math("ADD", tone, made.math("MULTIPLY", saw, 0.35))
    dark, pale = (
        tuple(c * 0.45 for c in color),
        blend(color, (0.9, 0.85, 0.7), 0.25 * min(1, sum(color))),
    )
    made.color(made.ramp(tone, [(0.15, pale), (0.8, dark)]))
    height = made.math("SUBTRACT", made.math("MULTIPLY", plait, 0.4), saw)
    return made.bump(height, 0.5, 0.02)


@recipe("hat")
def hat(rng, variant):
    words, color, ribbon, _ = HATS[variant % len(HATS)]
    straw, high, phase = braid(color, 16.0), rng.uniform(0.52, 0.62), rng.uniform(0, 6)
    wave, brim = rng.uniform(0.03, 0.07), rng.uniform(1.08, 1.22)

    def height(angle, r):  # the brim sways
        far = max(0.0, r - 0.52)
        return far * (wave * 2.2 * math.sin(2 * angle + phase) + wave * math.sin(5 * angle) - 0.06)

    def sway(angle, r, z):
        oval = 1 + 0.08 * math.cos(2 * angle)
        return r * oval, z + (height(angle, r) if z < 0.12 else 0.0)

    dent = rng.uniform(0.02, 0.09)
    top = [(0, high - dent), (0.2, high - dent * 0.5), (0.38, high), (0.46, high - 0.06)]
    side = [(0.50, high * 0.5), (0.52, 0.10), (0.54, 0.02), (0.62, 0.0), (0.74, 0.0)]
    back = [(0.74, -0.016), (0.60, -0.016), (0.51, 0.02), (0.48, 0.10), (0.46, high * 0.5)]
    things = [
        turned([*top, *side, side[-1], *back, (0.4, high - 0.1), (0, high - 0.14)], straw, sway)
    ]
    outer = [(brim - 0.13, 0.0), (brim, 0.0), (brim, 0.0), (brim, -0.016), (brim - 0.13, -0.016)]
    things.append(turned([*outer, outer[-1], outer[0]], straw, sway, steps=5))

    def at(a, r, lift=0.0):
        r, z = sway(a, r, 0.0)
        return Vector((r * math.cos(a), r * math.sin(a), z - 0.008 + lift))

    lines, count = [], 84  # openwork between the two: crossed stalks and a round of loops
    inner, outside = 0.735, brim - 0.125
    for k in range(count):
        a, step = math.tau * k / count, math.tau / count
        for way in (-1, 1):
            steps = [(t / 6, a + way * 2.2 * step * t / 6) for t in range(7)]
            lines.append([at(b, inner + (outside - inner) * t, 0.006 * way) for t, b in steps])
    middle = (inner + outside) / 2
    lines.append([at(math.tau * k / 160, middle, 0.012) for k in range(161)])
    things.append(strands(lines, 0.0065, straw, taper=1.0))
    frayed = []
    for _ in range(620):
        a, reach = rng.uniform(0, math.tau), rng.uniform(0.02, 0.10)
        bend = rng.gauss(0, 0.05)
        root = at(a, brim - 0.015)
        tip = at(a + bend, brim + reach, rng.gauss(0, 0.3) * reach)
        frayed.append([root, root.lerp(tip, 0.5) + Vector((0, 0, rng.gauss(0, 0.006))), tip])
    things.append(strands(frayed, 0.0035, straw, taper=0.5))

    silk = Material("ribbon", ribbon, 0.4, sheen_weight=0.3, coat_weight=0.15)
    ribs = silk.math("SINE", silk.math("MULTIPLY", silk.axis("z"), 260.0))
    silk.bump(ribs, 0.08, 0.01)
    things.append(
        turned(
            [(0.525, 0.085), (0.534, 0.09), (0.528, 0.16), (0.518, 0.225), (0.510, 0.23)],
            silk,
            sway,
        )
    )
    knot = rng.uniform(-2.3, -1.0)  # a bow on the side that is seen
    spin = Matrix.Rotation(knot, 3, "Z")
    for half in (-1, 1):
        loop, tail = [], []
        for i in range(17):
            t = i / 16
            x = 0.19 * math.sin(math.pi * t)
            y = 0.56 + 0.055 * math.sin(math.tau * t) + 0.02
            wide = 0.035 + 0.05 * math.sin(math.pi * t)
            loop.append(
                [spin @ Vector((y, half * x, 0.165 + wide * u + 0.06 * x)) for u in (-1, 0, 1)]
            )
            drop = (0.56 + 0.20 * t, half * (0.02 + 0.16 * t), 0.16 - 0.14 * min(1, 1.5 * t))
            across = Vector((0.02, half * 0.3, 1) if t < 0.5 else (0.5, half * 0.6, 0.6))
            tail.append(
                [spin @ (Vector(drop) + across.normalized() * 0.045 * u) for u in (-1, 0, 1)]
            )
        things += [sheet(loop, silk, 0.008, 1), sheet(tail, silk, 0.008, 1)]
    pad = [
        [spin @ Vector((0.60 - 0.02 * abs(u), 0.04 * u, 0.165 + 0.05 * v)) for u in (-1, 0, 1)]
        for v in (-1, 0, 1)
    ]
    things.append(sheet(pad, silk, 0.03))
    tilt(things, Matrix.Rotation(rng.uniform(-0.1, 0.1), 3, "Y") @ Matrix.Rotation(0.12, 3, "X"))
    return answer(words, None, {"brim": brim}, view(rng, 16, 28, 8))
