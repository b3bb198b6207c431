"""Bananas: one, a hand of them, or one half peeled."""

import math
from itertools import pairwise

from answers import solid
from materials import Material, blend, tints
from mathutils import Matrix, Vector
from shapes import oval, sheet, sweep, tilt, tint
from stage import recipe

SKINS = (  # words, skin, ends, share of freckles, form
    (["yellow"], (0.86, 0.52, 0.02), (0.30, 0.34, 0.03), 0.0, "hand"),
    (["green"], (0.20, 0.42, 0.03), (0.10, 0.26, 0.02), 0.0, "one"),
    (["yellow", "white"], (0.88, 0.56, 0.02), (0.45, 0.40, 0.03), 0.0, "peeled"),
    (["yellow", "brown"], (0.80, 0.46, 0.03), (0.20, 0.10, 0.03), 0.47, "one"),
    (["dark red"], (0.24, 0.02, 0.02), (0.10, 0.015, 0.015), 0.0, "hand"),
    (["green", "yellow"], (0.50, 0.50, 0.03), (0.12, 0.30, 0.02), 0.0, "hand"),
    (["green", "white"], (0.22, 0.44, 0.03), (0.12, 0.30, 0.02), 0.0, "peeled"),
    (["brown"], (0.17, 0.07, 0.02), (0.05, 0.02, 0.01), 0.55, "one"),
    (["yellow"], (0.88, 0.56, 0.02), (0.45, 0.40, 0.03), 0.0, "one"),
)
LONG = 1.75  # radians of the bow
GIRTH = (
    *((0, 0.045), (0.07, 0.05), (0.13, 0.08), (0.24, 0.155), (0.5, 0.18)),
    *((0.78, 0.155), (0.92, 0.085), (0.97, 0.045), (1.0, 0.04)),
)


def girth(t):
    for (a, low), (b, high) in pairwise(GIRTH):
        if t <= b:
            return low + (high - low) * (t - a) / (b - a)
    return GIRTH[-1][1]


def bow(t):
    """The middle line: an arc that bulges to +x, from the stalk on top down to the tip."""
    a = LONG * (t - 0.5)
    return Vector((math.cos(a) - math.cos(LONG / 2), 0, -1.05 * math.sin(a)))


def along(point):
    a = math.atan2(-point.z / 1.05, point.x + math.cos(LONG / 2))
    return a / LONG + 0.5


def peel(skin, ends, freckles):
    made = Material("peel", skin, 0.42, coat_weight=0.15, coat_roughness=0.3)
    body = tints(made)
    if freckles:
        spots = made.ramp(
            made.noise(9, 4), [(1 - freckles - 0.05, (0, 0, 0)), (1 - freckles, (1, 1, 1))]
        )
        body = made.mix(made.math("MULTIPLY", spots, 0.85), body, (0.07, 0.025, 0.01))
    return made.color(body).bump(made.noise(14), 0.05)


def fruit(skin, ends, made, first=0.0, fold=0.05):
    """A banana from `first` of its length on, with five blunt edges."""
    steps = [first + (1 - first) * k / 30 for k in range(31)]

    def section(t):
        r = girth(first + (1 - first) * t)
        return oval(r, r, 30, lambda a: 1 + fold * math.cos(5 * a))

    thing = sweep([bow(t) for t in steps], section, made, up=(0, 1, 0))

    def paint(point):
        t = along(point)
        color = blend(skin, ends, max((0.2 - t) / 0.16, (t - 0.86) / 0.1))
        return blend(color, (0.03, 0.018, 0.01), max((0.02 - t) / 0.02, (t - 0.965) / 0.015))

    return tint(thing, paint)


def flap(turn, made, start, rng):
    """A strip of peel that hangs down from where the flesh comes out."""
    grid, root, reach = [], bow(start), rng.uniform(0.62, 0.8)
    for i in range(13):
        s = i / 12
        a = 2.7 * min(s * 1.25, 1) ** 0.9
        out = 0.16 + reach * 0.42 * (1 - math.cos(a)) / 2 + 0.05 * s
        drop = reach * (0.26 * math.sin(a) - 0.85 * max(0.0, s - 0.3))
        half = 0.145 * (1 - s**3) ** 0.7 + 0.012
        grid.append([(out - 0.05 * u * u, u * half, drop) for u in (-1, -0.5, 0, 0.5, 1)])
    turned = Matrix.Rotation(turn, 3, "Z")
    grid = [[root + turned @ Vector(p) for p in row] for row in grid]
    return sheet(grid, made, 0.016)


@recipe("banana")
def banana(rng, variant):
    words, skin, ends, freckles, form = SKINS[variant % len(SKINS)]
    made, things = peel(skin, ends, freckles), []
    if form == "peeled":
        flesh = Material("flesh", (0.87, 0.77, 0.50), 0.6, subsurface_weight=0.1).grain(25, 0.06)
        start = 0.5
        half = fruit(skin, ends, flesh, 0.0, 0.02)  # upside down: the tip is in the hand
        things.append(half)
        things.append(fruit(skin, ends, made, start))
        things[1].scale = (1.06, 1.06, 1.0)
        things[1].location.x = -0.015
        inside = Material("inside", skin, 0.6)
        back = inside.node("ShaderNodeNewGeometry").outputs["Backfacing"]
        inside.color(inside.mix(back, skin, (0.85, 0.75, 0.42)))
        first = rng.uniform(0.2, 0.8)
        things += [flap(first + math.tau * k / 4, inside, start, rng) for k in range(4)]
        turn = Matrix.Rotation(rng.uniform(-0.5, 0.5), 3, "Z")
    elif form == "one":
        things.append(fruit(skin, ends, made))
        turn = Matrix.Rotation(rng.choice((-1, 1)) * rng.uniform(0.1, 0.5), 3, "Z")
        turn = turn @ Matrix.Rotation(math.pi / 2 + rng.uniform(-0.15, 0.15), 3, "Y")
    else:
        count = rng.choice((3, 4))
        for k in range(count):
            fan = (k - (count - 1) / 2) * 0.55
            one = fruit(skin, ends, made)
            top = bow(0.03)
            turn = Matrix.Rotation(fan, 4, "Z") @ Matrix.Rotation(-0.4, 4, "Y")
            one.matrix_world = Matrix.Translation(top) @ turn @ Matrix.Translation(-top)
            things.append(one)
        turn = Matrix.Rotation(rng.choice((-1, 1)) * rng.uniform(0.2, 0.6) - math.pi / 2, 3, "Z")
        turn = turn @ Matrix.Rotation(0.15, 3, "Y")
    tilt(things, turn)
    pattern = "spotted" if freckles else "plain"
    label = {"stands": form != "peeled"}
    return solid(rng, words, "fruit", pattern, 8, 16, 6, label, form=form)
