"""Leaves, grass, trees and their colours."""

import math

import numpy as np
from mathutils import Euler

from recipes.places.geometry import mesh, on, scatter, upright
from recipes.places.shading import paint


def leaves(dice, centres, length, material, spread=1.2, outline=((0.28, 0.3), (0.3, 0.55))):
    """Folded leaves at the centres; spread 0 lies flat, above 1 it points anywhere."""
    count = len(centres)
    heading, lift, roll = (
        dice.uniform(0, math.tau, count),
        dice.normal(0, spread, count),
        dice.normal(0, spread, count),
    )
    right = [(w, t, 0.35 * w) for w, t in outline]
    left = [(-w, t, 0.35 * w) for w, t in reversed(outline)]
    shape = np.array([(0, 0, 0), *right, (0, 1, -0.08), *left])
    turn = np.array(
        [Euler((a, b, c), "YXZ").to_matrix() for a, b, c in zip(lift, roll, heading, strict=True)]
    )
    sizes = length * dice.uniform(0.6, 1.25, count)
    verts = np.einsum("nij,kj->nki", turn, shape - (0, 0.5, 0)) * sizes[:, None, None]
    verts += np.asarray(centres)[:, None, :]
    corners = len(shape)
    faces = np.arange(count * corners).reshape(count, corners).tolist()
    tint = np.repeat(dice.random(count), corners)
    return mesh("leaves", verts.reshape(-1, 3).tolist(), faces, material, tint, smooth=False)


def grass(dice, material, blades=500, side=0.5, height=0.2, width=0.004, lean=0.6):
    """A square patch of bent blades, to be scattered."""
    root = np.column_stack([dice.uniform(-side / 2, side / 2, (blades, 2)), np.zeros(blades)])
    angle = dice.uniform(0, math.tau, blades)
    tall = height * dice.uniform(0.45, 1.15, blades)
    bend = tall * lean * dice.uniform(0.2, 1.3, blades)
    over = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(blades)])
    edge = np.column_stack([-np.sin(angle), np.cos(angle), np.zeros(blades)])
    rows = []
    for t, wide in ((0, 0.8), (0.35, 1.0), (0.7, 0.7), (1, 0)):
        middle = root + over * (bend * t * t)[:, None]
        middle[:, 2] += tall * (t - 0.25 * lean * t * t)
        side_step = edge * (width * wide * dice.uniform(0.7, 1.2, blades))[:, None]
        rows += [middle - side_step, middle + side_step] if wide else [middle]
    verts = np.stack(rows, 1)
    first = np.arange(blades)[:, None] * 7
    quads = [(first + q).tolist() for q in ([0, 1, 3, 2], [2, 3, 5, 4])]
    faces = quads[0] + quads[1] + (first + np.array([4, 5, 6])).tolist()
    tint = np.repeat(dice.random(blades), 7)
    return mesh("grass", verts.reshape(-1, 3).tolist(), faces, material, tint)


def crown(dice, material, blobs, leaf, density=260):
    """Foliage: leaves in the outer shell of ellipsoids (x, y, z, radius)."""
    centres = []
    for x, y, z, radius in blobs:
        count = int(density * radius * radius)
        ray = dice.normal(size=(count, 3))
        ray /= np.linalg.norm(ray, axis=1, keepdims=True)
        centres.append(ray * (radius * dice.uniform(0.55, 1.05, count))[:, None] + (x, y, z))
    return leaves(dice, np.concatenate(centres), leaf, material, outline=((0.3, 0.45),))


def trunk(dice, material, height=4.0, radius=0.15, taper=0.6, crooked=1.0, rings=14, sides=18):
    """A slightly crooked cylinder that flares at its foot."""
    wander = np.cumsum(dice.normal(0, radius * 0.16 * crooked, (rings, 2)), 0)
    verts = []
    for i, t in enumerate(np.linspace(0, 1, rings) ** 1.3):
        wide = radius * (1 - (1 - taper) * t + 0.5 * math.exp(-t * height / 0.25))
        for a in np.linspace(0, math.tau, sides, endpoint=False):
            lump = wide * (1 + crooked * (0.06 * math.sin(3 * a + i) + 0.05 * math.sin(5 * a)))
            x, y = wander[i] - wander[0]
            verts.append((x + lump * math.cos(a), y + lump * math.sin(a), t * height - 0.05))
    faces = [
        (
            i * sides + j,
            i * sides + (j + 1) % sides,
            (i + 1) * sides + (j + 1) % sides,
            (i + 1) * sides + j,
        )
        for i in range(rings - 1)
        for j in range(sides)
    ]
    return mesh("trunk", verts, faces, material)


def bark(light="#7d6c5a", dark="#3a3028", air=None):
    def build(n):
        ridges = n.noise(13, 7, (1, 1, 0.14), "object", 0.66)
        return n.coat(
            n.mix(n.ramp(ridges, (0.38, 0), (0.62, 1)), dark, light), 0.9, n.bump(ridges, 0.04)
        )

    return paint(build, air)


def foliage(dark, light, air=None, through=0.4):
    """Leaf colours between two greens (or reds), each leaf and each plant its own."""

    def build(n):
        share = n.math(
            "ADD", n.math("MULTIPLY", n.tint(), 0.7), n.math("MULTIPLY", n.chance(), 0.3)
        )
        return n.leaf(n.mix(share, dark, light), through)

    return paint(build, air)


def turf(dark, light, dry="#b9a860", height=0.2, air=None, spread=0.6, extra=None):
    """Blades: dark at the root, lighter patches over the field, some of them dry."""

    def build(n):
        patch = n.ramp(n.noise(spread, 3), (0.36, 0), (0.64, 1))
        share = n.math("ADD", n.math("MULTIPLY", n.tint(), 0.5), n.math("MULTIPLY", patch, 0.5))
        color = n.mix(share, dark, light)
        color = n.mix(n.ramp(n.tint(), (0.84, 0), (0.96, 0.75)), color, dry)
        if extra:
            color = extra(n, color)
        tip = n("MapRange", Value=n.where("Z", "object"), From_Max=height, To_Min=0.45, To_Max=1.15)
        shade = n("CombineColor", Red=tip, Green=tip, Blue=tip)
        return n.leaf(n.mix(1.0, color, shade, "MULTIPLY"), 0.35, 0.5)

    return paint(build, air)


def treeline(v, material, relief, near, far, count, size=1.0):
    """Broad-leaved trees along the far edge."""
    kinds = []
    for _ in range(3):
        blobs = [
            (*v.dice.normal(0, 1.9, 2), v.dice.uniform(0.8, 7), v.dice.uniform(0.8, 2.0))
            for _ in range(22)
        ]
        kinds.append(crown(v.dice, material, blobs, 0.42, 170))
    spots = v.spots(count, near, far)
    scatter(
        kinds,
        on(relief, spots, 0.3),
        upright(v.dice, count),
        size * v.dice.uniform(0.7, 1.35, count),
    )
