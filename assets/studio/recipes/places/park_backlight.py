"""A park's lawn against a low sun, the trees' shadows coming towards us."""

import numpy as np

from recipes.places.geometry import on, scatter, upright
from recipes.places.light import sky, sun
from recipes.places.plants import bark, crown, foliage, grass, treeline, trunk, turf
from recipes.places.shading import paint
from recipes.places.sight import background


@background("park_backlight", horizon=0.38, ground=(0.56, 0.97), light="low back", split="test")
def park_backlight(v):
    v.look(height=1.4, lens=40, focus=5.0, fstop=1.8, exposure=0.75)
    rim = v.pick("#f6dcb0", "#f3d2bd")
    sky(v, v.pick("#9db4cf", "#a9acd0"), rim, 1.0, 0.6, 0.45)
    sun(15, 6.5, 1.2, "#ffce8e", (0.34, 1.0))
    air = (rim, 190)
    swell = v.hills(22)

    def relief(x, y):
        return 0.5 * swell(x, y) * min(1.0, max(0.0, (y - 8) / 30))

    soil = paint(lambda n: n.coat(n.mix(n.noise(0.4), "#46612a", "#7d8a44"), 0.95), air)
    v.land(soil, 0.8, 240, relief, rows=120, columns=60)
    blade = turf("#55792c", "#b7c25e", height=0.09, air=air)
    for near, far, scale in ((1.0, 7, 1.0), (6.5, 20, 1.7), (19, 60, 3.0)):
        patches = [
            grass(v.dice, blade, int(1100 / scale), 0.5, 0.09, 0.0032, 0.8) for _ in range(3)
        ]
        spots = v.carpet(near, far, 0.4 * scale)
        size = np.full(len(spots), scale)
        scatter(patches, on(relief, spots), upright(v.dice, len(spots)), size)
    green = foliage("#3d5a22", "#a3ad4c", air, 0.55)
    kinds = []
    for _ in range(2):
        blobs = [(*v.dice.normal(0, 1.5, 2), v.dice.uniform(3.4, 7), v.dice.uniform(0.9, 1.7))
                 for _ in range(15)]  # fmt: skip
        kinds.append(crown(v.dice, green, blobs, 0.24, 260))
    stems = [trunk(v.dice, bark("#7b6852", "#2f261d", air), 5, 0.22) for _ in range(2)]
    spots = np.array([(-6.5, 15), (5.6, 17), (11, 25), (-13, 27), (-3.5, 34), (4.5, 38), (17, 33)])
    where, turns = on(relief, spots), upright(v.dice, len(spots))
    scatter(kinds, where, turns, v.dice.uniform(0.9, 1.25, len(spots)))
    scatter(stems, where, turns)
    treeline(v, green, relief, 60, 100, 36)
