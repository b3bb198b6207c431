"""People: clay puppets, as for a stop-motion film.

One parametric figure. Solid parts (head, hands, clothes) are unions of balls and tapered limbs,
fused by a voxel remesh and smoothed like kneaded clay. Hair is grown strand by strand with numpy,
because combing needs more say than a particle system gives. `CAST` lists who is who; whoever comes
after them is a passer-by, dressed by dice.

Lengths are in metres; a figure stands on z = 0, looks along -y, and its left side is +x.
"""

import math
import random

import bpy
import numpy as np
from mathutils import Matrix, Vector
from mathutils.bvhtree import BVHTree
from stage import recipe

# --- palettes ------------------------------------------------------------------------------------

CLOTH = {
    "red": "c4161c", "orange": "e8701a", "yellow": "f2b51d", "green": "2f8f3f",
    "blue": "1f5fc4", "light blue": "86b9e6", "dark blue": "1b2a55", "purple": "6f3a9c",
    "pink": "ee7fa8", "brown": "6e4022", "black": "17171b", "white": "f1eee6",
    "gray": "80858c", "beige": "d3b98c", "dark green": "1f4a32",
}  # fmt: skip
SKIN = {"fair": "f0b99b", "light": "e2a27c", "tan": "c07f52", "brown": "8a5230", "deep": "643a22"}
HAIR = {"black": "0d0b0a", "brown": "4e2a14", "blond": "dfa35c", "red": "a8440f",
        "gray": "8d8d90", "white": "dcdad6"}  # fmt: skip
IRIS = {"brown": "4a2a12", "blue": "2f6fb0", "green": "3f7d4a", "hazel": "7a5a22"}


