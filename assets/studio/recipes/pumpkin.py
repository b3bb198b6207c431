"""A ribbed pumpkin with a twisted stalk."""

import math

from answers import solid
from materials import Material
from shapes import lathe, sweep
from stage import recipe


@recipe("pumpkin")
def pumpkin(rng, variant):
    color, skin, other, squat = [
        ("orange", (0.80, 0.20, 0.012), (0.62, 0.11, 0.01), 0.8),
        ("white", (0.80, 0.74, 0.60), (0.68, 0.60, 0.44), 0.62),
        ("green", (0.045, 0.13, 0.045), (0.16, 0.24, 0.10), 0.7),
        ("orange", (0.84, 0.30, 0.02), (0.70, 0.16, 0.01), 1.05),
        ("yellow", (0.86, 0.52, 0.05), (0.78, 0.34, 0.03), 0.75),
    ][variant % 5]
    ribs, deep = rng.choice((9, 10, 11, 12)), rng.uniform(0.1, 0.15)
    squat *= rng.uniform(0.95, 1.08)
    uneven = [rng.uniform(0.955, 1.03) for _ in range(ribs)]

    def crease(angle, radius, z):
        turn = angle * ribs / math.tau
        near = abs(math.sin(math.pi * turn)) ** 0.6  # 0 in a crease, 1 on a rib
        swell = 1 + (uneven[int(turn) % ribs] - 1) * near
        return radius * (1 - deep * (1 - near)) * swell, z + 0.03 * near * (radius > 0.12)

    outline = []
    for k in range(23):
        a = math.pi * (k / 22)
        radius = math.sin(a) ** 0.75
        dip = 0.26 * math.exp(-((radius / 0.3) ** 2))
        outline.append((radius, squat * (0.86 - 0.86 * math.cos(a)) + dip * (1 if k < 11 else -1)))
    rind = Material("rind", skin, 0.42, coat_weight=0.25, coat_roughness=0.25)
    rind.mottle(skin, other, 3.0, 0.9).bump(rind.noise(7), 0.12, 0.05).grain(45, 0.05)
    lathe(outline, rind, ribs * 16, 1, ripple=crease)

    top, lean = squat * 1.72 - 0.24, rng.choice((-1, 1)) * rng.uniform(0.16, 0.3)
    stalk = Material("stalk", (0.20, 0.17, 0.06), 0.85).mottle((0.25, 0.2, 0.07), (0.1, 0.12, 0.03))
    stalk.grain(25, 0.4)
    path = [(lean * (k / 9) ** 2, -0.05 * k / 9, top - 0.04 + 0.48 * k / 9) for k in range(10)]

    def ridged(t):
        size = 0.10 + 0.16 * (1 - t) ** 3 + 0.035 * t**4
        corners = (math.tau * j / 30 for j in range(30))
        bumps = [(a, size * (1 + 0.14 * math.cos(5 * a + 1.5 * t))) for a in corners]
        return [(r * math.cos(a), r * math.sin(a)) for a, r in bumps]

    sweep(path, ridged, stalk, up=(0, 1, 0))
    return solid(rng, [color], "plant", low=10, high=20, ribs=ribs, squat=squat)
