"""What the second cast wears beside the first one's clothes: longer skirts, hoods, caps, bags."""

import math

import numpy as np
from mathutils import Matrix

from recipes.people.clay import (
    ball,
    capsule,
    clay,
    front,
    lathe,
    loop,
    mesh_object,
    patch,
    surface,
    sweep,
)
from recipes.people.clothes import cuff
from recipes.people.materials import fabric, plain
from recipes.people.palettes import CLOTH, rgb


def long_skirt(b, spec, phase, dress, hem):
    """A skirt in soft folds from the waist to the height `hem` (share of the leg from the hip)."""
    _, color, pattern, second = spec
    s, z0 = b["scale"], b["hip_z"]
    low, waist, hips = z0 * (1 - hem), b["waist"], b["hips"]
    slim = 1.0 if dress else 0.95
    rings = [
        (z0 + 0.17 * s, waist, waist * 0.78, 0),
        (z0 + 0.10 * s, waist * 1.12 * slim, waist * 0.90 * slim, 0),
        (z0 - 0.03 * s, hips * 1.14 * slim, hips * 0.96 * slim, 0),
        (low, hips * (1.28 + 0.55 * hem), hips * (1.14 + 0.5 * hem), 0),
    ]
    body = lathe(rings, 70, 168, lambda t, a: 1 + 0.05 * (1 - t) ** 1.4 * np.cos(12 * a + phase))
    bones = [((0, 0, low), (0, 0, z0 + 0.3), hips * 1.4)]
    clay("skirt", [body], fabric(color, pattern, second), 0.009, 4, bones)


def hood(b, body, spec):
    """A hood laid back on the shoulders, its cords, and a pouch: a sweater becomes a hoodie."""
    _, color, _, second = spec
    s, z1 = b["scale"], b["neck_z"]
    cloth, tree = fabric(color, weave="rib"), surface(body)
    roll = loop(
        (0, 0.035 * s, z1 + 0.012 * s), 0.115 * s, 0.12 * s, turn=Matrix.Rotation(0.5, 3, "X")
    )
    width = 0.034 * s * (1 + 0.5 * np.clip(roll[:, 1] / (0.12 * s), 0, 1))
    clay("hood", [sweep(roll, width, True, 24, 0.8, (0, 0, 1)),
                  ball((0, 0.13 * s, z1 - 0.05 * s), np.array((0.11, 0.05, 0.10)) * s)],
         cloth, 0.008, 6, bones=[((0, 0.05, z1 - 0.3), (0, 0.05, z1 + 0.1), 0.12)])  # fmt: skip
    for side in (-1, 1):
        cord = [front(tree, side * (0.042 + 0.006 * t) * s, z1 - (0.06 + 0.13 * t) * s, 0.006)[0]
                for t in np.linspace(0, 1, 12)]  # fmt: skip
        mesh_object("cord", *sweep(cord, 0.0055 * s), fabric(second))
    low, high = b["hip_z"] + 0.05 * s, b["hip_z"] + 0.19 * s

    def pouch(u, t):
        half = (0.125 - 0.05 * t) * s
        return (2 * u - 1) * half, low + (high - low) * t

    flap = patch("pouch", tree, pouch, cloth, 0.006 * s, 0.012 * s)
    bevel = flap.modifiers.new("round", "BEVEL")
    bevel.width, bevel.segments = 0.004 * s, 3


def cap(things, color):
    """A baseball cap; head space."""
    cloth = fabric(color)
    dome = ball((0, 0.02, 0.06), (0.255, 0.262, 0.235))
    crown = np.maximum(dome[0], [-9, -9, 0.125])
    a = np.linspace(0.13 * math.pi, 0.87 * math.pi, 40)
    visor = []
    for t in np.linspace(0, 1, 14):
        x, y = np.cos(a) * (0.236 + 0.0 * t), 0.02 - np.sin(a) * (0.24 + 0.19 * t)
        visor.append(np.stack([x, y, 0.135 - 0.05 * t + 0.0 * a - 0.25 * x**2], 1))
    grid = np.array(visor)
    rows, columns = grid.shape[:2]
    corners = (0, 1, columns + 1, columns)
    faces = [
        [r * columns + c + k for k in corners] for r in range(rows - 1) for c in range(columns - 1)
    ]
    peak = mesh_object("visor", grid.reshape(-1, 3), faces, plain("visor", rgb(CLOTH[color]), 0.8))
    peak.modifiers.new("thickness", "SOLIDIFY").thickness = 0.014
    bones = [((0, 0.02, 0), (0, 0.02, 0.5), 0.25)]
    things += [peak, clay("cap", [(crown, dome[1])], cloth, 0.009, 5, bones=bones)]
    things.append(clay("button", [ball((0, 0.02, 0.292), (0.022, 0.022, 0.012))], cloth, None))


