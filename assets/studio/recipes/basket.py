"""A basket woven of willow, open-work, mostly with a handle."""

import math

from answers import answer, view
from materials import Material
from shapes import strands, tube
from stage import recipe

LOOKS = (  # colour, colour of the bands, form
    ("light brown", None, "round"),
    ("white", None, "oval"),
    ("dark brown", "beige", "round"),
    ("beige", "blue", "tub"),
    ("light brown", "red", "oval"),
    ("gray", None, "tub"),
    ("green", "beige", "round"),
    ("white", "pink", "tub"),
    ("black", None, "oval"),
)
FORMS = {  # breadth and depth of the mouth, of the floor, height, handle
    "round": (0.62, 0.62, 0.66, 0.55, True),
    "oval": (0.78, 0.5, 0.72, 0.42, True),
    "tub": (0.55, 0.55, 0.78, 0.8, False),
}
WILLOW = {"light brown": (0.40, 0.20, 0.075), "beige": (0.62, 0.45, 0.25)}


@recipe("basket")
def basket(rng, variant):
    color, band, form = LOOKS[variant % len(LOOKS)]
    wide, deep, narrow, high, bail = FORMS[form]
    high *= rng.uniform(0.92, 1.08)
    stakes, rows = rng.choice((17, 19, 21)) * 2 + 1, round(high / 0.047)
    phase = rng.uniform(0, math.tau)

    def wall(a, t, out=0.0):
        """The wall at angle a, t of the way up, `out` of its middle."""
        size = narrow + (1 - narrow) * math.sin(t * math.pi / 2) ** 0.8
        x, y = math.cos(a), math.sin(a)
        return ((wide * size + out) * x, (deep * size + out) * y, 0.02 + high * t)

    willow, other = osier(WILLOW.get(color, color)), osier(WILLOW.get(band, band or "white"))
    uprights = []
    for k in range(stakes):
        a = phase + math.tau * k / stakes
        uprights.append([wall(a, t / 10) for t in range(11)])
    strands(uprights, 0.013, willow, taper=0.9)
    # each row passes before one stake and behind the next; their number is odd, so rows alternate
    plain_rows, band_rows = [], []
    for row in range(rows):
        t = (row + 0.6) / rows
        if t > 0.97:
            break
        line = []
        for j in range(stakes * 4 + 1):
            a = phase + math.tau * j / (stakes * 4)
            weave = math.sin(math.pi * j / 4 + math.pi / 2 + math.pi * (row % 2))
            line.append(wall(a, t + 0.004 * math.sin(2.3 * j + row), 0.017 * weave))
        chosen = band and 0.45 < t < 0.75
        (band_rows if chosen else plain_rows).append(line)
    strands(plain_rows, 0.0145, willow, taper=1.0)
    if band_rows:
        strands(band_rows, 0.0165, other, taper=1.0)
    floor = []
    for k in range(1, 9):
        size = k / 8
        ring = [math.tau * j / 48 for j in range(49)]
        floor.append([(wall(a, 0)[0] * size, wall(a, 0)[1] * size, 0.02) for a in ring])
    strands(floor, 0.03, willow, taper=1.0)
    for t, thick in ((1.0, 0.026), (0.0, 0.024)):
        braid(wall, t, thick, other if band else willow)
    if bail:
        handle(rng, wide, high, other if band else willow)
    words = [color, *([band] if band else [])]
    params = {"form": form, "stakes": stakes, "height": high}
    return answer(words, "wicker", params, view(rng, 14, 22, 30))


def osier(color):
    made = Material("osier", color, 0.5, coat_weight=0.15)
    patches = made.math("MULTIPLY", made.noise(6.0, 4), 0.75)
    dark = tuple(c * 0.4 for c in made.shader.inputs["Base Color"].default_value[:3])
    return made.color(made.mix(patches, made.shader.inputs["Base Color"].default_value[:3], dark))


def braid(wall, t, thick, willow):
    """Three rods plaited along the rim."""
    for strand in range(3):
        line = []
        for j in range(120):
            a = math.tau * j / 120
            turn = 22 * a + math.tau * strand / 3
            x, y, z = wall(a, t, thick * 0.8 * math.sin(turn))
            line.append((x, y, z + thick * 0.8 * math.cos(turn)))
        tube(line, thick * 0.6, willow, closed=True)


def handle(rng, wide, high, willow):
    """Two rods that wind round each other from side to side."""
    top = rng.uniform(0.75, 0.95)
    for strand in range(3):
        line = []
        for j in range(81):
            u = j / 80
            a = math.pi * u
            turn = 30 * u + math.tau * strand / 3
            r = wide * (0.98 + 0.02 * math.cos(2 * a))
            x, z = r * math.cos(a), 0.55 * high + (high * 0.45 + top) * math.sin(a) ** 0.75
            line.append((x + 0.018 * math.cos(turn), 0.018 * math.sin(turn), z))
        tube(line, 0.022, willow)
