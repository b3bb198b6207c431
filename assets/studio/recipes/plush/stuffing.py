"""Stuffed shapes: blobs and limbs under one skin, and how they are turned."""

from __future__ import annotations

import math

import bmesh
import bpy
import numpy as np
from mathutils import Euler, Matrix


def blob(centre, radii, turn=(0, 0, 0)) -> Matrix:
    """An ellipsoid, as the matrix that makes it from the unit sphere; `turn` in degrees."""
    radii = (radii,) * 3 if isinstance(radii, int | float) else radii
    rotation = Euler([math.radians(angle) for angle in turn]).to_matrix().to_4x4()
    return Matrix.Translation(centre) @ rotation @ Matrix.Diagonal((*radii, 1))


def limb(*joints, flat=(1, 1, 1), steps: int = 7) -> list[Matrix]:
    """An arm, ear or tail through joints (x, y, z, radius), as overlapping balls.

    A Catmull-Rom spline leads through the joints, so that nothing bends like an elbow of pipe.
    """
    joints = np.array(joints, float)
    padded = np.vstack([2 * joints[0] - joints[1], joints, 2 * joints[-1] - joints[-2]])
    balls = []
    for time in np.linspace(0, len(joints) - 1, steps * (len(joints) - 1) + 1):
        i = min(int(time), len(joints) - 2)
        u, (a, b, c, d) = time - i, padded[i : i + 4]
        at = b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)))
        balls.append(blob(at[:3], [float(at[3]) * f for f in flat]))
    return balls


def stuff(blobs: list[Matrix], pose: Matrix, smooth: int = 6, voxel: float = 0.022):
    """One closed skin around all the blobs, its creases softened as stuffing does."""
    mesh = bpy.data.meshes.new("plush")
    build = bmesh.new()
    for matrix in blobs:
        bmesh.ops.create_icosphere(build, subdivisions=4, radius=1, matrix=matrix)
    build.to_mesh(mesh)
    build.free()
    skin = bpy.data.objects.new("plush", mesh)
    bpy.context.collection.objects.link(skin)
    remesh = skin.modifiers.new("remesh", "REMESH")
    remesh.mode, remesh.voxel_size, remesh.use_smooth_shade = "VOXEL", voxel, True
    skin.modifiers.new("smooth", "SMOOTH").iterations = smooth
    graph = bpy.context.evaluated_depsgraph_get()
    skin.data = bpy.data.meshes.new_from_object(skin.evaluated_get(graph))
    skin.modifiers.clear()
    skin.matrix_world = pose
    return skin


def turned(degrees: float) -> Matrix:
    return Matrix.Rotation(math.radians(degrees), 4, "Z")


def tilted(pivot, nod: float, roll: float, turn: float) -> Matrix:
    """A head moved about its neck, in degrees."""
    angles = [math.radians(angle) for angle in (nod, roll, turn)]
    to = Matrix.Translation(pivot)
    return to @ Euler(angles).to_matrix().to_4x4() @ to.inverted()
