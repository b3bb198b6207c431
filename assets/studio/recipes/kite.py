"""A kite in the wind: a diamond of cloth on two sticks, with a tail of bows."""

import math

from answers import answer
from materials import fabric, wood
from mathutils import Matrix, Vector
from shapes import ball, sheet, strands, tilt, tube
from stage import recipe

LOOKS = (  # colour, second colour, pattern
    ("red", "yellow", "quartered"),
    ("blue", "white", "striped"),
    ("green", "pink", "halved"),
    ("orange", "blue", "quartered"),
    ("purple", "white", "dotted"),
    ("yellow", "red", "striped"),
    ("white", "black", "checkered"),
    ("pink", "light blue", "quartered"),
    ("light blue", "orange", "dotted"),
)


@recipe("kite")
def kite(rng, variant):
    color, accent, pattern = LOOKS[variant % len(LOOKS)]
    half, up, down = rng.uniform(0.6, 0.68), rng.uniform(0.52, 0.6), rng.uniform(0.98, 1.1)
    left, right = Vector((-half, 0, 0)), Vector((half, 0, 0))
    top, foot, middle = Vector((0, 0, up)), Vector((0, 0, -down)), Vector((0, -0.1, 0))
    bow = Vector((0, 0.1, 0))  # the cross stick is bent, so that the wings lie back
    left, right = left + bow * 1.6, right + bow * 1.6
    cloths = skins(color, accent, pattern)
    corners = ((top, left), (right, top), (foot, right), (left, foot))
    things = []
    for k, (a, b) in enumerate(corners):
        things.append(sheet(panel(middle, a, b), cloths[k], 0.004, 1))
    spar = wood((0.60, 0.40, 0.20), (0.42, 0.24, 0.10))
    back = Vector((0, 0.018, 0))
    things.append(tube([top + back, middle + back, foot + back], 0.012, spar))
    things.append(tube([left + back, middle + back * 1.5, right + back], 0.011, spar))
    hem = fabric(accent, scale=300)
    things.append(tube([top, left, foot, right, top], 0.011, hem, smooth=False))
    things += tail(rng, foot, (color, accent))
    line = fabric("white", scale=400)
    knot = Vector((0.1, -0.75, -0.1))
    bridle = [[top * 0.75 + middle * 0.25, knot], [foot * 0.6 + middle * 0.4, knot]]
    way = Vector((rng.uniform(-0.35, 0.35), -0.9, -1.75))
    reel = []
    for t in (k / 16 for k in range(17)):
        reel.append(knot + way * t + Vector((0, 0, -0.35 * t * (1 - t))))
    things.append(strands([*bridle, reel], 0.0045, line, taper=1.0))
    side = rng.choice((-1, 1))
    turn = Matrix.Rotation(side * rng.uniform(0.3, 0.6), 3, "Y") @ Matrix.Rotation(0.25, 3, "X")
    tilt(things, turn)
    words = [color, accent]
    camera = {"elevation_deg": rng.uniform(-8, 4), "azimuth_deg": rng.uniform(-18, 18)}
    known = pattern if pattern in ("striped", "dotted", "checkered") else "plain"
    return answer(words, "fabric", {"cut": pattern, "half": half}, camera, known, stands=False)


def skins(color, accent, pattern):
    """The cloth of each quarter: top left, top right, bottom right, bottom left."""
    made = []
    for k in range(4):
        own = {"quartered": k % 2, "halved": k in (0, 3)}.get(pattern, 0)
        cloth = fabric(accent if own else color, scale=260)
        cloth.set(roughness=0.5, sheen_weight=0.1)
        if pattern == "striped":
            cloth.stripes(color, accent, "z", 5.0, 0.6)
        elif pattern == "dotted":
            u, v = (cloth.math("MULTIPLY", cloth.axis(axis), 5.5) for axis in "xz")
            cloth.polka(color, accent, u, v, 0.25)
        elif pattern == "checkered":
            u, v = (cloth.math("FLOOR", cloth.math("MULTIPLY", cloth.axis(a), 5.5)) for a in "xz")
            odd = cloth.math("FLOORED_MODULO", cloth.math("ADD", u, v), 2.0)
            cloth.color(cloth.mix(odd, color, accent))
        made.append(cloth)
    return made


def panel(middle, a, b):
    """A quarter between the sticks; the wind bellies it."""
    grid = []
    for i in range(13):
        t = i / 12
        row = []
        for j in range(13):
            u = j / 12
            point = middle.lerp(a.lerp(b, u), t)
            row.append(point + Vector((0, 0.16 * math.sin(math.pi * u) * t * (1.15 - t), 0)))
        grid.append(row)
    return grid


def tail(rng, foot, colors):
    """A cord in waves, a bow of ribbon every little way."""
    phase, wide, long = rng.uniform(0, 6), rng.uniform(0.1, 0.16), 1.5
    side = rng.choice((-1, 1))

    def cord(t):
        sway = wide * math.sin(7 * t + phase) * min(1, 4 * t) + side * 0.5 * t * t
        return foot + Vector((sway, 0.12 * math.sin(5 * t), -long * t + 0.25 * t * t))

    points = [cord(k / 40) for k in range(41)]
    things = [strands([points], 0.007, fabric("white", scale=400), taper=1.0)]
    for n in range(6):
        silk = fabric(colors[n % 2], scale=300)
        at = cord((n + 1) / 6.3)
        tip = rng.uniform(-0.35, 0.35)
        for way in (-1, 1):
            grid = []
            for i in range(7):
                t = i / 6
                rise = 0.015 + 0.065 * t
                row = []
                for z in (-1, 0, 1):
                    x, h = way * 0.15 * t, z * rise + 0.012 * math.sin(9 * t + n)
                    c, s = math.cos(tip), math.sin(tip)
                    row.append(at + Vector((x * c - h * s, 0.03 * math.sin(8 * t), x * s + h * c)))
                grid.append(row)
            things.append(sheet(grid, silk, 0.004, 1))
        things.append(ball(0.022, at=tuple(at), material=silk, detail=3))
    return things
