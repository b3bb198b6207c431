"""A feather, barb by barb."""

import math

from answers import answer, view
from materials import Material, plain
from mathutils import Vector
from shapes import strands, tube
from stage import recipe

FEATHERS = (
    # main colour word, vane, tip, bar colour (None: plain), pattern
    (["white"], (0.86, 0.85, 0.82), (0.80, 0.79, 0.77), None),
    (["blue", "black", "white"], (0.03, 0.20, 0.72), (0.02, 0.10, 0.50), (0.01, 0.012, 0.02)),
    (["brown", "beige"], (0.26, 0.11, 0.04), (0.20, 0.08, 0.03), (0.70, 0.52, 0.32)),
    (["orange", "red"], (0.70, 0.02, 0.02), (0.75, 0.25, 0.01), None),
    (["green"], (0.06, 0.42, 0.08), (0.02, 0.25, 0.30), None),
    (["gray", "white"], (0.30, 0.31, 0.33), (0.20, 0.20, 0.22), (0.75, 0.75, 0.75)),
    (["pink"], (0.92, 0.30, 0.42), (0.95, 0.45, 0.50), None),
    (["yellow"], (0.92, 0.62, 0.04), (0.80, 0.75, 0.10), None),
)


@recipe("feather")
def feather(rng, variant):
    words, vane, tip, bar = FEATHERS[variant % len(FEATHERS)]
    long, wide = rng.uniform(1.6, 1.9), rng.uniform(0.22, 0.30)
    bow, lean = rng.uniform(0.12, 0.28) * rng.choice((-1, 1)), rng.uniform(-0.35, 0.35)

    def shaft(t):
        return Vector((bow * math.sin(t * 1.9) * t, 0.10 * t * t, long * t))

    barb = Material("barb", vane, 0.6, sheen_weight=0.3)
    height = barb.math("MULTIPLY", barb.axis("z"), 1 / long)
    body = barb.mix(height, vane, tip)
    if bar:
        wave = barb.math(
            "ADD",
            barb.math("MULTIPLY", height, rng.uniform(8, 11)),
            barb.math("MULTIPLY", barb.noise(5.0), 0.7),
        )
        ramp = barb.ramp(barb.math("FRACT", wave), [(0.55, (0, 0, 0)), (0.68, (1, 1, 1))])
        body = barb.mix(ramp, body, bar)
    down = barb.ramp(height, [(0.12, (1, 1, 1)), (0.24, (0, 0, 0))])
    barb.color(barb.mix(down, body, (0.80, 0.78, 0.74)))
    count, vanes, fluff = 420, [], []
    for side in (-1, 1):
        split, apart = rng.uniform(0.35, 0.75), 0.0
        for k in range(count):
            t = 0.13 + 0.87 * k / count
            if rng.random() < 0.007:  # barbs unzip here and there, then close again
                split, apart = t, rng.uniform(0.03, 0.07)
            gap = apart * max(0.0, 1 - (t - split) / 0.05)
            root = shaft(t)
            along = (shaft(min(t + 0.01, 1.01)) - shaft(t - 0.01)).normalized()
            out = Vector((along.z, 0, -along.x)) * side
            fall = min(1.0, (t - 0.06) / 0.2) ** 0.7 * (1 - t**3) ** 0.6
            reach = wide * fall * (0.85 if side < 0 else 1.0) * rng.uniform(0.97, 1.03) + 0.012
            sweep = 0.7 + 0.5 * t
            bend = rng.gauss(0, 0.006)
            line = []
            for j in range(7):
                s = j / 6
                line.append(
                    root
                    + out * reach * s**0.9
                    + Vector((0, 1, 0)) * 0.16 * reach * s * s
                    + along * reach * (sweep * (0.55 * s + 0.45 * s * s) + gap * 4 * s + bend * s)
                )
            vanes.append(line)
        for _ in range(170):  # loose down at the foot of the vane
            t = rng.uniform(0.09, 0.20)
            root, reach = shaft(t), wide * rng.uniform(0.4, 0.95)
            out = Vector((side, rng.uniform(-0.6, 0.6), rng.uniform(-0.3, 0.7))).normalized()
            curl = Vector(rng.gauss(0, 0.35) for _ in range(3))
            fluff.append(
                [root + reach * (out * s + curl * s * s * 0.6) for s in (0, 0.2, 0.4, 0.6, 0.8, 1)]
            )
    parts = [
        strands(vanes, 0.0034, barb, taper=0.45),
        strands(fluff, 0.0018, plain("down", (0.82, 0.80, 0.76), 0.9), taper=0.3),
        tube(
            [shaft(k / 12) for k in range(-1, 13)],
            [0.011] + [0.015 * (1 - k / 13) + 0.002 for k in range(13)],
            plain("shaft", (0.80, 0.74, 0.60), 0.4),
        ),
    ]
    for part in parts:
        part.rotation_euler = (0, lean, 0)
    params = {"length": long, "width": wide, "bow": bow, "lean": lean}
    return answer(
        words,
        "feather",
        params,
        view(rng, 5, 10, 15),
        "striped" if bar else "plain",
        stands=False,
        sheds_shadow=True,
    )
