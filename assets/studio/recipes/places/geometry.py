"""Meshes, blocks, and how they are set down and scattered."""

import math

import bmesh
import bpy
import numpy as np

from recipes.places.shading import Nodes


def place(obj, at=(0, 0, 0)):
    bpy.context.collection.objects.link(obj)
    obj.location = at
    return obj


def mesh(name, verts, faces, material=None, tint=None, smooth=True):
    data = bpy.data.meshes.new(name)
    data.from_pydata(verts, [], faces)
    if smooth:
        data.shade_smooth()
    if tint is not None:
        data.attributes.new("tint", "FLOAT", "POINT").data.foreach_set("value", tint)
    if material:
        data.materials.append(material)
    return bpy.data.objects.new(name, data)


def box(size, material, bevel=0.004, name="box"):
    """A block around the origin with softened edges; nothing real has sharp ones."""
    build = bmesh.new()
    bmesh.ops.create_cube(build, size=1.0)
    bmesh.ops.scale(build, vec=size, verts=build.verts)
    if bevel:
        bmesh.ops.bevel(build, geom=build.edges, offset=bevel, segments=2, affect="EDGES")
    data = bpy.data.meshes.new(name)
    build.to_mesh(data)
    build.free()
    data.materials.append(material)
    return bpy.data.objects.new(name, data)


def scatter(kinds, xyz, turn=None, size=None):
    """Instances of the objects `kinds` (picked in turn) at the points xyz."""
    count = len(xyz)
    store = bpy.data.collections.new("kinds")
    for kind in kinds:
        store.objects.link(kind)
    cloud = mesh("scatter", np.asarray(xyz, float).tolist(), [])
    turn = np.zeros((count, 3)) if turn is None else np.asarray(turn, float)
    size = np.ones(count) if size is None else np.asarray(size, float)
    size = np.broadcast_to(size[:, None] if size.ndim == 1 else size, (count, 3))
    for key, value in (("turn", turn), ("size", size)):
        attribute = cloud.data.attributes.new(key, "FLOAT_VECTOR", "POINT")
        attribute.data.foreach_set("vector", np.ascontiguousarray(value, np.float32).ravel())

    tree = bpy.data.node_groups.new("scatter", "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    n = Nodes(tree)
    named = {
        key: n("GeometryNodeInputNamedAttribute", data_type="FLOAT_VECTOR", Name=key)
        for key in ("turn", "size")
    }
    picked = n(
        "GeometryNodeCollectionInfo", Collection=store, Separate_Children=True, Reset_Children=True
    )
    done = n(
        "GeometryNodeInstanceOnPoints",
        Points=n("NodeGroupInput"),
        Instance=picked,
        Pick_Instance=True,
        Rotation=named["turn"],
        Scale=named["size"],
    )
    n("NodeGroupOutput", Geometry=done)
    cloud.modifiers.new("scatter", "NODES").node_group = tree
    return place(cloud)


def upright(dice, count):
    """Turns about the vertical."""
    return np.column_stack([np.zeros((count, 2)), dice.uniform(0, math.tau, count)])


def on(relief, spots, sink=0.0):
    """Lift flat spots onto the land."""
    return [(x, y, relief(x, y) - sink) for x, y in spots.tolist()]
