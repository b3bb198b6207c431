"""A butterfly with its wings spread: scales in fields between dark veins, or clear panes."""

import math
from itertools import pairwise

from answers import answer, view
from materials import Material, blend, tints
from mathutils import Matrix
from shapes import ball, sheet, strands, tilt, tint, tube
from stage import recipe
from veil import smooth_alpha

DARK = (0.014, 0.010, 0.010)
PALE = (0.9, 0.88, 0.82)
WINGS = (  # words, field, root of the field, border, dots on it, pattern, tails
    ("orange black", (0.86, 0.22, 0.01), (0.72, 0.12, 0.01), DARK, PALE, "plain", 0),
    ("blue black", (0.02, 0.24, 0.80), (0.03, 0.42, 0.86), DARK, None, "plain", 0),
    ("yellow black", (0.90, 0.66, 0.06), (0.88, 0.60, 0.05), DARK, (0.1, 0.25, 0.8), "striped", 1),
    ("white", (0.86, 0.85, 0.80), (0.80, 0.82, 0.70), (0.55, 0.54, 0.50), None, "plain", 0),
    ("clear brown", (0.62, 0.70, 0.72), (0.62, 0.7, 0.72), (0.20, 0.06, 0.02), PALE, "plain", 0),
    ("green black", (0.05, 0.48, 0.10), (0.25, 0.62, 0.10), DARK, None, "striped", 1),
    (
        "brown orange",
        (0.26, 0.10, 0.03),
        (0.2, 0.07, 0.02),
        (0.72, 0.36, 0.1),
        "eyes",
        "spotted",
        0,
    ),
    ("red black", (0.64, 0.02, 0.015), (0.50, 0.01, 0.01), DARK, PALE, "plain", 1),
    ("purple", (0.34, 0.06, 0.56), (0.22, 0.05, 0.60), (0.10, 0.02, 0.16), None, "plain", 0),
)
FORE = (  # degrees above the level, reach
    *((72, 0.30), (58, 1.0), (50, 1.34), (44, 1.36), (36, 1.22), (24, 1.06)),
    *((8, 0.98), (-6, 0.86), (-14, 0.5)),
)
HIND = (
    *((14, 0.5), (4, 0.84), (-14, 0.96), (-32, 0.98), (-48, 0.94), (-60, 0.86)),
    *((-72, 0.74), (-82, 0.4)),
)


def reach(knots, degrees):
    """How far a wing goes in a direction, smoothly through its knots."""
    for (high, far), (low, near) in pairwise(knots):
        if degrees >= low - 1e-6:
            t = min((high - degrees) / (high - low), 1)
            return far + (near - far) * (3 * t * t - 2 * t**3)
    return knots[-1][1]


def wing(knots, scheme, tail, side, made):
    words, field, root, border, dots, pattern, _ = scheme
    high, low = knots[0][0], knots[-1][0]
    veins = [high + (low - high) * k / 7 for k in range(8)]

    def rim(degrees):
        scallop = 1 - 0.018 * math.cos(math.tau * 7 * (high - degrees) / (high - low))
        spike = 0.42 * tail * math.exp(-(((degrees + 56) / 4.5) ** 2))
        return reach(knots, degrees) * scallop + spike

    grid, wide = [], 200
    for i in range(91):
        row = []
        for k in range(wide + 1):
            degrees = high + (low - high) * k / wide
            a, r = math.radians(degrees), rim(degrees) * (0.05 + 0.95 * i / 90)
            row.append((side * r * math.cos(a), 0.03 * math.sin(9 * a) * r, r * math.sin(a)))
        grid.append(row)

    def paint(point):
        r = math.hypot(point.x, point.z)
        degrees = math.degrees(math.atan2(point.z, abs(point.x)))
        s, cell = r / rim(degrees), 7 * (high - degrees) / (high - low)
        color = blend(root, field, (s - 0.2) / 0.4)
        off = min(abs(degrees - v) for v in veins)
        line = 1.4 - off * max(r, 0.15) / 0.65 if r < 1.3 * s else 0
        middle = cell % 1 - 0.5
        edge = (s - 0.80 - 0.05 * math.cos(math.tau * cell)) / 0.03
        if high > 50 and degrees > 46:  # the tip of a forewing is dark
            edge = max(edge, (s - 0.66) / 0.05)
        if words == "white":
            line, edge = (
                line * 0.4,
                max((s - 0.96) / 0.03, 0.8 * (high > 50) * (degrees > 40) * (s - 0.75) / 0.1),
            )
            if math.hypot(s - 0.6, 0.25 * middle + 0.1 * (int(cell) != 3)) < 0.07:
                return DARK
        color = blend(color, border, max(line, edge))
        if pattern == "striped":
            bar = (
                math.sin(
                    24 * (r * math.cos(math.radians(degrees - 40 if high > 50 else degrees + 30)))
                )
                - 0.55
            )
            color = blend(color, border, 5 * bar * (high > 50 or s > 0.5))
        if dots == "eyes":
            far = math.hypot((s - 0.68) * 1.0, middle * 0.20)
            if int(cell) in (1, 4):
                color = blend(color, (0.85, 0.56, 0.08), (0.125 - far) / 0.01)
                color = blend(color, DARK, (0.092 - far) / 0.01)
                color = blend(color, (0.12, 0.30, 0.75), (0.045 - far) / 0.01)
        elif dots:
            for at, size in ((0.93, 0.022), (0.865, 0.017)):
                far = math.hypot(s - at, middle * 0.16)
                color = blend(color, dots, (size - far) / 0.008)
        if words.startswith("clear"):
            pane = 1 - min(max(line, edge, 0.0), 1.0)
            return (*color, 1 - 0.8 * pane)
        return color

    return tint(sheet(grid, made, 0, 0), paint)


