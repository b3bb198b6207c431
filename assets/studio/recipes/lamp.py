"""A lamp that is on: with a shade, for a desk, or shaped like a mushroom."""

import math

from answers import solid
from materials import GOLD, Material, ceramic, fabric, metal, rgb, wood
from mathutils import Matrix, Vector
from shapes import ball, lathe, tilt, tube
from stage import recipe


@recipe("lamp")
def lamp(rng, variant):
    style, color, accent = [
        ("shade", "red", "white"),
        ("desk", "yellow", None),
        ("mushroom", "green", "white"),
        ("shade", "white", "blue"),
        ("desk", "black", None),
        ("mushroom", "orange", "white"),
        ("shade", "light green", "brown"),
        ("desk", "light blue", None),
        ("mushroom", "pink", "white"),
    ][variant % 9]
    tall = rng.uniform(0.92, 1.1)
    if style == "shade":
        shade_lamp(rng, color, accent, tall)
    elif style == "desk":
        desk_lamp(rng, color)
    else:
        mushroom_lamp(color, accent, tall)
    material = {"shade": "fabric", "desk": "metal", "mushroom": "metal"}[style]
    return solid(rng, [color, accent], material, low=5, high=11, style=style, height=tall)


def glowing(name, color, strength):
    return Material(name, color, 0.6, emission_color=(*rgb(color), 1), emission_strength=strength)


def shade_lamp(rng, color, accent, tall):
    foot = wood() if accent == "brown" else ceramic(accent)
    neck, belly = rng.uniform(0.07, 0.1), rng.uniform(0.3, 0.36)
    base = [(0, 0), (0.25, 0), (0.27, 0.03), (0.24, 0.07), (0.2, 0.1), (belly, 0.36), (belly, 0.5)]
    base += [(belly * 0.65, 0.74), (neck, 0.88), (neck, 0.98), (neck * 1.3, 1.0), (0, 1.0)]
    lathe([(r, z * tall) for r, z in base], foot)
    brass = metal(GOLD)
    tube([(0, 0, tall - 0.02), (0, 0, tall + 0.85)], 0.028, brass)
    cloth = fabric(color, scale=420)
    cloth.set(emission_color=(*rgb(color), 1), emission_strength=0.22)
    low, wide = tall + 0.08, rng.uniform(0.58, 0.66)
    cone = [
        (wide, low),
        (wide * 0.58, low + 0.78),
        (wide * 0.56, low + 0.78),
        (wide * 0.98, low + 0.005),
    ]
    lathe([*cone, cone[0]], cloth, 96, 0)
    for radius, z in ((wide, low), (wide * 0.575, low + 0.78)):
        ring = [
            (radius * math.cos(a / 8 * math.pi), radius * math.sin(a / 8 * math.pi), z)
            for a in range(16)
        ]
        tube(ring, 0.016, fabric(color, scale=420), closed=True)
    ball(0.13, at=(0, 0, low + 0.3), material=glowing("bulb", (1.0, 0.8, 0.5), 4.0))
    lathe(
        [(0, 0.0), (0.035, 0.02), (0.045, 0.06), (0.03, 0.1), (0, 0.12)],
        brass,
        at=(0, 0, tall + 0.83),
    )


def desk_lamp(rng, color):
    paint = Material("paint", color, 0.3, coat_weight=0.6, coat_roughness=0.1).grain(120, 0.02)
    steel = metal()
    lathe(
        [(0, 0), (0.44, 0), (0.46, 0.02), (0.45, 0.06), (0.38, 0.09), (0.1, 0.11), (0, 0.11)], paint
    )
    side = rng.choice((-1, 1))
    joint = Vector((side * rng.uniform(0.3, 0.42), 0.0, 0.95))
    elbow, head = Vector((0, 0, 0.16)), Vector((-side * rng.uniform(0.22, 0.34), -0.05, 1.72))
    for a, b in ((elbow, joint), (joint, head)):
        for y in (-0.045, 0.045):
            tube([a + Vector((0, y, 0)), b + Vector((0, y, 0))], 0.024, paint)
    for point in (elbow, joint, head):
        tube([point + Vector((0, -0.09, 0)), point + Vector((0, 0.09, 0))], 0.055, steel)
    cone = [
        (0.02, 0.3),
        (0.1, 0.3),
        (0.13, 0.27),
        (0.14, 0.1),
        (0.2, 0.02),
        (0.36, -0.3),
        (0.38, -0.38),
    ]
    cone += [(0.365, -0.38), (0.34, -0.3), (0.18, 0.0), (0.02, 0.04)]
    hood = lathe([*cone, cone[0]], paint)
    bulb = ball(0.15, at=(0, 0, -0.2), material=glowing("bulb", (1.0, 0.85, 0.6), 5.0))
    tilt([hood, bulb], Matrix.Rotation(side * 0.5, 3, "Y") @ Matrix.Rotation(-0.35, 3, "X"), False)
    for thing in (hood, bulb):
        thing.matrix_world.translation += head + Vector((-side * 0.1, -0.06, -0.08))


def mushroom_lamp(color, accent, tall):
    paint = Material("paint", color, 0.25, coat_weight=0.8, coat_roughness=0.08)
    stem = [
        (0, 0),
        (0.42, 0),
        (0.44, 0.03),
        (0.36, 0.1),
        (0.2, 0.3),
        (0.15, 0.6),
        (0.16, 0.85),
        (0, 0.9),
    ]
    lathe([(r, z * tall) for r, z in stem], paint)
    low = 0.82 * tall
    inside = glowing("opal", (1.0, 0.84, 0.62), 0.9)
    lathe([(0, low), (0.3, low - 0.02), (0.68, low), (0.5, low + 0.2), (0, low + 0.3)], inside)
    dome = [
        (0.72, low - 0.02),
        (0.735, low),
        (0.72, low + 0.14),
        (0.6, low + 0.38),
        (0.36, low + 0.56),
    ]
    dome += [(0, low + 0.62)]
    under = [
        (0, low + 0.58),
        (0.36, low + 0.52),
        (0.57, low + 0.36),
        (0.69, low + 0.14),
        (0.7, low),
    ]
    lathe([*dome, *under, dome[0]], paint)
    lathe([(0, low + 0.6), (0.05, low + 0.62), (0.06, low + 0.67), (0, low + 0.7)], ceramic(accent))
