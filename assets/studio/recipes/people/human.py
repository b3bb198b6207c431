"""A clay puppet, as for a stop-motion film.

One parametric figure. Solid parts (head, hands, clothes) are unions of balls and tapered limbs,
fused by a voxel remesh and smoothed like kneaded clay. `CAST` lists who is who; whoever comes
after them is a passer-by, dressed by dice.

Lengths are in metres; a figure stands on z = 0, looks along -y, and its left side is +x.
"""

from __future__ import annotations

import math
import random

import numpy as np
from mathutils import Matrix, Vector
from stage import recipe

from recipes.people.accessories import glasses, hat, scarf
from recipes.people.body import POSES, build_of, hand, paint_plain, shoe, skeleton
from recipes.people.cast import CAST, attributes, passer_by
from recipes.people.clay import capsule, clay, limb, loop, unit
from recipes.people.clothes import cuff, finish_top, legwear, rings_at, skirt, top_garment
from recipes.people.hair import SKULL, hair_object
from recipes.people.head import head
from recipes.people.materials import fabric, hair_material, skin
from recipes.people.palettes import SKIN, rgb


@recipe("human", kind="human")
def human(rng: random.Random, variant: int) -> dict:
    who = CAST[variant] if variant < len(CAST) else passer_by(rng)
    dice = np.random.default_rng(rng.randrange(2**32))
    b, pose = build_of(who, rng), POSES[who["pose"]]
    s, tone = b["scale"], rgb(SKIN[who["skin"]])
    arms, legs = skeleton(b, pose)
    flesh = skin("limbs")

    # clothes
    kind = who["top"][0]
    knitted = kind == "sweater"
    body, ends, rings = top_garment(b, arms, who["top"], knitted)
    finish_top(b, body, ends, rings, who["top"], knitted)
    bare = who["bottom"] is None or who["bottom"][0] in ("skirt", "shorts")
    if who["bottom"] is None or who["bottom"][0] == "skirt":
        skirt(b, who["bottom"] or who["top"], rng.uniform(0, 6), who["bottom"] is None)
        if who["bottom"] is None:
            z = b["hip_z"] + 0.145 * s
            rx, ry, y, _ = rings_at(rings, z)
            cuff(loop((0, y, z), rx, ry), 0.011 * s, fabric(who["top"][3]), "belt", 2.2, (0, 0, 1))
    else:
        legwear(b, legs, who["bottom"])
    if who.get("scarf"):
        scarf(b, who["scarf"])

    # limbs
    for side in (-1, 1):
        paint_plain(hand("hand", b, side, arms[side], flesh), tone)
        shoulder, elbow, wrist, *_ = arms[side]
        if kind in ("t-shirt", "dress"):
            r = 0.05 * b["limb"]
            arm = limb([shoulder + (elbow - shoulder) * 0.5, elbow, wrist], [r, r * 0.95, r * 0.72])
            paint_plain(clay("arm", arm, flesh, 0.009), tone)
        hip, knee, ankle, *_ = legs[side]
        shoe(b, side, legs[side], who["shoes"])
        if bare:
            r = 0.066 * b["limb"]
            paint_plain(
                clay("leg", limb([hip, knee, ankle], [r * 1.05, r, r * 0.8]), flesh, 0.009), tone
            )
            top = knee + (ankle - knee) * 0.72
            sock = [capsule(top, ankle, r * 0.9, r * 0.92)]
            clay("sock", sock, fabric("white", weave="rib"), 0.009, bones=[(knee, ankle, 0.05)])

    # head
    hs = b["head"]
    stoop = 0.03 if who["age"] == "senior" else 0.0
    center = Vector((0, -0.012 - stoop, b["neck_z"] + 0.235 * hs))
    neck = capsule(
        (0, 0.01, b["neck_z"] - 0.08 * s), center - Vector((0, -0.02, 0.1)), 0.066 * s, 0.07 * hs
    )
    paint_plain(clay("neck", [neck], flesh, 0.009), tone)
    azimuth_deg = round(rng.uniform(-20, 20), 1)
    view = math.radians(azimuth_deg)
    yaw = view * 0.4 + rng.uniform(-0.1, 0.1)
    tilt = Matrix.Rotation(rng.uniform(-0.09, 0.09), 4, "Y") @ Matrix.Rotation(yaw, 4, "Z")
    place = Matrix.Translation(center) @ tilt @ Matrix.Scale(hs, 4)
    inverse = 1 / hs
    torso = np.array([0, 0, b["neck_z"] - 0.2 * s]) - center
    bodies = [
        SKULL,
        (torso * inverse, np.array([b["shoulder"] + 0.075 * s, 0.17 * s, 0.24 * s]) * inverse),
    ]
    things, tree = head(dice, rng, who, bodies, view - yaw)  # eyes on the viewer
    if who.get("glasses"):
        glasses(things, tree, who["glasses"])
    if who.get("hat"):
        bobble = hat(things, who)
        if bobble:
            color, at = bobble
            fluff = (
                unit(dice.normal(size=(3500, 3)))[:, None] * np.linspace(0, 0.075, 6)[None, :, None]
            )
            wool = hair_material("white")
            wool.node_tree.nodes["Principled Hair BSDF"].inputs["Color"].default_value = (*color, 1)
            things.append(hair_object("bobble", np.array(at) + fluff, wool, 0.003))
    for thing in things:
        thing.matrix_world = place @ thing.matrix_world

    return {
        "attributes": attributes(who),
        "params": {"pose": who["pose"], "skin": who["skin"]},
        "camera": {"azimuth_deg": azimuth_deg,
                   "elevation_deg": round(rng.uniform(5, 12), 1), "lens_mm": 75},
        "label": {"split": "test" if variant % 3 == 2 else "train"},
    }  # fmt: skip
