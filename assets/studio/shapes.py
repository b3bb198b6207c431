"""Shapes that recipes share. All are smooth, bevelled where they have edges, and closed."""

from __future__ import annotations

import math

import bmesh
import bpy
from mathutils import Matrix, Vector


def mesh(name, vertices, faces, material=None, smooth=True, subdivide=0, at=(0, 0, 0)):
    data = bpy.data.meshes.new(name)
    data.from_pydata(vertices, [], faces)
    data.update()
    thing = bpy.data.objects.new(name, data)
    thing.location = at
    bpy.context.scene.collection.objects.link(thing)
    return finish(thing, material, smooth, subdivide)


def finish(thing, material=None, smooth=True, subdivide=0):
    """Weld, face outward, smooth, subdivide and paint."""
    build = bmesh.new()
    build.from_mesh(thing.data)
    bmesh.ops.remove_doubles(build, verts=build.verts, dist=1e-5)
    bmesh.ops.recalc_face_normals(build, faces=build.faces)
    build.to_mesh(thing.data)
    build.free()
    if smooth:
        thing.data.shade_smooth()
    if subdivide:
        modifier = thing.modifiers.new("subdivision", "SUBSURF")
        modifier.levels = modifier.render_levels = subdivide
    return paint(thing, material)


def paint(thing, material):
    if material is not None:
        thing.data.materials.clear()
        thing.data.materials.append(getattr(material, "material", material))
    return thing


def lathe(profile, material=None, steps=48, subdivide=2, at=(0, 0, 0), ripple=None, name="lathe"):
    """Revolve (radius, z) points about z. `ripple(angle, radius, z) -> (radius, z)` may bend it."""
    vertices, faces = [], []
    for step in range(steps):
        angle = 2 * math.pi * step / steps
        for radius, z in profile:
            if ripple:
                radius, z = ripple(angle, radius, z)
            vertices.append((radius * math.cos(angle), radius * math.sin(angle), z))
    size = len(profile)
    for step in range(steps):
        here, there = step * size, (step + 1) % steps * size
        for k in range(size - 1):
            faces.append((here + k, there + k, there + k + 1, here + k + 1))
    thing = mesh(name, vertices, faces, None, True, subdivide, at)
    build = bmesh.new()  # a profile that meets the axis leaves faces of two corners there
    build.from_mesh(thing.data)
    bmesh.ops.dissolve_degenerate(build, edges=build.edges, dist=1e-6)
    build.to_mesh(thing.data)
    build.free()
    return paint(thing, material)


def spline(points, steps=8):
    """Catmull-Rom through `points`; a point given twice stays a corner."""
    line = []
    padded = [points[0], *points, points[-1]]
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        if p1 == p2:
            continue
        for k in range(steps):
            t = k / steps
            line.append(
                tuple(
                    b
                    + (c - a) * t / 2
                    + (a - 2.5 * b + 2 * c - d / 2) * t**2
                    + (1.5 * (b - c) + (d - a) / 2) * t**3
                    for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
                )
            )
    return [*line, points[-1]]


def turned(profile, material, ripple=None, steps=8, around=160):
    """A turned body whose profile passes through the given points (see `spline`)."""
    points = [(max(r, 0.0), z) for r, z in spline(profile, steps)]
    return lathe(points, material, steps=around, subdivide=0, ripple=ripple)


def ball(radius=1.0, scale=(1, 1, 1), at=(0, 0, 0), material=None, turn=(0, 0, 0), detail=4):
    """An ellipsoid, from a cube: no poles, so hair and patterns spread evenly."""
    bpy.ops.mesh.primitive_cube_add(size=2)
    thing = bpy.context.object
    thing.location, thing.rotation_euler, thing.scale = at, turn, scale
    build = bmesh.new()
    build.from_mesh(thing.data)
    bmesh.ops.subdivide_edges(build, edges=build.edges, cuts=2**detail - 1, use_grid_fill=True)
    for vertex in build.verts:
        vertex.co = vertex.co.normalized() * radius
    build.to_mesh(thing.data)
    build.free()
    thing.data.shade_smooth()
    return paint(thing, material)


