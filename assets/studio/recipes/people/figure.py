"""Measures and joints of a body of natural proportions: long limbs, a head of a seventh."""

import numpy as np

from recipes.people.body import ik
from recipes.people.clay import unit

# Where a hand is, from the shoulder, in lengths of the arm and outward (x), where the elbow
# points, and where the fingers and the palm do.
REACH = {
    "down": ((0.24, -0.12, -0.93), (0.5, 1, 0), (0.05, -0.16, -1), (-1, -0.2, 0)),
    "wave": ((0.56, -0.20, 0.58), (1, 0, -1.2), (0.3, -0.12, 1), (0, -1, -0.1)),
    "forward": ((0.12, -0.42, -0.80), (0, 1, 0), (0, -0.45, -1), (-1, 0, 0)),
    "backward": ((0.20, 0.30, -0.84), (0, 1, 0), (0, 0.2, -1), (-1, 0, 0)),
    "open": ((0.60, -0.36, -0.42), (0, 0.6, -1), (0.75, -0.5, 0.25), (0, -0.7, 0.8)),
    "strap": ((0.02, -0.46, -0.30), (0.7, 0.4, -1), (-0.35, -0.25, 1), (-0.7, 0.7, 0)),
}
POSES = {
    "stand": ("down", "down"), "wave": ("wave", "down"), "wave left": ("down", "wave"),
    "hips": ("hip", "hip"), "hip": ("hip", "down"), "hip left": ("down", "hip"),
    "open": ("open", "open"), "walk": ("forward", "backward"), "strap": ("strap", "down"),
    "walk left": ("backward", "forward"), "welcome": ("down", "open"),
}  # fmt: skip


def build_of(who, rng):
    """Measures of a body in metres, named as `body.build_of` names them."""
    child, senior, male = who["age"] == "child", who["age"] == "senior", who["gender"] == "male"
    tall = rng.uniform(0.97, 1.03) * (0.72 if child else 0.96 if senior else 1.03 if male else 0.96)
    wide = tall * rng.uniform(0.96, 1.06) * who.get("girth", 1.0) * (1.12 if child else 1.0)
    grown = male and not child
    return {
        "scale": 0.86 * tall * (1.05 if child else 1.0),
        "head": 0.56 if child else 0.555 if male else 0.54,
        "hip_z": (0.84 if child else 0.88) * tall, "neck_z": 1.40 * tall,
        "hips": (0.160 if grown else 0.152 if child else 0.172) * wide,
        "waist": (0.158 if grown else 0.150 if child else 0.130) * wide * (1.12 if senior else 1),
        "chest": (0.192 if grown else 0.155 if child else 0.160) * wide,
        "shoulder": (0.182 if grown else 0.155) * wide,
        "belly": 0.035 * tall if senior or who.get("girth", 1) > 1.1 else 0.0,
        "bust": 0.0 if male or child else 0.022,
        "arm": (0.285 * tall, 0.255 * tall), "leg": (0.425 * tall, 0.405 * tall),
        "limb": (0.90 if grown else 0.80) * tall * (1.08 if child else 1.0),
    }  # fmt: skip


def skeleton(b, pose):
    """Joints: arms as (shoulder, elbow, wrist, fingers, palm), legs as (hip, knee, ankle, heel)."""
    s, reach = b["scale"], sum(b["arm"])
    arms, legs = {}, {}
    stride = {"walk": 0.16, "walk left": -0.16}.get(pose, 0.0)
    for side in (-1, 1):
        out = np.array([side, 1, 1])
        shoulder = np.array([side * b["shoulder"], 0.0, b["neck_z"] - 0.112 * s])
        kind = POSES[pose][side > 0]
        if kind == "hip":
            goal = np.array([side * (b["waist"] + 0.05 * s), -0.03, b["hip_z"] + 0.14 * s])
            pole, fingers, palm = (1, 0.25, 0), (-0.55, -0.6, -0.55), (-0.8, 0.6, 0)
        else:
            goal, pole, fingers, palm = REACH[kind]
            goal = shoulder + out * goal * reach
        elbow, wrist = ik(shoulder, goal, *b["arm"], out * pole)
        arms[side] = (shoulder, elbow, wrist, unit(out * fingers), unit(out * palm))
        step = stride * side
        hip = np.array([side * 0.092 * s, 0, b["hip_z"] - 0.02 * s])
        heel = max(0.0, -step) * 0.3
        ankle = np.array([side * 0.105 * s, -step * 1.1 + 0.03 * s, 0.075 * s + heel * s])
        knee, ankle = ik(hip, ankle, *b["leg"], (side * 0.12, -1, 0))
        legs[side] = (hip, knee, ankle, heel)
    return arms, legs


def crown_of(b, stoop):
    """The middle of the head, a neck above the shoulders."""
    return np.array([0, -0.01 - stoop, b["neck_z"] + 0.32 * b["head"]])
