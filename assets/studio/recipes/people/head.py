"""Everything above the neck."""

import math

import numpy as np
from mathutils import Matrix

from recipes.people.clay import (
    attribute,
    ball,
    capsule,
    clay,
    coordinates,
    front,
    mesh_object,
    patch,
    sphere,
    surface,
    sweep,
    unit,
)
from recipes.people.hair import beard, brows, hair_object, hairline, style_hair
from recipes.people.materials import eye_material, hair_material, plain, skin
from recipes.people.palettes import CLOTH, HAIR, IRIS, SKIN, rgb


def head(dice, rng, who, bodies, gaze):
    """Everything above the neck, around the middle of the head; returns its objects."""
    child, senior, male = who["age"] == "child", who["age"] == "senior", who["gender"] == "male"
    grown = male and not child
    tone = rgb(SKIN[who["skin"]])
    flesh = skin("skin")
    jaw = 0.162 if grown else 0.148
    nose = rng.uniform(0.040, 0.050) if grown else 0.03 if child else rng.uniform(0.031, 0.036)
    nose_z = -0.035 if child else -0.03
    mouth = -0.125
    cheek = 0.108 if child else 0.09
    parts = [
        ball((0, 0.025, 0.045), (0.224, 0.225, 0.222)),
        ball((0, -0.01, -0.085), (jaw + 0.028, 0.19, 0.165)),
        ball((0, -0.105, -0.185), (0.075, 0.068, 0.055) if grown else (0.055, 0.06, 0.05)),
        *[ball((s * 0.088, -0.1, -0.075), (cheek, 0.095, cheek * 0.9)) for s in (-1, 1)],
        ball((0, -0.222, nose_z), (nose, nose * 1.15, nose * 0.88)),
        capsule((0, -0.195, 0.06), (0, -0.215, nose_z), 0.018, nose * 0.55),
    ]
    for s in (-1, 1):
        turn = Matrix.Rotation(s * 0.35, 3, "Z")
        center = np.array([s * 0.228, 0.035, -0.025])
        arc = np.linspace(-0.45 * np.pi, 0.9 * np.pi, 16)
        rim = np.stack([0 * arc, 0.043 * np.cos(arc), 0.05 * np.sin(arc)], 1)
        rim = rim @ np.array(turn).T + center + (s * 0.016, 0, 0)
        parts += [ball(center, (0.022, 0.043, 0.05), turn), sweep(rim, 0.012, up=(1, 0, 0))]
    skull = clay("head", parts, flesh, voxel=0.009, smooth=7)
    tree = surface(skull)

    # paint: blush, and a tint of hair below the hair so that no scalp shines through
    p = coordinates(skull)
    paint = np.broadcast_to(tone, p.shape).copy()
    warm = np.zeros(len(p))
    for center, size, much in (
        ((-0.135, -0.17, -0.06), 0.055, 0.55), ((0.135, -0.17, -0.06), 0.055, 0.55),
        ((0, -0.26, nose_z), 0.05, 0.4), ((-0.24, 0.03, -0.03), 0.06, 0.4),
        ((0.24, 0.03, -0.03), 0.06, 0.4),
    ):  # fmt: skip
        warm = np.maximum(warm, much * np.exp(-(((p - center) / size) ** 2).sum(1)))
    paint = paint * (1 - warm[:, None] * (1 - np.array([1.0, 0.52, 0.46])))
    tint = rgb(HAIR[who["hair_color"]]) * 0.55
    receding = 1.0 if senior and male else 0.0
    covered = np.clip(hairline(p, receding) / 0.025 - 0.2, 0, 1)[:, None]
    if who["hair"] == "bald":
        covered = covered * 0.0
    paint += covered * (tint - paint)
    attribute(skull, "paint", "FLOAT_COLOR", np.hstack([paint, np.ones((len(p), 1))]))

    things = [skull, *eyes(who, tree, tone, gaze), *lips(who, tree, mouth, tone)]
    grown_hair = hair_material(who["hair_color"])
    brow = who["hair_color"] if who["hair_color"] != "blond" else "brown"
    things.append(hair_object("brows", brows(dice, tree, who), hair_material(brow), 0.0026))
    if who.get("beard"):
        whiskers = beard(dice, tree, mouth, who["beard"] == "beard")
        things.append(hair_object("beard", whiskers, grown_hair))
    for strands, radius in style_hair(dice, tree, who, bodies):
        things.append(hair_object("hair", strands, grown_hair, radius))
    if who["hair"] == "pigtails":
        for knot in ((-0.222, 0.065, 0.155), (0.222, 0.065, 0.155)):
            things.append(clay("hair tie", [ball(knot, (0.026, 0.026, 0.026))],
                               plain("hair tie", rgb(CLOTH[who["top"][1]])), None))  # fmt: skip
    return things, tree


