"""Soft things without a surface: smoke, and a candle with its flame."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
from materials import Material, metal, plain
from shapes import ball, mesh, tube, turned
from stage import recipe
from veil import Veil, smooth_alpha


def answer(colours, material, params, camera, transparent, **label):
    return {
        "attributes": {
            "color": colours,
            "material": material,
            "pattern": "plain",
            "transparent": transparent,
        },
        "params": {k: round(v, 3) if isinstance(v, float) else v for k, v in params.items()},
        "camera": camera,
        "label": label,
    }


# --- smoke ---------------------------------------------------------------------------------------

CELL = 1 / 88  # edge of a voxel


@recipe("smoke")
def smoke(rng, variant):
    form = ("plume", "puff", "wisp")[variant % 3]
    word, tone = (("white", 0.95), ("gray", 0.55), ("light gray", 0.85), ("dark gray", 0.22))[
        (variant + variant // 3) % 4
    ]
    dice = np.random.default_rng(rng.getrandbits(32))
    points, amount = drift(dice, form)
    low = points.min(0) - 4 * CELL
    shape = np.ceil((points.max(0) + 4 * CELL - low) / CELL).astype(int)
    density = splat((points - low) / CELL, shape) * (CELL**-3 * amount / len(points))
    volume(density, low, tone)
    smooth_alpha()
    cycles = bpy.context.scene.cycles
    cycles.max_bounces = cycles.volume_bounces = 4
    cycles.volume_biased, cycles.volume_step_rate = True, 2.0  # even steps leave little noise
    camera = {"elevation_deg": rng.uniform(5, 10), "azimuth_deg": rng.uniform(-25, 25)}
    params = {"form": form, "tone": tone, "cells": int(density.size)}
    return answer([word], "smoke", params, camera, True, stands=False, sheds_shadow=False)


FORMS = {
    # amount of smoke, rise, gust, coarsest swirl, widening
    "plume": (0.7, 1.4, 0.50, 9.0, 1.0),
    "puff": (1.5, 0.05, 0.17, 6.0, 0.0),
    "wisp": (0.14, 1.6, 0.42, 6.0, 0.5),
}


def drift(dice, form, count=500_000, steps=44):
    """Let weightless grains ride a turbulence; where they gather, the smoke is thick.

    The flow is a sum of drifting waves that each push at right angles to the way they run: it
    has no sources or sinks, so the grains fold into sheets and curls as real smoke does.
    """
    amount, rise, gust, coarse, widen = FORMS[form]
    if form == "puff":
        age = np.ones(count)
        heads = dice.normal(0, 1, (10, 3)) * (0.20, 0.13, 0.12)
        which = dice.integers(10, size=count)
        out = dice.normal(size=(count, 3))
        out /= np.linalg.norm(out, axis=1, keepdims=True)
        out *= dice.random((count, 1)) ** 0.4 * dice.uniform(0.12, 0.24, (10, 1))[which]
        where = heads[which] + out
    else:
        age = dice.random(count) ** 0.75
        size = (0.05, 0.05, 0.03) if form == "plume" else (0.026, 0.004, 0.02)
        where = dice.normal(0, size, (count, 3))
    waves = 36
    pitch = np.geomspace(coarse, 60.0, waves)
    run = dice.normal(size=(waves, 3))
    run *= (pitch / np.linalg.norm(run, axis=1))[:, None]
    push = np.cross(run, dice.normal(size=(waves, 3)))
    push *= (gust * (coarse / pitch) ** 0.6 / np.linalg.norm(push, axis=1))[:, None]
    phase, beat = dice.uniform(0, 2 * np.pi, waves), dice.normal(0, 0.5, waves) * pitch
    run, push, phase, beat, where, age = (
        x.astype(np.float32) for x in (run, push, phase, beat, where, age[:, None])
    )
    lean = dice.uniform(-0.2, 0.2)
    for step in range(steps):
        time = age * (step / steps - 1)  # grains that left the source at one moment stay together
        flow = np.cos(where @ run.T + phase + (time * beat if form != "puff" else 0)) @ push
        if form != "puff":  # calm at the source, wild higher up
            flow *= np.clip(where[:, 2:] * 1.7, 0.06, 1.2)
            flow[:, 2] *= 0.5
            flow[:, :2] += where[:, :2] * widen
            flow[:, 0] += lean
        flow[:, 2] += rise
        where += flow * age / steps
    where += dice.normal(0, 0.003, where.shape).astype(np.float32) * (0.5 + age)
    return where - (0, 0, where[:, 2].min()), amount


def splat(spots, shape):
    """Grains to voxels, each shared between its eight neighbours."""
    base = np.floor(spots).astype(int)
    part, grid = spots - base, np.zeros(int(np.prod(shape)))
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, part, 1 - part), axis=1)
        index = np.ravel_multi_index((base + corner).T, shape)
        grid += np.bincount(index, weight, grid.size)
    grid = grid.reshape(shape)
    for axis in range(3):  # a little blur hides the grain
        grid = (np.roll(grid, 1, axis) + 2 * grid + np.roll(grid, -1, axis)) / 4
    return grid


def volume(density, low, tone):
    bpy.utils.expose_bundled_modules()
    import openvdb

    grid = openvdb.FloatGrid()
    grid.name = "density"
    grid.copyFromArray(density.astype(np.float32), tolerance=0.02)
    grid.transform = openvdb.createLinearTransform(voxelSize=CELL)
    path = Path(bpy.app.tempdir) / "smoke.vdb"  # Blender removes the folder when it quits
    openvdb.write(str(path), grids=[grid])
    data = bpy.data.volumes.new("smoke")
    data.filepath = str(path)
    thing = bpy.data.objects.new("smoke", data)
    thing.location = low
    bpy.context.scene.collection.objects.link(thing)
    matter = Material("smoke")
    matter.nodes.remove(matter.shader)
    body = matter.node(
        "ShaderNodeVolumePrincipled",
        {"Color": (tone, tone, tone * 1.01, 1), "Density": 1.0, "Anisotropy": 0.1},
    )
    matter.links.new(body.outputs[0], matter.nodes["Material Output"].inputs["Volume"])
    data.materials.append(matter.material)
    # the stage frames meshes: eight bare points stand for the volume
    size = np.array(density.shape) * CELL
    mesh("extent", [tuple(low + size * c) for c in np.ndindex(2, 2, 2)], [])


# --- candle --------------------------------------------------------------------------------------

WAX = (  # colour word, wax, form
    ("white", (0.88, 0.84, 0.74), "pillar"),
    ("red", (0.55, 0.012, 0.012), "taper"),
    ("blue", (0.03, 0.13, 0.50), "pillar"),
    ("green", (0.04, 0.26, 0.07), "taper"),
    ("yellow", (0.88, 0.58, 0.06), "pillar"),
    ("purple", (0.22, 0.06, 0.40), "taper"),
    ("pink", (0.88, 0.28, 0.40), "pillar"),
    ("orange", (0.85, 0.24, 0.02), "taper"),
)


@recipe("candle")
def candle(rng, variant):
    smooth_alpha()
    word, colour, form = WAX[variant % len(WAX)]
    wax = Material(
        "wax",
        colour,
        0.38,
        subsurface_weight=1.0,
        subsurface_scale=0.05,
        subsurface_radius=(1.0, 0.7, 0.5),
        coat_weight=0.15,
    )
    wax.bump(wax.noise(4.0), 0.12, 0.05)
    words = [word]
    if form == "pillar":
        r, foot, top = rng.uniform(0.28, 0.36), 0.0, rng.uniform(0.75, 1.05)
        dip = 0.07
    else:
        r, foot, top, dip = rng.uniform(0.095, 0.115), 0.16, rng.uniform(1.15, 1.35), 0.02
        holder(rng)
        words.append("yellow")
    waves = [(rng.uniform(0.3, 1) / k, rng.uniform(0, 7), k) for k in (2, 3, 5)]

    def melt(angle, radius, z):
        """The rim sags unevenly where the wax has run over."""
        sag = sum(a * math.sin(k * angle + p) for a, p, k in waves)
        near = max(0.0, 1 - (top - z) / (0.18 if form == "pillar" else 0.08))
        return radius * (1 + 0.012 * sag * (1 - near)), z + 0.016 * sag * near * (radius > r * 0.5)

    edge = min(0.05, r * 0.35)
    turned(
        [
            (0, foot),
            (r * 0.97, foot),
            (r * 0.97, foot),
            (r, foot + 0.03),
            (r, (foot + top) / 2),
            (r, top - edge),
            (r - edge * 0.25, top - edge * 0.2),
            (r - edge * 0.7, top),
            (r - edge * 1.4, top - dip * 0.5),
            (r * 0.45, top - dip),
            (0, top - dip),
        ],
        wax,
        melt,
        around=120,
    )
    run = Material("run", colour, 0.35, coat_weight=0.3)  # light would leak out of thin wax
    for _ in range(rng.randint(4, 7)):
        drip(rng, r, top, (top - foot) * rng.uniform(0.15, 0.6), run)
    base = top - dip
    lean = rng.uniform(-0.02, 0.02)
    tube(
        [(0, 0, base - 0.02), (lean * 0.4, 0, base + 0.05), (lean, 0, base + 0.10)],
        [0.013, 0.013, 0.010],
        plain("wick", (0.03, 0.02, 0.015), 0.9),
    )
    flame(rng, lean, base + 0.055, rng.uniform(0.30, 0.36))
    params = {"form": form, "radius": r, "height": top}
    camera = {"elevation_deg": rng.uniform(10, 17), "azimuth_deg": rng.uniform(-25, 25)}
    return answer(words, "wax", params, camera, False)


def drip(rng, r, top, long, wax):
    """A run of wax that swells into a bead at its end."""
    angle = rng.uniform(-math.pi, 0) if rng.random() < 0.8 else rng.uniform(0, math.pi)
    size, points, sizes = rng.uniform(0.016, 0.026), [], []
    for t in (0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.84, 0.91, 0.96, 0.985, 1):
        a = angle + 0.03 * math.sin(3 * t + angle)
        out = r * (0.93 + 0.07 * min(1, t * 6))
        points.append((out * math.cos(a), out * math.sin(a), top - 0.01 - long * t))
        sizes.append(size * (0.75 + 0.55 * t**5) * max(0.0, 1 - t**14) ** 0.5)
    tube(points, sizes, wax)


def holder(rng):
    """A brass chamberstick: a dish, a socket and a ring to carry it by."""
    brass = metal((0.80, 0.52, 0.17), roughness=0.22)
    r = rng.uniform(0.36, 0.42)
    turned(
        [
            (0, 0),
            (r * 0.7, 0),
            (r * 0.8, 0.01),
            (r * 0.98, 0.075),
            (r, 0.09),
            (r * 0.985, 0.10),
            (r * 0.95, 0.085),
            (r * 0.75, 0.035),
            (0.16, 0.03),
            (0.10, 0.06),
            (0.085, 0.11),
            (0.12, 0.17),
            (0.128, 0.26),
            (0.15, 0.285),
            (0.155, 0.295),
            (0.148, 0.302),
            (0.11, 0.29),
            (0.10, 0.2),
            (0, 0.2),
        ],
        brass,
        around=120,
    )
    side = rng.choice((-1, 1))
    ring = [2 * math.pi * k / 24 for k in range(24)]
    tube(
        [(side * (r + 0.09 + 0.10 * math.cos(a)), 0, 0.11 + 0.10 * math.sin(a)) for a in ring],
        0.017,
        brass,
        closed=True,
    )


def flame(rng, x, base, high):
    """A luminous veil: dense along the middle, gone at the edge, blue and thin at the foot."""
    made = Veil("flame")
    height = made.math("MULTIPLY", made.math("SUBTRACT", made.axis("z"), base), 1 / high)
    heat = [
        (0.0, (0.05, 0.15, 0.9)),
        (0.16, (0.55, 0.20, 0.10)),
        (0.34, (1.0, 0.40, 0.01)),
        (0.62, (1.0, 0.60, 0.02)),
        (1.0, (1.0, 0.30, 0.01)),
    ]
    thick = made.ramp(
        height, [(0.0, (0.15,) * 3), (0.30, (0.95,) * 3), (0.7, (1,) * 3), (1.0, (0.8,) * 3)]
    )
    inward = made.math("SUBTRACT", 1.0, made.facing(1.6))
    amount = made.math("MULTIPLY", made.math("POWER", inward, 0.6), thick)
    glow = made.bsdf("Emission", {"Color": made.ramp(height, heat), "Strength": 1.8})
    clear = made.bsdf("BsdfTransparent")
    made.surface(made.blend(made.math("MULTIPLY", amount, made.front()), clear, glow))
    sway = rng.uniform(-0.06, 0.06)

    profile = [
        (0, 0),
        (0.10, 0.05),
        (0.165, 0.18),
        (0.18, 0.30),
        (0.145, 0.50),
        (0.085, 0.72),
        (0.035, 0.89),
        (0, 1.0),
    ]
    body = turned([(r * high * 1.05, base + z * high) for r, z in profile], made, around=120)
    for vertex in body.data.vertices:
        t = (vertex.co.z - base) / high
        vertex.co.x += x + sway * high * t * t * 3
    halo(x, base + high * 0.45, high)
    body.visible_diffuse = body.visible_glossy = body.visible_shadow = False
    lamp = bpy.data.lights.new("flame", "POINT")
    lamp.energy, lamp.color, lamp.shadow_soft_size = 3.0, (1.0, 0.55, 0.20), 0.05
    thing = bpy.data.objects.new("flame", lamp)
    thing.location = (x, 0, base + high * 0.4)
    bpy.context.scene.collection.objects.link(thing)


def halo(x, z, high):
    """The faint glow round a flame, fading to nothing before its edge."""
    made = Veil("halo")
    inward = made.math("SUBTRACT", 1.0, made.facing(1.0))
    amount = made.math("MULTIPLY", made.math("POWER", inward, 3.0), 0.22)
    glow = made.bsdf("Emission", {"Color": (1.0, 0.45, 0.10, 1), "Strength": 1.6})
    made.surface(
        made.blend(made.math("MULTIPLY", amount, made.front()), made.bsdf("BsdfTransparent"), glow)
    )
    thing = ball(high * 0.8, (0.8, 0.8, 1), (x, 0, z), made, detail=5)
    thing.visible_diffuse = thing.visible_glossy = thing.visible_shadow = False
