"""Hills under snow."""

import math

import numpy as np
from mathutils import Vector
from mathutils import noise as fractal

from recipes.places.geometry import on, scatter, upright
from recipes.places.light import sky, sun
from recipes.places.plants import leaves
from recipes.places.shading import paint
from recipes.places.view import background


@background("snow_hills", horizon=0.41, ground=(0.58, 0.97))
def snow_hills(v):
    v.look(height=1.6, lens=38, focus=6, fstop=2.2)
    rim = v.pick("#cdddeb", "#ead9d3", "#d3dbe2")
    sky(v, v.pick("#3a73bd", "#6487b5", "#8aa0b5"), rim, 0.85, 0.6, v.pick(0.35, 0.45, 0.7))
    sun(19, 7.0, 1.0, "#ffe9cc", (-0.95, -0.2))
    rolling, drift = v.hills(45, 4), v.hills(5, 3)

    def relief(x, y):
        return 6 * rolling(x, y) * min(1.0, max(0.0, (y - 9) / 70)) + 0.1 * drift(x, y)

    def snow(n):
        crust = n.bump(n.noise(0.8, 6, (1, 2.2, 1)), 0.09, n.bump(n.noise(90, 3), 0.006))
        return n.coat("#eef2f7", 0.55, crust, 0.4)

    v.land(paint(snow, (rim, 500)), 1.0, 700, relief)

    def needles(n):
        """Snow lies on what faces up."""
        up = n("SeparateXYZ", out="Z", Vector=n("NewGeometry", out="True Normal"))
        lies = n.ramp(n.math("ABSOLUTE", up), (0.6, 0), (0.85, 0.8))
        return n.coat(n.mix(lies, n.mix(n.tint(), "#16281c", "#33492f"), "#e9eff5"), 0.8)

    green = paint(needles, (rim, 260))
    kinds = []
    for _ in range(3):
        tall, twigs = v.rng.uniform(6, 9), 2600
        t = v.dice.random(twigs) ** 1.6
        tier = 1 - 0.35 * np.modf(t * 11)[0]
        r = (1 - t) * tall * 0.3 * tier * v.dice.uniform(0.5, 1, twigs)
        a = v.dice.uniform(0, math.tau, twigs)
        spots = np.column_stack([r * np.cos(a), r * np.sin(a), 0.5 + t * tall - 0.25 * r])
        kinds.append(leaves(v.dice, spots, 0.6, green, 0.45, outline=((0.22, 0.45),)))
    spots = v.spots(110, 28, 150)
    spots = np.array([s for s in spots if fractal.noise(Vector((*s, 0)) / 18 + v.offset) > -0.05])
    scatter(
        kinds, on(relief, spots), upright(v.dice, len(spots)), v.dice.uniform(0.6, 1.2, len(spots))
    )