def box(size, at=(0, 0, 0), material=None, bevel=0.03, turn=(0, 0, 0), segments=4):
    """A box of full `size` about `at`, its edges rounded by `bevel`."""
    bpy.ops.mesh.primitive_cube_add(size=1)
    thing = bpy.context.object
    thing.location, thing.rotation_euler = at, turn
    for vertex in thing.data.vertices:
        vertex.co = Vector(a * b for a, b in zip(vertex.co, size, strict=True))
    modifier = thing.modifiers.new("bevel", "BEVEL")
    modifier.width, modifier.segments = bevel, segments
    modifier.harden_normals = True
    thing.data.shade_smooth()
    return paint(thing, material)


def sweep(path, section, material=None, up=(0, 0, 1), closed=False, subdivide=1, name="sweep"):
    """Carry a closed outline along a path. `section(t)` gives (side, up) points at t in 0..1."""
    path, up = [Vector(point) for point in path], Vector(up)
    last, rings, faces = len(path) - 1, [], []
    for k, point in enumerate(path):
        before, after = path[k - 1 if k or closed else 0], path[(k + 1) % len(path)]
        along = ((after if k < last or closed else point) - before).normalized()
        side = along.cross(up).normalized()
        rise = side.cross(along)
        rings.append([point + side * a + rise * b for a, b in section(k / max(last, 1))])
    size = len(rings[0])
    for k in range(len(path) if closed else last):
        here, there = k * size, (k + 1) % len(path) * size
        for j in range(size):
            n = (j + 1) % size
            faces.append((here + j, here + n, there + n, there + j))
    if not closed:
        faces += [tuple(range(size)), tuple(range(last * size, (last + 1) * size))]
    return mesh(name, [tuple(v) for ring in rings for v in ring], faces, material, True, subdivide)


def sheet(grid, material=None, thickness=0.02, subdivide=2, name="sheet"):
    """A thin surface through a grid (rows of points), given a thickness and soft edges."""
    wide = len(grid[0])
    faces = [
        (r * wide + c, r * wide + c + 1, (r + 1) * wide + c + 1, (r + 1) * wide + c)
        for r in range(len(grid) - 1)
        for c in range(wide - 1)
    ]
    thing = mesh(name, [tuple(p) for row in grid for p in row], faces, material)
    if thickness:
        thing.modifiers.new("thickness", "SOLIDIFY").thickness = thickness
    if subdivide:
        modifier = thing.modifiers.new("subdivision", "SUBSURF")
        modifier.levels = modifier.render_levels = subdivide
    return thing


def leaf(length, width, material=None, at=(0, 0, 0), yaw=0.0, pitch=0.3, curl=0.5, blunt=0.8):
    """A folded, drooping leaf that starts at `at`; yaw 0 points to +x, pitch lifts it."""
    turn = Matrix.Rotation(yaw, 3, "Z") @ Matrix.Rotation(-pitch, 3, "Y")
    grid = []
    for i in range(11):
        t = i / 10
        half = width / 2 * math.sin(math.pi * t**blunt) ** 0.8 + 0.01 * width
        bend = curl * t
        spine = Vector((math.cos(bend / 2) * t, 0, -math.sin(bend / 2) * t)) * length
        row = []
        for j in (-1, -0.5, 0, 0.5, 1):
            ridge = Vector((0, j * half, abs(j) * half * 0.35))
            row.append(Vector(at) + turn @ (spine + ridge))
        grid.append(row)
    return sheet(grid, material, length * 0.012)


def tube(points, radius=0.05, material=None, closed=False, smooth=True, name="tube"):
    """A round rod through the points; `radius` may be one number or one for each point."""
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions = "3D"
    curve.bevel_depth, curve.bevel_resolution, curve.use_fill_caps = 1.0, 6, True
    curve.resolution_u = 12
    radii = radius if isinstance(radius, list | tuple) else [radius] * len(points)
    spline = curve.splines.new("BEZIER" if smooth else "POLY")
    knots = spline.bezier_points if smooth else spline.points
    knots.add(len(points) - 1)
    for knot, point, size in zip(knots, points, radii, strict=True):
        if smooth:
            knot.co = point
            knot.handle_left_type = knot.handle_right_type = "AUTO"
        else:
            knot.co = (*point, 1)
        knot.radius = size
    spline.use_cyclic_u = closed
    thing = bpy.data.objects.new(name, curve)
    bpy.context.scene.collection.objects.link(thing)
    return paint(thing, material)


