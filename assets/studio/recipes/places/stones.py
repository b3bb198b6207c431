"""Stones: pebbles, gravel and boulders."""

import bmesh
import bpy
import numpy as np
from mathutils import Vector
from mathutils import noise as fractal

from recipes.places.geometry import scatter


def stone(dice, material, size=1.0, flat=0.6, rough=0.35, detail=3):
    """A round lump around the origin, worn by `rough`, no two alike."""
    build = bmesh.new()
    bmesh.ops.create_icosphere(build, subdivisions=detail, radius=1.0)
    offset, wide = Vector(dice.uniform(-50, 50, 3)), dice.uniform(0.75, 1.3, 2)
    for vertex in build.verts:
        p = vertex.co
        worn = fractal.noise(p * 0.9 + offset) + 0.5 * fractal.noise(p * 2.3 + offset)
        p = p * (1 + rough * worn)
        vertex.co = size * Vector((p.x * wide[0], p.y * wide[1], p.z * flat))
    data = bpy.data.meshes.new("stone")
    build.to_mesh(data)
    build.free()
    data.shade_smooth()
    data.materials.append(material)
    return bpy.data.objects.new("stone", data)


def strew(v, material, spots, size, relief, flat=0.6, rough=0.3, kinds=6, detail=2, sink=0.2):
    """Stones of about `size` metres lying at flat spots; `sink` of each is in the ground."""
    shapes = [stone(v.dice, material, 1.0, flat, rough, detail) for _ in range(kinds)]
    sizes = size * v.dice.lognormal(0, 0.35, len(spots))
    high = [
        relief(x, y) + s * flat * (1 - 2 * sink) for (x, y), s in zip(spots, sizes, strict=True)
    ]
    turn = np.column_stack(
        [v.dice.normal(0, 0.2, (len(spots), 2)), v.dice.uniform(0, 7, len(spots))]
    )
    return scatter(shapes, np.column_stack([spots, high]), turn, sizes)
