"""A toy car: a saloon or a racer of painted tin, or one cut from wood, to pull on a string."""

import math

from answers import answer, solid, view
from materials import Material, metal, rubber, wood
from mathutils import Matrix
from shapes import ball, box, circle, lathe, plate, spline, tube, turned
from stage import recipe

LOOKS = (  # colour, second colour, form
    ("red", "white", "saloon"),
    ("light brown", "green", "wooden"),
    ("blue", "white", "racer"),
    ("yellow", "black", "saloon"),
    ("light blue", "white", "saloon"),
    ("green", "yellow", "racer"),
    ("beige", "red", "wooden"),
    ("black", "red", "racer"),
    ("pink", "white", "saloon"),
)
# Side outlines (x, z), the front at +x; a point given twice is a corner.
BODY = (
    *((-1, 0.17), (-1, 0.17), (-1.03, 0.34), (-0.95, 0.5), (-0.7, 0.57), (0.55, 0.58)),
    *((0.85, 0.52), (1.02, 0.38), (1.0, 0.17), (1.0, 0.17)),
)
CABIN = (
    *((-0.68, 0.5), (-0.68, 0.5), (-0.56, 0.78), (-0.4, 0.93), (-0.1, 0.97), (0.12, 0.93)),
    *((0.3, 0.78), (0.46, 0.5), (0.46, 0.5)),
)
WINDOWS = (
    ((-0.56, 0.6), (-0.47, 0.76), (-0.34, 0.86), (-0.13, 0.88), (-0.13, 0.6)),
    ((-0.05, 0.6), (-0.05, 0.88), (0.1, 0.85), (0.22, 0.74), (0.31, 0.6)),
)
UPRIGHT = Matrix.Rotation(math.pi / 2, 4, "X")


@recipe("toy car")
def toy_car(rng, variant):
    color, accent, form = LOOKS[variant % len(LOOKS)]
    {"saloon": saloon, "racer": racer, "wooden": wooden}[form](rng, color, accent)
    label = {"toy": True}
    material = "wood" if form == "wooden" else "metal"
    if form == "wooden":
        made = answer([color, accent], material, {"form": form}, view(rng, 10, 16), **label)
    else:
        pattern = "striped" if form == "racer" else "plain"
        made = solid(rng, [color, accent], material, pattern, 10, 17, 25, label, form=form)
    made["camera"]["azimuth_deg"] = rng.uniform(26, 46)  # the front is at +x
    return made


def varnish(color):
    return Material("varnish", color, 0.25, coat_weight=1.0, coat_roughness=0.05)


def wheel(x, y, r, wide, tyre, hub):
    """Tyre and hub; y is the middle of its tread."""
    half = wide / 2
    fat = [(r * 0.6, -half), (r * 0.93, -half), (r, -half * 0.6), (r, half * 0.6)]
    fat += [(r * 0.93, half), (r * 0.6, half), (r * 0.6, -half)]
    cap = [(0, half * 1.15), (r * 0.2, half * 1.15), (r * 0.26, half * 0.8), (r * 0.5, half * 0.6)]
    cap += [(r * 0.6, half), (r * 0.66, half * 0.95), (r * 0.66, -half), (0, -half)]
    for part in (lathe(fat, tyre), lathe(cap, hub)):
        turn = Matrix.Rotation(math.pi / 2 if y < 0 else -math.pi / 2, 4, "X")
        part.matrix_world = Matrix.Translation((x, y, r)) @ turn


def saloon(rng, color, accent):
    paint, chrome = varnish(color), metal((0.75, 0.76, 0.78), roughness=0.15)
    roof = varnish(accent)
    pane = Material("pane", (0.03, 0.05, 0.07), 0.08, coat_weight=1.0)
    plate([spline(BODY, 6)], 0.86, paint, 0.1, UPRIGHT)
    plate([spline(CABIN, 6)], 0.72, roof, 0.08, UPRIGHT)
    for window in WINDOWS:
        plate([window], 0.74, pane, 0.015, UPRIGHT)
    for x, z, lean, long in ((0.345, 0.72, 0.98, 0.26), (-0.6, 0.72, -1.12, 0.2)):
        box((long, 0.54, 0.04), (x, 0, z), pane, 0.015, (0, lean, 0))
    for x in (-0.62, 0.62):
        for side in (-1, 1):
            wheel(x, side * 0.37, 0.22, 0.16, rubber("black"), chrome)
            arch = circle(0.26, (x, 0.22), 17, 0.0, math.pi)
            rail = [(a, side * 0.44, b) for a, b in arch]
            tube(rail, 0.03, paint)
    for end in (-1, 1):
        bumper = [(end * 1.0, -0.4, 0.24), (end * 1.07, -0.2, 0.24), (end * 1.07, 0.2, 0.24)]
        tube([*bumper, (end * 1.0, 0.4, 0.24)], 0.035, chrome)
    glow = Material("lamp", (0.95, 0.88, 0.6), 0.1, coat_weight=1.0)
    rear = Material("rear", (0.6, 0.01, 0.01), 0.1, coat_weight=1.0)
    for y in (-0.27, 0.27):
        ball(0.085, (0.6, 1, 1), (0.98, y, 0.42), glow)
        ball(0.05, (0.5, 1, 1), (-1.0, y, 0.42), rear)
    for k in range(4):
        z = 0.33 + 0.045 * k
        tube([(1.005, -0.12, z), (1.02, 0, z), (1.005, 0.12, z)], 0.012, chrome)


