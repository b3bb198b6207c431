"""Measures, poses and joints of a body; its hands and shoes."""

import math

import numpy as np
from mathutils import Matrix, Vector

from recipes.people.clay import attribute, ball, capsule, clay, coordinates, limb, unit
from recipes.people.materials import plain
from recipes.people.palettes import CLOTH, rgb


def ik(start, end, upper, lower, pole):
    """Middle joint of a two-bone limb bent towards `pole`; returns (joint, reachable end)."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    axis = unit(end - start)
    d = min(np.linalg.norm(end - start), (upper + lower) * 0.995)
    x = (upper**2 - lower**2 + d**2) / (2 * d)
    bend = unit(np.asarray(pole) - axis * (np.asarray(pole) @ axis))
    joint = start + axis * x + bend * math.sqrt(max(upper**2 - x**2, 0))
    return joint, start + axis * d


def build_of(who, rng):
    """Measures of a body. A child is not a small adult: its limbs shrink more than its head."""
    child, senior, male = who["age"] == "child", who["age"] == "senior", who["gender"] == "male"
    s = 0.64 if child else 0.95 if senior else 1.0 if male else 0.96
    wide = s * rng.uniform(0.97, 1.05) * (1.06 if child or senior else 1.0)
    male = male and not child
    return {
        "scale": s,
        "head": 0.86 if child else 1.0,
        "hip_z": 0.60 * s, "neck_z": 1.15 * s,
        "hips": (0.170 if male or child else 0.182) * wide,
        "waist": (0.178 if male else 0.172 if child else 0.150) * wide * (1.1 if senior else 1),
        "chest": (0.205 if male else 0.172 if child else 0.175) * wide,
        "shoulder": (0.205 if male else 0.168) * wide,
        "belly": (0.045 if senior or child else 0.0) * s,
        "bust": 0.02 if not male and not child else 0.0,
        "arm": (0.235 * s, 0.215 * s), "leg": (0.268 * s, 0.268 * s),
        "limb": s * (1.12 if child else 1.0),
    }  # fmt: skip


def skeleton(b, pose):
    """Joints for a pose: arms as (shoulder, elbow, wrist, fingers, palm), legs, feet."""
    s = b["scale"]
    arms, legs = {}, {}
    for side in (-1, 1):
        shoulder = np.array([side * b["shoulder"], 0.0, b["neck_z"] - 0.098 * s])
        kind = pose["arms"][side > 0]
        if kind == "wave":
            goal, pole = shoulder + np.array([side * 0.26, -0.09, 0.25]) * s, (side, 0, -1.2)
            fingers, palm = (side * 0.3, -0.12, 1), (0, -1, -0.1)
        elif kind == "hip":
            goal = np.array([side * (b["waist"] + 0.055 * s), -0.03 * s, b["hip_z"] + 0.12 * s])
            pole = (side, 0.25, 0)
            fingers, palm = (-side * 0.55, -0.6, -0.55), (-side * 0.8, 0.6, 0)
        elif kind == "forward":
            goal, pole = shoulder + np.array([side * 0.05, -0.2, -0.36]) * s, (0, 1, 0)
            fingers, palm = (0, -0.45, -1), (-side, 0, 0)
        elif kind == "backward":
            goal, pole = shoulder + np.array([side * 0.08, 0.15, -0.38]) * s, (0, 1, 0)
            fingers, palm = (0, 0.2, -1), (-side, 0, 0)
        elif kind == "open":  # a welcoming gesture
            goal, pole = shoulder + np.array([side * 0.27, -0.17, -0.20]) * s, (0, 0.6, -1)
            fingers, palm = (side * 0.75, -0.5, 0.25), (0, -0.7, 0.8)
        else:
            goal, pole = shoulder + np.array([side * 0.105, -0.06, -0.42]) * s, (side * 0.5, 1, 0)
            fingers, palm = (side * 0.05, -0.16, -1), (-side, -0.2, 0)
        elbow, wrist = ik(shoulder, goal, *b["arm"], pole)
        arms[side] = (shoulder, elbow, wrist, unit(fingers), unit(palm))
        stride = pose.get("stride", 0) * side
        hip = np.array([side * 0.085 * s, 0, b["hip_z"] - 0.02 * s])
        heel = max(0.0, -stride) * 0.35
        foot = np.array([side * 0.1 * s, -stride * 0.9 * s, 0.0])
        ankle = foot + np.array([0, 0.03 * s, 0.075 * s + heel * s])
        knee, ankle = ik(hip, ankle, *b["leg"], (side * 0.15, -1, 0))
        legs[side] = (hip, knee, ankle, heel)
    return arms, legs


def hand(name, b, side, arm, flesh):
    """Palm, four fingers and a thumb, modelled pointing up with the palm to the front."""
    _, _, wrist, fingers, palm = arm
    s = 0.98 * b["limb"]
    parts = [
        ball((0, 0, 0.045), (0.04, 0.024, 0.046)),
        capsule((0, 0, -0.04), (0, 0, 0.03), 0.033, 0.03),
    ]
    for x, length in ((-0.03, 0.05), (-0.0105, 0.06), (0.0105, 0.058), (0.03, 0.045)):
        a = np.array([x, -0.002, 0.075])
        lean = x * 0.35
        mid = np.add(a, (lean, -0.006, length * 0.55))
        end = np.add(mid, (lean * 0.6, -0.012, length * 0.45))
        parts += limb([a, mid, end], [0.0145, 0.0135, 0.012])
    root = np.array([-side * 0.026, -0.006, 0.02])
    thumb = [
        np.add(root, (-side * x, y, z))
        for x, y, z in ((0.034, -0.008, 0.03), (0.046, -0.012, 0.06))
    ]
    parts += limb([root, *thumb], [0.017, 0.0155, 0.0135])
    obj = clay(name, parts, flesh, voxel=0.0055, smooth=5)
    z, y = unit(fingers), -np.asarray(palm)
    y = unit(y - z * (y @ z))
    turn = Matrix(np.stack([np.cross(y, z), y, z], 1).tolist()).to_4x4()
    obj.matrix_world = Matrix.Translation(wrist + 0.012 * z) @ turn @ Matrix.Scale(s, 4)
    return obj


def shoe(b, side, leg, color):
    """A rounded shoe on a lighter sole."""
    _, _, ankle, heel = leg
    s = b["limb"]
    leather = plain("shoe", rgb(CLOTH[color]), 0.45, **{"Coat Weight": 0.15})
    toe = capsule((0, 0.03, 0.05), (0, -0.085, 0.04), 0.058, 0.062)
    shaft = capsule((0, 0.035, 0.05), (0, 0.03, 0.085), 0.056, 0.058)
    upper = clay("shoe", [toe, shaft], leather, 0.009, 6, floor=0.012)
    rubber = plain("sole", rgb("ece7da" if color != "white" else "8f959c"), 0.7)
    slab = [
        ball((0, 0.03, 0.012), (0.062, 0.064, 0.02)),
        capsule((0, 0.03, 0.012), (0, -0.088, 0.012), 0.06, 0.066),
    ]
    sole = clay("sole", slab, rubber, 0.008, 4, floor=0.0)
    flat = coordinates(sole)
    flat[:, 2] = np.minimum(flat[:, 2], 0.024)
    sole.data.vertices.foreach_set("co", flat.astype(np.float32).ravel())
    # a lifted heel turns the shoe about its toes; then it goes where the ankle is
    pitch = math.asin(min(0.9, heel * b["scale"] / (0.115 * s)))
    pivot = Matrix.Translation((0, -0.085, 0))
    turn = Matrix.Rotation(side * 0.18, 4, "Z") @ Matrix.Scale(s, 4)
    turn = turn @ pivot @ Matrix.Rotation(pitch, 4, "X") @ pivot.inverted()
    at = Vector(ankle) - turn @ Vector((0, 0.03, 0.075))
    at.z = 0
    for obj in (upper, sole):
        obj.matrix_world = Matrix.Translation(at) @ turn


def paint_plain(obj, tone):
    p = coordinates(obj)
    attribute(
        obj, "paint", "FLOAT_COLOR", np.hstack([np.tile(tone, (len(p), 1)), np.ones((len(p), 1))])
    )
    return obj


POSES = {
    "stand": {"arms": ("down", "down")},
    "wave": {"arms": ("wave", "down")},
    "wave left": {"arms": ("down", "wave")},
    "hips": {"arms": ("hip", "hip")},
    "hip": {"arms": ("hip", "down")},
    "hip left": {"arms": ("down", "hip")},
    "open": {"arms": ("open", "open")},
    "walk": {"arms": ("forward", "backward"), "stride": 0.2},
    "walk left": {"arms": ("backward", "forward"), "stride": -0.2},
}
