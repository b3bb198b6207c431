"""A way through a forest under snow, the sky overcast."""

import numpy as np

from recipes.places.geometry import on, scatter, upright
from recipes.places.light import glow, lamp
from recipes.places.plants import bark, leaves, trunk
from recipes.places.shading import paint
from recipes.places.sight import background


@background(
    "snowy_forest", horizon=0.44, ground=(0.60, 0.97), light="overcast", split="test", aspect=2 / 3
)
def snowy_forest(v):
    v.look(height=1.5, lens=38, focus=4.5, fstop=2.2, exposure=0.35)
    sky = v.pick("#dfe6ec", "#e6e2e0")
    glow(sky, 0.9)
    lamp((-9, 4, 22), (0, 8, 0), 22, 5200, "#eaf2ff")
    air = (v.pick("#c9d3dc", "#d0cecf"), 85)
    lumps, drift = v.hills(6, 4), v.hills(1.3, 3)

    def relief(x, y):
        bank = min(1.0, max(0.0, abs(x + 0.25 * lumps(0, y)) - 1.1))
        return 0.3 * bank + 0.16 * bank * lumps(x, y) + 0.05 * drift(x, y)

    def snow(n):
        crust = n.bump(n.noise(1.6, 6), 0.06, n.bump(n.noise(120, 3), 0.005))
        return n.coat("#eef2f6", 0.6, crust, 0.35)

    v.land(paint(snow, air), 0.8, 160, relief, rows=240, columns=120)

    def needles(n):
        up = n("SeparateXYZ", out="Z", Vector=n("NewGeometry", out="True Normal"))
        lies = n.ramp(n.math("ABSOLUTE", up), (0.6, 0), (0.9, 0.85))
        return n.coat(n.mix(lies, n.mix(n.tint(), "#0f2016", "#2f452c"), "#e9eff5"), 0.8)

    green, firs = paint(needles, air), []
    for _ in range(4):
        tall, twigs = v.rng.uniform(6, 11), 11000
        t = v.dice.random(twigs) ** 1.5
        r = (1 - t) * tall * 0.24 * (1 - 0.4 * np.modf(t * 12)[0]) * v.dice.uniform(0.4, 1, twigs)
        a = v.dice.uniform(0, 7, twigs)
        spots = np.column_stack([r * np.cos(a), r * np.sin(a), 0.3 + t * tall - 0.3 * r])
        firs.append(leaves(v.dice, spots, 0.3, green, 0.5, outline=((0.12, 0.45),)))
    spots = v.spots(170, 9, 80, 0.7)
    spots = spots[abs(spots[:, 0]) > 2.4 + 0.012 * spots[:, 1]]
    count = len(spots)
    scatter(firs, on(relief, spots), upright(v.dice, count), v.dice.uniform(0.6, 1.1, count))
    stems = [trunk(v.dice, bark("#7a6a5c", "#30282a", air), 12, 0.2, 0.7) for _ in range(3)]
    spots = v.spots(60, 7, 60, 0.7)
    spots = spots[abs(spots[:, 0]) > 2.0]
    scatter(
        stems, on(relief, spots), upright(v.dice, len(spots)), v.dice.uniform(0.6, 1.2, len(spots))
    )
    twigs = leaves(v.dice, v.dice.normal(0, (0.25, 0.25, 0.2), (70, 3)), 0.3,
                   paint(needles), 0.7, outline=((0.03, 0.4),))  # fmt: skip
    spots = v.spots(46, 3.5, 16)
    spots = spots[abs(spots[:, 0]) > 1.5]
    scatter([twigs], on(relief, spots, -0.15), upright(v.dice, len(spots)))
