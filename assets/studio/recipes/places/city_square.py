"""A square of cobbles before old houses, at noon."""

import numpy as np

from recipes.places.geometry import box, scatter
from recipes.places.houses import row
from recipes.places.light import sky, sun
from recipes.places.shading import paint, weathered
from recipes.places.sight import background


@background("city_square", horizon=0.37, ground=(0.54, 0.97), light="above", aspect=4 / 3)
def city_square(v):
    v.look(height=1.55, lens=34, focus=5.5, fstop=2.0)
    sky(v, v.pick("#3f7cc6", "#5a8fcc"), "#d3e0ea", 1.0, 0.9, 0.45)
    sun(62, 4.6, 1.0, "#fff3df", (-0.5, -0.75))
    v.land(
        paint(lambda n: n.coat(n.mix(n.noise(9), "#5c564e", "#857c6f"), 1.0)),
        0.8,
        46,
        lambda x, y: -0.022,
        10,
        10,
    )
    light, dark = v.pick(("#a9a39b", "#6f6b67"), ("#b8a58e", "#7d6d5b"))
    cobble = weathered(light, dark, rough=0.75)
    kinds = [box((0.128, 0.122, 0.06), cobble, 0.016) for _ in range(3)]
    lines = 0.9 + 0.132 * np.arange(245)
    spots = [
        (x + 0.069 * (k % 2), y, -0.028)
        for k, y in enumerate(lines)
        for x in np.arange(-v.half(y), v.half(y), 0.138)
    ]
    spots = np.array(spots) + v.dice.normal(0, (0.005, 0.005, 0.0025), (len(spots), 3))
    scatter(kinds, spots, v.dice.normal(0, (0.03, 0.03, 0.04), (len(spots), 3)))
    colors = v.pick(("#d9b98c", "#c98f72", "#e2d6bf", "#b7bfae", "#d6a25e"),
                    ("#cfc4b4", "#a9b4bb", "#d9c08f", "#c7a394", "#e6dfd0"))  # fmt: skip
    row(v, 36.0, -34, 34, colors, (2, 3))
    slab = [box((1.1, 0.5, 0.16), weathered("#b5aea3", "#8a837a"), 0.02)]
    scatter(slab, [(1.12 * i, 33.4, 0.06) for i in range(-34, 35)])
