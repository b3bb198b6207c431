"""A gravel drive between lawns, at noon."""

import numpy as np

from recipes.places.geometry import on, scatter, upright
from recipes.places.light import sky, sun
from recipes.places.plants import crown, foliage, grass, treeline, turf
from recipes.places.shading import paint
from recipes.places.sight import background, flat
from recipes.places.stones import strew


@background("gravel_drive", horizon=0.36, ground=(0.55, 0.97), light="above", aspect=4 / 3)
def gravel_drive(v):
    v.look(height=1.5, lens=38, focus=5.0, fstop=2.2)
    rim = "#cfdfea"
    sky(v, v.pick("#3f7fc8", "#5b91cc"), rim, 1.0, 0.9, v.pick(0.55, 0.4))
    sun(70, 5.0, 1.0, "#fff4e0", (-0.4, -0.5))
    light, dark = v.pick(("#d3c7b2", "#8f8371"), ("#c9bfb6", "#857d78"))

    def grit(n):
        cells = n("TexVoronoi", Vector=n.where(), Scale=42.0)
        tone = n("TexVoronoi", out="Color", Vector=n.where(), Scale=42.0)
        color = n.mix(n.ramp(tone, (0.1, 0), (0.9, 1)), dark, light)
        color = n.mix(n.ramp(n.noise(0.9, 5), (0.4, 0), (0.7, 0.35)), color, "#a2947c")
        lawn = n("MapRange", Value=n.math("ABSOLUTE", n.where("X")), From_Min=2.4, From_Max=2.7)
        color = n.mix(lawn, color, "#64813a")
        return n.coat(color, 0.92, n.bump(cells, 0.02, n.bump(n.noise(1.2, 4), 0.05)), 0.2)

    v.land(paint(grit), 0.8, 90, rows=40, columns=20)
    pebble = paint(lambda n: n.coat(n.mix(n.chance(), dark, light), 0.85, shine=0.25))
    spots = v.spots(9000, 1.6, 14, 0.7)
    strew(v, pebble, spots[abs(spots[:, 0]) < 2.3], 0.011, flat, detail=1)
    blade = turf("#4f7a2c", "#a6bf5e", height=0.07)
    for near, far, scale in ((1.2, 8, 1.0), (7.5, 30, 2.0)):
        patches = [grass(v.dice, blade, 1500, 0.5, 0.08, 0.003, 0.8) for _ in range(3)]
        spots = v.carpet(near, far, 0.34 * scale)
        edge = 2.42 + 0.12 * scale
        spots = spots[abs(spots[:, 0]) > edge]
        scatter(patches, on(flat, spots), upright(v.dice, len(spots)), np.full(len(spots), scale))
    fringe = [grass(v.dice, blade, 60, 0.12, 0.07, 0.003, 1.1) for _ in range(3)]
    y = v.dice.uniform(2, 26, 2600) ** 1.0
    x = (2.36 + 0.05 * np.sin(2.1 * y) + v.dice.normal(0, 0.07, 2600)) * v.dice.choice(
        [-1, 1], 2600
    )
    scatter(fringe, np.column_stack([x, y, 0 * x]), upright(v.dice, 2600))
    box_tree = crown(v.dice, foliage("#2c4f20", "#7da04a"), [(0, 0, 0.62, 0.66)], 0.09, 9000)
    rows = [(side * 3.4, y, 0) for y in range(8, 45, 4) for side in (-1, 1)]
    scatter([box_tree], rows, upright(v.dice, len(rows)), v.dice.uniform(0.9, 1.1, len(rows)))
    treeline(v, foliage("#35561f", "#88a24c", (rim, 300)), flat, 46, 80, 34)
