"""A goldfish, swimming: scales that shine, and fins like veils, thinner towards their hems."""

import math

from answers import answer, view
from materials import Material, blend, tints
from mathutils import Matrix, Vector
from shapes import ball, oval, sheet, spline, sweep, tilt, tint, tube
from stage import recipe
from veil import smooth_alpha

FISH = (  # words, back, belly, patches (None: none), fins
    (["orange"], (0.82, 0.17, 0.008), (0.90, 0.46, 0.08), None, (0.88, 0.30, 0.04)),
    (
        ["white", "red"],
        (0.84, 0.80, 0.74),
        (0.86, 0.84, 0.80),
        (0.66, 0.03, 0.01),
        (0.85, 0.78, 0.74),
    ),
    (["black"], (0.014, 0.013, 0.016), (0.06, 0.05, 0.05), None, (0.02, 0.018, 0.022)),
    (["yellow"], (0.88, 0.54, 0.02), (0.90, 0.76, 0.30), None, (0.90, 0.66, 0.12)),
    (
        ["white", "orange"],
        (0.84, 0.20, 0.01),
        (0.86, 0.78, 0.70),
        (0.86, 0.82, 0.76),
        (0.86, 0.72, 0.62),
    ),
    (["blue"], (0.04, 0.13, 0.46), (0.30, 0.46, 0.70), None, (0.12, 0.28, 0.66)),
    (["red"], (0.60, 0.015, 0.012), (0.74, 0.12, 0.05), None, (0.70, 0.05, 0.03)),
    (["white"], (0.84, 0.81, 0.76), (0.86, 0.84, 0.80), None, (0.86, 0.80, 0.78)),
    (["brown"], (0.20, 0.075, 0.02), (0.56, 0.36, 0.14), None, (0.36, 0.16, 0.05)),
)
# along the fish from its mouth (x) to the root of its tail: half its height, half its width, middle
BODY = (
    *((-0.86, 0.035, 0.035, -0.03), (-0.80, 0.11, 0.10, -0.02), (-0.62, 0.25, 0.20, 0.0)),
    *((-0.35, 0.38, 0.29, 0.02), (-0.05, 0.42, 0.31, 0.02), (0.25, 0.34, 0.23, 0.02)),
    *((0.5, 0.2, 0.12, 0.03), (0.68, 0.125, 0.06, 0.04), (0.76, 0.12, 0.035, 0.04)),
)
FINS = (  # root from, to; ray at from, at to; length, wave
    ("back", (-0.28, 0, 0.40), (0.42, 0, 0.23), (-0.05, 0, 1), (0.85, 0, 0.55), 0.44, 0.05),
    ("tail", (0.72, 0, 0.15), (0.76, 0.01, 0.04), (0.62, 0.1, 0.75), (1, 0.3, -0.1), 1.05, 0.15),
    ("tail", (0.76, 0, 0.05), (0.72, 0.01, -0.07), (1, -0.2, 0.1), (0.50, -0.1, -0.85), 1.05, 0.15),
    (
        "side",
        (-0.34, -0.27, -0.10),
        (-0.28, -0.26, -0.2),
        (0.9, -0.55, 0.1),
        (0.45, -0.5, -0.75),
        0.40,
        0.04,
    ),
    (
        "side",
        (-0.34, 0.27, -0.10),
        (-0.28, 0.26, -0.2),
        (0.9, 0.55, 0.1),
        (0.45, 0.5, -0.75),
        0.40,
        0.04,
    ),
    (
        "belly",
        (-0.1, -0.12, -0.37),
        (0.04, -0.12, -0.35),
        (0.2, -0.3, -1),
        (0.8, -0.3, -0.6),
        0.44,
        0.06,
    ),
    (
        "belly",
        (-0.1, 0.12, -0.37),
        (0.04, 0.12, -0.35),
        (0.2, 0.3, -1),
        (0.8, 0.3, -0.6),
        0.44,
        0.06,
    ),
    ("anal", (0.36, 0, -0.25), (0.56, 0, -0.12), (0.25, 0, -1), (0.95, 0, -0.5), 0.42, 0.06),
)


