"""A mown lawn before a hedge."""

import numpy as np

from recipes.places.geometry import box, on, place, scatter, upright
from recipes.places.light import sky, sun
from recipes.places.plants import foliage, grass, leaves, treeline, turf
from recipes.places.shading import paint
from recipes.places.view import background


@background("lawn_hedge", horizon=0.33, ground=(0.55, 0.97))
def lawn_hedge(v):
    v.look(height=1.5, lens=40, focus=5.2, fstop=2.0)
    rim = "#cfdde8"
    sky(v, "#4680c4", rim, 1.0, 0.9, v.pick(0.55, 0.4, 0.7))
    sun(34, 5.0)

    def flat(x, y):
        return 0.0

    dark, light = v.pick(("#5b8032", "#a9c062"), ("#68843a", "#b5c06c"), ("#4b7a40", "#93b768"))

    def mown(n, color):
        """The mower's stripes: grass bent to and fro."""
        stripe = n.ramp(
            n.math("SINE", n.math("MULTIPLY", n.where("X"), 3.4)), (0.35, 0), (0.65, 0.22)
        )
        return n.mix(stripe, color, "#d2dd92")

    soil = paint(
        lambda n: n.coat(
            mown(n, n.mix(n.noise(0.5), dark, light)), 0.95, n.bump(n.noise(40, 6), 0.04)
        )
    )
    v.land(soil, 0.8, 40, rows=40, columns=20)
    blade = turf(dark, light, height=0.055, extra=mown)
    for near, far, scale in ((1.0, 7, 1.0), (6.5, 15, 1.5)):
        patches = [grass(v.dice, blade, 3000, 0.5, 0.06, 0.0028, 0.7) for _ in range(3)]
        spots = v.carpet(near, far, 0.38 * scale)
        scatter(patches, on(flat, spots), upright(v.dice, len(spots)), np.full(len(spots), scale))
    green = foliage(*v.pick(("#4a7a30", "#a3c268"), ("#5c7d34", "#b5c470"), ("#3d6f44", "#8db877")))
    shell = 5200
    side = v.dice.random(shell) < 0.72
    x = v.dice.uniform(-1, 1, shell)
    y = np.where(side, v.dice.normal(-0.5, 0.045, shell), v.dice.uniform(-0.5, 0.5, shell))
    z = np.where(side, v.dice.uniform(0, 1.75, shell), v.dice.normal(1.75, 0.04, shell))
    piece = leaves(v.dice, np.column_stack([x, y, z]), 0.075, green, 1.0)
    scatter([piece], [(x, 14.5, 0) for x in np.arange(-9, 9.1, 2)])
    core = place(
        box((30, 0.9, 1.68), paint(lambda n: n.coat("#16240f", 1.0)), 0.05), (0, 14.5, 0.84)
    )
    core.name = "core"
    treeline(v, foliage("#3c5c26", "#8ca654", (rim, 260)), flat, 26, 44, 18, 0.9)
