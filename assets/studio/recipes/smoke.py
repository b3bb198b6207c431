"""Smoke: a plume, a puff or a wisp, as a volume."""

from pathlib import Path

import bpy
import numpy as np
from answers import answer
from materials import Material
from shapes import mesh
from stage import recipe
from veil import smooth_alpha

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
    return answer(
        [word], "smoke", params, camera, transparent=True, stands=False, sheds_shadow=False
    )


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
