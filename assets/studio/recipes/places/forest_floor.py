"""The floor of a forest."""

import numpy as np
from mathutils import Vector
from mathutils import noise as fractal

from recipes.places.geometry import on, scatter, upright
from recipes.places.light import shade_of_leaves, sun, world
from recipes.places.plants import bark, crown, foliage, grass, leaves, trunk, turf
from recipes.places.shading import paint
from recipes.places.view import background


@background("forest_floor", horizon=0.36, ground=(0.56, 0.97))
def forest_floor(v):
    v.look(height=1.15, lens=45, focus=3.6, fstop=1.8)
    air_color = v.pick("#b4bf98", "#c2b998", "#a3b3a0")
    glow_color = v.pick("#cfdcae", "#e0d6ae", "#c3d4c0")
    world(lambda n: n("Background", Color=glow_color, Strength=0.6))
    sun(42, 6.5, 1.0, "#fff0c8")
    air = (air_color, 42)
    lumps = v.hills(3.5, 4)

    def relief(x, y):
        return 0.09 * lumps(x, y)

    def earth(n):
        moss = n.ramp(n.noise(0.7, 6), (0.47, 0), (0.6, 1))
        crumbs = n.noise(26, 8, rough=0.7)
        soil = n.mix(n.ramp(crumbs, (0.35, 0), (0.7, 1)), "#33261a", "#6f563a")
        green = n.mix(n.noise(30), "#3f5420", "#7d8b3a")
        return n.coat(n.mix(moss, soil, green), 0.95, n.bump(crumbs, 0.05, n.bump(n.noise(4), 0.1)))

    v.land(paint(earth, air), 0.8, 70, relief)
    litter = foliage(
        *v.pick(("#6e5138", "#c9a678"), ("#7d5030", "#d09a5a"), ("#5f5040", "#b09a7c"))
    )
    carpet = []
    for _ in range(4):
        flat = np.column_stack(
            [v.dice.uniform(-0.5, 0.5, (150, 2)), v.dice.uniform(0.004, 0.03, 150)]
        )
        carpet.append(
            leaves(v.dice, flat, 0.075, litter, 0.28, ((0.2, 0.2), (0.3, 0.5), (0.17, 0.8)))
        )
    spots = v.spots(700, 1.2, 16, 0.7)
    scatter(carpet, on(relief, spots), upright(v.dice, 700), v.dice.uniform(0.8, 1.3, 700))
    fern = turf("#35531e", "#86a03f", height=0.3, air=air)
    tufts = [grass(v.dice, fern, 60, 0.22, 0.26, 0.006, 1.1) for _ in range(3)]
    spots = v.spots(420, 3.2, 30)
    keep = [fractal.noise(Vector((*s, 0)) / 2.2 + v.offset) > 0.08 for s in spots]
    scatter(
        tufts,
        on(relief, spots[keep]),
        upright(v.dice, sum(keep)),
        v.dice.uniform(0.6, 1.4, sum(keep)),
    )
    stems = [
        trunk(v.dice, bark("#6d5b48", "#241c15", air), 13, v.rng.uniform(0.16, 0.3))
        for _ in range(4)
    ]
    spots = v.spots(44, 6.5, 42)
    clear = [abs(x) > 0.16 * y or y > 20 for x, y in spots]
    scatter(stems, on(relief, spots[clear]), upright(v.dice, sum(clear)))
    brush = foliage("#3c5a1e", "#a3b64c", air, 0.55)
    for near, far, count, high in ((15, 34, 60, 0.4), (14, 40, 46, 3.4)):
        blobs = [(*v.dice.normal(0, 0.5, 3), 0.8) for _ in range(5)]
        bush = crown(v.dice, brush, blobs, 0.14, 600)
        spots = v.spots(count, near, far)
        scatter(
            [bush],
            [(x, y, high * v.rng.uniform(0.8, 2.0)) for x, y in spots],
            upright(v.dice, count),
        )

    shade_of_leaves((-80, -60, 60, 80), 9, 0.55, 0.53)