def eyes(who, tree, tone, gaze):
    """Eyeballs with lids and lashes; `gaze` is the angle they are turned to the side."""
    child, female = who["age"] == "child", who["gender"] == "female"
    r = 0.060 if child else 0.054 if female else 0.051
    drop = 0.5 if who["age"] == "senior" else 0.74 if child or female else 0.62
    ball_mat = eye_material(IRIS[who.get("iris", "brown")])
    lid_mat = plain("lid", tone * np.array([0.93, 0.8, 0.76]), 0.5, **{"Subsurface Weight": 0.15,
                    "Subsurface Scale": 0.02})  # fmt: skip
    lash_mat = plain("lash", rgb("1a100b"), 0.6)
    things = []
    for s in (-1, 1):
        x, z = s * 0.087, 0.028
        surface_y = front(tree, x, z)[0][1]
        place = Matrix.Translation((x, surface_y + r * 0.42, z)) @ Matrix.Rotation(s * 0.14, 4, "Z")
        place = place @ Matrix.Diagonal((r, r * 0.92, r * 1.12, 1))
        eye = mesh_object("eye", *sphere(32, 48), ball_mat)
        look = gaze - s * 0.11
        eye.matrix_world = place @ Matrix.Rotation(look, 4, "Z")
        things.append(eye)
        glint = plain(
            "glint", (1, 1, 1), 0.2, **{"Emission Color": (1, 1, 1), "Emission Strength": 1.2}
        )
        dot = mesh_object("glint", *ball((0, 0, 0), (0.11, 0.05, 0.11)), glint)
        dot.matrix_world = place @ Matrix.Translation((math.sin(look) - 0.16, -0.95, 0.2))
        things.append(dot)
        for up, tilt in ((1, drop), (-1, 0.86 if who["age"] != "senior" else 0.72)):
            # a half shell, tilted open: what lies above (below) the eye's slit
            verts, faces = sphere(40, 48)
            keep = verts[:, 2] > -1e-6
            index = np.cumsum(keep) - 1
            cap = [[index[i] for i in f] for f in faces if keep[list(f)].all()]
            lid = mesh_object("lid", verts[keep] * 1.09, cap, lid_mat)
            turn = Matrix.Rotation(-tilt, 4, "X")
            flip = Matrix.Diagonal((1, 1, up, 1))
            roll = Matrix.Rotation(up * s * (0.1 if who["age"] == "senior" else -0.04), 4, "Y")
            lid.matrix_world = place @ roll @ flip @ turn
            solid = lid.modifiers.new("thickness", "SOLIDIFY")
            solid.thickness = 0.1
            things.append(lid)
            if up == 1 and (female or child):
                angle = np.linspace(np.pi, 2 * np.pi, 28)
                edge = np.stack([np.cos(angle), np.sin(angle), 0 * angle], 1) * 1.1
                width = (0.065 if female else 0.04) * np.sin(
                    np.linspace(0.25, np.pi - 0.25, 28)
                ) ** 0.5
                if female:  # the outer corner sweeps up
                    tip = 1.18 * unit([s * 1, -0.62, 0.28])
                    edge = np.vstack([edge, tip]) if s > 0 else np.vstack([tip, edge])
                    width = np.append(width, 0.01) if s > 0 else np.append(0.01, width)
                lash = mesh_object("lash", *sweep(edge, width, up=(0, 0, 1)),
                                   lash_mat)  # fmt: skip
                lash.matrix_world = lid.matrix_world
                things.append(lash)
    return things


def lips(who, tree, mouth, tone):
    """A closed smile, or an open one with teeth and tongue."""
    female = who["gender"] == "female" and who["age"] != "child"
    rosy = tone * (np.array([0.95, 0.42, 0.42]) if female else np.array([0.72, 0.42, 0.38]))
    half = 0.064 if who.get("smile") == "open" else 0.078
    x = np.linspace(-1, 1, 25)
    upper = mouth + 0.03 * x**2
    if who.get("smile") != "open":
        line = [front(tree, a * half, z, 0.001)[0] for a, z in zip(x, upper, strict=True)]
        width = (0.0095 if female else 0.0065) * (1 - 0.75 * abs(x) ** 3)
        lip = mesh_object("lips", *sweep(line, width, up=(0, 1, 0)), plain("lips", rosy, 0.4))
        return [lip]

    def outline(s, t, top=0.0, bottom=1.0, inset=1.0):
        a = (2 * s - 1) * inset
        high = mouth + 0.012 * a**2 + 0.012
        depth = 0.056 * (1 - a**2) ** 0.6
        return a * half, high - depth * (top + (bottom - top) * t)

    cave = patch("mouth", tree, outline, plain("mouth", rgb("4a1013"), 0.5), 0.001, 0.002)
    teeth = patch("teeth", tree, lambda s, t: outline(s, t, 0.02, 0.3, 0.86),
                  plain("teeth", rgb("f3eee2"), 0.3), 0.003, 0.002)  # fmt: skip
    tongue = patch("tongue", tree, lambda s, t: outline(s, t, 0.66, 0.97, 0.6),
                   plain("tongue", rgb("c8545a"), 0.4), 0.003, 0.002)  # fmt: skip
    edge = [outline((a + 1) / 2, 0) for a in x] + [outline((a + 1) / 2, 1) for a in x[-2:0:-1]]
    ring = [front(tree, *xz, 0.001)[0] for xz in edge]
    rim = mesh_object("lips", *sweep(ring, 0.0062, closed=True), plain("lips", rosy, 0.4))
    return [cave, teeth, tongue, rim]
