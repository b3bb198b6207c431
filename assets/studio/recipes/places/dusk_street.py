"""A street at dusk, its lights out of focus."""

import math

import numpy as np

from recipes.places.geometry import box, mesh, place, scatter
from recipes.places.light import lamp, sky
from recipes.places.shading import paint, weathered
from recipes.places.view import background


@background("dusk_street", horizon=0.4, ground=(0.56, 0.97))
def dusk_street(v):
    v.look(height=1.4, lens=50, focus=4.2, fstop=0.8, exposure=0.5)
    top, rim = v.pick(("#2c4a86", "#d9a583"), ("#2a3d78", "#b190b4"), ("#335a88", "#e0bd8e"))
    sky(v, top, rim, 0.75, 0.3, 0.5)
    lamp((-3.5, 0.5, 4.5), (0, 5, 0), 2.0, 130, "#ffe2bd")

    def asphalt(n):
        stones = n("TexVoronoi", Vector=n.where(), Scale=95.0)
        pool = n.ramp(n.noise(0.8, 6), (0.5, 0.42), (0.66, 0.2))
        color = n.mix(n.noise(60, 3), "#3a3b40", "#5e5e62")
        return n.coat(color, pool, n.bump(stones, 0.006, n.bump(n.noise(6), 0.006)), 0.5)

    v.land(paint(asphalt), 0.8, 120, rows=40, columns=20)

    def front(n):
        """House fronts: a grid of windows, some of them lit."""
        x, z = n.where("X", "object"), n.where("Z", "object")
        y = n.math("ADD", x, n.where("Y", "object"))
        column, row = n.math("DIVIDE", y, 1.7), n.math("DIVIDE", z, 2.6)
        cell = n("CombineXYZ", X=n.math("FLOOR", column), Y=n.math("FLOOR", row), Z=n.chance())
        lit = n.ramp(n("TexWhiteNoise", Vector=cell), (0.62, 0), (0.64, 1))
        inside = n.math(
            "MULTIPLY",
            n.math("COMPARE", n.math("FRACT", column), 0.5, 0.27),
            n.math("COMPARE", n.math("FRACT", row), 0.5, 0.27),
        )
        warm = n("Emission", Color="#ffbe73", Strength=2.2)
        wall = n.coat(n.mix(n.chance(), "#4a4c5c", "#66606a"), 0.9)
        return n.blend(n.math("MULTIPLY", inside, lit), wall, warm)

    house = paint(front, (rim, 160))
    for y in range(16, 110, 11):
        for side in (-1, 1):
            tall = v.rng.uniform(8, 17)
            at = (side * (9.5 + v.rng.uniform(0, 1.2)), y, tall / 2)
            place(box((7, 10.2, tall), house, 0.05), at)

    def disc(color):
        """A light far out of focus, painted as the disc the lens would make of it."""

        def build(n):
            r = n("VectorMath", out="Value", operation="LENGTH", Vector=n.where(space="object"))
            body = n.ramp(r, (0.0, 0.55), (0.82, 0.7), (0.93, 1.0), (0.99, 0))
            return n.over(n("Emission", Color=color, Strength=n.math("MULTIPLY", body, 0.75)))

        return paint(build)

    ring = [(math.cos(a), 0, math.sin(a)) for a in np.linspace(0, math.tau, 40, endpoint=False)]
    face = [tuple(range(40))]
    colors = ("#ffb45e", "#ffd9a0", "#ff6a4a", "#fff0d0", "#7fd0c0", "#ff9a3c")
    kinds = [mesh("disc", ring, face, disc(c)) for c in colors]
    spots, sizes = [], []
    for i in range(74):
        y = 20 + 50 * v.rng.random()
        low = i % 2  # headlights near the road, lanterns along the kerbs
        x = v.rng.choice((-1, 1)) * (v.rng.uniform(0.3, 3.4) if low else v.rng.uniform(2.6, 6.5))
        z = v.rng.uniform(0.5, 1.1) if low else v.rng.uniform(2.6, 7.5)
        spots.append((x * (0.6 + y / 50), y, z))
        sizes.append(v.rng.uniform(0.011, 0.017) * y)
    scatter(kinds, spots, size=sizes)
    kerb = weathered("#8b8984", "#66645f")
    blocks = [box((0.3, 0.97, 0.16), kerb, 0.02)]
    scatter(blocks, [(side * 4.4, y, 0.05) for y in range(4, 60) for side in (-1, 1)])
