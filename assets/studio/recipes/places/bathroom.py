"""A tiled bathroom under its ceiling lamp."""

import numpy as np

from recipes.places.geometry import box, place, scatter
from recipes.places.light import glow, lamp
from recipes.places.shading import paint
from recipes.places.sight import background


@background(
    "bathroom", horizon=0.36, ground=(0.70, 0.97), light="above", aspect=1.0, surface="polished"
)
def bathroom(v):
    v.look(height=1.45, lens=27, focus=3.4, fstop=4.0, exposure=0.12)
    glow("#eef2f5", 0.5)
    lamp((0.2, 2.4, 2.75), (0.2, 2.4, 0), 1.4, 70, "#fff3e0")
    back, side = 4.4, 1.9

    def glazed(color, uneven=0.12, rough=0.1):
        def build(n):
            tone = n.math("ADD", n.math("MULTIPLY", n.chance(), uneven), 1 - uneven)
            shade = n("CombineColor", Red=tone, Green=tone, Blue=tone)
            wave = n.bump(n.noise(4, 2, space="object"), 0.004)
            return n.coat(n.mix(1.0, color, shade, "MULTIPLY"), rough, wave, 0.5)

        return paint(build)

    grout = paint(lambda n: n.coat("#b4b1aa", 0.95))
    first, second = v.pick(("#eceae4", "#2f4d5e"), ("#f0ede6", "#4d6b52"), ("#efe6da", "#8a4a3a"))
    place(box((8, 9, 0.02), grout, 0), (0, 2.5, -0.011))
    grid = [(i, j) for i in range(-10, 11) for j in range(23)]
    for odd, color in ((0, first), (1, second)):
        spots = [(0.2 * i, 0.2 * j, -0.005) for i, j in grid if (i + j) % 2 == odd]
        scatter([box((0.196, 0.196, 0.012), glazed(color, rough=0.14), 0.002)], spots)
    wall = glazed(v.pick("#e8efee", "#e9e6da", "#f0e4dc"))
    brick = [box((0.197, 0.012, 0.097), wall, 0.003)]
    rows = [
        (0.2 * i + 0.1 * (row % 2), 0.05 + 0.1 * row, row)
        for row in range(14)
        for i in range(-11, 12)
    ]
    spots = np.array([(x, back, z) for x, z, _ in rows])
    scatter(brick, spots, v.dice.normal(0, 0.005, (len(spots), 3)))
    border = [box((0.197, 0.016, 0.05), glazed(second), 0.003)]
    scatter(border, [(0.2 * i, back, 1.43) for i in range(-11, 12)])
    plaster = paint(lambda n: n.coat("#f3f1ec", 0.9, n.bump(n.noise(60), 0.001)))
    place(box((8, 0.1, 3.2), grout, 0), (0, back + 0.06, 0))
    place(box((8, 0.1, 2.4), plaster, 0), (0, back + 0.04, 2.66))
    for x in (-side, side):
        place(box((0.1, 9, 6), plaster, 0), (x * 1.03, 2, 1.4))
        spots = np.array([(np.sign(x) * side, 0.1 + 0.2 * i + 0.1 * (row % 2), 0.05 + 0.1 * row)
                          for row in range(14) for i in range(22)])  # fmt: skip
        scatter([box((0.012, 0.197, 0.097), wall, 0.003)], spots)
    frame = paint(lambda n: n.coat("#f6f5f2", 0.35))
    place(box((1.3, 0.08, 1.1), frame, 0.02), (-0.55, back - 0.02, 2.25))
    pane = paint(
        lambda n: n("Emission", Color=n.mix(n.noise(3), "#cfe2ee", "#f4f8fa"), Strength=1.1)
    )
    for x in (-0.86, -0.24):
        place(box((0.54, 0.03, 0.94), pane, 0.005), (x, back - 0.055, 2.25))
    steel = paint(lambda n: n.coat("#c9ccd0", 0.15, Metallic=1.0))
    place(box((1.0, 0.03, 0.03), steel, 0.012), (1.0, back - 0.09, 1.28))
    towel = v.pick("#7fa3b5", "#a9b58a", "#c98a72")
    cloth = paint(lambda n: n.coat(towel, 0.95, n.bump(n.noise(160), 0.004)))
    place(box((0.5, 0.06, 0.62), cloth, 0.025), (0.98, back - 0.1, 1.0))
