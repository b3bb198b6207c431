"""Mushrooms: toadstools with warts, buns, funnels and slender bells, alone or in a group."""

import math

from answers import solid
from materials import Material, blend, tints
from mathutils import Matrix, Vector
from shapes import ball, spline, tilt, tint, turned
from stage import recipe

MUSHROOMS = (  # words, cap, its rim, stem, warts (None: none), form, how many
    (
        ["red", "white"],
        (0.62, 0.012, 0.01),
        (0.66, 0.05, 0.01),
        (0.84, 0.81, 0.74),
        (0.86, 0.83, 0.76),
        "dome",
        1,
    ),
    (
        ["brown", "white"],
        (0.24, 0.09, 0.025),
        (0.34, 0.15, 0.05),
        (0.80, 0.74, 0.62),
        None,
        "bun",
        1,
    ),
    (["white"], (0.84, 0.81, 0.75), (0.80, 0.76, 0.68), (0.84, 0.82, 0.77), None, "bun", 3),
    (["orange"], (0.86, 0.30, 0.02), (0.88, 0.42, 0.04), (0.86, 0.44, 0.08), None, "funnel", 1),
    (["gray"], (0.22, 0.21, 0.20), (0.46, 0.44, 0.42), (0.62, 0.60, 0.56), None, "bell", 3),
    (["purple"], (0.17, 0.04, 0.30), (0.28, 0.10, 0.42), (0.55, 0.42, 0.66), None, "bun", 2),
    (
        ["yellow", "white"],
        (0.88, 0.58, 0.04),
        (0.88, 0.66, 0.14),
        (0.84, 0.80, 0.66),
        (0.86, 0.83, 0.70),
        "dome",
        2,
    ),
    (
        ["beige", "brown"],
        (0.72, 0.56, 0.36),
        (0.66, 0.48, 0.28),
        (0.76, 0.66, 0.50),
        (0.28, 0.13, 0.05),
        "dome",
        1,
    ),
    (["blue"], (0.05, 0.17, 0.55), (0.16, 0.32, 0.66), (0.42, 0.52, 0.70), None, "bell", 2),
)
# (radius, z) from the top of the cap to its rim; how tall and how thick the stem is
FORMS = {
    "dome": (((0, 0.52), (0.3, 0.48), (0.62, 0.30), (0.84, 0.02), (0.86, -0.06)), 1.25, 0.16),
    "bun": (((0, 0.50), (0.36, 0.46), (0.62, 0.28), (0.72, 0.06), (0.66, -0.06)), 0.72, 0.24),
    "funnel": (((0, -0.14), (0.2, -0.06), (0.5, 0.16), (0.78, 0.26), (0.86, 0.20)), 0.85, 0.17),
    "bell": (((0, 0.66), (0.14, 0.6), (0.3, 0.36), (0.44, 0.04), (0.5, -0.08)), 1.5, 0.06),
}


