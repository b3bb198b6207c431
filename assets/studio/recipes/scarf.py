"""A scarf, hung about a neck that is not there: two ends with fringes, one longer."""

import math
from itertools import pairwise

from answers import answer, view
from materials import Material, rgb
from mathutils import Vector
from shapes import sheet, strands
from stage import recipe

SCARVES = (  # words, pattern
    (["red", "white"], "striped"),
    (["blue"], "plain"),
    (["green", "black"], "checkered"),
    (["yellow", "purple"], "striped"),
    (["pink", "white"], "dotted"),
    (["orange", "brown"], "striped"),
    (["beige", "dark red"], "checkered"),
    (["gray"], "plain"),
    (["purple"], "plain"),
    (["white", "blue"], "striped"),
    (["dark green", "yellow"], "dotted"),
)


def knit(words, pattern):
    """Stitches in columns along the scarf's own (u across, v along), the pattern knitted in."""
    first, last = words[0], words[-1]
    made = Material("wool", first, 0.95, sheen_weight=0.5, sheen_roughness=0.6)
    where = made.position("UV")
    u, v = made.axis("x", where), made.axis("y", where)
    if pattern == "striped":
        wave = made.math("FRACT", made.math("MULTIPLY", v, 2.0))
        made.color(made.ramp(wave, [(0, first), (0.5, last)], constant=True))
    elif pattern == "dotted":
        made.polka(first, last, made.math("MULTIPLY", u, 7), made.math("MULTIPLY", v, 6), 0.26)
    elif pattern == "checkered":  # a tartan of two crossed bands
        bands = [
            made.math("LESS_THAN", made.math("FRACT", made.math("MULTIPLY", s, n)), 0.5)
            for s, n in ((u, 5.0), (v, 4.2))
        ]
        both = made.math("MULTIPLY", made.math("ADD", *bands), 0.5)
        middle = tuple((a + b) / 2 for a, b in zip(rgb(first), rgb(last), strict=True))
        made.color(made.ramp(both, [(0, first), (0.3, middle), (0.8, last)], constant=True))
    slant = made.math("ABSOLUTE", made.math("SINE", made.math("MULTIPLY", u, 58.0)))
    rows = made.math(
        "SINE", made.math("ADD", made.math("MULTIPLY", v, 150.0), made.math("MULTIPLY", slant, 2.2))
    )
    return made.bump(made.math("ADD", slant, made.math("MULTIPLY", rows, 0.7)), 0.55, 0.02)


@recipe("scarf")
def scarf(rng, variant):
    words, pattern = SCARVES[variant % len(SCARVES)]
    side = rng.choice((-1, 1))
    lengths = (rng.uniform(1.05, 1.25), rng.uniform(1.45, 1.65))
    neck, phase = rng.uniform(0.34, 0.4), rng.uniform(0, 6)
    # its middle line: up one end, round the back of the neck, down the other end over the first
    line = [Vector((-0.20, -0.34, -lengths[0] * (1 - k / 12))) for k in range(12)]
    for k in range(25):
        a = math.pi * (k / 24 - 0.5) * 1.12
        line.append(
            Vector(
                (
                    neck * math.sin(a),
                    0.28 * math.cos(a) - 0.16,
                    0.10 + 0.34 * math.cos(a) ** 1 if math.cos(a) > 0 else 0.10,
                )
            )
        )
    line += [Vector((0.20, -0.42, -lengths[1] * k / 14)) for k in range(1, 15)]
    for _ in range(3):
        line = [
            line[0],
            *((a + b * 2 + c) / 4 for a, b, c in zip(line, line[1:], line[2:], strict=False)),
            line[-1],
        ]
    far = [0.0]
    for a, b in pairwise(line):
        far.append(far[-1] + (b - a).length)
    grid, wide = [], 48
    for k, (point, at) in enumerate(zip(line, far, strict=True)):
        along = (line[min(k + 1, len(line) - 1)] - line[max(k - 1, 0)]).normalized()
        outward = Vector((point.x * 0.6, point.y + 0.1, 0.15))
        outward = (outward - along * outward.dot(along)).normalized()
        across = along.cross(outward).normalized()
        squeeze = 0.55 + 0.45 * min(1, abs(point.z - 0.1) / 0.6) if point.z < 0.1 else 0.55
        row = []
        for j in range(wide + 1):
            u = j / wide - 0.5
            folds = 0.055 * (1.35 - squeeze) * math.sin(17 * u + 2.2 * at + phase)
            folds += 0.02 * math.sin(7 * u + 5 * at)
            row.append(
                point + across * u * 0.62 * squeeze + outward * (folds + 0.05 * (1 - 4 * u * u))
            )
        grid.append(row)
    for row in grid:
        for p in row:
            p.x *= side
    cloth = sheet(grid, knit(words, pattern), 0, 0)
    layer = cloth.data.uv_layers.new(name="uv")
    for loop in cloth.data.loops:
        r, c = divmod(loop.vertex_index, wide + 1)
        layer.data[loop.index].uv = (c / wide * 0.62, far[r])
    cloth.modifiers.new("thickness", "SOLIDIFY").thickness = 0.035
    yarns = [[], []]
    for number, (row, before) in enumerate(((grid[0], grid[1]), (grid[-1], grid[-2]))):
        down = (row[0] - before[0]).normalized()
        for tassel in range(17):
            spot = row[round(tassel / 16 * wide)]
            for _ in range(10):
                spread = Vector((rng.gauss(0, 0.02), rng.gauss(0, 0.015), 0))
                reach = rng.uniform(0.24, 0.30)
                sway = 0.02 * math.sin(5 * tassel + phase)
                yarns[number % 2].append(
                    [
                        spot + spread * 0.3,
                        spot + down * reach * 0.2 + spread * 0.15,
                        spot + down * reach * 0.6 + spread + Vector((sway, 0, 0)),
                        spot + down * reach + spread * 1.6 + Vector((sway * 2, 0, 0)),
                    ]
                )
    for number, lines in enumerate(yarns):
        fluff = Material(
            "yarn",
            words[number % len(words)] if pattern != "plain" else words[0],
            0.95,
            sheen_weight=0.4,
        )
        strands(lines, 0.0058, fluff, taper=0.6)
    return answer(words, "knitted", {"neck": neck}, view(rng, 6, 14, 16), pattern, stands=False)
