"""A table before a window."""

import numpy as np

from recipes.places.geometry import box, mesh, place, scatter
from recipes.places.light import glow, lamp
from recipes.places.shading import paint, wood
from recipes.places.view import background


@background("window_table", horizon=0.16, ground=(0.64, 0.96))
def window_table(v):
    v.look(height=0.5, lens=40, focus=1.3, fstop=1.8)
    glow("#dfe6ee", 0.45)
    lamp((-2.4, -0.4, 2.6), (0, 1.6, 0), 1.6, 85, "#fff3e2")
    light, dark = v.pick(("#b98a57", "#6f4524"), ("#d8bc92", "#a98256"), ("#8a5f3c", "#45291a"))
    planks = [box((3.6, 0.158, 0.04), wood(light, dark), 0.003) for _ in range(2)]
    spots = [(v.rng.uniform(-0.2, 0.2), 0.5 + 0.16 * i, -0.02) for i in range(9)]
    scatter(planks, spots, v.dice.normal(0, 0.0012, (9, 3)))
    wall = paint(
        lambda n: n.coat(v.pick("#d9d2c5", "#b9c4c2", "#d8c3b0"), 0.9, n.bump(n.noise(30), 0.003))
    )
    white = paint(lambda n: n.coat("#eeece6", 0.4))
    left, right, back = -1.35, 0.62, 3.4
    place(box((4, 0.2, 4), wall, 0), (left - 2, back, 0.5))
    place(box((4, 0.2, 4), wall, 0), (right + 2, back, 0.5))
    place(box((right - left, 0.2, 1.4), wall, 0), ((left + right) / 2, back, -0.86))
    place(box((2.2, 0.4, 0.05), white, 0.01), ((left + right) / 2, back - 0.1, -0.13))
    for x in (left, (left + right) / 2, right):
        place(box((0.075, 0.1, 2.4), white, 0.01), (x, back, 1.1))
    for z in (-0.07, 0.62):
        place(box((right - left, 0.09, 0.06), white, 0.01), ((left + right) / 2, back, z))

    def garden(n):
        """Outside, out of focus: leaves below, sky above."""
        blobs = n.noise(2.2, 6, rough=0.65)
        green = n.mix(n.ramp(blobs, (0.34, 0), (0.7, 1)), "#7d985a", "#d3dfae")
        high = n.ramp(
            n.math("ADD", n.math("DIVIDE", n.where("Z"), 5.0), n.math("MULTIPLY", blobs, 0.5)),
            (0.5, 0),
            (0.72, 1),
        )
        return n("Emission", Color=n.mix(high, green, "#f3f6f8"), Strength=1.7)

    place(
        mesh(
            "garden",
            [(-6, 8, -2), (6, 8, -2), (6, 8, 5), (-6, 8, 5)],
            [(0, 1, 2, 3)],
            paint(garden),
        )
    )
    cloth = v.pick("#efe9dd", "#d7dfe2", "#e6d3bd")
    sheer = paint(lambda n: n.leaf(cloth, 0.5, 0.9))
    for start, end in ((left - 0.35, left + 0.22), (right - 0.16, right + 0.4)):
        x = np.linspace(start, end, 120)
        y = back - 0.3 + 0.035 * np.sin(x * 62 + 1.5 * np.sin(x * 17))
        verts = [(a, b, z) for z in (-0.4, 3) for a, b in zip(x, y, strict=True)]
        faces = [(i, i + 1, i + 121, i + 120) for i in range(119)]
        place(mesh("curtain", verts, faces, sheer))