def strands(paths, radius=0.0035, material=None, taper=0.4, name="strands"):
    """Thousands of fine poly lines in one curve object: bristles, spines, fluff."""
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions = "3D"
    curve.bevel_depth, curve.bevel_resolution = radius, 1
    for path in paths:
        spline = curve.splines.new("POLY")
        spline.points.add(len(path) - 1)
        last = len(path) - 1
        for k, point in enumerate(path):
            spline.points[k].co = (*point, 1)
            spline.points[k].radius = 1 - (1 - taper) * k / last
    thing = bpy.data.objects.new(name, curve)
    bpy.context.scene.collection.objects.link(thing)
    return paint(thing, material)


def tilt(things, turn: Matrix, ground: bool = True) -> None:
    """Turn finished things together about the origin, then let them touch the ground."""
    bpy.context.view_layer.update()
    for thing in things:
        thing.matrix_world = turn.to_4x4() @ thing.matrix_world
    bpy.context.view_layer.update()
    if not ground:
        return
    graph, lowest = bpy.context.evaluated_depsgraph_get(), math.inf
    for thing in things:
        shape = thing.evaluated_get(graph)
        lowest = min([lowest, *((thing.matrix_world @ v.co).z for v in shape.to_mesh().vertices)])
        shape.to_mesh_clear()
    for thing in things:
        thing.matrix_world.translation.z -= lowest


def tint(thing, paint):
    """Keep `paint(point)`, linear (r, g, b) or (r, g, b, alpha), at every corner of a mesh.

    `materials.tints` shows it.
    """
    data = thing.data
    colors = data.color_attributes.new("tint", "FLOAT_COLOR", "POINT")
    for corner, vertex in zip(colors.data, data.vertices, strict=True):
        corner.color = (*paint(vertex.co), 1.0)[:4]
    return thing


def oval(wide, tall, count=24, fold=None):
    """A closed outline for `sweep`; `fold(angle)` is a factor of its radius."""
    angles = [math.tau * k / count for k in range(count)]
    sizes = [fold(a) if fold else 1.0 for a in angles]
    return [
        (wide * s * math.cos(a), tall * s * math.sin(a)) for a, s in zip(angles, sizes, strict=True)
    ]


def plate(outlines, thick, material=None, bevel=0.01, matrix=None, name="plate"):
    """A flat piece about z = 0, cut along closed outlines of (x, y); inner ones are holes."""
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions, curve.fill_mode = "2D", "BOTH"
    curve.extrude, curve.bevel_depth, curve.bevel_resolution = thick / 2 - bevel, bevel, 3
    curve.offset = -bevel
    for outline in outlines:
        line = curve.splines.new("POLY")
        line.points.add(len(outline) - 1)
        for knot, point in zip(line.points, outline, strict=True):
            knot.co = (*point[:2], 0, 1)
        line.use_cyclic_u = True
    thing = bpy.data.objects.new(name, curve)
    if matrix is not None:
        thing.matrix_world = matrix
    bpy.context.scene.collection.objects.link(thing)
    return paint(thing, material)


def circle(radius, at=(0, 0), steps=48, start=0.0, end=math.tau):
    """Points (x, y) of a circle or, from `start` to `end`, of an arc."""
    last = steps if end - start > 6.28 else steps - 1
    turns = [start + (end - start) * k / last for k in range(steps)]
    return [(at[0] + radius * math.cos(a), at[1] + radius * math.sin(a)) for a in turns]


def skin(count, around):
    """The faces over `count` rings of `around` points each in turn; the last ring is shut."""
    faces = []
    for r in range(count - 1):
        for j in range(around):
            n = (j + 1) % around
            faces.append(
                (r * around + j, r * around + n, (r + 1) * around + n, (r + 1) * around + j)
            )
    return [*faces, tuple(range((count - 1) * around, count * around))]
