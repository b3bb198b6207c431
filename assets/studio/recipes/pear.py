"""A pear, freckled, with a blush where the sun was, a stalk and mostly a leaf."""

import math

from answers import solid
from materials import Material, blend, tints
from mathutils import Matrix
from shapes import leaf, tilt, tint, tube, turned
from stage import recipe

PEARS = (  # words, skin, blush, speckles, leaf
    (["light green"], (0.38, 0.52, 0.06), (0.55, 0.56, 0.08), (0.14, 0.22, 0.03), True),
    (["yellow", "red"], (0.84, 0.56, 0.05), (0.62, 0.07, 0.02), (0.55, 0.30, 0.05), True),
    (["brown"], (0.30, 0.14, 0.04), (0.40, 0.19, 0.05), (0.62, 0.42, 0.20), False),
    (["dark red"], (0.26, 0.012, 0.015), (0.18, 0.006, 0.012), (0.50, 0.20, 0.10), True),
    (["yellow"], (0.86, 0.62, 0.06), (0.88, 0.56, 0.05), (0.50, 0.34, 0.06), False),
    (["green", "red"], (0.26, 0.42, 0.04), (0.55, 0.05, 0.03), (0.12, 0.20, 0.03), False),
    (["green"], (0.12, 0.34, 0.03), (0.20, 0.40, 0.04), (0.50, 0.56, 0.16), False),
    (["orange"], (0.82, 0.30, 0.03), (0.66, 0.12, 0.02), (0.45, 0.16, 0.03), True),
    (["red"], (0.58, 0.02, 0.02), (0.44, 0.01, 0.02), (0.70, 0.30, 0.12), False),
)
OUTLINE = (
    *((0, 0.08), (0.1, 0.02), (0.3, 0.0), (0.55, 0.13), (0.72, 0.45), (0.70, 0.75)),
    *((0.54, 1.05), (0.37, 1.28), (0.29, 1.5), (0.2, 1.64), (0.07, 1.67), (0, 1.62)),
)


@recipe("pear")
def pear(rng, variant):
    words, skin, blush, dots, leafy = PEARS[variant % len(PEARS)]
    neck, lean, phase = rng.uniform(0.94, 1.08), rng.uniform(0.04, 0.16), rng.uniform(0, 6)

    def lumps(angle, radius, z):
        wave = 1 + 0.02 * math.cos(2 * angle + phase) + 0.015 * math.cos(5 * angle + 2 * phase)
        return radius * wave, z * neck

    made = Material("peel", skin, 0.4, coat_weight=0.35, coat_roughness=0.2, subsurface_weight=0.1)
    made.set(subsurface_scale=0.05)
    cells = made.node("ShaderNodeTexVoronoi", {"Vector": made.position(), "Scale": 17.0})
    specks = made.math("LESS_THAN", cells.outputs["Distance"], 0.13)
    russet = made.mix(
        made.math("MULTIPLY", made.noise(5, 5), 0.5), tints(made), blend(skin, dots, 0.5)
    )
    made.color(made.mix(made.math("MULTIPLY", specks, 0.7), russet, dots)).bump(
        made.noise(6), 0.07, 0.05
    )
    body = turned(OUTLINE, made, lumps)
    side = rng.uniform(-1.0, 1.0)

    def sunny(point):  # the blush sits on one side, and the neck leans
        facing = math.sin(math.atan2(point.x, -point.y) - side + math.pi / 2)
        return blend(skin, blush, 0.9 * max(facing, 0.0) ** 3 * (1.1 - abs(point.z - 0.8)))

    tint(body, sunny)
    for vertex in body.data.vertices:
        vertex.co.x += lean * max(0.0, vertex.co.z - 0.5) ** 2
    top = 1.62 * neck
    foot = (lean * (top - 0.5) ** 2, 0, top - 0.04)
    bend = rng.uniform(0.08, 0.22) * rng.choice((-1, 1))
    bark = Material("stalk", (0.10, 0.05, 0.02), 0.8).grain(30, 0.4)
    stalk = [foot, (foot[0] + bend * 0.25, 0, top + 0.22), (foot[0] + bend, 0.02, top + 0.4)]
    things = [body, tube(stalk, [0.03, 0.028, 0.045], bark)]
    if leafy:
        green = Material("leaf", (0.06, 0.24, 0.03), 0.45, coat_weight=0.25)
        green.bump(green.noise(12), 0.2)
        yaw = 0.3 if bend < 0 else math.pi - 0.3
        things.append(leaf(0.72, 0.36, green, stalk[1], yaw, rng.uniform(0.2, 0.5), 0.9))
    tilt(things, Matrix.Rotation(rng.uniform(-0.06, 0.06), 3, "Y"))
    return solid(rng, words, "fruit", low=8, high=16, neck=neck, leaf=leafy)
