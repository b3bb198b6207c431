"""A person of natural proportions, as in an animated film: the second style of people.

Made of the first style's clay, cloth and hair (`human.py`); `CROWD` lists who is who, and whoever
comes after them is dressed by dice. Lengths are in metres; a figure stands on z = 0 and looks along
-y, its left side is +x.
"""

from __future__ import annotations

import math
import random

import numpy as np
from mathutils import Matrix, Vector
from stage import recipe

from recipes.people.accessories import glasses, scarf
from recipes.people.body import hand, paint_plain, shoe
from recipes.people.clay import capsule, clay, limb, loop
from recipes.people.clothes import cuff, finish_top, legwear, rings_at, top_garment
from recipes.people.coiffure import dress_hair, tint_scalp
from recipes.people.crowd import CROWD, seen, stranger
from recipes.people.figure import build_of, crown_of, skeleton
from recipes.people.hair import SKULL, hair_object
from recipes.people.head import head
from recipes.people.materials import fabric, hair_material, skin
from recipes.people.palettes import SKIN, rgb
from recipes.people.wear import backpack, cap, hood, long_skirt, sun_hat, sunglasses

WORN_AS = {"hoodie": "sweater"}  # sewn like one


@recipe("person", kind="human")
def person(rng: random.Random, variant: int) -> dict:
    who = CROWD[variant] if variant < len(CROWD) else stranger(rng)
    dice = np.random.default_rng(rng.randrange(2**32))
    b, tone = build_of(who, rng), rgb(SKIN[who["skin"]])
    arms, legs = skeleton(b, who["pose"])
    flesh = skin("limbs")
    kind = dress(b, arms, legs, who, rng)
    bare_arms, bare_legs = kind in ("t-shirt", "dress"), who["bottom"] is None
    bare_legs = bare_legs or who["bottom"][0] in ("skirt", "shorts")
    for side in (-1, 1):
        paint_plain(hand("hand", b, side, arms[side], flesh), tone)
        shoulder, elbow, wrist, *_ = arms[side]
        if bare_arms:
            r = 0.050 * b["limb"]
            start = shoulder + (elbow - shoulder) * 0.5
            paint_plain(
                clay("arm", limb([start, elbow, wrist], [r, r * 0.9, r * 0.68]), flesh, 0.008), tone
            )
        hip, knee, ankle, *_ = legs[side]
        shoe(b, side, legs[side], who["shoes"])
        if bare_legs:
            r = 0.064 * b["limb"]
            calf = knee + (ankle - knee) * 0.3 + np.array([0, 0.012, 0])
            shin = limb([hip, knee, calf, ankle], [r * 1.12, r * 0.9, r * 0.92, r * 0.62])
            paint_plain(clay("leg", shin, flesh, 0.009), tone)
            sock = [capsule(knee + (ankle - knee) * 0.8, ankle, r * 0.72, r * 0.76)]
            clay("sock", sock, fabric("white", weave="rib"), 0.009, bones=[(knee, ankle, 0.05)])

    size = b["head"]
    center = Vector(crown_of(b, 0.025 if who["age"] == "senior" else 0.0))
    foot = (0, 0.012, b["neck_z"] - 0.06)
    neck = capsule(foot, center - Vector((0, -0.02, 0.05)), 0.062 * b["scale"], 0.105 * size)
    paint_plain(clay("neck", [neck], flesh, 0.008), tone)
    azimuth_deg = round(rng.uniform(-20, 20), 1)
    view = math.radians(azimuth_deg)
    yaw = view * 0.4 + rng.uniform(-0.1, 0.1)
    tilt = Matrix.Rotation(rng.uniform(-0.07, 0.07), 4, "Y") @ Matrix.Rotation(yaw, 4, "Z")
    torso = (np.array([0, 0, b["neck_z"] - 0.23]) - center) / size
    reach = np.array([b["shoulder"] + 0.06, 0.15, 0.25]) / size
    things, tree = head(dice, rng, {**who, "hair": "bald"}, [SKULL], view - yaw)
    if who["hair"] != "bald":
        tint_scalp(things[0], who)
        strands, ties = dress_hair(dice, tree, who, [SKULL, (torso, reach)])
        grown = hair_material(who["hair_color"])
        things += [hair_object("hair", lock, grown, radius) for lock, radius in strands] + ties
    if who.get("glasses"):
        glasses(things, tree, who["glasses"])
    if who.get("sunglasses"):
        sunglasses(things, tree, who["sunglasses"])
    if who.get("cap"):
        cap(things, who["cap"])
    if who.get("straw"):
        sun_hat(things, "beige", who["straw"])
    place = Matrix.Translation(center) @ tilt @ Matrix.Scale(size, 4)
    for thing in things:
        thing.matrix_world = place @ thing.matrix_world
    return {
        "attributes": seen(who),
        "params": {"pose": who["pose"], "skin": who["skin"]},
        "camera": {"azimuth_deg": azimuth_deg,
                   "elevation_deg": round(rng.uniform(3, 8), 1), "lens_mm": 80},
        "label": {"category": "human", "split": "test" if variant % 3 == 2 else "train"},
    }  # fmt: skip


def dress(b, arms, legs, who, rng):
    """Put the clothes on; returns what kind of top it is sewn as."""
    worn, *rest = who["top"]
    spec = (WORN_AS.get(worn, worn), *rest)
    kind, s, knitted = spec[0], b["scale"], worn == "sweater"
    body, ends, rings = top_garment(b, arms, spec, knitted)
    finish_top(b, body, ends, rings, spec, knitted)
    if worn == "hoodie":
        hood(b, body, spec)
    bottom = who["bottom"]
    if bottom is None or bottom[0] == "skirt":
        long_skirt(b, bottom or spec, rng.uniform(0, 6), bottom is None, who.get("hem", 0.42))
        if bottom is None:
            z = b["hip_z"] + 0.145 * s
            rx, ry, y, _ = rings_at(rings, z)
            cuff(loop((0, y, z), rx, ry), 0.010 * s, fabric(spec[3]), "belt", 2.2, (0, 0, 1))
    else:
        legwear(b, legs, bottom)
    if who.get("scarf"):
        scarf(b, who["scarf"])
    if who.get("backpack"):
        backpack(b, body, who["backpack"])
    return kind
