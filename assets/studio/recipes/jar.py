"""A glass jar with something in it, under a lid, a cork or a cloth."""

import math

from answers import answer, view
from materials import GOLD, Material, fabric, metal
from mathutils import Vector
from shapes import ball, lathe, tube, turned
from stage import recipe
from veil import TINTS, glass, smooth_alpha

LOOKS = (  # colour of the contents, what they are, lid, its colour
    ("red", "jam", "cloth", "white"),
    ("yellow", "honey", "screw", "yellow"),
    ("blue", "marbles", "cork", "light brown"),
    ("green", "olives", "screw", "gray"),
    ("brown", "nuts", "cork", "light brown"),
    ("pink", "sweets", "screw", "pink"),
    ("purple", "jam", "cloth", "light blue"),
    ("orange", "sweets", "cork", "light brown"),
    ("white", "marbles", "screw", "red"),
)
JELLY = {"red": (0.46, 0.002, 0.008), "yellow": (0.82, 0.27, 0.003), "purple": (0.16, 0.01, 0.22)}
PIECES = {  # size of a piece, its scale, coat
    "marbles": (0.085, (1, 1, 1), 1.0),
    "olives": (0.075, (1.25, 0.95, 0.95), 0.6),
    "nuts": (0.07, (1.2, 0.9, 0.9), 0.1),
    "sweets": (0.08, (1.15, 1.15, 0.6), 0.4),
}


@recipe("jar")
def jar(rng, variant):
    smooth_alpha()
    color, contents, lid, accent = LOOKS[variant % len(LOOKS)]
    r, high, wall = rng.uniform(0.38, 0.43), rng.uniform(0.78, 0.95), 0.024
    neck, top = r * 0.84, high + 0.13
    foot = [(0, 0.02), (r * 0.8, 0.02), (r * 0.84, 0), (r * 0.93, 0.004), (r, 0.06)]
    side = [(r, 0.3), (r, high * 0.8), (r * 0.97, high * 0.92), (neck, high), (neck, top - 0.03)]
    lip = [(neck + 0.02, top - 0.02), (neck + 0.02, top), (neck, top + 0.01), (neck - wall, top)]
    pane = turned([(0, 0.03), *foot[1:], *side, *lip], glass(TINTS["clear"][1], 0.09))
    pane.visible_diffuse = pane.visible_shadow = False  # what is inside is lit as if in the open
    level = high * rng.uniform(0.8, 0.9)
    if color in JELLY and contents in ("jam", "honey"):
        jelly(r - wall + 0.004, level, JELLY[color], clear=contents == "honey")
    else:
        pour(rng, r - wall - 0.005, level, color, contents)
    {"cloth": cloth, "screw": screw, "cork": cork}[lid](neck, top, accent)
    words = list(dict.fromkeys(["white", *([accent] if lid != "cork" else [])]))  # clear is white
    params = {"lid": lid, "radius": r, "height": high}
    held = [{"type": contents, "color": color}]
    return answer(words, "glass", params, view(rng, 8, 15), transparent=True, contents=held)


def jelly(r, level, color, clear):
    thick = Material("jelly", color, 0.4, specular_ior_level=0.1)  # the glass before it shines
    if clear:  # light comes through from behind
        thick.set(emission_color=(*color, 1), emission_strength=0.25)
    thick.mottle(color, tuple(c * 0.55 for c in color), 7.0, 0.6)
    shape = [(0, 0.055), (r * 0.85, 0.06), (r, 0.12), (r, level), (r, level)]
    turned([*shape, (r - 0.03, level - 0.01), (0, level - 0.012)], thick, steps=4)


def pour(rng, r, level, color, contents):
    """Pieces lie in rings, layer on layer, each a little out of place."""
    size, scale, coat = PIECES[contents]
    mixed = ("red", "yellow", "blue", "green", "white", "orange", "pink")
    hues = [color] * 3 + ([*rng.sample(mixed, 3)] if contents in ("marbles", "sweets") else [])
    tints = {"olives": (0.20, 0.24, 0.02), "nuts": (0.30, 0.12, 0.035)}
    skins = []
    for hue in hues:
        skin = Material(hue, tints.get(contents, hue), 0.35, coat_weight=coat, coat_roughness=0.05)
        skins.append(skin.bump(skin.noise(9), 0.3 if contents == "nuts" else 0.05))
    step, z, layer = size * 1.62, 0.06 + size * scale[2], 0
    while z < level:
        for ring in (1, 2):  # what lies farther in is never seen
            reach = r - size * (1.05 + 1.9 * (ring - 1))
            count = int(math.tau * reach / (size * 2.0))
            for k in range(count):
                a = math.tau * (k + 0.5 * (layer % 2) + rng.uniform(-0.1, 0.1)) / count
                at = (reach * math.cos(a), reach * math.sin(a), z + rng.uniform(-0.15, 0.15) * size)
                turn = [rng.uniform(-0.7, 0.7) for _ in range(3)]
                ball(size, scale, at, rng.choice(skins), turn, detail=3)
        z, layer = z + step * max(0.75, scale[2]), layer + 1
    for _ in range(9):
        a, reach = rng.uniform(0, math.tau), r * 0.55 * rng.random() ** 0.5
        at = (reach * math.cos(a), reach * math.sin(a), z - size * rng.uniform(0.3, 0.8))
        ball(size, scale, at, rng.choice(skins), (rng.random(), rng.random(), 0), detail=3)


