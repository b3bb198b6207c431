"""A bee in flight: furry, banded, with clear wings and dangling legs."""

import math

import bpy
from answers import answer, view
from materials import Material, blend, rgb, tints
from mathutils import Matrix, Vector
from shapes import ball, sheet, strands, tilt, tint, tube
from stage import recipe
from veil import smooth_alpha

BEES = (  # words, fur of the breast, bands from the front of the tail to its end
    (["yellow", "black"], "yellow", ("black", "yellow", "black", "yellow", "black")),
    (["brown", "beige"], "light brown", ("brown", "beige", "brown", "beige", "brown")),
    (["black", "white"], "black", ("black", "black", "black", "white", "white")),
    (["orange", "black"], "orange", ("orange", "black", "orange", "black", "black")),
    (["green"], "green", ("green", "dark green", "green", "dark green", "green")),
    (["blue", "black"], "blue", ("black", "blue", "black", "blue", "black")),
    (["red", "black"], "black", ("black", "black", "red", "red", "red")),
    (["gray", "black"], "light gray", ("black", "gray", "black", "gray", "black")),
    (["purple"], "purple", ("dark blue", "purple", "dark blue", "purple", "dark blue")),
)
BODIES = ((0.44, (0.92, 0.95, 0.88), (0, -0.42, 0.1)), (0.5, (0.92, 1.42, 0.86), (0, 0.62, -0.08)))


def wing(side, long, film):
    """A wing along x, rounded at its end, with a few branching veins."""
    grid, colors = [], []
    for i in range(101):
        t, row = i / 100, []
        half = long * 0.21 * math.sin(math.pi * min(0.05 + 0.95 * t**1.25, 1)) ** 0.6 + 0.006
        for k in range(41):
            u = k / 20 - 1
            row.append((side * long * t, half * u + 0.06 * t, 0.05 * math.sin(4 * t + u)))
            forks = (abs(u + 0.95), abs(u + 0.5 - 0.4 * t), abs(u - 0.1 - 0.3 * math.sin(3 * t)))
            cross = abs(t - 0.55 - 0.1 * u) * long / half if abs(u) < 0.6 else 1.0
            vein = min(max(1 - min(*forks, abs(u - 0.96), cross) / 0.07, 0.0), 1.0)
            colors.append((*blend((0.76, 0.72, 0.64), (0.10, 0.05, 0.02), vein), 0.24 + 0.6 * vein))
        grid.append(row)
    order = iter(colors)
    return tint(sheet(grid, film, 0, 0), lambda point: next(order))


@recipe("bee", kind="animal")
def bee(rng, variant):
    smooth_alpha()
    bpy.context.scene.cycles.diffuse_bounces = 1
    words, breast, bands = BEES[variant % len(BEES)]
    dark = Material("skin", (0.014, 0.012, 0.012), 0.35, coat_weight=0.4)
    fluff: dict[str, list] = {name: [] for name in (breast, *bands)}
    things = []
    for number, (size, shape, place) in enumerate(BODIES):
        things.append(ball(size, shape, place, dark))
        for _ in range((3800, 6800)[number]):
            v = Vector(rng.gauss(0, 1) for _ in range(3)).normalized()
            root = Vector(place) + Vector(a * b * size for a, b in zip(v, shape, strict=True))
            color = breast
            if number:
                color = bands[min(int((v.y * 0.98 + 1) / 2 * 5 + rng.gauss(0, 0.05)), 4)]
            lay = Vector((0, 0.8, -0.15)) + Vector(rng.gauss(0, 0.3) for _ in range(3))
            reach = (0.17, 0.11)[number] * rng.uniform(0.6, 1.1)
            tip = root + (v + lay * 0.5).normalized() * reach
            fluff[color].append([root, root.lerp(tip, 0.5) + v * 0.02, tip])
    for name, lines in fluff.items():
        if lines:
            wool = blend(name, (0.9, 0.8, 0.5), 0.06 if sum(rgb(name)) > 0.1 else 0.0)
            things.append(strands(lines, 0.0072, Material("fur", wool, 0.8), 0.3))
    head, eye = (0, -0.93, 0.0), Material("eye", (0.02, 0.012, 0.01), 0.15, coat_weight=1.0)
    things.append(ball(0.27, (0.95, 0.7, 1.0), head, dark))
    hairs = []
    for _ in range(500):
        v = Vector(rng.gauss(0, 1) for _ in range(3)).normalized()
        root = Vector(head) + Vector((0.25 * v.x, 0.18 * v.y, 0.26 * v.z))
        hairs.append([root, root + v * 0.04, root + v * 0.08])
    things.append(strands(hairs, 0.006, Material("fur", breast, 0.8), 0.3))
    film = Material("wing", "white", 0.15, coat_weight=0.4)
    film.color(tints(film, True))
    for side in (-1, 1):
        things.append(ball(0.14, (0.6, 0.8, 1.25), (side * 0.2, -1.02, 0.06), eye))
        feeler = [(side * 0.07, -1.1, 0.16), (side * 0.16, -1.3, 0.34), (side * 0.26, -1.5, 0.26)]
        things.append(tube(feeler, [0.026, 0.022, 0.028], dark))
        for long, y, turn in ((1.5, -0.42, 0.25), (1.05, -0.18, -0.3)):
            one = wing(side, long, film)
            rise = Matrix.Rotation(-side * rng.uniform(0.35, 0.55), 4, "Y")
            place = Matrix.Translation((side * 0.24, y, 0.42))
            one.matrix_world = place @ Matrix.Rotation(side * turn, 4, "Z") @ rise
            things.append(one)
        for y, back in ((-0.62, -0.12), (-0.36, 0.12), (-0.1, 0.4)):
            knee = (side * 0.52, y + back * 0.4, -0.36)
            foot = (side * 0.46, y + back, -0.74 - 0.1 * back)
            toe = (side * 0.52, y + back * 1.2, -0.9 - 0.1 * back)
            legs = [(side * 0.2, y, -0.2), knee, foot, toe]
            things.append(tube(legs, [0.05, 0.055, 0.045 if back < 0.3 else 0.075, 0.018], dark))
    heading = rng.choice((-1, 1))
    turn = Matrix.Rotation(-heading * rng.uniform(0.7, 1.05), 3, "Z")
    tilt(things, turn @ Matrix.Rotation(rng.uniform(-0.25, 0.0), 3, "X"))
    pattern = "striped" if len(set(bands)) > 1 and words[0] != "black" else "plain"
    return answer(words, None, {}, view(rng, 14, 26, 6), pattern, True, stands=False)