def mushroom_at(rng, scheme, place, size, lean):
    _, color, rim, pale, warts, form, _ = scheme
    outline, tall, thick = FORMS[form]
    tall *= rng.uniform(0.9, 1.1)
    edge, low = outline[-1]
    phase, wild = rng.uniform(0, 6), 0.10 if form == "funnel" else 0.02

    def wave(angle, radius, z):
        sway = math.cos(3 * angle + phase) + 0.6 * math.cos(7 * angle + 2 * phase)
        return radius * (1 + wild * sway * radius), z + tall + wild * sway * radius * radius

    skin = Material("cap", color, 0.5, coat_weight=0.4 if form == "dome" else 0.08)
    skin.set(coat_roughness=0.15)
    skin.color(skin.mix(skin.math("MULTIPLY", skin.noise(5, 5), 0.3), tints(skin), rim))
    skin.bump(skin.noise(7), 0.1, 0.05).bump(skin.noise(60, 4), 0.12, 0.02)
    under = [
        (edge * 0.96, low),
        (edge * 0.5, low + (0.06 if form != "funnel" else -0.25)),
        (thick * 0.8, low - (0.7 if form == "funnel" else -0.04)),
    ]
    top = turned([*outline, outline[-1], *under[:1]], skin, wave)
    tint(top, lambda p: blend(color, rim, (math.hypot(p.x, p.y) / edge) ** 4))
    flesh = Material("flesh", pale, 0.75, subsurface_weight=0.05)
    angle = flesh.math("ARCTAN2", flesh.axis("y"), flesh.axis("x"))
    gills = flesh.math("SINE", flesh.math("MULTIPLY", angle, 90.0))
    flesh.color(
        flesh.mix(
            flesh.math("MULTIPLY", flesh.math("ADD", gills, 1.0), 0.35),
            pale,
            tuple(0.4 * c for c in pale),
        )
    )
    flesh.bump(gills, 0.5, 0.03)
    things = [top, turned([(edge * 0.985, low + 0.005), *under], flesh, wave)]
    stalk = Material("stem", pale, 0.8)
    stalk.mottle(pale, tuple(0.72 * c for c in pale), 8, 0.6).bump(stalk.noise(20, 4), 0.25)
    top_z = tall - 0.45 if form == "funnel" else tall + low + 0.06
    foot = 1.5 if form in ("dome", "bun") else 1.0
    line = [
        (0, 0),
        (thick * foot * 0.8, 0.0),
        (thick * foot, 0.1),
        (thick * 1.1, tall * 0.35),
        (thick * 0.9, tall * 0.8),
        (thick, top_z),
        (0, top_z + 0.04),
    ]
    things.append(turned(line, stalk))
    if form == "dome":  # a skirt hangs on the stem
        skirt = [
            (thick * 0.95, tall * 0.74),
            (thick * 1.5, tall * 0.68),
            (thick * 2.1, tall * 0.58),
            (thick * 2.05, tall * 0.575),
            (thick * 1.3, tall * 0.66),
            (thick * 0.9, tall * 0.69),
        ]
        things.append(
            turned(
                skirt,
                stalk,
                lambda a, r, z: (r * (1 + 0.05 * math.sin(9 * a)), z + 0.02 * math.sin(11 * a)),
            )
        )
    if warts:
        crust = Material("wart", warts, 0.9).grain(20, 0.3)
        curve = spline(outline, 12)
        for k in range(38):
            at = (0.04 + 0.9 * ((k + 0.5) / 38) ** 0.6) * (len(curve) - 1)
            (r, z), (r2, z2) = curve[int(at)], curve[min(int(at) + 1, len(curve) - 1)]
            a, wide = (
                k * 2.39996 + rng.gauss(0, 0.12),
                rng.uniform(0.045, 0.085) * (1 - 0.3 * r / edge),
            )
            normal = Vector((-(z2 - z) * math.cos(a), -(z2 - z) * math.sin(a), r2 - r)).normalized()
            one = ball(wide, (1, rng.uniform(0.7, 1.2), 0.45), material=crust, detail=3)
            spot = Vector((r * math.cos(a), r * math.sin(a), z + tall))
            one.matrix_world = (
                Matrix.Translation(spot)
                @ normal.to_track_quat("Z", "Y").to_matrix().to_4x4()
                @ Matrix.Diagonal((*one.scale, 1))
            )
            things.append(one)
    turn = Matrix.Translation(place) @ lean.to_4x4() @ Matrix.Scale(size, 4)
    for thing in things:
        thing.matrix_world = turn @ thing.matrix_world
    return things


@recipe("mushroom")
def mushroom(rng, variant):
    scheme = MUSHROOMS[variant % len(MUSHROOMS)]
    words, *_, warts, form, count = scheme
    side, things = rng.choice((-1, 1)), []
    spots = ((0, 0, 1.0), (0.75 * side, -0.15, 0.62), (-0.55 * side, -0.3, 0.48))
    apart = {"dome": 1.0, "bun": 1.1, "funnel": 1.0, "bell": 0.6}[form]
    for x, y, size in spots[:count]:
        lean = Matrix.Rotation(0.28 * x * (count > 1) + rng.uniform(-0.08, 0.08), 3, "Y")
        lean = lean @ Matrix.Rotation(0.06, 3, "X")
        things += mushroom_at(
            rng, scheme, (x * apart, y * apart, 0), size * rng.uniform(0.92, 1.05), lean
        )
    tilt(things, Matrix.Rotation(rng.uniform(-0.3, 0.3), 3, "Z"))
    pattern = "dotted" if warts else "plain"
    low, high = (14, 22) if form != "bell" else (4, 12)
    return solid(rng, words, None, pattern, low, high, 8, form=form, count=count)