def sun_hat(things, color, ribbon):
    """A hat of straw with a wide brim; head space."""
    straw = fabric(color, weave="rib")
    z, rings = 0.14, [(0, 0.24, 0.245), (0.08, 0.232, 0.238), (0.17, 0.19, 0.2)]
    rings += [(0.205, 0.12, 0.13), (0.21, 0.04, 0.04)]
    brim = loop((0, 0.02, z), 0.34, 0.35)
    brim[:, 2] -= 0.03 * np.cos(np.linspace(0, 4 * np.pi, len(brim), endpoint=False)) ** 2
    parts = [lathe([(z - 0.01 + h, x, y, 0.02) for h, x, y in rings])]
    parts.append(sweep(brim, 0.125, True, 28, 0.09, (0, 0, 1)))
    bones = [((0, 0.02, 0), (0, 0.02, 0.5), 0.25)]
    things.append(clay("hat", parts, straw, 0.009, 4, bones=bones))
    band = loop((0, 0.02, z + 0.03), 0.242, 0.248)
    things.append(cuff(band, 0.009, fabric(ribbon), "ribbon", 2.6, (0, 0, 1)))


def sunglasses(things, tree, color):
    """Two dark lenses in a frame; head space."""
    frame = plain("frame", rgb(CLOTH[color]), 0.25, **{"Coat Weight": 0.6})
    lens = plain("lens", rgb("0c0d10"), 0.08, **{"Coat Weight": 1.0, "Coat Roughness": 0.03})
    y = front(tree, 0.087, 0.02)[0][1] - 0.042
    for s in (-1, 1):
        disc = ball((s * 0.092, y + 0.006, 0.022), (0.078, 0.012, 0.062))
        disc[0][:, 1] += 0.22 * (np.abs(disc[0][:, 0]) - 0.09)
        things.append(mesh_object("lens", *disc, lens))
        ring = loop(
            (s * 0.092, y + 0.004, 0.022), 0.079, 0.063, turn=Matrix.Rotation(math.pi / 2, 3, "X")
        )
        ring[:, 1] += 0.22 * (np.abs(ring[:, 0]) - 0.09)
        things.append(mesh_object("rim", *sweep(ring, 0.0085, True), frame))
        temple = [
            (0.165, y + 0.03, 0.04),
            (0.21, y + 0.09, 0.038),
            (0.24, -0.05, 0.033),
            (0.248, 0.03, 0.026),
        ]
        things.append(
            mesh_object("temple", *sweep(np.array(temple) * (s, 1, 1), 0.008, up=(0, 0, 1)), frame)
        )
    bridge = [(x, y - 0.008, 0.036) for x in np.linspace(-0.02, 0.02, 7)]
    things.append(mesh_object("bridge", *sweep(bridge, 0.0075, up=(0, 0, 1)), frame))


def backpack(b, body, color):
    """A pack on the back, whose straps are what the front shows of it."""
    s, z1, tree = b["scale"], b["neck_z"], surface(body)
    cloth = fabric(color)
    back = 0.19 * s
    parts = [ball((0, back + 0.03, z1 - 0.27 * s), np.array((0.185, 0.10, 0.235)) * s),
             capsule((0, back + 0.10 * s, z1 - 0.34 * s), (0, back + 0.10 * s, z1 - 0.36 * s),
                     0.10 * s, 0.11 * s)]  # fmt: skip
    clay("backpack", parts, cloth, 0.01, 6, bones=[((0, back, z1 - 0.6), (0, back, z1), 0.18)])
    strap = fabric(color, weave="rib")
    for side in (-1, 1):
        line = [
            front(tree, side * x * s, z1 + z * s, 0.008 * s)[0]
            for x, z in (
                (0.115, -0.075),
                (0.118, -0.13),
                (0.122, -0.2),
                (0.132, -0.28),
                (0.15, -0.35),
            )
        ]
        over = [(side * 0.105 * s, 0.1 * s, z1 - 0.03 * s), (side * 0.108 * s, 0.0, z1 - 0.012 * s),
                (side * 0.112 * s, -0.06 * s, z1 - 0.035 * s)]  # fmt: skip
        mesh_object("strap", *sweep([*over, *line], 0.024 * s, flat=0.35), strap)
