"""A greenhouse: a brick path between beds of plants under glass."""

import math

import numpy as np

from recipes.places.geometry import box, place, scatter, upright
from recipes.places.light import glow, lamp
from recipes.places.plants import crown, foliage, leaves
from recipes.places.shading import paint, weathered
from recipes.places.sight import background


@background("greenhouse", horizon=0.40, ground=(0.62, 0.97), light="overcast", aspect=2 / 3)
def greenhouse(v):
    v.look(height=1.5, lens=31, focus=4.0, fstop=2.2, exposure=0.35)
    glow(v.pick("#e8eff2", "#f0ece2"), 0.85)
    lamp((0, 6, 5.5), (0, 6, 0), 5, 420, "#f6faff")
    brick = weathered(*v.pick(("#b06c50", "#7d4734"), ("#a58c78", "#75604f")), rough=0.8)
    bricks = [box((0.207, 0.098, 0.06), brick, 0.006) for _ in range(3)]
    spots = [
        (0.212 * i + 0.106 * (j % 2), 0.9 + 0.103 * j, -0.03)
        for i in range(-6, 7)
        for j in range(125)
    ]
    scatter(bricks, spots, v.dice.normal(0, 0.004, (len(spots), 3)))
    earth = paint(
        lambda n: n.coat(
            n.mix(n.noise(7, 7), "#2f241b", "#57442f"), 1.0, n.bump(n.noise(18, 6), 0.05)
        )
    )
    place(box((12, 22, 0.1), earth, 0), (0, 8, -0.09))
    kerb = weathered("#b5ada0", "#857d71")
    for side in (-1, 1):
        place(box((0.14, 18, 0.34), kerb, 0.02), (side * 1.28, 7.6, 0.1))
        place(box((1.6, 18, 0.2), earth, 0), (side * 2.1, 7.6, 0.14))
    deep, light = foliage("#1f4423", "#5c8a3c"), foliage("#4d7a30", "#b3cc6a")
    fern = leaves(v.dice, v.dice.normal(0, (0.16, 0.16, 0.12), (90, 3)), 0.42, deep, 0.9,
                  ((0.07, 0.25), (0.09, 0.6)))  # fmt: skip
    oval = ((0.12, 0.06), (0.26, 0.22), (0.31, 0.42), (0.26, 0.64), (0.12, 0.86))
    broad = leaves(v.dice, v.dice.normal(0, (0.2, 0.2, 0.2), (70, 3)), 0.27, light, 0.8, oval)
    bushy = crown(v.dice, light, [(0, 0, 0.2, 0.36), (0.15, 0.1, 0.4, 0.26)], 0.1, 1500)
    tall = crown(v.dice, deep, [(0, 0, 0.5 + 0.35 * i, 0.45) for i in range(6)], 0.15, 760)
    for kinds, count, near, high, grow in (
        ((fern, bushy, broad), 90, 1.42, 0.4, 1.0), ((tall, broad, fern), 50, 1.9, 0.5, 1.3),
    ):  # fmt: skip
        y, side = v.dice.uniform(2.6, 15.5, count), v.dice.choice([-1, 1], count)
        x = side * (near + v.dice.uniform(0.05, 0.55, count))
        spots = np.column_stack([x, y, np.full(count, high)])
        scatter(list(kinds), spots, upright(v.dice, count), grow * v.dice.uniform(0.7, 1.2, count))
    bloom = leaves(v.dice, v.dice.normal(0, (0.16, 0.16, 0.1), (40, 3)), 0.075,
                   paint(lambda n: n.leaf(v.pick("#d9567c", "#e8b53c"), 0.3)), 0.8)  # fmt: skip
    spots = [
        (s * v.rng.uniform(1.4, 1.8), v.rng.uniform(3, 14), 0.75)
        for s in (-1, 1)
        for _ in range(11)
    ]
    scatter([bloom], spots, upright(v.dice, len(spots)))
    frame = paint(lambda n: n.coat("#e9ece8", 0.4))
    wide, wall, top, end = 2.9, 2.3, 3.9, 16.5
    slope = math.hypot(wide, top - wall)
    for y in np.arange(1.0, end + 0.1, 1.55):
        for side in (-1, 1):
            place(box((0.07, 0.05, wall), frame, 0.01), (side * wide, y, wall / 2))
            rafter = place(
                box((slope, 0.05, 0.06), frame, 0.01), (side * wide / 2, y, (wall + top) / 2)
            )
            rafter.rotation_euler = (0, side * math.atan2(top - wall, wide), 0)
    for z, x in ((wall, wide), (1.2, wide), (top, 0.0), ((wall + top) / 2, wide / 2)):
        for side in (-1, 1) if x else (1,):
            place(box((0.05, end, 0.05), frame, 0.01), (side * x, end / 2 + 0.5, z))
    for x in np.arange(-wide, wide + 0.1, wide / 4):
        high = wall + (top - wall) * (1 - abs(x) / wide)
        place(box((0.05, 0.05, high), frame, 0.01), (x, end, high / 2))
    hedge = [(x, end + 2.5 + 0.4 * (k % 2), 0) for k, x in enumerate(np.arange(-5, 5.1, 0.8))]
    scatter([tall, bushy], hedge, upright(v.dice, len(hedge)), v.dice.uniform(1.2, 1.7, len(hedge)))
