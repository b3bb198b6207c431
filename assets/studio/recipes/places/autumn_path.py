"""A path through autumn leaves."""

import math

import numpy as np

from recipes.places.geometry import on, scatter, upright
from recipes.places.light import sky, sun
from recipes.places.plants import bark, crown, foliage, grass, leaves, treeline, trunk, turf
from recipes.places.shading import paint
from recipes.places.view import background


@background("autumn_path", horizon=0.38, ground=(0.55, 0.97), split="test")
def autumn_path(v):
    v.look(height=1.45, lens=42, focus=4.6, fstop=1.8)
    rim = v.pick("#efe0c0", "#e6dccb", "#f2d9b0")
    sky(v, v.pick("#8fb3d6", "#b9c6d0", "#86a9d0"), rim, 1.0, 0.8, 0.6)
    sun(30, 5.0, 1.2, "#ffe3b0")
    air = (rim, 110)

    def relief(x, y):
        return 0.0

    def edge(y):
        return 1.55 + 0.12 * math.sin(y * 0.3)

    def gravel(n):
        stones = n("TexVoronoi", Vector=n.where(), Scale=55.0, feature="F1")
        grit = n.mix(n.noise(70, 4), "#857764", "#cbbca3")
        wear = n.mix(n.noise(0.8, 5), "#a6967e", "#c7b79b")
        away = n.math("ADD", n.math("ABSOLUTE", n.where("X")), n.math("MULTIPLY", n.noise(3), 0.3))
        soil = n("MapRange", Value=away, From_Min=1.65, From_Max=1.85)
        return n.coat(
            n.mix(soil, n.mix(0.5, grit, wear), "#56602a"),
            0.9,
            n.bump(stones, 0.012, n.bump(n.noise(2), 0.05)),
        )

    v.land(paint(gravel, air), 0.9, 120, rows=60, columns=20)
    lawn = turf("#4c6423", "#a0a048", "#b98d3f", 0.09, air)
    patches = [grass(v.dice, lawn, 420, 0.5, 0.1, 0.004, 0.9) for _ in range(3)]
    for count, near, far, size in ((2600, 1.4, 14, 0.6), (1700, 10, 45, 1.7)):
        spots = v.spots(count, near, far)
        keep = np.array([abs(x) > edge(y) + 0.22 * size + v.rng.uniform(0, 0.12) for x, y in spots])
        scatter(
            patches, on(relief, spots[keep]), upright(v.dice, keep.sum()), np.full(keep.sum(), size)
        )
    warm = v.pick(("#a8431a", "#e8a52f"), ("#8a3a1c", "#d98a3a"), ("#b8651f", "#efc94c"))
    fallen = foliage(*warm, through=0.25)
    tiles = []
    for _ in range(5):
        flat = np.column_stack(
            [v.dice.uniform(-0.5, 0.5, (26, 2)), v.dice.uniform(0.006, 0.02, 26)]
        )
        tiles.append(
            leaves(v.dice, flat, 0.07, fallen, 0.3, ((0.2, 0.15), (0.36, 0.45), (0.17, 0.75)))
        )
    spots = v.spots(900, 1.2, 30, 0.8)
    keep = np.array([abs(x) > v.rng.uniform(0.2, 1.6) for x, y in spots])
    high = [0.0 if abs(x) < edge(y) else 0.05 for x, y in spots[keep]]
    scatter(tiles, np.column_stack([spots[keep], high]), upright(v.dice, keep.sum()))
    gold = foliage(*warm, air, 0.5)
    kinds, stems = [], [trunk(v.dice, bark("#6b5a4a", "#2c2420", air), 7, 0.2) for _ in range(2)]
    for _ in range(3):
        blobs = [
            (*v.dice.normal(0, 1.3, 2), v.dice.uniform(3.6, 7.5), v.dice.uniform(0.9, 1.7))
            for _ in range(13)
        ]
        kinds.append(crown(v.dice, gold, blobs, 0.16, 560))
    rows = [
        (side * (v.rng.uniform(3.2, 4.2) + 0.02 * y), y + v.rng.uniform(-1, 1), 0)
        for y in range(9, 80, 6)
        for side in (-1, 1)
    ]
    turns = upright(v.dice, len(rows))
    scatter(kinds, rows, turns)
    scatter(stems, rows, turns)
    treeline(v, gold, relief, 70, 110, 30)
