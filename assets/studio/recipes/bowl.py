"""A bowl: glazed, turned from wood, beaten from metal, or bent from wire."""

import math

from answers import answer, solid, view
from materials import COLORS, Material, ceramic, metal, wood
from shapes import strands, tube, turned
from stage import recipe

LOOKS = (  # colour, pattern, second colour, what it is made of
    ("blue", "plain", None, "ceramic"),
    ("white", "dotted", "red", "ceramic"),
    ("brown", "plain", None, "wood"),
    ("black", "plain", None, "wire"),
    ("green", "striped", "white", "ceramic"),
    ("pink", "scalloped", None, "ceramic"),
    ("yellow", "striped", "blue", "ceramic"),
    ("orange", "plain", None, "metal"),
    ("white", "plain", None, "wire"),
)


@recipe("bowl")
def bowl(rng, variant):
    color, pattern, accent, made_of = LOOKS[variant % len(LOOKS)]
    wide, high = rng.uniform(0.62, 0.72), rng.uniform(0.4, 0.5)
    belly, wall = rng.uniform(0.78, 0.86), 0.035
    side = [(0.3, 0.05), (wide * 0.62, 0.1), (wide * belly, high * 0.45), (wide, high)]
    if made_of == "wire":
        wires(rng, side, color)
        return answer([color], "metal", {"width": wide, "height": high}, view(rng, 16, 26))
    foot = [(0, 0.02), (0.24, 0.02), (0.25, 0.0), (0.28, 0.0), (0.29, 0.02)]
    lip = [(wide + 0.004, high + 0.01), (wide - wall * 0.5, high + 0.022), (wide - wall, high)]
    inside = [(r - wall, z + 0.01) for r, z in reversed(side[:-1])]
    waves = rng.choice((10, 12, 14)) if pattern == "scalloped" else 0

    def scallop(angle, r, z):
        rise = max(0.0, z / high) ** 3
        wave = abs(math.sin(waves * angle / 2))
        return r * (1 + 0.07 * rise * wave), z * (1 + 0.09 * rise * wave)

    skin = {
        "wood": lambda: wood((0.34, 0.15, 0.05), (0.12, 0.045, 0.016), scale=2.2, axis="x"),
        "metal": lambda: hammered((0.80, 0.33, 0.14)),
        "ceramic": lambda: ceramic(color),
    }[made_of]()
    if pattern == "dotted":
        skin.dots(color, accent, 18, 6.5, 0.26)
    elif pattern == "striped":
        skin.stripes(color, accent, "z", 4 / high, 0.55)
    turned([*foot, *side, *lip, *inside, (0, 0.07)], skin, scallop if waves else None)
    pattern = "plain" if waves else pattern
    return solid(rng, [color, accent], made_of, pattern, 20, 30, 0, width=wide, height=high)


def hammered(color):
    made = metal(color, roughness=0.22)
    dents = made.node("ShaderNodeTexVoronoi", {"Vector": made.position(), "Scale": 13.0})
    return made.bump(dents.outputs["Distance"], 0.35, 0.03)


def wires(rng, side, color):
    """Ribs from the foot to the rim, and rings that hold them."""
    steel = Material("lacquer", COLORS[color], 0.35, coat_weight=0.5)
    count, twist, lines = rng.choice((32, 38, 44)), rng.uniform(0.5, 0.9), []
    for k in range(count):
        for way in (-1, 1):
            line = []
            for j in range(17):
                t = j / 16
                at = min(int(t * 3), 2)
                (r0, z0), (r1, z1) = side[at], side[at + 1]
                r, z = r0 + (r1 - r0) * (t * 3 - at), z0 + (z1 - z0) * (t * 3 - at)
                a = math.tau * k / count + way * twist * t
                line.append((r * math.cos(a), r * math.sin(a), z))
            lines.append(line)
    strands(lines, 0.0055, steel, taper=1.0)
    rings = (side[-1], side[2], side[0], (0.26, 0.014))
    for (r, z), thick in zip(rings, (18, 8, 12, 14), strict=True):
        turn = [math.tau * k / 24 for k in range(24)]
        ring = [(r * math.cos(a), r * math.sin(a), z) for a in turn]
        tube(ring, thick / 1000, steel, closed=True)
    for k in range(8):
        a = math.tau * k / 8
        low, high = (0.26, 0.014), side[0]
        tube([(r * math.cos(a), r * math.sin(a), z) for r, z in (low, high)], 0.009, steel)
