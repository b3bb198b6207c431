"""A meadow before a line of trees."""

import numpy as np
from mathutils import Vector
from mathutils import noise as fractal

from recipes.places.geometry import on, scatter, upright
from recipes.places.light import sky, sun
from recipes.places.plants import foliage, grass, leaves, treeline, turf
from recipes.places.shading import paint
from recipes.places.view import background


@background("meadow", horizon=0.4, ground=(0.56, 0.97))
def meadow(v):
    v.look(height=1.25, lens=42, focus=4.5, fstop=1.6)
    rim = "#c3d3df"
    sky(v, "#3f74b8", rim, 1.0, 0.9, v.pick(0.55, 0.35, 0.75))
    sun(34, 5.5, towards=(-0.9, -0.25))
    air = (rim, 600)
    rolling = v.hills(38)

    def relief(x, y):
        return 1.6 * rolling(x, y) * min(1.0, max(0.0, (y - 9) / 45))

    dark, light = v.pick(("#55762a", "#b4c45c"), ("#617a34", "#c9c06a"), ("#43703a", "#9cbd68"))
    soil = paint(
        lambda n: n.coat(n.mix(n.noise(0.35), dark, light), 0.95, n.bump(n.noise(14, 8), 0.12)), air
    )
    v.land(soil, 0.8, 420, relief)
    blade = turf(dark, light, air=air)
    for near, far, scale in ((1.0, 6, 1.0), (5.5, 24, 1.5), (22, 85, 2.6)):
        patches = [grass(v.dice, blade, blades=int(1500 / scale)) for _ in range(3)]
        spots = v.carpet(near, far, 0.36 * scale)
        sizes = scale * v.dice.uniform(0.9, 1.2, len(spots))
        scatter(patches, on(relief, spots), upright(v.dice, len(spots)), sizes)
    petal = v.pick("#f4f0e2", "#e9c53a", "#c65b7c")
    bloom = paint(lambda n: n.leaf(petal, 0.3))
    heads = v.spots(4200, 2.2, 60, 0.8)
    keep = [fractal.noise(Vector((x * 0.35, y * 0.3, 5)) + v.offset) > 0.05 for x, y in heads]
    spots = np.array([(x, y, relief(x, y) + v.rng.uniform(0.17, 0.27)) for x, y in heads[keep]])
    flower = leaves(v.dice, np.zeros((9, 3)), 0.05, bloom, 0.35)
    scatter([flower], spots, upright(v.dice, len(spots)))
    treeline(v, foliage("#35521f", "#7d9440", (rim, 420)), relief, 85, 150, 46)
