"""A library in the evening, lit by a lamp."""

import numpy as np

from recipes.places.geometry import box, place, scatter
from recipes.places.light import glow, lamp
from recipes.places.shading import paint, wood
from recipes.places.sight import background

SPINES = ("#7a2e2a", "#2f4a63", "#3c5a3f", "#b08b4f", "#4c3a54", "#c9bb9a", "#26282c", "#8a5a33")


@background(
    "library", horizon=0.37, ground=(0.69, 0.97), light="right", split="test", aspect=2 / 3,
    surface="polished",
)  # fmt: skip
def library(v):
    v.look(height=1.45, lens=29, focus=3.8, fstop=3.2, exposure=0.55)
    glow("#3b3a44", 0.30)
    lamp((2.4, 2.0, 2.7), (-0.2, 3.4, 0.4), 0.5, 150, "#ffdab0")
    lamp((0.0, 4.0, 3.6), (0, 4.4, 0), 0.6, 50, "#ffe0c0")
    back = 4.9
    light, dark = v.pick(("#a06c40", "#5b3820"), ("#8a5a3c", "#42261a"), ("#b58455", "#6e4a2a"))
    boards = [box((0.118, 0.47, 0.03), wood(light, dark, 0.28, along=1), 0.002) for _ in range(3)]
    spots = []
    for i in range(-26, 27):  # short boards, each row a quarter further
        for j in range(12):
            spots.append((0.12 * i, 0.48 * j + 0.12 * (i % 4) - 0.4, -0.015))
    spots = np.array([s for s in spots if s[1] < back + 0.3])
    scatter(boards, spots, v.dice.normal(0, 0.0008, (len(spots), 3)))
    case = wood("#6e4426", "#3a2112", 0.4)
    upright = wood("#6e4426", "#3a2112", 0.4, along=2)
    place(box((9, 0.1, 5), paint(lambda n: n.coat("#3a2a20", 0.9)), 0), (0, back + 0.32, 2))
    for x in np.arange(-3.4, 3.5, 0.85):
        place(box((0.06, 0.36, 4.4), upright, 0.006), (x, back + 0.1, 2.2))
    shelves = [0.12, 0.52, 0.90, 1.28, 1.66, 2.04, 2.42, 2.8, 3.2]
    for z in shelves:
        place(box((7, 0.36, 0.035), case, 0.004), (0, back + 0.1, z))
    place(box((7, 0.42, 0.12), case, 0.01), (0, back + 0.07, 0.06))

    def bound(color):
        def build(n):
            band = n.math("COMPARE", n.math("ABSOLUTE", n.where("Z", "object")), 0.34, 0.025)
            return n.coat(
                n.mix(band, color, "#c9a45a"), 0.6, n.bump(n.noise(30, space="object"), 0.001)
            )

        return paint(build)

    kinds = [box((1, 0.2, 1), bound(color), 0.02) for color in SPINES]
    at, sizes, turns = [], [], []
    for z in shelves[:-1]:
        for bay in np.arange(-3.4, 3.4, 0.85):
            x, end = bay + 0.05, bay + 0.82 - v.rng.choice((0, 0, 0, 0.16))
            while x < end:
                wide, tall = v.rng.uniform(0.022, 0.055), v.rng.uniform(0.21, 0.30)
                at.append(
                    (x + wide / 2, back + 0.02 + v.rng.uniform(-0.015, 0.02), z + 0.02 + tall / 2)
                )
                sizes.append((wide, 1, tall))
                turns.append((0, v.rng.choice((0, 0, 0, 0, 0.05)), 0))
                x += wide + 0.002
    order = v.dice.permutation(len(at))
    scatter(kinds, np.array(at)[order], np.array(turns)[order], np.array(sizes)[order])