def racer(rng, color, accent):
    """A long nose, stripes along it, an open seat, and wheels outside."""
    skin, chrome = varnish(color), metal((0.75, 0.76, 0.78), roughness=0.15)
    across = skin.math("ABSOLUTE", skin.axis("y"))
    bands = ((0, accent), (0.05, color), (0.085, accent), (0.125, color))
    skin.color(skin.ramp(across, bands, constant=True))
    hull = [(0, -1.15), (0.06, -1.1), (0.2, -0.8), (0.29, -0.4), (0.31, 0), (0.29, 0.4)]
    hull += [(0.24, 0.8), (0.17, 1.0), (0.15, 1.05), (0.13, 1.03), (0, 1.0)]
    # turned about the car's length; z of the profile is x of the car
    body = turned(hull, skin)
    for vertex in body.data.vertices:
        x, y, z = vertex.co
        vertex.co = (z, y, -x * 0.9 + 0.36)
    box((0.44, 0.3, 0.08), (-0.25, 0, 0.6), Material("seat", (0.02, 0.012, 0.01), 0.7), 0.035)
    wheel_of = [(0.03 + 0.05 * z / 0.1, y, 0.7 + z) for y, z in circle(0.1, steps=24)]
    tube(wheel_of, 0.02, Material("steering", (0.02, 0.012, 0.01), 0.5), closed=True)
    tube([(0.2, 0, 0.6), (0.03, 0, 0.7)], 0.016, chrome)
    ball(0.13, (1.6, 0.8, 1), (-0.62, 0, 0.63), varnish(accent))
    for x, r, wide in ((-0.68, 0.29, 0.2), (0.66, 0.25, 0.16)):
        tube([(x, -0.45, r), (x, 0.45, r)], 0.03, chrome)
        for side in (-1, 1):
            wheel(x, side * 0.47, r, wide, rubber("black"), varnish(accent))
    for side in (-1, 1):
        pipe = [(0.45, side * 0.28, 0.42), (0.3, side * 0.34, 0.36), (-1.0, side * 0.3, 0.3)]
        tube(pipe, 0.032, chrome)
    tube([(1.0, 0, 0.35), (1.06, 0, 0.35)], 0.12, chrome)


def wooden(rng, color, accent):
    pale = {"light brown": ((0.58, 0.33, 0.14), (0.40, 0.20, 0.07))}
    grain = wood(*pale.get(color, ((0.74, 0.55, 0.33), (0.58, 0.38, 0.18))), axis="x", scale=3)
    peg = wood((0.30, 0.13, 0.05), (0.16, 0.06, 0.02), axis="y", scale=5)
    outline = spline(BODY, 6)[:-1]
    plate([outline], 0.62, grain, 0.05, UPRIGHT)
    holes = [spline([*window[::-1], window[-1]], 1) for window in WINDOWS]
    plate([spline(CABIN, 6), *holes], 0.52, grain, 0.04, UPRIGHT)
    paint = Material("paint", accent, 0.4, coat_weight=0.3)
    for x in (-0.58, 0.58):
        for side in (-1, 1):
            wheel(x, side * 0.39, 0.25, 0.13, paint, paint)
            tube([(x, side * 0.38, 0.25), (x, side * 0.49, 0.25)], 0.055, peg)
    for y in (-0.17, 0.17):
        ball(0.06, at=(1.0, y, 0.42), material=paint)
    cord = [(1.0, 0, 0.26), (1.15, -0.06, 0.12), (1.35, 0.06, 0.02), (1.6, -0.2, 0.02)]
    side = rng.choice((-1, 1))
    cord += [(1.75, -0.5, 0.02), (1.5, -0.62 - 0.1 * side, 0.02), (1.28, -0.5, 0.02)]
    tube(cord, 0.018, Material("cord", (0.75, 0.70, 0.60), 0.9))
    ball(0.07, at=(1.24, -0.48, 0.07), material=paint)
