"""A beach, and the sea."""

import math

from mathutils import Vector
from mathutils import noise as fractal

from recipes.places.light import sky, sun
from recipes.places.shading import paint
from recipes.places.view import background


@background("beach", horizon=0.37, ground=(0.6, 0.97))
def beach(v):
    v.look(height=1.6, lens=35, focus=5.5, fstop=3.2)
    rim = v.pick("#cfdde6", "#e9d7c4", "#c3ccd3")
    sky(v, v.pick("#3d7ac0", "#6a93bf", "#7d92a6"), rim, 1.0, 0.9, v.pick(0.5, 0.4, 0.8))
    sun(36, 4.2)
    wiggle = v.hills(9, 3)

    def slope(x, y):
        """Sand falls under the water near y = 11; the shore line follows."""
        lumps = 0.03 * fractal.fractal(Vector((x, y, 0)) * 1.3 + v.offset, 0.8, 2, 4)
        return (11 - y + 1.3 * wiggle(x, 0)) * 0.035 + lumps * max(0.0, min(1.0, (8.5 - y) / 3))

    def sand(n):
        wet = n.ramp(
            n.math("ADD", n.where("Z"), n.math("MULTIPLY", n.noise(0.5, 3), 0.05)),
            (0.075, 1),
            (0.135, 0),
        )
        dry = n.mix(n.noise(1.2, 8), "#e2cda6", "#cdb389")
        dry = n.mix(n.ramp(n.noise(330, 1), (0.52, 0), (0.78, 0.5)), dry, "#7b6546")
        steps = n.bump(n.noise(5, 4), 0.06, n.bump(n.noise(200, 2), 0.004))
        return n.blend(wet, n.coat(dry, 0.92, steps, 0.1), n.coat("#8f7753", 0.16, shine=0.55))

    v.land(paint(sand), 1.0, 26, slope)

    def sea_height(x, y):
        swell = math.sin(y * 0.9 + 2.2 * wiggle(x * 0.5, y * 0.3)) ** 3
        return 0.13 * swell * min(1.0, max(0.0, (y - 12.5) / 6)) * math.exp(-y / 90)

    def water(n):
        far = n.ramp(n.math("DIVIDE", n.where("Y"), 120.0), (0.08, 0), (0.2, 0.55), (0.9, 1))
        color = n.mix(
            far, v.pick("#6fb3ad", "#8db2ad", "#80a09b"), v.pick("#1d5f86", "#356a86", "#3f5f70")
        )
        chop = n.bump(
            n.noise(0.7, 7, (1, 2.4, 1), rough=0.6), 0.1, n.bump(n.noise(4, 4, (1, 2, 1)), 0.02)
        )
        sea = n.coat(color, 0.12, chop, 0.5)
        lace = n.noise(1.6, 9, (0.8, 1.6, 1), rough=0.65, Distortion=0.8)
        shore = n.math("SUBTRACT", n.where("Y"), n.math("MULTIPLY", n.noise(0.12, 3), 5.0))
        band = n.ramp(
            n.math("DIVIDE", shore, 40.0), (0.2, 0.62), (0.27, 0.36), (0.36, 0.2), (0.5, 0.0)
        )
        crest = n.ramp(n.where("Z"), (0.045, 0), (0.1, 0.5))
        foam = n.math("ADD", n.math("ADD", band, crest), n.math("MULTIPLY", lace, 1.0))
        foam = n.ramp(foam, (0.84, 0), (1.0, 1))
        return n.blend(foam, sea, n.coat("#f3f6f6", 0.7))

    v.land(paint(water, (rim, 1500)), 8.0, 9000, sea_height, rows=420, columns=220)
