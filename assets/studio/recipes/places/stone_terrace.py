"""A terrace of stone above a valley."""

import math

from recipes.places.geometry import box, scatter, upright
from recipes.places.light import sky, sun
from recipes.places.plants import crown, foliage
from recipes.places.shading import paint, weathered
from recipes.places.view import background


@background("stone_terrace", horizon=0.36, ground=(0.55, 0.97), split="test")
def stone_terrace(v):
    v.look(height=1.55, lens=38, focus=5.0, fstop=2.2)
    rim = v.pick("#e2dcd0", "#cfdbe4", "#ecd6bf")
    sky(v, v.pick("#5f93cb", "#4a84c4", "#7f9dc0"), rim, 1.0, 0.8, 0.45)
    sun(33, 4.6, 1.2, "#ffe9c6")
    light, dark = v.pick(("#c9b99c", "#9a8768"), ("#c4c0b6", "#8e8a80"), ("#d0ab84", "#a67c56"))
    stone = weathered(light, dark)
    joint = paint(
        lambda n: n.coat(n.mix(n.noise(3), "#8d8068", "#aa9e84"), 0.95, n.bump(n.noise(60), 0.02))
    )
    v.land(joint, 0.8, 14, rows=20, columns=10)
    flags = [box((w - 0.014, 0.486, 0.03), stone, 0.008) for w in (0.5, 0.66, 0.84)]
    spots, kind_widths = [], (0.5, 0.66, 0.84)
    for row in range(1, 24):
        x, i = -9.0 + v.rng.random() * 0.5, len(spots)
        while x < 9:
            width = kind_widths[i % 3]  # scatter picks the kinds in turn
            spots.append((x + width / 2, 0.5 * row, v.rng.gauss(0, 0.003)))
            x, i = x + width, i + 1
    tilt = v.dice.normal(0, 0.004, (len(spots), 3))
    scatter(flags, spots, tilt)
    blocks = [box((0.48, 0.34, 0.19), stone, 0.02) for _ in range(2)]
    spots = [
        (-9 + 0.5 * i + 0.25 * (row % 2), 11.6, 0.1 + 0.2 * row)
        for row in range(3)
        for i in range(37)
    ]
    scatter(blocks, spots, v.dice.normal(0, 0.008, (len(spots), 3)))
    caps = [(-9 + 0.92 * i, 11.6, 0.66) for i in range(21)]
    scatter([box((0.9, 0.46, 0.09), stone, 0.02)], caps)

    far = v.hills(260, 5)

    def relief(x, y):
        return -26 + 46 * abs(far(x, y)) * min(1.0, y / 700)

    woods = paint(
        lambda n: n.coat(
            n.mix(n.ramp(n.noise(0.035, 8, rough=0.7), (0.4, 0), (0.6, 1)), "#4c6136", "#a59b62"),
            0.95,
        ),
        (rim, 2200),
    )
    v.land(woods, 40, 2600, relief, rows=160, columns=160, name="far")
    green = foliage("#24361c", "#4f6634", (rim, 240))
    cypress = crown(
        v.dice,
        green,
        [(0, 0, 0.5 + 0.42 * i, 0.75 * math.sin(0.25 + 2.75 * i / 15)) for i in range(16)],
        0.22,
        900,
    )
    spots = [(-9.5, 24, -3.2), (-12.2, 30, -3.2), (8.6, 22, -3.6), (13.5, 33, -3.4), (16, 36, -3.4)]
    scatter([cypress], spots, upright(v.dice, 5), [1.0, 1.1, 0.85, 1.1, 1.0])
