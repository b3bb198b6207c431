"""Scarf, hat and glasses."""

import math

import numpy as np
from mathutils import Matrix

from recipes.people.clay import (
    attribute,
    ball,
    clay,
    coordinates,
    front,
    lathe,
    loop,
    mesh_object,
    sweep,
)
from recipes.people.clothes import cuff
from recipes.people.materials import fabric, plain
from recipes.people.palettes import CLOTH, rgb


def scarf(b, spec):
    """Two turns around the neck and a hanging end."""
    _, color, pattern, second = spec
    s, z1 = b["scale"], b["neck_z"]
    points = loop(
        (0, -0.008 * s, z1 + 0.012 * s), 0.108 * s, 0.1 * s, turn=Matrix.Rotation(0.2, 3, "X")
    )
    low = loop(
        (0, -0.012 * s, z1 - 0.03 * s), 0.124 * s, 0.112 * s, turn=Matrix.Rotation(0.3, 3, "X")
    )
    t = np.linspace(0, 1, 24)[:, None]
    end = (
        np.hstack([0.055 + 0.02 * t, -0.135 - 0.045 * np.sin(np.pi * (t * 0.75)), 1e-9 - 0.32 * t])
        * s
    )
    end[:, 2] += z1 - 0.03 * s
    mat = fabric(color, pattern, second, "knit")
    for path, width in ((points, 0.04), (low, 0.042)):
        obj = clay("scarf", [sweep(path, width * s, True, 24, 0.9, (0, 0, 1))], mat, 0.009, 3)
        # run the print along the scarf, not around the neck
        p = coordinates(obj)
        around = np.arctan2(p[:, 0], -p[:, 1]) * 0.12
        attribute(obj, "cloth", "FLOAT_VECTOR", np.stack([p[:, 2], around, 0 * around], 1))
    clay("scarf end", [sweep(end, 0.052 * s, False, 24, 0.4)], mat, 0.008, 3,
         bones=[(end[0], end[-1], 0.06)])  # fmt: skip


def hat(things, who):
    """A knitted cap with a bobble, or a brimmed hat; head space."""
    kind, color, pattern, second = who["hat"]
    top = (0, 0.022, 0.05)
    z = 0.135
    if kind == "beanie":
        dome = ball(top, (0.262, 0.262, 0.262))
        wool = fabric(color, pattern, second, "knit")
        verts = np.maximum(dome[0], [-9, -9, z])
        things.append(clay("beanie", [(verts, dome[1])], wool, 0.01, 5,
                           bones=[((0, 0.02, 0), (0, 0.02, 0.5), 0.25)]))  # fmt: skip
        rib = fabric(second if pattern == "plain" else color, weave="rib")
        band = loop((0, 0.022, z + 0.012), 0.243, 0.243, turn=Matrix.Rotation(-0.05, 3, "X"))
        things.append(cuff(band, 0.024, rib, "band", 1.8, (0, 0, 1)))
        return rgb(CLOTH[second if pattern == "plain" else color]), (0, 0.022, 0.345)
    felt = fabric(color)
    rings = [
        (z - 0.01, 0.245, 0.25, 0.02),
        (z + 0.06, 0.238, 0.243, 0.02),
        (z + 0.15, 0.205, 0.215, 0.02),
        (z + 0.2, 0.15, 0.16, 0.02),
        (z + 0.205, 0.05, 0.05, 0.02),
    ]
    brim = loop((0, 0.02, z), 0.295, 0.31)
    brim[:, 2] += 0.02 * (np.abs(brim[:, 0]) / 0.3) ** 2
    parts = [lathe(rings), sweep(brim, 0.07, True, 24, 0.17, (0, 0, 1))]
    things.append(clay("hat", parts, felt, 0.009, 5, bones=[((0, 0.02, 0), (0, 0.02, 0.5), 0.25)]))
    ribbon = loop((0, 0.02, z + 0.032), 0.243, 0.248)
    things.append(cuff(ribbon, 0.008, fabric(second), "ribbon", 2.6, (0, 0, 1)))
    return None


def glasses(things, tree, color):
    mat = plain("glasses", rgb(CLOTH[color]), 0.3, **{"Coat Weight": 0.5})
    y = front(tree, 0.087, 0.02)[0][1] - 0.045
    for s in (-1, 1):
        turn = Matrix.Rotation(math.pi / 2, 3, "X") @ Matrix.Rotation(0, 3, "Z")
        ring = loop((s * 0.09, y + 0.006, 0.022), 0.069, 0.066, turn=turn)
        ring[:, 1] += 0.5 * (np.abs(ring[:, 0]) - 0.09) * 0.45
        things.append(mesh_object("rim", *sweep(ring, 0.0065, True), mat))
        temple = [(0.157, y + 0.03, 0.035), (0.2, y + 0.07, 0.035), (0.236, -0.05, 0.032)]
        temple = np.array([*temple, (0.246, 0.03, 0.025)]) * (s, 1, 1)
        things.append(mesh_object("temple", *sweep(temple, 0.006, up=(0, 0, 1)), mat))
    bridge = [
        (x, y - 0.004 - 0.008 * (1 - (x / 0.024) ** 2), 0.03) for x in np.linspace(-0.024, 0.024, 9)
    ]
    things.append(mesh_object("bridge", *sweep(bridge, 0.006, up=(0, 0, 1)), mat))