def screw(neck, top, color):
    """A lid of tin with a knurled edge."""
    tint = {"yellow": GOLD, "gray": (0.72, 0.73, 0.74)}.get(color)
    tin = metal(tint, roughness=0.22) if tint else Material("tin", color, 0.3, coat_weight=0.6)
    r = neck + 0.045

    def knurl(angle, radius, z):
        return radius * (1 + 0.008 * math.sin(90 * angle) * (radius > r - 0.005)), z

    low = [
        (neck + 0.03, top - 0.12),
        (r, top - 0.12),
        (r, top - 0.12),
        (r, top),
        (r - 0.02, top + 0.03),
    ]
    turned(
        [*low, (r - 0.06, top + 0.026), (r - 0.08, top + 0.035), (0, top + 0.035)],
        tin,
        knurl,
        around=540,
    )


def cork(neck, top, color):
    skin = Material("cork", color, 0.9)
    grain = skin.noise(24, 6)
    skin.color(skin.ramp(grain, [(0.35, (0.22, 0.10, 0.04)), (0.55, (0.58, 0.36, 0.17))]))
    skin.bump(grain, 0.3)
    profile = [(0, -0.12), (0.9, -0.12), (0.9, -0.12), (0.97, 0.0), (1.06, 0.12), (1.02, 0.15)]
    turned(
        [*((neck * x, top + z) for x, z in profile), (neck * 0.97, top + 0.16), (0, top + 0.16)],
        skin,
    )


def cloth(neck, top, color):
    """A round of checked cloth, tied down with a string."""
    made = fabric(color, scale=260)
    bands = [made.math("FRACT", made.math("MULTIPLY", made.axis(axis), 7.0)) for axis in "xy"]
    woven = made.math("ADD", *(made.math("LESS_THAN", band, 0.5) for band in bands))
    deep = "red" if color == "white" else "dark blue"
    pale = {"red": (0.80, 0.28, 0.27), "dark blue": (0.10, 0.22, 0.45)}[deep]
    ground = "white"
    halves = made.math("MULTIPLY", woven, 0.5)
    made.color(made.ramp(halves, [(0, ground), (0.25, pale), (0.75, deep)], constant=True))
    r = neck + 0.03

    def fold(angle, radius, z):
        loose = max(0.0, top - 0.06 - z) / 0.2
        wave = math.sin(13 * angle) + 0.5 * math.sin(7 * angle + 2)
        return radius * (1 + 0.3 * loose * (1 + 0.22 * wave)), z + 0.02 * loose * math.sin(
            5 * angle
        )

    line = [(0, top + 0.035), (r * 0.7, top + 0.033), (r, top + 0.015), (r + 0.005, top - 0.05)]
    line += [(r, top - 0.07), (r + 0.03, top - 0.12), (r + 0.06, top - 0.26)]
    under = [(x - 0.008, z - 0.004) for x, z in reversed(line[:-1])]
    lathe([*line, *under], made, 130, 1, ripple=fold)
    string = Material("string", (0.62, 0.48, 0.28), 0.9)
    ring = [(math.cos(math.tau * k / 32), math.sin(math.tau * k / 32)) for k in range(32)]
    for z in (-0.06, -0.078):
        tube(
            [((r + 0.012) * x, (r + 0.012) * y, top + z) for x, y in ring],
            0.011,
            string,
            closed=True,
        )
    knot = Vector((0.1, -r - 0.03, top - 0.07))
    for way in (-1, 1):
        loop = [knot + Vector((way * x, -y, z)) for x, y, z in BOW]
        tube(loop, 0.01, string)


BOW = (
    (0, 0, 0),
    (0.09, 0.02, 0.03),
    (0.16, 0.03, 0),
    (0.1, 0.03, -0.05),
    (0, 0.01, 0),
    (0.08, 0.03, -0.16),
)
