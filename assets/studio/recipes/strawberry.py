"""A strawberry with its seeds and its ruff of sepals, hung up or lying."""

import math

from answers import solid
from materials import Material, blend, tints
from mathutils import Matrix, Vector
from shapes import ball, leaf, tilt, tint, tube, turned
from stage import recipe

BERRIES = (  # words, tip, shoulder, seeds, lying
    (["red", "green"], (0.66, 0.010, 0.012), (0.60, 0.02, 0.02), (0.85, 0.56, 0.12), False),
    (["white", "green"], (0.84, 0.74, 0.62), (0.86, 0.80, 0.66), (0.62, 0.03, 0.03), False),
    (["dark red", "green"], (0.24, 0.004, 0.014), (0.20, 0.004, 0.012), (0.62, 0.26, 0.05), True),
    (["pink", "green"], (0.86, 0.22, 0.26), (0.88, 0.48, 0.42), (0.85, 0.60, 0.20), True),
    (["red", "light green"], (0.64, 0.015, 0.015), (0.60, 0.66, 0.30), (0.85, 0.62, 0.14), False),
    (["light green"], (0.46, 0.60, 0.20), (0.56, 0.66, 0.30), (0.30, 0.34, 0.06), False),
    (["orange", "green"], (0.80, 0.14, 0.01), (0.84, 0.26, 0.03), (0.90, 0.66, 0.16), True),
    (["yellow", "green"], (0.86, 0.62, 0.12), (0.86, 0.70, 0.24), (0.55, 0.24, 0.03), True),
    (["purple", "green"], (0.20, 0.02, 0.16), (0.16, 0.02, 0.12), (0.70, 0.45, 0.16), False),
)
OUTLINE = (
    *((0, 0), (0.1, 0.02), (0.26, 0.16), (0.45, 0.48), (0.59, 0.86)),
    *((0.58, 1.1), (0.42, 1.24), (0.2, 1.23), (0.0, 1.16)),
)


def berry(rng, tip, shoulder):
    flesh = Material("flesh", tip, 0.3, coat_weight=0.8, coat_roughness=0.08)
    flesh.set(subsurface_weight=0.12, subsurface_scale=0.05)
    wide, phase = rng.uniform(0.94, 1.1), rng.uniform(0, 6)

    def lumps(angle, radius, z):
        wave = 0.035 * math.cos(3 * angle + phase) + 0.02 * math.cos(7 * angle)
        return radius * wide * (1 + wave), z

    flesh.color(tints(flesh)).bump(flesh.noise(11, 2), 0.25, 0.05)
    body = turned(OUTLINE, flesh, lumps)
    return tint(body, lambda p: blend(tip, shoulder, (p.z - 0.72) / 0.4))


def seeded(body, color):
    """Seeds in a spiral, each in a dimple."""
    seed = Material("seed", color, 0.35, coat_weight=0.5)
    first, things, spots = None, [], []
    for k in range(130):
        z = 0.06 + 1.12 * ((k + 0.5) / 130) ** 0.72
        a = k * 2.39996
        found, place, normal, _ = body.ray_cast(
            Vector((2 * math.cos(a), 2 * math.sin(a), z)), Vector((-math.cos(a), -math.sin(a), 0))
        )
        if found:
            spots.append((place, normal))
    for vertex in body.data.vertices:
        for place, normal in spots:
            far = (vertex.co - place).length
            if far < 0.075:
                vertex.co -= normal * 0.026 * (1 - (far / 0.075) ** 2)
    for place, normal in spots:
        one = (
            ball(0.028, (0.7, 0.35, 1), material=seed, detail=3) if first is None else first.copy()
        )
        if first is None:
            first = one
        else:
            body.users_collection[0].objects.link(one)
        flat = normal.to_track_quat("-Y", "Z").to_matrix().to_4x4()
        one.matrix_world = (
            Matrix.Translation(place - normal * 0.014) @ flat @ Matrix.Diagonal((0.75, 0.4, 1.1, 1))
        )
        things.append(one)
    return things


@recipe("strawberry")
def strawberry(rng, variant):
    words, tip, shoulder, seeds, lying = BERRIES[variant % len(BERRIES)]
    body = berry(rng, tip, shoulder)
    things = [body, *seeded(body, seeds)]
    green = Material("sepal", (0.10, 0.34, 0.03), 0.5, sheen_weight=0.2)
    green.mottle((0.09, 0.32, 0.03), (0.22, 0.46, 0.06), 6)
    count = rng.choice((9, 10, 11))
    for k in range(2 * count):
        outer = k < count
        yaw = math.tau * k / count + (0 if outer else 0.3) + rng.uniform(-0.1, 0.1)
        long = rng.uniform(0.42, 0.54) if outer else rng.uniform(0.3, 0.38)
        lift = rng.uniform(0.0, 0.3) + (0 if outer else 0.35)
        curl = rng.uniform(0.6, 1.5)
        things.append(
            leaf(
                long,
                0.17,
                green,
                (0.03 * math.cos(yaw), 0.03 * math.sin(yaw), 1.22),
                yaw,
                lift,
                curl,
            )
        )
    bend = rng.uniform(-0.25, 0.25)
    stalk = [(0, 0, 1.15), (bend * 0.2, 0, 1.4), (bend, 0.03, 1.72)]
    things.append(tube(stalk, [0.045, 0.032, 0.04], green))
    side = rng.choice((-1, 1))
    roll = side * (rng.uniform(1.2, 1.35) if lying else rng.uniform(0.05, 0.2))
    turn = Matrix.Rotation(-side * (0.5 if lying else 0.1), 3, "Z") @ Matrix.Rotation(roll, 3, "Y")
    tilt(things, turn)
    label = {"stands": lying}
    return solid(rng, words, "fruit", "plain", 10, 20, 6, label, lying=lying)
