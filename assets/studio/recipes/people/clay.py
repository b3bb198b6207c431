"""Clay: balls, limbs and tubes, kneaded into one body, and patches laid on it."""

import bpy
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree


def unit(v):
    v = np.asarray(v, float)
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def mesh_object(name, verts, faces, mat):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(np.asarray(verts).tolist(), [], [list(map(int, f)) for f in faces])
    mesh.shade_smooth()
    mesh.materials.append(mat)
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.collection.objects.link(obj)
    return obj


def sphere(rings=20, segments=32):
    """Unit sphere as (verts, faces); the axis is z."""
    theta = np.linspace(0, np.pi, rings + 1)[1:-1]
    phi = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    t, p = np.meshgrid(theta, phi, indexing="ij")
    verts = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], -1).reshape(-1, 3)
    return close_tube(verts, rings - 1, segments, [0, 0, 1], [0, 0, -1])


def close_tube(verts, rings, segments, first, last):
    """Faces of a tube of `rings` rings, closed by a fan at both ends."""
    faces, n = [], rings * segments
    for i in range(segments):
        j = (i + 1) % segments
        faces += [(r * segments + i, (r + 1) * segments + i, (r + 1) * segments + j,
                   r * segments + j) for r in range(rings - 1)]  # fmt: skip
        faces += [(n, i, j), (n + 1, n - segments + j, n - segments + i)]
    return np.vstack([verts, first, last]), faces


BALL = sphere()


def ball(center, radii, turn=None):
    verts = BALL[0] * radii
    if turn is not None:
        verts = verts @ np.array(turn.to_3x3()).T
    return verts + center, BALL[1]