def rgb(hexa):
    """sRGB hex to linear RGB, what shaders expect."""
    c = np.array([int(hexa[i : i + 2], 16) / 255 for i in (0, 2, 4)])
    return np.where(c < 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def unit(v):
    v = np.asarray(v, float)
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


# --- materials -----------------------------------------------------------------------------------


def material(name, **inputs):
    """A principled material; returns it with its node tree and shader."""
    mat = bpy.data.materials.new(name)
    mat.use_nodes = True
    shader = mat.node_tree.nodes["Principled BSDF"]
    for key, value in inputs.items():
        if np.ndim(value) and len(value) == 3 and "Color" in key:
            value = (*value, 1.0)
        shader.inputs[key].default_value = value
    return mat, mat.node_tree, shader


def plain(name, color, roughness=0.6, **more):
    return material(name, **{"Base Color": color, "Roughness": roughness, **more})[0]


def skin(name):
    """Silicone-like skin; its colour, with blush and shaved scalp, is painted on the vertices."""
    mat, tree, shader = material(name, **{
        "Roughness": 0.52, "Subsurface Weight": 0.22, "Subsurface Scale": 0.02,
        "Subsurface Radius": (1.0, 0.4, 0.25), "Specular IOR Level": 0.35,
    })  # fmt: skip
    paint = tree.nodes.new("ShaderNodeAttribute")
    paint.attribute_name = "paint"
    tree.links.new(paint.outputs["Color"], shader.inputs["Base Color"])
    bump(tree, shader, noise(tree, 45), 0.05)
    return mat


def noise(tree, scale):
    node = tree.nodes.new("ShaderNodeTexNoise")
    node.inputs["Scale"].default_value = scale
    node.inputs["Detail"].default_value = 3
    return node.outputs[0]


def bump(tree, shader, height, strength, distance=0.01):
    """Stack a bump below those the shader already has."""
    node = tree.nodes.new("ShaderNodeBump")
    node.inputs["Strength"].default_value = strength
    node.inputs["Distance"].default_value = distance
    tree.links.new(height, node.inputs["Height"])
    below = shader.inputs["Normal"].links
    if below:
        tree.links.new(below[0].from_socket, node.inputs["Normal"])
    tree.links.new(node.outputs[0], shader.inputs["Normal"])


def tile_image(name, pixels):
    """A float image from an (n, n, 3) array in linear colour; row 0 is the bottom."""
    n = len(pixels)
    image = bpy.data.images.new(name, n, n, float_buffer=True, is_data=True)
    image.pixels.foreach_set(np.dstack([pixels, np.ones((n, n))]).astype(np.float32).ravel())
    image.update()
    return image


def pattern_tile(pattern, main, second):
    """One repeat of a cloth print and its size on the body."""
    n = 192
    v, u = (np.mgrid[0:n, 0:n] + 0.5) / n

    def soft(d):  # distance inside a shape -> coverage
        return np.clip(d * n / 3 + 0.5, 0, 1)[..., None]

    cloth = np.broadcast_to(main, (n, n, 3)).copy()
    size = 0.1
    if pattern == "striped":
        k = soft(0.2 - abs(v - 0.5))
        cloth += k * (second - cloth)
    elif pattern == "checkered":
        size = 0.085
        k = 0.5 * soft(0.25 - abs(u - 0.5)) + 0.5 * soft(0.25 - abs(v - 0.5))
        cloth += k * (second - cloth)
    elif pattern in ("dotted", "floral"):
        size = 0.095 if pattern == "dotted" else 0.15
        for cu, cv, spin in ((0.25, 0.25, 0.3), (0.75, 0.75, 1.1)):
            du, dv = u - cu, v - cv
            r, angle = np.hypot(du, dv), np.arctan2(dv, du) + spin
            if pattern == "dotted":
                k = soft(0.15 - r)
                cloth += k * (second - cloth)
            else:
                k = soft(0.14 + 0.055 * np.cos(5 * angle) - r)
                cloth += k * (second - cloth)
                k = soft(0.06 - r)
                cloth += k * (rgb("f3b62a") - cloth)
        if pattern == "floral":  # leaves between the flowers
            for cu, cv in ((0.25, 0.75), (0.75, 0.25)):
                d = abs((u - cu) + (v - cv)) * 0.7 * 2.2
                k = soft(0.1 - np.hypot(d, 0.7 * ((u - cu) - (v - cv))))
                cloth += k * (rgb("3f8f4c") - cloth)
    return tile_image(pattern, cloth), size


def weave_tile(weave):
    """Height of one repeat of the fabric itself: knitted stitches, ribs, or a fine weave."""
    n = 64
    v, u = (np.mgrid[0:n, 0:n] + 0.5) / n
    if weave == "knit":  # two slanted legs per stitch
        h = (0.5 + 0.5 * np.cos(2 * np.pi * (v + 0.5 * abs(2 * u - 1)))) ** 0.7
        h = (0.35 + 0.65 * h) * abs(np.sin(2 * np.pi * u)) ** 0.6
        size = 0.026
    elif weave == "rib":
        h, size = abs(np.sin(np.pi * u)), 0.022
    else:
        h, size = 0.5 + 0.25 * (np.sin(2 * np.pi * u) + np.sin(2 * np.pi * v)), 0.007
    return tile_image(weave, np.repeat(h[..., None], 3, 2)), size


def fabric(color, pattern="plain", second="white", weave="weave"):
    """Cloth printed and woven along the "cloth" coordinates of a garment."""
    mat, tree, shader = material(f"{color} {pattern} {weave}", **{
        "Roughness": 0.88, "Specular IOR Level": 0.2, "Sheen Weight": 0.25, "Sheen Roughness": 0.5,
    })  # fmt: skip
    coords = tree.nodes.new("ShaderNodeAttribute")
    coords.attribute_name = "cloth"

    def lookup(image, size):
        scale = tree.nodes.new("ShaderNodeVectorMath")
        scale.operation = "SCALE"
        scale.inputs["Scale"].default_value = 1 / size
        texture = tree.nodes.new("ShaderNodeTexImage")
        texture.image = image
        tree.links.new(coords.outputs["Vector"], scale.inputs[0])
        tree.links.new(scale.outputs[0], texture.inputs["Vector"])
        return texture.outputs["Color"]

    print_ = lookup(*pattern_tile(pattern, rgb(CLOTH[color]), rgb(CLOTH[second])))
    tree.links.new(print_, shader.inputs["Base Color"])
    bump(tree, shader, noise(tree, 7), 0.35, 0.03)  # soft creases
    strength, depth = {"knit": (0.9, 0.012), "rib": (0.8, 0.01)}.get(weave, (0.3, 0.002))
    bump(tree, shader, lookup(*weave_tile(weave)), strength, depth)
    return mat


def hair_material(color):
    mat = bpy.data.materials.new(f"{color} hair")
    mat.use_nodes = True
    tree = mat.node_tree
    tree.nodes.remove(tree.nodes["Principled BSDF"])
    shader = tree.nodes.new("ShaderNodeBsdfHairPrincipled")
    look = {"Color": (*rgb(HAIR[color]), 1), "Roughness": 0.42, "Radial Roughness": 0.6,
            "Random Color": 0.5, "Random Roughness": 0.3}  # fmt: skip
    for socket in shader.inputs:  # some of these sockets cannot be looked up by name
        if socket.name in look:
            socket.default_value = look[socket.name]
    info = tree.nodes.new("ShaderNodeHairInfo")
    tree.links.new(info.outputs["Random"], shader.inputs["Random"])
    tree.links.new(shader.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    return mat


def eye_material(iris):
    """White, iris and pupil by the angle to the eye's axis (-y)."""
    mat, tree, shader = material("eye", **{"Roughness": 0.12, "Coat Weight": 0.8,
                                           "Coat Roughness": 0.04})  # fmt: skip
    coords = tree.nodes.new("ShaderNodeTexCoord")
    flat = tree.nodes.new("ShaderNodeVectorMath")
    flat.operation = "MULTIPLY"
    flat.inputs[1].default_value = (1, 0, 1)
    length = tree.nodes.new("ShaderNodeVectorMath")
    length.operation = "LENGTH"
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    stops = [(0.0, rgb("0a0806")), (0.25, rgb("0a0806")), (0.28, rgb(iris) * 1.2),
             (0.47, rgb(iris) * 0.6), (0.52, rgb("f4f1ea"))]  # fmt: skip
    while len(ramp.color_ramp.elements) < len(stops):
        ramp.color_ramp.elements.new(0.5)
    for element, (position, color) in zip(ramp.color_ramp.elements, stops, strict=True):
        element.position, element.color = position, (*color, 1)
    tree.links.new(coords.outputs["Object"], flat.inputs[0])
    tree.links.new(flat.outputs[0], length.inputs[0])
    tree.links.new(length.outputs["Value"], ramp.inputs[0])
    tree.links.new(ramp.outputs[0], shader.inputs["Base Color"])
    return mat


# --- clay ----------------------------------------------------------------------------------------


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


def ik(start, end, upper, lower, pole):
    """Middle joint of a two-bone limb bent towards `pole`; returns (joint, reachable end)."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    axis = unit(end - start)
    d = min(np.linalg.norm(end - start), (upper + lower) * 0.995)
    x = (upper**2 - lower**2 + d**2) / (2 * d)
    bend = unit(np.asarray(pole) - axis * (np.asarray(pole) @ axis))
    joint = start + axis * x + bend * math.sqrt(max(upper**2 - x**2, 0))
    return joint, start + axis * d


# --- hair ----------------------------------------------------------------------------------------

SKULL = np.array([0, 0.022, 0.038]), np.array([0.229, 0.229, 0.233])  # what hair lies upon


def azimuth(points):
    """Angle around the head in degrees: 0 at the face, 180 at the back."""
    return np.degrees(np.arctan2(abs(points[:, 0]), -points[:, 1]))


def hairline(points, receding=0.0):
    """How far inside the scalp, in metres of height, each point of the head is."""
    line = np.interp(azimuth(points), [0, 35, 58, 76, 84, 100, 115, 180],
                     [0.155, 0.15, 0.10, -0.02, 0.06, 0.05, -0.10, -0.15])  # fmt: skip
    crown = np.interp(azimuth(points), [0, 40, 75, 95, 180], [0.1, 0.1, 0.05, 0, 0])
    return points[:, 2] - line - receding * crown


def scalp(dice, tree, count, where):
    """Random points of the head surface that satisfy `where`."""
    roots = np.empty((0, 3))
    while len(roots) < count:
        rays = unit(dice.normal(size=(count, 3)))
        hits = [tree.ray_cast(Vector((0, 0.01, 0.0)), Vector(r))[0] for r in rays]
        hits = np.array([h for h in hits if h is not None])
        roots = np.vstack([roots, hits[where(hits)]])
    return roots[:count]


def outside(points, lift=0.0, bodies=(SKULL,)):
    """Push points out of ellipsoids, to `lift` above them."""
    for center, radii in bodies:
        reach = radii + np.asarray(lift).reshape(-1, 1)
        q = (points - center) / reach
        m = np.linalg.norm(q, axis=1, keepdims=True)
        points = np.where(m < 1, center + q / np.maximum(m, 1e-6) * reach, points)
    return points


def grow(roots, length, steer, lift, steps=16, inertia=0.55, bodies=(SKULL,), shape=None):
    """Strands (n, steps + 1, 3) that follow steer(points, t) and rest on the head."""
    normal = unit((roots - SKULL[0]) / SKULL[1] ** 2)
    points, way, path = roots, normal, [roots]
    for i in range(steps):
        t = (i + 0.5) / steps
        way = unit(inertia * way + (1 - inertia) * steer(points, t))
        points = points + way * (np.asarray(length) / steps).reshape(-1, 1)
        points = outside(points, np.asarray(lift) * min(1, 4 * t), bodies)
        if shape:
            points = shape(points, t)
        path.append(points)
    return np.stack(path, 1)


def clump(dice, strands, locks, strength, frizz=0.0, curl=None):
    """Gather strands into locks; `curl` = (radius, turns) winds every lock."""
    n, k, _ = strands.shape
    guides = dice.choice(n, min(locks, n), replace=False)
    # neighbours by root and by course, or locks would cross at the parting
    course = strands[:, [0, k // 2]].reshape(n, 6)
    nearest = np.concatenate([
        ((some[:, None] - course[guides][None]) ** 2).sum(-1).argmin(1)
        for some in np.array_split(course, max(1, n // 1000))
    ])  # fmt: skip
    leader = strands[guides][nearest]
    t = np.linspace(0, 1, k)[None, :, None]
    hold = 1 - strength * t**0.7 * dice.uniform(0.75, 1, (n, 1, 1))
    strands = leader + (strands - leader) * hold
    if curl:
        radius, turns = curl
        tangent = unit(np.gradient(leader, axis=1))
        e1 = unit(np.cross(tangent, [0.3, 1, 0.2]))
        e2 = np.cross(tangent, e1)
        phase = (dice.uniform(0, 2 * np.pi, len(guides))[nearest])[:, None, None]
        phase = phase + dice.normal(0, 0.25, (n, 1, 1))
        angle = phase + 2 * np.pi * turns * t
        ramp = radius * np.minimum(1, 3 * t)
        strands = strands + ramp * (np.cos(angle) * e1 + np.sin(angle) * e2)
    a, b = dice.normal(size=(2, n, 1, 3))
    wave = a * np.sin(5 * t + 6 * a[..., :1]) + b * np.sin(11 * t + 6 * b[..., :1]) * 0.6
    astray = np.where(dice.random((n, 1, 1)) < 0.05, 4.5, 1)  # flyaways soften the outline
    return strands + frizz * astray * t * wave


def hair_object(name, strands, mat, root=0.0022, tip=0.0006):
    n, k, _ = strands.shape
    curves = bpy.data.hair_curves.new(name)
    curves.add_curves([k] * n)
    curves.attributes["position"].data.foreach_set("vector", strands.astype(np.float32).ravel())
    radius = np.broadcast_to(np.linspace(root, tip, k), (n, k))
    layer = curves.attributes.get("radius") or curves.attributes.new("radius", "FLOAT", "POINT")
    layer.data.foreach_set("value", radius.astype(np.float32).ravel())
    curves.materials.append(mat)
    obj = bpy.data.objects.new(name, curves)
    bpy.context.collection.objects.link(obj)
    return obj


def curtain(points, t, face=62):
    """Keep hair out of the face: it parts to both sides below the hairline."""
    angle = azimuth(points)
    least = face * np.clip((0.22 - points[:, 2]) / 0.16, 0, 1)
    target = np.maximum(angle, least)
    r = np.hypot(points[:, 0], points[:, 1])
    side = np.where(points[:, 0] < 0, -1, 1)
    x, y = side * r * np.sin(np.radians(target)), -r * np.cos(np.radians(target))
    return np.stack([x, y, points[:, 2]], 1)


def toward(goal):
    return lambda points, t: unit(np.asarray(goal) - points)


def tail(dice, start, out, length, width, count=2600, steps=20):
    """A free bunch of hair that leaves `start` along `out` and then hangs."""
    t = np.linspace(0, 1, steps + 1)[None, :, None]
    start, out = np.asarray(start, float), unit(out)
    spine = start + out * 0.09 * (1 - (1 - t) ** 3) + np.array([0, 0, -length]) * t**1.5
    disc = unit(dice.normal(size=(count, 1, 3))) * dice.uniform(0, 1, (count, 1, 1)) ** 0.4
    profile = width * np.interp(t, [0, 0.12, 0.45, 0.8, 1], [0.25, 0.75, 1, 0.75, 0.2])
    return spine + disc * profile


def wound(dice, center, radius, axis, count=3000, steps=20):
    """A bun: strands wound around a ball, mostly about one axis."""
    axis = unit(axis + dice.normal(0, 0.28, (count, 3)))
    e1 = unit(np.cross(axis, unit(dice.normal(size=(count, 3)))))
    e2 = np.cross(axis, e1)
    height = dice.uniform(-0.85, 0.85, (count, 1, 1))
    angle = np.linspace(0, 4.2, steps + 1)[None, :, None]
    ring = np.cos(angle) * e1[:, None] + np.sin(angle) * e2[:, None]
    shell = unit(axis[:, None] * height + ring * np.sqrt(1 - height**2))
    r = radius * dice.uniform(0.86, 1.04, (count, 1, 1)) * (1 + 0.03 * np.sin(3 * angle))
    return np.asarray(center) + shell * r


def style_hair(dice, tree, who, bodies):
    """Strands of a hair style: a list of (strands, root radius)."""
    style, hat = who["hair"], who.get("hat")
    receding = 1.0 if who["age"] == "senior" and who["gender"] == "male" else 0.0
    part = dice.choice([-1, 1]) * 0.075

    def rooted(count, extra=lambda p: p[:, 2] > -1):
        under_hat = (lambda p: p[:, 2] < 0.07) if hat else (lambda p: p[:, 2] < 1)
        return scalp(dice, tree, count,
                     lambda p: (hairline(p, receding) > 0) & extra(p) & under_hat(p))  # fmt: skip

    def sides(points, middle=part):
        return np.where(points[:, 0] < middle, -1.0, 1.0)

    if style == "bald":
        return []
    if style == "short":
        roots = rooted(14000)
        top = np.clip((roots[:, 2] - 0.08) / 0.14, 0, 1)
        way = [sides(roots) * top, -0.25 + 0.5 * (roots[:, 1] > 0.02), -0.1 - 1.2 * (1 - top)]
        way = np.stack(way, 1)
        length = (0.05 + (0.06 if receding else 0.09) * top) * dice.uniform(0.8, 1.15, len(roots))

        def steer(points, t):
            normal = unit(points - SKULL[0])
            return unit(way + normal * (0.62 - 1.1 * t) * (0.12 + 0.85 * top[:, None]))

        strands = grow(roots, length, steer, dice.uniform(0.003, 0.032, len(roots)) * (0.3 + top))
        return [(clump(dice, strands, 420, 0.6, 0.006), 0.0022)]
    if style == "curly":
        long = who["gender"] == "female" and who["age"] != "senior"
        roots = rooted(14000)
        reach = 0.24 if long else 0.10
        length = reach * dice.uniform(0.75, 1.1, len(roots))

        def steer(points, t):
            normal = unit(points - SKULL[0])
            return unit(normal * (1.1 - 0.4 * t) + [0, 0.15, -0.55 * t if long else 0.1])

        strands = grow(roots, length, steer, 0.01, steps=30,
                       shape=(lambda p, t: curtain(p, t, 50)) if long else None)  # fmt: skip
        curl = (0.019, 4.5) if long else (0.015, 2.2)
        return [(clump(dice, strands, 420 if long else 520, 0.88, 0.004, curl), 0.0019)]
    if style in ("long", "bob"):
        roots = rooted(19000)
        reach = {"bob": 0.4, "long": 0.56 if who["age"] == "child" else 0.76}[style]
        length = reach * dice.uniform(0.88, 1.0, len(roots))
        length *= np.interp(roots[:, 2], [-0.15, 0.25], [0.55, 1.0])  # even tips
        side = sides(roots)

        def steer(points, t):
            high = np.clip((points[:, 2] - 0.05) / 0.2, 0, 1)
            back = np.clip(points[:, 1] / 0.2 + 0.4, 0, 1)
            inward = 1.6 * points[:, 0] * np.clip(0.05 - points[:, 2], 0, 0.2) / 0.2
            way = [side * high * (1.1 - 0.7 * back) - inward, 0.35 * high + 0.5 * back * high,
                   -0.35 - t + 0 * high]  # fmt: skip
            return unit(np.stack(way, 1))

        strands = grow(roots, length, steer, dice.uniform(0.008, 0.05, len(roots)), 24, 0.5,
                       bodies, curtain)  # fmt: skip
        if style == "bob":  # tips turn in
            t = np.linspace(0, 1, 25)[None, :, None] ** 4
            strands = strands * (1 - 0.12 * t * np.array([1, 1, 0]))
        curl = (0.016, 2.2) if style == "long" else None
        return [(clump(dice, strands, 260, 0.7, 0.008, curl), 0.0023)]
    # tied hair: drawn over the head to one or two points, then a bun or tails
    knots = {"bun": [(0, 0.10, 0.27)],
             "pigtails": [(-0.2, 0.06, 0.14), (0.2, 0.06, 0.14)]}[style]  # fmt: skip
    out = []
    for knot in knots:
        mine = (
            (lambda p, k=knot: p[:, 0] * k[0] >= 0) if len(knots) > 1 else (lambda p: p[:, 2] > -1)
        )
        roots = rooted(13000 // len(knots), mine)
        length = np.linalg.norm(roots - knot, axis=1) * 1.25 + 0.02
        strands = grow(roots, length, toward(knot), dice.uniform(0.0, 0.02, len(roots)), 16, 0.1)
        blend = np.linspace(0, 1, 17)[None, :, None] ** 3  # all ends meet in the knot
        strands = strands + blend * (np.array(knot) - strands[:, -1:]) * 0.9
        out.append((clump(dice, strands, 300, 0.6, 0.006), 0.0023))
        if style == "bun":
            center = np.add(knot, (0, 0.035, 0.05))
            ball_of_hair = wound(dice, center, 0.09, np.array([0.2, 0.6, 0.8]))
            out.append((clump(dice, ball_of_hair, 110, 0.55, 0.006), 0.0023))
        else:
            way = (np.sign(knot[0]), 0.1, 0.35)
            start = np.array(knot) + unit(way) * 0.02
            bunch = tail(dice, start, way, 0.3, 0.062)
            out.append((clump(dice, bunch, 60, 0.5, 0.004, (0.01, 1.2)), 0.0023))
    if who["age"] == "child" and not hat:  # a fringe
        roots = rooted(2600, lambda p: (azimuth(p) < 42) & (p[:, 2] < 0.235))
        goal = np.stack([roots[:, 0] * 1.15, -0.26 + 0 * roots[:, 0], 0.118 + 0 * roots[:, 0]], 1)
        length = np.linalg.norm(goal - roots, axis=1) * dice.uniform(0.95, 1.15, len(roots))
        fringe = grow(
            roots, length, lambda p, t: unit(goal - p), dice.uniform(0.008, 0.03, len(roots))
        )
        out.append((clump(dice, fringe, 60, 0.6, 0.003), 0.0023))
    return out


def brows(dice, tree, who):
    """Two arcs of short strands."""
    n, k = 420, 6
    u = dice.uniform(0, 1, (2, n))
    wide = 0.6 if who["gender"] == "female" or who["age"] == "child" else 1.0
    roots, ways = [], []
    for side, along in zip((-1, 1), u, strict=True):
        x = side * (0.048 + 0.098 * along)
        z = 0.093 + 0.022 * np.sin(np.pi * (0.36 + 0.46 * along))
        z = z + dice.normal(0, 0.0055 * wide, n) * (1.2 - 0.7 * along)
        roots += [front(tree, *xz, -0.001)[0] for xz in zip(x, z, strict=True)]
        ways += [unit([side, 0.35, 0.55 - 0.9 * a]) for a in along]
    t = np.linspace(0, 1, k)[None, :, None]
    roots, ways = np.array(roots), np.array(ways)
    bulge = np.array([0, -0.006, 0]) * np.sin(np.pi * t)
    length = dice.uniform(0.02, 0.034, (2 * n, 1, 1))
    return roots[:, None] + ways[:, None] * t * length + bulge


def beard(dice, tree, mouth, full):
    """A full beard, or only a moustache, that leaves the mouth free."""
    lowest = -1.0 if full else mouth + 0.005

    def where(p):
        angle = azimuth(p)
        cheek = np.interp(angle, [0, 20, 45, 70, 86, 87], [-0.068, -0.072, -0.12, -0.06, 0.02, -9])
        if not full:
            cheek = np.where(angle < 33, cheek, -9)
        lips = (abs(p[:, 0]) < 0.07) & (abs(p[:, 2] - mouth - 0.004) < 0.022)
        front_only = (p[:, 1] < 0.03) & (p[:, 2] > -0.25)
        return (p[:, 2] < cheek) & ~lips & front_only & (p[:, 2] > lowest)

    roots = scalp(dice, tree, 9000 if full else 1600, where)
    low = np.clip((mouth - roots[:, 2]) / 0.08, 0, 1)
    length = (0.04 + 0.06 * low) * dice.uniform(0.8, 1.1, len(roots))
    lip = (roots[:, 2] > mouth) & (abs(roots[:, 0]) < 0.09)  # moustache: combed to the sides
    way = np.stack([roots[:, 0] * 2 + np.where(roots[:, 0] < 0, -1, 1) * lip,
                    -0.25 - 0 * low, np.where(lip, -0.4, -0.9)], 1)  # fmt: skip

    def steer(points, t):
        return unit(way + unit(roots) * (0.9 - 0.9 * t))

    return clump(dice, grow(roots, length, steer, 0, 10, bodies=()), 420, 0.55, 0.004)


# --- head ----------------------------------------------------------------------------------------


def head(dice, rng, who, bodies, gaze):
    """Everything above the neck, around the middle of the head; returns its objects."""
    child, senior, male = who["age"] == "child", who["age"] == "senior", who["gender"] == "male"
    grown = male and not child
    tone = rgb(SKIN[who["skin"]])
    flesh = skin("skin")
    jaw = 0.162 if grown else 0.148
    nose = rng.uniform(0.040, 0.050) if grown else 0.03 if child else rng.uniform(0.031, 0.036)
    nose_z = -0.035 if child else -0.03
    mouth = -0.125
    cheek = 0.108 if child else 0.09
    parts = [
        ball((0, 0.025, 0.045), (0.224, 0.225, 0.222)),
        ball((0, -0.01, -0.085), (jaw + 0.028, 0.19, 0.165)),
        ball((0, -0.105, -0.185), (0.075, 0.068, 0.055) if grown else (0.055, 0.06, 0.05)),
        *[ball((s * 0.088, -0.1, -0.075), (cheek, 0.095, cheek * 0.9)) for s in (-1, 1)],
        ball((0, -0.222, nose_z), (nose, nose * 1.15, nose * 0.88)),
        capsule((0, -0.195, 0.06), (0, -0.215, nose_z), 0.018, nose * 0.55),
    ]
    for s in (-1, 1):
        turn = Matrix.Rotation(s * 0.35, 3, "Z")
        center = np.array([s * 0.228, 0.035, -0.025])
        arc = np.linspace(-0.45 * np.pi, 0.9 * np.pi, 16)
        rim = np.stack([0 * arc, 0.043 * np.cos(arc), 0.05 * np.sin(arc)], 1)
        rim = rim @ np.array(turn).T + center + (s * 0.016, 0, 0)
        parts += [ball(center, (0.022, 0.043, 0.05), turn), sweep(rim, 0.012, up=(1, 0, 0))]
    skull = clay("head", parts, flesh, voxel=0.009, smooth=7)
    tree = surface(skull)

    # paint: blush, and a tint of hair below the hair so that no scalp shines through
    p = coordinates(skull)
    paint = np.broadcast_to(tone, p.shape).copy()
    warm = np.zeros(len(p))
    for center, size, much in (
        ((-0.135, -0.17, -0.06), 0.055, 0.55), ((0.135, -0.17, -0.06), 0.055, 0.55),
        ((0, -0.26, nose_z), 0.05, 0.4), ((-0.24, 0.03, -0.03), 0.06, 0.4),
        ((0.24, 0.03, -0.03), 0.06, 0.4),
    ):  # fmt: skip
        warm = np.maximum(warm, much * np.exp(-(((p - center) / size) ** 2).sum(1)))
    paint = paint * (1 - warm[:, None] * (1 - np.array([1.0, 0.52, 0.46])))
    tint = rgb(HAIR[who["hair_color"]]) * 0.55
    receding = 1.0 if senior and male else 0.0
    covered = np.clip(hairline(p, receding) / 0.025 - 0.2, 0, 1)[:, None]
    if who["hair"] == "bald":
        covered = covered * 0.0
    paint += covered * (tint - paint)
    attribute(skull, "paint", "FLOAT_COLOR", np.hstack([paint, np.ones((len(p), 1))]))

    things = [skull, *eyes(who, tree, tone, gaze), *lips(who, tree, mouth, tone)]
    grown_hair = hair_material(who["hair_color"])
    brow = who["hair_color"] if who["hair_color"] != "blond" else "brown"
    things.append(hair_object("brows", brows(dice, tree, who), hair_material(brow), 0.0026))
    if who.get("beard"):
        whiskers = beard(dice, tree, mouth, who["beard"] == "beard")
        things.append(hair_object("beard", whiskers, grown_hair))
    for strands, radius in style_hair(dice, tree, who, bodies):
        things.append(hair_object("hair", strands, grown_hair, radius))
    if who["hair"] == "pigtails":
        for knot in ((-0.222, 0.065, 0.155), (0.222, 0.065, 0.155)):
            things.append(clay("hair tie", [ball(knot, (0.026, 0.026, 0.026))],
                               plain("hair tie", rgb(CLOTH[who["top"][1]])), None))  # fmt: skip
    return things, tree


def eyes(who, tree, tone, gaze):
    """Eyeballs with lids and lashes; `gaze` is the angle they are turned to the side."""
    child, female = who["age"] == "child", who["gender"] == "female"
    r = 0.060 if child else 0.054 if female else 0.051
    drop = 0.5 if who["age"] == "senior" else 0.74 if child or female else 0.62
    ball_mat = eye_material(IRIS[who.get("iris", "brown")])
    lid_mat = plain("lid", tone * np.array([0.93, 0.8, 0.76]), 0.5, **{"Subsurface Weight": 0.15,
                    "Subsurface Scale": 0.02})  # fmt: skip
    lash_mat = plain("lash", rgb("1a100b"), 0.6)
    things = []
    for s in (-1, 1):
        x, z = s * 0.087, 0.028
        surface_y = front(tree, x, z)[0][1]
        place = Matrix.Translation((x, surface_y + r * 0.42, z)) @ Matrix.Rotation(s * 0.14, 4, "Z")
        place = place @ Matrix.Diagonal((r, r * 0.92, r * 1.12, 1))
        eye = mesh_object("eye", *sphere(32, 48), ball_mat)
        look = gaze - s * 0.11
        eye.matrix_world = place @ Matrix.Rotation(look, 4, "Z")
        things.append(eye)
        glint = plain(
            "glint", (1, 1, 1), 0.2, **{"Emission Color": (1, 1, 1), "Emission Strength": 1.2}
        )
        dot = mesh_object("glint", *ball((0, 0, 0), (0.11, 0.05, 0.11)), glint)
        dot.matrix_world = place @ Matrix.Translation((math.sin(look) - 0.16, -0.95, 0.2))
        things.append(dot)
        for up, tilt in ((1, drop), (-1, 0.86 if who["age"] != "senior" else 0.72)):
            # a half shell, tilted open: what lies above (below) the eye's slit
            verts, faces = sphere(40, 48)
            keep = verts[:, 2] > -1e-6
            index = np.cumsum(keep) - 1
            cap = [[index[i] for i in f] for f in faces if keep[list(f)].all()]
            lid = mesh_object("lid", verts[keep] * 1.09, cap, lid_mat)
            turn = Matrix.Rotation(-tilt, 4, "X")
            flip = Matrix.Diagonal((1, 1, up, 1))
            roll = Matrix.Rotation(up * s * (0.1 if who["age"] == "senior" else -0.04), 4, "Y")
            lid.matrix_world = place @ roll @ flip @ turn
            solid = lid.modifiers.new("thickness", "SOLIDIFY")
            solid.thickness = 0.1
            things.append(lid)
            if up == 1 and (female or child):
                angle = np.linspace(np.pi, 2 * np.pi, 28)
                edge = np.stack([np.cos(angle), np.sin(angle), 0 * angle], 1) * 1.1
                width = (0.065 if female else 0.04) * np.sin(
                    np.linspace(0.25, np.pi - 0.25, 28)
                ) ** 0.5
                if female:  # the outer corner sweeps up
                    tip = 1.18 * unit([s * 1, -0.62, 0.28])
                    edge = np.vstack([edge, tip]) if s > 0 else np.vstack([tip, edge])
                    width = np.append(width, 0.01) if s > 0 else np.append(0.01, width)
                lash = mesh_object("lash", *sweep(edge, width, up=(0, 0, 1)),
                                   lash_mat)  # fmt: skip
                lash.matrix_world = lid.matrix_world
                things.append(lash)
    return things


def lips(who, tree, mouth, tone):
    """A closed smile, or an open one with teeth and tongue."""
    female = who["gender"] == "female" and who["age"] != "child"
    rosy = tone * (np.array([0.95, 0.42, 0.42]) if female else np.array([0.72, 0.42, 0.38]))
    half = 0.064 if who.get("smile") == "open" else 0.078
    x = np.linspace(-1, 1, 25)
    upper = mouth + 0.03 * x**2
    if who.get("smile") != "open":
        line = [front(tree, a * half, z, 0.001)[0] for a, z in zip(x, upper, strict=True)]
        width = (0.0095 if female else 0.0065) * (1 - 0.75 * abs(x) ** 3)
        lip = mesh_object("lips", *sweep(line, width, up=(0, 1, 0)), plain("lips", rosy, 0.4))
        return [lip]

    def outline(s, t, top=0.0, bottom=1.0, inset=1.0):
        a = (2 * s - 1) * inset
        high = mouth + 0.012 * a**2 + 0.012
        depth = 0.056 * (1 - a**2) ** 0.6
        return a * half, high - depth * (top + (bottom - top) * t)

    cave = patch("mouth", tree, outline, plain("mouth", rgb("4a1013"), 0.5), 0.001, 0.002)
    teeth = patch("teeth", tree, lambda s, t: outline(s, t, 0.02, 0.3, 0.86),
                  plain("teeth", rgb("f3eee2"), 0.3), 0.003, 0.002)  # fmt: skip
    tongue = patch("tongue", tree, lambda s, t: outline(s, t, 0.66, 0.97, 0.6),
                   plain("tongue", rgb("c8545a"), 0.4), 0.003, 0.002)  # fmt: skip
    edge = [outline((a + 1) / 2, 0) for a in x] + [outline((a + 1) / 2, 1) for a in x[-2:0:-1]]
    ring = [front(tree, *xz, 0.001)[0] for xz in edge]
    rim = mesh_object("lips", *sweep(ring, 0.0062, closed=True), plain("lips", rosy, 0.4))
    return [cave, teeth, tongue, rim]


# --- body and clothes ----------------------------------------------------------------------------


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


def cuff(points, radius, mat, name="cuff", flat=1.0, up=(0, 1, 0), around=None):
    """A ribbed band along a closed loop."""
    center = points.mean(0)
    normal = unit(np.cross(points[0] - center, points[len(points) // 4] - center))
    size = np.linalg.norm(points - center, axis=1).mean()
    bones = [(center - normal * 0.05, center + normal * 0.05, around or size)]
    return clay(name, [sweep(points, radius, True, 18, flat, up)], mat, None, bones=bones)


def top_garment(b, arms, spec, knitted):
    """Torso and sleeves of a top; returns the object."""
    kind, color, pattern, second = spec
    s, z0, z1 = b["scale"], b["hip_z"], b["neck_z"]
    h = z1 - z0
    outer = kind in ("coat", "jacket")
    loose = 1.12 if outer else 1.07 if knitted else 1.03
    deep = 0.74
    rings = [
        (z0 + 0.02 * h, b["hips"] * 1.06, b["hips"] * deep * 1.1, 0),
        (
            z0 + 0.30 * h,
            b["waist"] * 1.03,
            b["waist"] * deep * 1.05 + b["belly"] * 0.6,
            -b["belly"] * 0.7,
        ),
        (z0 + 0.66 * h, b["chest"], b["chest"] * deep + b["bust"], -b["bust"] * 0.6),
        (z0 + 0.84 * h, b["shoulder"] * 0.92, b["chest"] * deep * 0.85, 0),
        (z0 + 0.94 * h, b["shoulder"] * 0.66, 0.088 * s, 0),
        (z0 + 1.02 * h, 0.072 * s, 0.07 * s, 0),
    ]
    if kind == "coat":
        rings += [(z0 - 0.45 * h, b["hips"] * 1.34, b["hips"] * 1.05, 0),
                  (z0 - 0.2 * h, b["hips"] * 1.22, b["hips"] * 0.95, 0)]  # fmt: skip
    if kind == "dress":
        rings = [r for r in rings if r[0] > z0 + 0.2 * h]
        rings.append((z0 + 0.12 * s, *rings[0][1:]))
    rings = [(z, x * loose, y * loose, c) for z, x, y, c in rings]
    parts, bones = [lathe(rings)], [((0, 0, z0 - 0.3), (0, 0, z1), b["chest"])]
    short = kind == "t-shirt" or (kind == "dress" and spec[3] != "long")
    r = b["limb"] * (1.12 if outer else 1.05 if knitted else 1.0)
    ends = {}
    for side, (shoulder, elbow, wrist, *_) in arms.items():
        start = shoulder - np.array([side * 0.035 * s, 0, 0.0])
        if short:
            end = shoulder + (elbow - shoulder) * 0.72
            parts += limb([start, end], [0.074 * r, 0.073 * r])
            bones.append((start, end, 0.07 * r))
            ends[side] = (end, unit(elbow - shoulder), 0.07 * r)
        else:
            end = wrist - unit(wrist - elbow) * 0.012 * r
            parts += limb([start, elbow, end], [0.074 * r, 0.062 * r, 0.05 * r])
            bones += [(start, elbow, 0.066 * r), (elbow, end, 0.056 * r)]
            ends[side] = (end, unit(end - elbow), 0.05 * r)
    weave = "knit" if knitted else "weave"
    mat = fabric(color, pattern, second, weave)
    body = clay(kind, parts, mat, bones=bones)
    return body, ends, rings


def finish_top(b, body, ends, rings, spec, knitted):
    """Bands, collars and buttons: what tells a sweater from a shirt."""
    kind, color, pattern, second = spec
    s, z1 = b["scale"], b["neck_z"]
    tree = surface(body)
    band = fabric(color, weave="rib") if knitted else fabric(color)
    trim = fabric(second) if kind == "t-shirt" and pattern == "plain" else band
    for end, way, r in ends.values():
        turn = Vector(way).to_track_quat("Z", "Y").to_matrix()
        size = r * (0.98 if kind in ("t-shirt", "dress") else 0.92)
        width = 0.009 if kind in ("t-shirt", "dress") else 0.014 if knitted else 0.012
        cuff(loop(end + way * 0.012, size, size, turn=turn), width * s**0.5, trim, flat=1.7, up=way)
    low = rings_at(rings, min(r[0] for r in rings))
    if kind not in ("dress", "coat"):
        width = 0.015 if knitted else 0.008
        points = loop((0, low[2], low[3] + 0.012 * s), low[0] * 0.975, low[1] * 0.975)
        cuff(points, width * s, trim if kind == "t-shirt" else band, "hem", 2, (0, 0, 1), 0.16)
    neck = loop((0, 0.004, z1 - 0.006 * s), 0.082 * s, 0.076 * s,
                turn=Matrix.Rotation(0.16, 3, "X"))  # fmt: skip
    if kind in ("sweater", "t-shirt", "dress"):
        cuff(neck, (0.022 if knitted else 0.013) * s, trim, "collar", 1, (0, 0, 1), 0.09)
    else:
        collar(b, tree, neck, fabric(color, pattern, second) if kind == "shirt" else band,
               1.0 if kind == "shirt" else 1.35)  # fmt: skip
        (zipped if kind == "jacket" else fasten)(b, tree, spec, low[3])


def rings_at(rings, z):
    rings = sorted(rings)
    table = np.array(rings)
    return [float(np.interp(z, table[:, 0], table[:, k])) for k in (1, 2, 3)] + [z]


def collar(b, tree, neck, mat, size):
    """A band and two lapels."""
    s, z1 = b["scale"], b["neck_z"]
    cuff(neck, 0.019 * s * size**0.5, mat, "collar", 1, (0, 0, 1), 0.09)
    for side in (-1, 1):
        a, c = (side * 0.008 * s, z1 - 0.035 * s), (side * 0.088 * s, z1 - 0.0 * s)
        tip = (side * 0.072 * s * size, z1 - 0.098 * s * size)

        def flap(u, t, a=a, c=c, tip=tip):
            edge = (a[0] + (c[0] - a[0]) * u, a[1] + (c[1] - a[1]) * u)
            end = (tip[0] + (edge[0] - tip[0]) * 0.12, tip[1] + (edge[1] - tip[1]) * 0.12)
            return edge[0] + (end[0] - edge[0]) * t, edge[1] + (end[1] - edge[1]) * t

        lapel = patch("lapel", tree, flap, mat, 0.009 * s, 0.013 * s)
        bevel = lapel.modifiers.new("round", "BEVEL")
        bevel.width, bevel.segments = 0.005 * s, 3


def fasten(b, tree, spec, low):
    """A placket with buttons down the front."""
    kind, color, pattern, second = spec
    s = b["scale"]
    high = b["neck_z"] - 0.055 * s
    low = low + 0.02 * s
    mat = fabric(color, pattern, second)
    wide = 0.02 * s
    strip = patch("placket", tree, lambda u, t: ((2 * u - 1) * wide, high + (low - high) * t), mat,
                  0.004 * s, 0.008 * s, (6, 30))  # fmt: skip
    bevel = strip.modifiers.new("round", "BEVEL")
    bevel.width, bevel.segments = 0.003 * s, 2
    dark = color in ("white", "beige", "yellow", "light blue", "pink")
    mat = plain("button", rgb("4a3020" if dark else "e9dfc8"), 0.35)
    count = 4 if kind == "jacket" else 5
    for k in range(count):
        z = high - 0.03 * s + (low + 0.06 * s - high) * k / (count - 1)
        point, normal = front(tree, 0, z, 0.009 * s)
        button = mesh_object("button", *ball((0, 0, 0), np.array([1, 1, 0.42]) * 0.0135 * s), mat)
        turn = Vector(normal).to_track_quat("Z", "Y").to_matrix().to_4x4()
        button.matrix_world = Matrix.Translation(point) @ turn
    if kind == "coat":
        for side in (-1, 1):
            pocket(b, tree, side * 0.115 * s, b["hip_z"] - 0.02 * s, fabric(color))


def zipped(b, tree, spec, low):
    """An open front: the shirt below between two thick edges, and pockets."""
    _, color, _, inner = spec
    s = b["scale"]
    high, low = b["neck_z"] - 0.03 * s, low + 0.012 * s

    def edge(t):
        return (0.03 + 0.035 * t) * s, high + (low - high) * t

    patch("shirt", tree, lambda u, t: ((2 * u - 1) * edge(t)[0], edge(t)[1]), fabric(inner),
          0.002 * s, 0.003 * s, (10, 30))  # fmt: skip
    cloth = fabric(color)
    for side in (-1, 1):
        line = []
        for t in np.linspace(0, 1, 30):
            x, z = edge(t)
            line.append(front(tree, side * x, z, 0.002 * s)[0])
        mesh_object("edge", *sweep(line, 0.012 * s), cloth)
        pocket(b, tree, side * 0.125 * s, low + 0.075 * s, cloth)


def pocket(b, tree, x, z, mat):
    s = b["scale"]

    def outline(u, t):
        return x + (u - 0.5) * 0.085 * s, z - (t - 0.5) * 0.028 * s

    flap = patch("pocket", tree, outline, mat, 0.005 * s, 0.009 * s)
    bevel = flap.modifiers.new("round", "BEVEL")
    bevel.width, bevel.segments = 0.003 * s, 2


def legwear(b, legs, spec):
    """Trousers or shorts."""
    kind, color, pattern, second = spec
    s, z0, r = b["scale"], b["hip_z"], b["limb"]
    parts = [lathe([(z0 - 0.075 * s, b["hips"] * 0.86, b["hips"] * 0.66, 0),
                    (z0, b["hips"] * 1.0, b["hips"] * 0.76, 0),
                    (z0 + 0.16 * s, b["waist"] * 0.98, b["waist"] * 0.74, 0)])]  # fmt: skip
    bones, mat = [((0, 0, z0 + 0.2), (0, 0, z0 + 0.01), b["hips"])], fabric(color, pattern, second)
    for hip, knee, ankle, *_ in legs.values():
        if kind == "shorts":
            end = knee + (knee - hip) * 0.02
            parts += [ball(hip, np.full(3, 0.098 * r)), sweep([hip, end], 0.097 * r, segments=32)]
            bones.append((hip, end, 0.095 * r))
            size, way = 0.093 * r, unit(hip - knee)  # its hem lies above the flat end
        else:
            end = ankle + (ankle - knee) * 0.02
            parts += limb([hip, knee, end], [0.098 * r, 0.078 * r, 0.066 * r])
            bones += [(hip, knee, 0.09 * r), (knee, end, 0.072 * r)]
            size, way = 0.062 * r, unit(ankle - knee)
        turn = Vector(way).to_track_quat("Z", "Y").to_matrix()
        cuff(
            loop(end + way * 0.016, size, size, turn=turn), 0.009 * r, fabric(color), flat=2, up=way
        )
    clay(kind, parts, mat, bones=bones)


def skirt(b, spec, phase, dress):
    """A flared skirt with soft folds, from the waist to the knee."""
    _, color, pattern, second = spec
    s, z0 = b["scale"], b["hip_z"]
    hem = z0 - 0.27 * s
    waist, hips = b["waist"], b["hips"]
    slim = 1.0 if dress else 0.89  # worn under a top, it must not stick out above the hem
    rings = [
        (z0 + 0.16 * s, waist, waist * 0.78, 0),
        (z0 + 0.10 * s, waist * 1.10 * slim, waist * 0.88 * slim, 0),
        (z0 - 0.02 * s, hips * 1.24 * slim, hips * 1.02 * slim, 0),
        (hem, hips * 1.62, hips * 1.42, 0),
    ]
    body = lathe(rings, 60, 144, lambda t, a: 1 + 0.045 * (1 - t) ** 1.5 * np.cos(11 * a + phase))
    bones = [((0, 0, hem), (0, 0, z0 + 0.3), b["hips"] * 1.4)]
    clay("skirt", [body], fabric(color, pattern, second), 0.009, 4, bones)


def scarf(b, spec):
    """Two turns around the neck and a hanging end."""
    _, color, pattern, second = spec
    s, z1 = b["scale"], b["neck_z"]
    points = loop(
        (0, -0.008 * s, z1 + 0.012 * s), 0.108 * s, 0.1 * s, turn=Matrix.Rotation(0.2, 3, "X")
    )
    low = loop(
        (0, -0.012 * s, z1 - 0.03 * s), 0.124 * s, 0.112 * s, turn=Matrix.Rotation(0.3, 3, "X")
    )
    t = np.linspace(0, 1, 24)[:, None]
    end = (
        np.hstack([0.055 + 0.02 * t, -0.135 - 0.045 * np.sin(np.pi * (t * 0.75)), 1e-9 - 0.32 * t])
        * s
    )
    end[:, 2] += z1 - 0.03 * s
    mat = fabric(color, pattern, second, "knit")
    for path, width in ((points, 0.04), (low, 0.042)):
        obj = clay("scarf", [sweep(path, width * s, True, 24, 0.9, (0, 0, 1))], mat, 0.009, 3)
        # run the print along the scarf, not around the neck
        p = coordinates(obj)
        around = np.arctan2(p[:, 0], -p[:, 1]) * 0.12
        attribute(obj, "cloth", "FLOAT_VECTOR", np.stack([p[:, 2], around, 0 * around], 1))
    clay("scarf end", [sweep(end, 0.052 * s, False, 24, 0.4)], mat, 0.008, 3,
         bones=[(end[0], end[-1], 0.06)])  # fmt: skip


def hat(things, who):
    """A knitted cap with a bobble, or a brimmed hat; head space."""
    kind, color, pattern, second = who["hat"]
    top = (0, 0.022, 0.05)
    z = 0.135
    if kind == "beanie":
        dome = ball(top, (0.262, 0.262, 0.262))
        wool = fabric(color, pattern, second, "knit")
        verts = np.maximum(dome[0], [-9, -9, z])
        things.append(clay("beanie", [(verts, dome[1])], wool, 0.01, 5,
                           bones=[((0, 0.02, 0), (0, 0.02, 0.5), 0.25)]))  # fmt: skip
        rib = fabric(second if pattern == "plain" else color, weave="rib")
        band = loop((0, 0.022, z + 0.012), 0.243, 0.243, turn=Matrix.Rotation(-0.05, 3, "X"))
        things.append(cuff(band, 0.024, rib, "band", 1.8, (0, 0, 1)))
        return rgb(CLOTH[second if pattern == "plain" else color]), (0, 0.022, 0.345)
    felt = fabric(color)
    rings = [
        (z - 0.01, 0.245, 0.25, 0.02),
        (z + 0.06, 0.238, 0.243, 0.02),
        (z + 0.15, 0.205, 0.215, 0.02),
        (z + 0.2, 0.15, 0.16, 0.02),
        (z + 0.205, 0.05, 0.05, 0.02),
    ]
    brim = loop((0, 0.02, z), 0.295, 0.31)
    brim[:, 2] += 0.02 * (np.abs(brim[:, 0]) / 0.3) ** 2
    parts = [lathe(rings), sweep(brim, 0.07, True, 24, 0.17, (0, 0, 1))]
    things.append(clay("hat", parts, felt, 0.009, 5, bones=[((0, 0.02, 0), (0, 0.02, 0.5), 0.25)]))
    ribbon = loop((0, 0.02, z + 0.032), 0.243, 0.248)
    things.append(cuff(ribbon, 0.008, fabric(second), "ribbon", 2.6, (0, 0, 1)))
    return None


def glasses(things, tree, color):
    mat = plain("glasses", rgb(CLOTH[color]), 0.3, **{"Coat Weight": 0.5})
    y = front(tree, 0.087, 0.02)[0][1] - 0.045
    for s in (-1, 1):
        turn = Matrix.Rotation(math.pi / 2, 3, "X") @ Matrix.Rotation(0, 3, "Z")
        ring = loop((s * 0.09, y + 0.006, 0.022), 0.069, 0.066, turn=turn)
        ring[:, 1] += 0.5 * (np.abs(ring[:, 0]) - 0.09) * 0.45
        things.append(mesh_object("rim", *sweep(ring, 0.0065, True), mat))
        temple = [(0.157, y + 0.03, 0.035), (0.2, y + 0.07, 0.035), (0.236, -0.05, 0.032)]
        temple = np.array([*temple, (0.246, 0.03, 0.025)]) * (s, 1, 1)
        things.append(mesh_object("temple", *sweep(temple, 0.006, up=(0, 0, 1)), mat))
    bridge = [
        (x, y - 0.004 - 0.008 * (1 - (x / 0.024) ** 2), 0.03) for x in np.linspace(-0.024, 0.024, 9)
    ]
    things.append(mesh_object("bridge", *sweep(bridge, 0.006, up=(0, 0, 1)), mat))


# --- who is who ----------------------------------------------------------------------------------

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


def garment(text):
    """(type, color, pattern, second color) of, say, "striped green/white sweater"."""
    *words, kind = text.split()
    pattern = words.pop(0) if words[0] in ("striped", "dotted", "checkered", "floral") else "plain"
    color, _, second = " ".join(words).partition("/")
    return kind, color, pattern, second or color


def person(gender, age, tone, hair_color, hair, pose, top, bottom, shoes, **more):
    wear = {
        "top": top,
        "bottom": bottom,
        "scarf": more.pop("scarf", ""),
        "hat": more.pop("hat", ""),
    }
    wear = {key: garment(text) if text else None for key, text in wear.items()}
    body = {"gender": gender, "age": age, "skin": tone, "hair": hair, "hair_color": hair_color}
    return {**body, "pose": pose, "shoes": shoes, **wear, **more}


F, M = "female", "male"
CAST = [
    person(F, "adult", "light", "brown", "long", "hips",
           "red sweater", "dark blue trousers", "white"),
    person(M, "adult", "brown", "black", "short", "wave",
           "checkered blue/white shirt", "beige trousers", "brown", smile="open"),
    person(F, "adult", "fair", "blond", "bun", "hip left",
           "floral blue/white dress", None, "red", iris="blue"),
    person(M, "child", "deep", "black", "curly", "wave left",
           "striped yellow/white t-shirt", "dark green shorts", "red", smile="open"),
    person(F, "child", "fair", "red", "pigtails", "open",
           "dotted pink/white dress", None, "purple", iris="green", smile="open"),
    person(M, "adult", "light", "brown", "bald", "hip",
           "striped green/white sweater", "gray trousers", "black", beard="beard", iris="hazel"),
    person(M, "senior", "fair", "white", "short", "stand",
           "brown coat", "gray trousers", "black", scarf="striped red/white scarf",
           beard="mustache", glasses="black", iris="blue"),
    person(F, "senior", "tan", "gray", "bun", "stand",
           "purple sweater", "dotted beige/brown skirt", "brown", glasses="red"),
    person(F, "child", "tan", "black", "bob", "wave",
           "yellow coat", "blue trousers", "green", smile="open"),
    person(M, "adult", "tan", "brown", "curly", "walk",
           "orange/white jacket", "black trousers", "white"),
    person(F, "adult", "deep", "black", "curly", "hip",
           "striped white/red t-shirt", "green skirt", "yellow", smile="open"),
    person(M, "child", "fair", "blond", "short", "hips",
           "striped blue/white sweater", "brown trousers", "orange", iris="blue"),
    person(F, "senior", "fair", "white", "curly", "hip",
           "checkered green/white dress", None, "black", scarf="pink scarf"),
    person(M, "senior", "brown", "gray", "short", "wave",
           "striped white/blue shirt", "dark blue trousers", "brown", hat="beige/brown hat",
           smile="open"),
    person(F, "child", "light", "blond", "long", "walk",
           "purple/white jacket", "yellow skirt", "white", iris="blue"),
    person(M, "adult", "deep", "black", "short", "hip left",
           "orange/white t-shirt", "blue shorts", "gray", beard="beard"),
    person(F, "adult", "tan", "black", "long", "walk left",
           "pink shirt", "white trousers", "pink", smile="open"),
    person(M, "child", "brown", "black", "curly", "stand",
           "red/white jacket", "gray trousers", "blue", hat="striped blue/white beanie"),
    person(F, "adult", "fair", "red", "bob", "open",
           "dark green coat", "black trousers", "brown", scarf="checkered yellow/white scarf",
           iris="green"),
    person(M, "adult", "light", "red", "short", "stand",
           "beige sweater", "green trousers", "white", hat="orange beanie", beard="beard",
           iris="blue"),
]  # fmt: skip


COLD = ("sweater", "coat", "jacket")
PRINTS = {"sweater": ("striped",), "shirt": ("striped", "checkered"), "dress": ("floral", "dotted"),
          "t-shirt": ("striped", "dotted"), "skirt": ("dotted", "checkered")}  # fmt: skip


def passer_by(rng):
    """Somebody at random; what does not go together, such as a child's beard, is left out."""
    pick, chance = rng.choice, lambda p: rng.random() < p
    gender, age = pick((F, M)), pick(("adult", "adult", "child", "senior"))
    tone = pick(tuple(SKIN))
    dark = ("black",) if tone in ("brown", "deep") else ("black", "brown")
    colors = {"fair": ("brown", "blond", "red"), "light": ("black", "brown", "blond", "red")}
    color = pick(("gray", "white") if age == "senior" else colors.get(tone, dark))
    long = ("long", "bun", "bob", "curly") + (("pigtails",) if age == "child" else ())
    hair = pick(long if gender == F else ("short", "curly"))
    more = {"iris": pick(tuple(IRIS)), "smile": pick(("open", "closed"))}
    if gender == M and age != "child":
        hair = "bald" if chance(0.2) else hair
        more["beard"] = pick(("", "", "beard", "mustache"))
    used = set()

    def cloth(kind):
        free = [name for name in CLOTH if name not in used]
        main, second = rng.sample(free, 2) if kind == "jacket" else (pick(free), "white")
        used.add(main)
        if main == "white":
            second = pick(("red", "blue", "green"))
        prints = PRINTS.get(kind, ())
        words = [pick(prints)] if prints and chance(0.4) else []
        return " ".join([*words, f"{main}/{second}", kind])

    tops = ("t-shirt", "shirt", *COLD)
    top = cloth("dress" if gender == F and chance(0.3) else pick(tops))
    kind = top.split()[-1]
    legs = ("trousers", "shorts" if gender == M else "skirt")
    bottom = None if kind == "dress" else cloth("trousers" if kind == "coat" else pick(legs))
    if kind in COLD and chance(0.3):
        more["scarf"] = cloth("scarf")
    if hair in ("short", "curly") and chance(0.3):
        more["hat"] = cloth("beanie" if kind in COLD else "hat")
    if chance(0.2):
        more["glasses"] = pick(("black", "red", "blue"))
    shoes = pick([name for name in CLOTH if name not in used])
    return person(gender, age, tone, color, hair, pick(tuple(POSES)), top, bottom, shoes, **more)


def attributes(who):
    """What a viewer can see; made from the same description that builds the figure."""
    clothes = []
    if who["top"][0] == "jacket":  # worn open
        clothes.append({"type": "t-shirt", "color": who["top"][3], "pattern": "plain"})
    for item in (who["top"], who["bottom"], who.get("scarf"), who.get("hat")):
        if item:
            clothes.append({"type": item[0], "color": item[1], "pattern": item[2]})
    if who["top"][0] == "dress":
        clothes.append({"type": "belt", "color": who["top"][3], "pattern": "plain"})
    if who.get("glasses"):
        clothes.append({"type": "glasses", "color": who["glasses"], "pattern": "plain"})
    clothes.append({"type": "shoes", "color": who["shoes"], "pattern": "plain"})
    seen = {key: who[key] for key in ("gender", "age", "hair", "hair_color")}
    if who.get("beard"):
        seen |= {"facial_hair": who["beard"], "facial_hair_color": who["hair_color"]}
    if who["hair"] == "bald":
        del seen["hair_color"]
    return {**seen, "clothes": clothes}


@recipe("human", kind="human")
def human(rng: random.Random, variant: int) -> dict:
    who = CAST[variant] if variant < len(CAST) else passer_by(rng)
    dice = np.random.default_rng(rng.randrange(2**32))
    b, pose = build_of(who, rng), POSES[who["pose"]]
    s, tone = b["scale"], rgb(SKIN[who["skin"]])
    arms, legs = skeleton(b, pose)
    flesh = skin("limbs")

    # clothes
    kind = who["top"][0]
    knitted = kind == "sweater"
    body, ends, rings = top_garment(b, arms, who["top"], knitted)
    finish_top(b, body, ends, rings, who["top"], knitted)
    bare = who["bottom"] is None or who["bottom"][0] in ("skirt", "shorts")
    if who["bottom"] is None or who["bottom"][0] == "skirt":
        skirt(b, who["bottom"] or who["top"], rng.uniform(0, 6), who["bottom"] is None)
        if who["bottom"] is None:
            z = b["hip_z"] + 0.145 * s
            rx, ry, y, _ = rings_at(rings, z)
            cuff(loop((0, y, z), rx, ry), 0.011 * s, fabric(who["top"][3]), "belt", 2.2, (0, 0, 1))
    else:
        legwear(b, legs, who["bottom"])
    if who.get("scarf"):
        scarf(b, who["scarf"])

    # limbs
    for side in (-1, 1):
        paint_plain(hand("hand", b, side, arms[side], flesh), tone)
        shoulder, elbow, wrist, *_ = arms[side]
        if kind in ("t-shirt", "dress"):
            r = 0.05 * b["limb"]
            arm = limb([shoulder + (elbow - shoulder) * 0.5, elbow, wrist], [r, r * 0.95, r * 0.72])
            paint_plain(clay("arm", arm, flesh, 0.009), tone)
        hip, knee, ankle, *_ = legs[side]
        shoe(b, side, legs[side], who["shoes"])
        if bare:
            r = 0.066 * b["limb"]
            paint_plain(
                clay("leg", limb([hip, knee, ankle], [r * 1.05, r, r * 0.8]), flesh, 0.009), tone
            )
            top = knee + (ankle - knee) * 0.72
            sock = [capsule(top, ankle, r * 0.9, r * 0.92)]
            clay("sock", sock, fabric("white", weave="rib"), 0.009, bones=[(knee, ankle, 0.05)])

    # head
    hs = b["head"]
    stoop = 0.03 if who["age"] == "senior" else 0.0
    center = Vector((0, -0.012 - stoop, b["neck_z"] + 0.235 * hs))
    neck = capsule(
        (0, 0.01, b["neck_z"] - 0.08 * s), center - Vector((0, -0.02, 0.1)), 0.066 * s, 0.07 * hs
    )
    paint_plain(clay("neck", [neck], flesh, 0.009), tone)
    azimuth_deg = round(rng.uniform(-20, 20), 1)
    view = math.radians(azimuth_deg)
    yaw = view * 0.4 + rng.uniform(-0.1, 0.1)
    tilt = Matrix.Rotation(rng.uniform(-0.09, 0.09), 4, "Y") @ Matrix.Rotation(yaw, 4, "Z")
    place = Matrix.Translation(center) @ tilt @ Matrix.Scale(hs, 4)
    inverse = 1 / hs
    torso = np.array([0, 0, b["neck_z"] - 0.2 * s]) - center
    bodies = [
        SKULL,
        (torso * inverse, np.array([b["shoulder"] + 0.075 * s, 0.17 * s, 0.24 * s]) * inverse),
    ]
    things, tree = head(dice, rng, who, bodies, view - yaw)  # eyes on the viewer
    if who.get("glasses"):
        glasses(things, tree, who["glasses"])
    if who.get("hat"):
        bobble = hat(things, who)
        if bobble:
            color, at = bobble
            fluff = (
                unit(dice.normal(size=(3500, 3)))[:, None] * np.linspace(0, 0.075, 6)[None, :, None]
            )
            wool = hair_material("white")
            wool.node_tree.nodes["Principled Hair BSDF"].inputs["Color"].default_value = (*color, 1)
            things.append(hair_object("bobble", np.array(at) + fluff, wool, 0.003))
    for thing in things:
        thing.matrix_world = place @ thing.matrix_world

    return {
        "attributes": attributes(who),
        "params": {"pose": who["pose"], "skin": who["skin"]},
        "camera": {"azimuth_deg": azimuth_deg,
                   "elevation_deg": round(rng.uniform(5, 12), 1), "lens_mm": 75},
        "label": {"split": "test" if variant % 3 == 2 else "train"},
    }  # fmt: skip