def fin(rng, spec, veil, body, hem):
    kind, first, last, ray, other, long, wave = spec
    first, last, ray, other = (Vector(v) for v in (first, last, ray, other))
    rays, phase, across = (15 if kind == "tail" else 9), rng.uniform(0, 6), 120
    grid, colors = [], []
    for i in range(31):
        t, row = i / 30, []
        for k in range(across + 1):
            u = k / across
            ribs = 0.5 + 0.5 * math.cos(math.tau * rays * u)
            reach = long * (
                1 - 0.35 * (2 * u - 1) ** 2
                if kind != "tail"
                else 0.72 + 0.4 * (2 * u - 1) ** 2 * (0.6 if u < 0.5 else 1)
            )
            reach *= 1 + 0.05 * ribs * t + 0.03 * math.sin(9 * u + phase)
            spot = first.lerp(last, u) + ray.lerp(other, u).normalized() * reach * t
            spot.y += wave * t * math.sin(7 * u + 3 * t + phase)
            spot.z -= 0.12 * long * t * t
            row.append(spot)
            color = blend(body, hem, 1.8 * t)
            colors.append(
                (*color, min(1.0, 0.40 + 0.26 * ribs**2 * (1 - 0.6 * t) + 0.9 * (1 - t) ** 3))
            )
        grid.append(row)
    order = iter(colors)
    return tint(sheet(grid, veil, 0, 0), lambda point: next(order))


@recipe("goldfish", kind="animal")
def goldfish(rng, variant):
    smooth_alpha()
    words, back, belly, patches, hem = FISH[variant % len(FISH)]
    skin = Material("scales", back, 0.3, coat_weight=0.7, coat_roughness=0.12, metallic=0.25)
    u, v = skin.math("MULTIPLY", skin.axis("x"), 11), skin.math("MULTIPLY", skin.axis("z"), 13)
    slants = [skin.math("FRACT", skin.math(sign, u, v)) for sign in ("ADD", "SUBTRACT")]
    head = skin.math("GREATER_THAN", skin.axis("x"), -0.42)
    scale = skin.math("MULTIPLY", skin.math("MAXIMUM", *slants), head)
    rim = skin.ramp(scale, [(0.6, (0, 0, 0)), (1.0, (0.4, 0.4, 0.4))])
    skin.color(skin.mix(rim, tints(skin), tuple(0.45 * c for c in back)))
    skin.bump(scale, 0.25, 0.03)

    fat = rng.uniform(0.92, 1.12)
    line = spline(BODY, 6)

    def section(t):
        _, tall, wide, _ = line[round(t * (len(line) - 1))]
        return oval(wide * fat, tall * fat, 32)

    body = sweep([(x, 0, z) for x, _, _, z in line], section, skin)
    phase = rng.uniform(0, 6)

    def paint(p):
        color = blend(back, belly, 0.55 - 1.5 * p.z)
        if patches:
            wave = (
                math.sin(5 * p.x + phase)
                + math.sin(6 * p.z - 3 * p.x + 2 * phase)
                + math.sin(4 * p.y)
            )
            color = blend(color, patches, 5 * (wave - 0.15))
        gill = math.hypot(p.x + 0.62, p.z - 0.02)
        return blend(
            color,
            tuple(0.4 * c for c in color),
            0.8 * (1 - abs(gill - 0.26) / 0.02) * (p.x > -0.55),
        )

    things = [tint(body, paint)]
    veil = Material("fin", hem, 0.45, sheen_weight=0.2)
    veil.color(tints(veil, True))
    things += [fin(rng, spec, veil, back, hem) for spec in FINS]
    ring = Material("iris", (0.80, 0.60, 0.20), 0.3, metallic=0.6, coat_weight=1.0)
    pupil = Material("pupil", (0.006, 0.006, 0.008), 0.1, coat_weight=1.0)
    for side in (-1, 1):
        things.append(ball(0.085, (1, 0.55, 1), (-0.62, side * 0.19 * fat, 0.07), ring))
        things.append(ball(0.052, (1, 0.5, 1), (-0.625, side * 0.228 * fat, 0.07), pupil))
    lip = Material("lip", tuple(0.8 * c for c in belly), 0.4, coat_weight=0.5)
    mouth = [
        (-0.845, 0.06 * math.cos(a), -0.03 + 0.05 * math.sin(a)) for a in (0, 1.57, 3.14, 4.71)
    ]
    things.append(tube(mouth, 0.018, lip, closed=True))
    heading = rng.choice((-1, 1))
    turn = Matrix.Rotation(heading * rng.uniform(0.1, 0.5), 3, "Z")
    turn = turn @ Matrix.Rotation(0 if heading > 0 else math.pi, 3, "Z")
    tilt(things, turn @ Matrix.Rotation(rng.uniform(-0.12, 0.18), 3, "Y"))
    pattern = "spotted" if patches else "plain"
    made = answer(words, None, {"fat": fat}, view(rng, 2, 10, 6), pattern, stands=False)
    made["attributes"]["facing"] = "left" if heading > 0 else "right"
    return made