@recipe("butterfly", kind="animal")
def butterfly(rng, variant):
    scheme = WINGS[variant % len(WINGS)]
    words = scheme[0].split()
    clear = words[0] == "clear"
    scales = Material("scales", "white", 0.6, sheen_weight=0.25)
    scales.color(tints(scales, clear)).bump(scales.noise(70, 2), 0.1)
    if clear:
        smooth_alpha()
        scales.set(roughness=0.25)
    lift, things = rng.uniform(0.15, 0.55), []
    for side in (-1, 1):
        fore, hind = (
            wing(FORE, scheme, 0, side, scales),
            wing(HIND, scheme, scheme[-1], side, scales),
        )
        for part, at in ((fore, 0.10), (hind, 0.0)):
            fold = Matrix.Rotation(-side * lift * (1.0 if part is fore else 0.8), 4, "Z")
            part.matrix_world = Matrix.Translation((side * 0.05, 0.02 * (part is hind), at)) @ fold
            things.append(part)
    fur = Material("fur", (0.05, 0.035, 0.03), 0.8, sheen_weight=0.5)
    if words[0] in ("white", "yellow"):
        fur = Material("fur", (0.30, 0.26, 0.18), 0.8, sheen_weight=0.5)
    things.append(ball(0.1, (0.85, 0.85, 1.9), (0, -0.01, 0.14), fur))
    things.append(ball(0.07, (0.8, 0.8, 4.6), (0, 0.02, -0.3), fur))
    things.append(ball(0.075, (1.0, 0.9, 0.9), (0, -0.02, 0.38), fur))
    eye = Material("eye", DARK, 0.15, coat_weight=1.0)
    hairs = []
    for _ in range(700):
        a, z = rng.uniform(0, math.tau), rng.uniform(-0.03, 0.36)
        size = 0.085 * math.sqrt(max(0.05, 1 - ((z - 0.14) / 0.21) ** 2))
        start = (size * math.cos(a), size * math.sin(a), z)
        out = rng.uniform(1.4, 1.9)
        hairs.append([start, (start[0] * out, start[1] * out, z - rng.uniform(0.01, 0.06))])
    things.append(strands(hairs, 0.003, fur))
    for side in (-1, 1):
        things.append(ball(0.032, at=(side * 0.055, -0.05, 0.40), material=eye))
        tip = (side * rng.uniform(0.32, 0.40), -0.12, 0.95)
        feeler = [(side * 0.025, -0.03, 0.43), (side * 0.15, -0.09, 0.72), tip]
        things.append(tube(feeler, [0.009, 0.007, 0.007], eye))
        things.append(ball(0.02, (0.8, 0.8, 1.6), tip, eye, (0, side * 0.4, 0)))
    turn = Matrix.Rotation(rng.uniform(-0.45, 0.45), 3, "Z") @ Matrix.Rotation(-0.25, 3, "X")
    tilt(things, turn @ Matrix.Rotation(rng.uniform(-0.4, 0.4), 3, "Y"))
    colors = [word for word in words if word != "clear"]
    camera, params = view(rng, 2, 14, 8), {"lift": lift}
    return answer(colors, None, params, camera, scheme[5], clear, stands=False)
