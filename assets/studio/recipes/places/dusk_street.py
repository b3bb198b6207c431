"""A street at dusk, its lights out of focus."""

import math

import numpy as np

from recipes.places.geometry import box, mesh, place, scatter
from recipes.places.light import lamp, sky
from recipes.places.shading import paint, weathered
from recipes.places.view import background


@background("dusk_street", horizon=0.4, ground=(0.56, 0.97))
def dusk_street(v):
    v.look(height=1.4, lens=42, focus=5.0, fstop=1.8, exposure=0.75)
    top, rim = v.pick(("#2f559c", "#f0b58a"), ("#34478c", "#d9a3b8"), ("#335a98", "#efc796"))
    sky(v, top, rim, 1.0, 0.5, 0.5)
    lamp((-3.5, 0.5, 4.5), (0, 5, 0), 2.0, 240, "#fff0dc")

    def asphalt(n):
        stones = n("TexVoronoi", Vector=n.where(), Scale=95.0)
        pool = n.ramp(n.noise(0.8, 6), (0.42, 0.5), (0.6, 0.1))
        color = n.mix(n.noise(60, 3), "#3a3b40", "#5e5e62")
        return n.coat(color, pool, n.bump(stones, 0.006, n.bump(n.noise(6), 0.002)), 0.5)

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
        warm = n("Emission", Color="#ffbe73", Strength=1.6)
        wall = n.coat(n.mix(n.chance(), "#6d7390", "#8f7f86"), 0.9)
        return n.blend(n.math("MULTIPLY", inside, lit), wall, warm)

    house = paint(front, ("#7d86ac", 260))
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
    colors = ("#ffb45e", "#ffd9a0", "#ff6a4a", "#fff0d0", "#ff9a3c")
    kinds = [mesh("disc", ring, face, disc(c)) for c in colors]
    spots = [(side * 4.6, y, 4.4) for y in range(14, 80, 6) for side in (-1, 1)]  # street lamps
    for _ in range(26):  # and cars, far off
        y = v.rng.uniform(34, 75)
        spots.append((v.rng.choice((-1, 1)) * v.rng.uniform(0.5, 3.2), y, v.rng.uniform(0.6, 0.9)))
    sizes = [v.rng.uniform(0.009, 0.013) * y for _, y, _ in spots]
    scatter(kinds, spots, size=sizes)
    kerb = weathered("#8b8984", "#66645f")
    blocks = [box((0.3, 0.97, 0.16), kerb, 0.02)]
    scatter(blocks, [(side * 4.4, y, 0.05) for y in range(4, 60) for side in (-1, 1)])
