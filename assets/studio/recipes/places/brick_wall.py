"""Paving before a wall of bricks."""

import numpy as np

from recipes.places.geometry import box, place, scatter, upright
from recipes.places.light import glow, shade_of_leaves, sun
from recipes.places.plants import grass, turf
from recipes.places.shading import paint, weathered
from recipes.places.view import background


@background("brick_wall", horizon=0.33, ground=(0.73, 0.97))
def brick_wall(v):
    v.look(height=1.6, lens=34, focus=5.0, fstop=2.8)
    glow("#c8d6e8", 0.75)
    sun(40, 4.4, 3.0)
    shade_of_leaves((-7, -6, 7, 6), 7.5, 0.3, 0.44)
    light, dark = v.pick(("#b0765c", "#8a5644"), ("#c9a27c", "#a17a58"), ("#d8d2c6", "#b0aa9e"))
    brick = weathered(light, dark, rough=0.9)
    wall_at, spots = 6.2, []
    for row in range(48):
        for i in range(-22, 23):
            spots.append((0.225 * i + 0.1125 * (row % 2), wall_at, 0.04 + 0.0765 * row))
    spots = np.array(spots) + v.dice.normal(0, (0.0015, 0.003, 0.001), (len(spots), 3))
    kinds = [box((0.213 + d, 0.1, 0.0645), brick, 0.005) for d in (-0.002, 0, 0.002)]
    scatter(kinds, spots, v.dice.normal(0, 0.006, (len(spots), 3)))
    mortar = paint(
        lambda n: n.coat(
            n.mix(n.noise(6, 6), "#8f877b", "#b4aca0"), 0.95, n.bump(n.noise(90), 0.01)
        )
    )
    place(box((12, 0.1, 4.4), mortar, 0), (0, wall_at + 0.006, 2))
    slab = weathered(
        *v.pick(("#a9a69f", "#85827b"), ("#9b9891", "#77736c"), ("#b3aa9c", "#8f8676"))
    )
    paving = [box((0.59, 0.39, 0.08), slab, 0.006) for _ in range(2)]
    spots = [
        (0.6 * i + 0.3 * (row % 2), wall_at - 0.27 - 0.4 * row, -0.04)
        for row in range(13)
        for i in range(-9, 10)
    ]
    scatter(paving, spots, v.dice.normal(0, 0.0025, (len(spots), 3)))
    grit = paint(lambda n: n.coat(n.mix(n.noise(20), "#3d3a35", "#5c564d"), 1.0))
    place(box((14, 8, 0.05), grit, 0), (0, 3, -0.04))
    weeds = [grass(v.dice, turf("#3f5f24", "#8aa04a", height=0.08), 14, 0.06, 0.09, 0.003, 1.1)]
    spots = [(v.rng.uniform(-4, 4), wall_at - 0.065, -0.005) for _ in range(16)]
    scatter(weeds, spots, upright(v.dice, 16), v.dice.uniform(0.5, 1.3, 16))
