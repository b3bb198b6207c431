"""A stage of boards before a curtain, lit from above."""

import numpy as np

from recipes.places.geometry import box, mesh, place, scatter
from recipes.places.light import glow, lamp
from recipes.places.shading import paint, wood
from recipes.places.sight import background


@background(
    "stage_curtain", horizon=0.42, ground=(0.68, 0.97), light="above", split="test", aspect=4 / 3
)
def stage_curtain(v):
    v.look(height=1.35, lens=34, focus=4.6, fstop=3.2, exposure=0.5)
    glow("#40384a", 0.28)
    lamp((-0.6, 3.6, 5.2), (0, 4.6, 0), 0.7, 420, "#fff0d8")
    lamp((3.0, 1.5, 4.6), (0, 6.5, 1.5), 0.6, 160, "#ffdcb0")
    light, dark = v.pick(("#a37a50", "#573a22"), ("#7d5f48", "#3d2a1e"))
    boards = [box((0.136, 2.6, 0.04), wood(light, dark, 0.4, along=1), 0.003) for _ in range(3)]
    spots = [
        (0.14 * i, 0.4 + 2.604 * j + 0.9 * (i % 3), -0.02)
        for i in range(-34, 35)
        for j in range(-1, 3)
    ]
    scatter(boards, spots, v.dice.normal(0, 0.0006, (len(spots), 3)))
    color, deep = v.pick(("#8f1a1e", "#4a0a10"), ("#1f3a66", "#0d1930"), ("#3f2a5c", "#1b1230"))

    def velvet(n):
        pile = n.mix(n.noise(1.5, 5, (1, 1, 0.2)), color, deep)
        return n.coat(pile, 0.85, n.bump(n.noise(300), 0.001))

    back, x = 6.8, np.linspace(-6, 6, 900)
    fold = 0.17 * np.sin(x * 9 + 1.3 * np.sin(x * 2.3)) + 0.05 * np.sin(x * 23)
    rows = [(0.012, 1.1), (0.5, 1.0), (3.0, 0.9), (5.5, 0.8)]
    verts = [(a, back + f * s, z) for z, s in rows for a, f in zip(x, fold, strict=True)]
    count = len(x)
    faces = [
        (r * count + i, r * count + i + 1, (r + 1) * count + i + 1, (r + 1) * count + i)
        for r in range(len(rows) - 1)
        for i in range(count - 1)
    ]
    place(mesh("curtain", verts, faces, paint(velvet)))
    gold = paint(lambda n: n.coat("#c79a45", 0.5, n.bump(n.noise(200, 2, (1, 1, 0.1)), 0.01)))
    band = [
        (a, back + f * 1.1 - 0.015, z) for z in (0.05, 0.17) for a, f in zip(x, fold, strict=True)
    ]
    place(mesh("band", band, faces[: count - 1], gold))