def capsule(a, b, ra, rb):
    """A tapered limb: a ball pulled apart along a-b."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    turn = np.array(Vector(b - a).to_track_quat("Z", "Y").to_matrix())
    top = (BALL[0][:, 2] > 0)[:, None]
    verts = BALL[0] @ turn.T
    return np.where(top, b + verts * rb, a + verts * ra), BALL[1]


def limb(points, radii):
    return [capsule(*pair) for pair in zip(points, points[1:], radii, radii[1:], strict=False)]


def lathe(rings, steps=48, segments=64, wave=None):
    """A closed body from (z, rx, ry, y) rings, smoothed along z; wave(t, angle) scales a ring."""
    rings = np.array(sorted(rings))
    z = np.linspace(rings[0, 0], rings[-1, 0], steps)
    table = np.stack([np.interp(z, rings[:, 0], rings[:, k]) for k in (1, 2, 3)], 1)
    padded = np.pad(table, ((3, 3), (0, 0)), "edge")
    table = sum(padded[k : k + steps] for k in range(7)) / 7
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    t = np.linspace(0, 1, steps)[:, None]
    scale = wave(t, angle[None]) if wave else np.ones((steps, segments))
    x = table[:, :1] * np.cos(angle) * scale
    y = table[:, 1:2] * np.sin(angle) * scale + table[:, 2:]
    verts = np.stack([x, y, np.broadcast_to(z[:, None], x.shape)], -1).reshape(-1, 3)
    ends = [[0, table[k, 2], z[k]] for k in (0, -1)]
    return close_tube(verts, steps, segments, *ends)


def sweep(points, radius, closed=False, segments=14, flat=1.0, up=(0, 1, 0)):
    """A tube along points; `radius` may vary; `flat` squashes it towards `up`."""
    points = np.asarray(points, float)
    n = len(points)
    radius = np.broadcast_to(radius, n)[:, None, None]
    if closed:
        tangent = np.roll(points, -1, 0) - np.roll(points, 1, 0)
    else:
        tangent = np.gradient(points, axis=0)
    side = unit(np.cross(unit(tangent), up))
    rise = np.cross(side, unit(tangent))
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)[None, :, None]
    ring = np.cos(angle) * side[:, None] + np.sin(angle) * rise[:, None] * flat
    verts = (points[:, None] + radius * ring).reshape(-1, 3)
    if not closed:
        return close_tube(verts, n, segments, points[0], points[-1])
    faces = [(r * segments + i, (r + 1) % n * segments + i,
              (r + 1) % n * segments + (i + 1) % segments, r * segments + (i + 1) % segments)
             for r in range(n) for i in range(segments)]  # fmt: skip
    return verts, faces


def loop(center, rx, ry, n=48, turn=None):
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    points = np.stack([rx * np.cos(angle), ry * np.sin(angle), 0 * angle], 1)
    if turn is not None:
        points = points @ np.array(turn.to_3x3()).T
    return points + center


def clay(name, parts, mat, voxel=0.011, smooth=6, bones=(), floor=None):
    """Fuse parts into one smooth body. `bones` give it cloth coordinates, `floor` a flat sole."""
    verts, faces, start = [], [], 0
    for v, f in parts:
        verts.append(v)
        faces += [[i + start for i in face] for face in f]
        start += len(v)
    obj = mesh_object(name, np.vstack(verts), faces, mat)
    if voxel:
        remesh = obj.modifiers.new("fuse", "REMESH")
        remesh.mode, remesh.voxel_size, remesh.use_smooth_shade = "VOXEL", voxel, True
        knead = obj.modifiers.new("knead", "SMOOTH")
        knead.factor, knead.iterations = 0.5, smooth
        depsgraph = bpy.context.evaluated_depsgraph_get()
        mesh = bpy.data.meshes.new_from_object(obj.evaluated_get(depsgraph))
        obj.modifiers.clear()
        obj.data = mesh
        mesh.shade_smooth()
    points = coordinates(obj)
    if floor is not None:
        points[:, 2] = np.maximum(points[:, 2], floor)
        obj.data.vertices.foreach_set("co", points.astype(np.float32).ravel())
    if len(bones):
        lay_cloth(obj, points, bones)
    return obj


def coordinates(obj):
    points = np.empty(len(obj.data.vertices) * 3, np.float32)
    obj.data.vertices.foreach_get("co", points)
    return points.reshape(-1, 3).astype(float)


def attribute(obj, name, kind, values):
    layer = obj.data.attributes.new(name, kind, "POINT")
    field = "color" if kind == "FLOAT_COLOR" else "vector"
    layer.data.foreach_set(field, np.asarray(values, np.float32).ravel())


def lay_cloth(obj, points, bones):
    """Give each face (around, along) its nearest bone, in metres.

    Prints then follow the sleeves and meet in seams. A whole face takes one bone and one turn of
    the angle: shared vertices would smear the print across the seam.
    """
    mesh = obj.data
    corner = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corner)
    sizes = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_total", sizes)
    face = np.repeat(np.arange(len(sizes)), sizes)
    middle = np.stack([np.bincount(face, points[corner, k]) for k in range(3)], 1) / sizes[:, None]
    best = np.full(len(sizes), np.inf)
    cloth = np.zeros((len(corner), 3))
    for a, b, r in bones:
        a, axis = np.asarray(a, float), np.asarray(b, float) - np.asarray(a, float)
        length = np.linalg.norm(axis)
        axis /= length
        inside = np.clip((middle - a) @ axis, 0, length)[:, None]
        d = np.linalg.norm(middle - a - inside * axis, axis=1) / r
        front = unit(np.array([0, -1, 0]) + axis * axis[1])
        side = np.cross(axis, front)
        turn = np.arctan2((middle - a) @ side, (middle - a) @ front)[face]
        spot = points[corner] - a
        around = np.arctan2(spot @ side, spot @ front)
        around = turn + (around - turn + np.pi) % (2 * np.pi) - np.pi
        nearer = (d < best)[face]
        best = np.minimum(best, d)
        cloth[nearer] = np.stack([around * r, spot @ axis, 0 * around], 1)[nearer]
    layer = mesh.attributes.new("cloth", "FLOAT_VECTOR", "CORNER")
    layer.data.foreach_set("vector", cloth.astype(np.float32).ravel())


def surface(obj):
    return BVHTree.FromPolygons(
        coordinates(obj).tolist(), [p.vertices[:] for p in obj.data.polygons]
    )


def front(tree, x, z, offset=0.0):
    """The point of a surface seen from the front at (x, z), lifted by `offset`; and its normal."""
    point, normal, *_ = tree.ray_cast(Vector((x, -3, z)), Vector((0, 1, 0)))
    if point is None:
        point, normal, *_ = tree.find_nearest(Vector((x, -0.3, z)))
    return np.array(point + normal * offset), np.array(normal)


def patch(name, tree, outline, mat, offset=0.004, thickness=0.006, grid=(24, 12)):
    """A piece laid on the front of a surface; outline(s, t) in 0..1 gives (x, z)."""
    n, m = grid
    verts = [front(tree, *outline(i / (n - 1), j / (m - 1)), offset)[0]
             for i in range(n) for j in range(m)]  # fmt: skip
    faces = [(i * m + j, i * m + j + 1, (i + 1) * m + j + 1, (i + 1) * m + j)
             for i in range(n - 1) for j in range(m - 1)]  # fmt: skip
    obj = mesh_object(name, verts, faces, mat)
    points = np.array(verts)
    attribute(obj, "cloth", "FLOAT_VECTOR", points[:, [0, 2, 1]])
    solid = obj.modifiers.new("thickness", "SOLIDIFY")
    solid.thickness, solid.offset = thickness, 0
    return obj
