"""A sweep of coloured paper."""

import math

import numpy as np

from recipes.places.geometry import mesh, place
from recipes.places.light import glow, lamp
from recipes.places.shading import paint
from recipes.places.view import background


@background("studio_paper", horizon=0.4, ground=(0.66, 0.96))
def studio_paper(v):
    v.look(height=1.3, lens=50, focus=4.6, fstop=5.6, exposure=0.1)
    glow("#dfe4ea", 0.22)
    lamp((-2.4, 2.6, 3.0), (0.1, 5.4, 0.3), 1.4, 260, "#fff4e6")
    color = v.pick("#6d8794", "#b98a70", "#849672", "#9a84a4", "#b5aea2")

    def paper(n):
        tooth = n.noise(160, 4, rough=0.7)
        ripple = n.bump(n.noise(0.6, 2, (1, 0.25, 0.25)), 0.05)
        return n.coat(
            n.mix(n.math("MULTIPLY", tooth, 0.16), color, "#ffffff"),
            0.85,
            n.bump(tooth, 0.0007, ripple),
            0.2,
        )

    bend, back = 1.5, 6.6
    floor = [(y, 0.0) for y in np.linspace(0.6, back - bend, 12)]
    curve = [
        (back - bend + bend * math.sin(a), bend - bend * math.cos(a))
        for a in np.linspace(0, math.pi / 2, 30)[1:]
    ]
    profile = [*floor, *curve, (back, 6.0)]
    verts = [(x, y, z) for y, z in profile for x in (-6, 6)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(profile) - 1)]
    place(mesh("paper", verts, faces, paint(paper)))
