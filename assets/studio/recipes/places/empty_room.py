"""An empty room in low sun."""

import numpy as np

from recipes.places.geometry import box, place, scatter
from recipes.places.light import glow, sun
from recipes.places.shading import paint, wood
from recipes.places.view import background


@background("empty_room", horizon=0.36, ground=(0.71, 0.97))
def empty_room(v):
    v.look(height=1.45, lens=26, focus=4.2, fstop=4.0)
    glow("#e4eaf2", 0.62)
    sun(23, 6.5, 0.8, "#ffe4c0", (-0.78, -0.62))
    tint = v.pick("#d8d2c6", "#b4c1bb", "#c9b3a2")
    plaster = paint(
        lambda n: n.coat(n.mix(n.noise(0.8), tint, "#e9e4da"), 0.9, n.bump(n.noise(45, 4), 0.002))
    )
    white = paint(lambda n: n.coat("#f1efe9", 0.45))
    back, left = 4.9, -3.0
    place(box((14, 0.2, 6), plaster, 0), (0, back + 0.1, 2))
    place(box((9, 0.022, 0.13), white, 0.006), (0, back - 0.011, 0.065))
    light, dark = v.pick(("#c79b68", "#8a5e36"), ("#dcc6a0", "#b2936a"), ("#8d6746", "#4f3523"))
    boards = [
        box((0.158, length, 0.03), wood(light, dark, 0.4, along=1), 0.0025)
        for length in (1.4, 1.75)
    ]
    spots = []
    for column in range(-24, 25):
        y = -0.6 - v.rng.random() * 1.4
        while y < 5.5:
            length = (1.4, 1.75)[len(spots) % 2]  # scatter picks the kinds in turn
            spots.append((0.16 * column, y + length / 2, -0.015))
            y += length + 0.002
    scatter(boards, spots, np.random.default_rng(1).normal(0, 0.0006, (len(spots), 3)))
    shade = paint(lambda n: n("BsdfDiffuse", Color="#bdb6aa"))
    openings = ((-0.4, 1.15), (1.75, 3.3))  # two windows in the left wall, along y
    edges = [-6.0, *[e for pair in openings for e in pair], back]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        place(box((0.16, end - start, 9), shade, 0), (left, (start + end) / 2, 4))
    for start, end in openings:
        middle, wide = (start + end) / 2, end - start
        place(box((0.16, wide, 0.8), shade, 0), (left, middle, 0.4))
        place(box((0.16, wide, 6), shade, 0), (left, middle, 5.6))
        place(box((0.06, 0.06, 1.9), white, 0), (left, middle, 1.7))
        place(box((0.06, wide, 0.06), white, 0), (left, middle, 1.75))
