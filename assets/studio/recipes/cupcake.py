"""A cupcake in a pleated paper cup, with piped icing under sprinkles or a cherry."""

from __future__ import annotations

import math

from answers import solid
from materials import Material, paper
from mathutils import Vector
from shapes import ball, lathe, sweep, tube
from stage import recipe


@recipe("cupcake")
def cupcake(rng, variant):
    cream, liner, topping = [
        ("pink", "light blue", "sprinkles"),
        ("brown", "white", "cherry"),
        ("white", "red", "sprinkles"),
        ("light blue", "yellow", "cherry"),
        ("yellow", "purple", "sprinkles"),
        ("light green", "brown", "cherry"),
    ][variant % 6]
    pleats = rng.choice((22, 26, 30))

    def pleat(angle, radius, z):
        return radius * (1 + 0.022 * math.sin(pleats * angle)), z

    cup = [(0, 0), (0.4, 0), (0.43, 0.02), (0.53, 0.35), (0.6, 0.6), (0.605, 0.62), (0.585, 0.61)]
    lathe([*cup, (0.5, 0.3), (0, 0.3)], paper(liner), pleats * 8, 1, ripple=pleat)
    cake = Material("cake", (0.50, 0.26, 0.09), 0.9).grain(26, 0.5)
    lathe([(0, 0.4), (0.52, 0.4), (0.6, 0.58), (0.63, 0.66), (0.56, 0.74), (0, 0.78)], cake)

    body = {"subsurface_weight": 0.25, "subsurface_scale": 0.05}
    icing = Material("icing", cream, 0.42, **body)
    icing.bump(icing.noise(9), 0.12, 0.05)
    turns, steps, top = rng.uniform(2.6, 3.3), 150, rng.uniform(0.72, 0.88)
    path, sizes = [], []
    for k in range(steps + 1):
        t = k / steps
        angle = math.tau * turns * t + 0.6
        wide = 0.42 * (1 - t) ** 0.85
        path.append((wide * math.cos(angle), wide * math.sin(angle), 0.78 + top * t**1.15))
        sizes.append(0.235 * (1 - t) ** 0.6 + 0.012)

    def star(t):
        size = sizes[round(t * steps)]
        points = []
        for j in range(36):
            a = math.tau * j / 36
            r = size * (1 + 0.16 * math.cos(6 * a))
            points.append((r * math.cos(a + 7 * t), r * math.sin(a + 7 * t)))
        return points

    sweep(path, star, icing)
    ball(1, (0.5, 0.5, 0.2), (0, 0, 0.78), icing)
    if topping == "cherry":
        gloss = {"coat_weight": 1.0, "coat_roughness": 0.05}
        ball(
            0.15,
            (1, 1, 0.92),
            (0, 0, 0.86 + top),
            Material("cherry", (0.5, 0.0, 0.02), 0.3, **gloss),
        )
        stalk = [(0, 0, 0.95 + top), (0.02, 0, 1.12 + top), (0.1, 0, 1.3 + top)]
        tube(stalk, [0.014, 0.011, 0.018], Material("stalk", (0.16, 0.22, 0.04), 0.6))
    else:
        sprinkle(rng, path, sizes)
    return solid(rng, [cream, liner], "cake", "plain", 10, 20, pleats=pleats, topping=topping)


def sprinkle(rng, path, sizes) -> None:
    """Scatter sugar strands over the outside of a piped spiral."""
    colors = ("red", "yellow", "blue", "green", "white", "orange")
    sugars = [Material(f"sugar {c}", c, 0.35, coat_weight=0.6) for c in colors]
    for _ in range(70):
        k = int(rng.triangular(0, len(path) - 12, 0))
        centre, size = Vector(path[k]), sizes[k]
        out = Vector((centre.x, centre.y, 0)).normalized()
        rise = rng.uniform(-0.1, 1.1)
        point = centre + (out * math.cos(rise) + Vector((0, 0, math.sin(rise)))) * size * 1.08
        along = Vector((rng.gauss(0, 1), rng.gauss(0, 1), rng.gauss(0, 0.6))).normalized() * 0.035
        tube([point - along, point + along], 0.013, rng.choice(sugars))
