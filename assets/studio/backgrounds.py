"""Backgrounds: places without a subject, lit from the upper left-front like the foregrounds.

Every scene stands in metres around one convention: the camera is at (0, 0, height) and looks
level along +y; the horizon is moved by *shifting* the lens, never by tilting the camera. Uprights
therefore stay upright, and the horizon lies exactly where the label says.
"""

import math
from functools import wraps

import bmesh
import bpy
import numpy as np
import stage
from mathutils import Euler, Vector
from mathutils import noise as fractal

ASPECT = 1.5  # every background is 3:2
KEY = (-0.62, -0.5)  # where the key light stands, seen from above: left, and on the camera's side


def background(name, horizon, ground, split="train"):
    """Register a scene. `horizon` and `ground` are fractions of the picture's height.

    Variant 0 has just these; other variants shift the lens a little, which moves both alike.
    """

    def register(scene):
        @wraps(scene)
        def make(rng, variant):
            shift = rng.uniform(-0.025, 0.025) if variant else 0.0
            view = View(rng, variant, horizon + shift)
            scene(view)
            return {
                "split": split,
                "horizon": round(horizon + shift, 3),
                "ground": [round(ground[0] + shift, 3), round(min(0.98, ground[1] + shift), 3)],
                "light": "left",
            }

        return stage.background(name)(make)

    return register


# ------------------------------------------------------------------------------------ camera, light


class View:
    """What a scene is given: its dice, its variant, and the camera it looks through."""

    def __init__(self, rng, variant, horizon):
        self.rng, self.variant, self.horizon = rng, variant, horizon
        self.dice = np.random.default_rng(rng.randrange(2**32))
        self.offset = Vector((rng.uniform(-90, 90), rng.uniform(-90, 90), 0))  # into the noise

    def pick(self, *options):
        return options[self.variant % len(options)]

    def look(self, height, lens, focus, fstop, exposure=0.4):
        """Place the camera; `focus` (metres) and `fstop` decide what is sharp."""
        data = bpy.data.cameras.new("camera")
        data.lens, data.sensor_width, data.clip_end = lens, 36, 20000
        data.shift_y = (self.horizon - 0.5) / ASPECT
        data.dof.use_dof, data.dof.focus_distance, data.dof.aperture_fstop = True, focus, fstop
        camera = place(bpy.data.objects.new("camera", data), at=(0, 0, height))
        camera.rotation_euler = (math.pi / 2, 0, 0)
        scene = bpy.context.scene
        scene.camera = camera
        scene.render.film_transparent = False
        scene.view_settings.view_transform = "AgX"
        scene.view_settings.look = "AgX - High Contrast"
        scene.view_settings.exposure = exposure
        cycles = scene.cycles
        cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 4, 2, 2
        cycles.transmission_bounces, cycles.transparent_max_bounces = 3, 8
        cycles.sample_clamp_indirect = 3
        cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.05
        self.height, self.lens = height, lens

    def half(self, y):
        """Half the width that is in sight at the distance y, with some to spare for shadows."""
        return y * 18 / self.lens * 1.12 + 0.6

    def spots(self, count, near, far, evenness=1.0):
        """Random points in sight; evenness 1 is even on the ground, 0 even over the distance."""
        power = 1 + evenness
        y = (self.dice.random(count) * (far**power - near**power) + near**power) ** (1 / power)
        return np.stack([self.dice.uniform(-1, 1, count) * self.half(y), y], 1)

    def carpet(self, near, far, step):
        """Spots in sight on a shaken lattice: patches of grass laid here leave no hole."""
        rows = np.arange(near, far, step)
        spots = [(x, y) for y in rows for x in np.arange(-self.half(y), self.half(y) + step, step)]
        return np.array(spots) + self.dice.uniform(-0.2, 0.2, (len(spots), 2)) * step

    def land(self, material, near, far, relief=None, rows=260, columns=260, name="land"):
        """Ground in sight, its mesh as fine as the picture needs: rows crowd near the camera."""
        verts = []
        for y in np.geomspace(near, far, rows):
            for x in np.linspace(-1, 1, columns) * self.half(y) * 1.15:
                verts.append((x, y, relief(x, y) if relief else 0.0))
        i = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
        faces = np.stack([i, i + 1, i + columns + 1, i + columns], 1).tolist()
        return place(mesh(name, verts, faces, material))

    def hills(self, scale, octaves=5, roughness=1.0):
        """A smooth random landscape in about -1..1, as a function of x and y."""

        def at(x, y):
            point = (Vector((x, y, 0)) / scale) + self.offset
            return fractal.fractal(point, roughness, 2.0, octaves)

        return at


def sun(elevation, strength=4.0, softness=1.5, colour="#fff1dc", towards=KEY):
    flat = Vector(towards).normalized() * math.cos(math.radians(elevation))
    data = bpy.data.lights.new("sun", "SUN")
    data.energy, data.angle = strength, math.radians(softness)
    data.color = rgb(colour)[:3]
    lamp = place(bpy.data.objects.new("sun", data))
    to_sun = Vector((*flat, math.sin(math.radians(elevation))))
    lamp.rotation_euler = to_sun.to_track_quat("Z", "Y").to_euler()


def lamp(at, target, size, watts, colour="#ffffff"):
    data = bpy.data.lights.new("lamp", "AREA")
    data.energy, data.size, data.color = watts, size, rgb(colour)[:3]
    obj = place(bpy.data.objects.new("lamp", data), at=at)
    obj.rotation_euler = (Vector(at) - Vector(target)).to_track_quat("Z", "Y").to_euler()


def world(build):
    data = bpy.data.worlds.new("world")
    data.use_nodes = True
    bpy.context.scene.world = data
    data.cycles.sampling_method, data.cycles.sample_map_resolution = "MANUAL", 256
    n = Nodes(data.node_tree)
    n("OutputWorld", Surface=build(n))


def glow(colour, strength):
    """An even light from everywhere: for rooms."""
    world(lambda n: n("Background", Color=colour, Strength=strength))


def sky(view, zenith, rim, strength=1.0, clouds=0.5, cover=0.5):
    """A gradient from rim to zenith under one layer of clouds in true perspective.

    A painted sky keeps its colours under every sun; a physical one turns grey at low sun.
    """

    def build(n):
        ray = n("TexCoord", out="Generated")
        x, y, z = (n("SeparateXYZ", out=axis, Vector=ray) for axis in "XYZ")
        up = n.math("MAXIMUM", z, 0.0)
        blue = n.mix(n.ramp(up, (0, 0), (0.12, 0.42), (0.45, 1)), rim, zenith)
        far = n.math("ADD", up, 0.11)
        flat = n("CombineXYZ", X=n.math("DIVIDE", x, far), Y=n.math("DIVIDE", y, far), Z=0.0)
        flat = n("Mapping", Vector=flat, Location=tuple(view.offset), Scale=(1, 0.8, 1))
        puffs = n("TexNoise", Vector=flat, Scale=0.75, Detail=9, Roughness=0.56, Distortion=0.25)
        puffs = n.ramp(puffs, (0.68 - 0.36 * cover, 0), (0.9 - 0.3 * cover, 1))
        veil = n.math("MULTIPLY", puffs, n.ramp(up, (0.0, 0.25), (0.08, 1)))
        colour = n.mix(n.math("MULTIPLY", veil, clouds), blue, "#f6f5f3")
        return n("Background", Color=colour, Strength=strength)

    world(build)


# ------------------------------------------------------------------------------------------ shading


def rgb(colour):
    """'#rrggbb' as linear RGBA."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return *(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts), 1.0


class Nodes:
    """Writes a shader tree as nested calls: capitalised keywords are sockets, others settings."""

    def __init__(self, tree):
        self.tree = tree
        tree.nodes.clear()

    def __call__(self, kind, out=0, **settings):
        node = self.tree.nodes.new("ShaderNode" + kind if "Node" not in kind else kind)
        for key, value in settings.items():
            if key[0].islower():
                setattr(node, key, value)
            else:
                self.plug(node.inputs[key.replace("_", " ")], value)
        return node.outputs[out] if node.outputs else None

    def plug(self, socket, value):
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = rgb(value) if str(value).startswith("#") else value

    def math(self, operation, *values):
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        for socket, value in zip(node.inputs, values, strict=False):
            self.plug(socket, value)
        return node.outputs[0]

    def mix(self, factor, a, b, blend="MIX"):
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type, node.blend_type = "RGBA", blend
        for index, value in ((0, factor), (6, a), (7, b)):
            self.plug(node.inputs[index], value)
        return node.outputs[2]

    def ramp(self, factor, *stops):
        """Piecewise linear; stops are (position, number or colour)."""
        node = self.tree.nodes.new("ShaderNodeValToRGB")
        self.plug(node.inputs[0], factor)
        stair = node.color_ramp.elements
        while len(stair) < len(stops):
            stair.new(0.5)
        for step, (at, value) in zip(stair, stops, strict=True):
            step.position = at
            step.color = rgb(value) if isinstance(value, str) else (value, value, value, 1)
        return node.outputs[0]

    def where(self, axis=None, space="world"):
        """The shaded point, or one of its coordinates."""
        point = self("NewGeometry", out="Position") if space == "world" else None
        point = point or self("TexCoord", out="Object")
        return self("SeparateXYZ", out=axis, Vector=point) if axis else point

    def noise(self, scale, detail=5.0, stretch=(1, 1, 1), space="world", rough=0.55, **more):
        point = self("Mapping", Vector=self.where(space=space), Scale=stretch)
        if space == "object":  # no two instances alike
            point = self("VectorMath", operation="ADD", Vector=point)
            self.plug(point.node.inputs[1], self.math("MULTIPLY", self.chance(), 37.0))
        more = {"Detail": detail, "Roughness": rough, **more}
        return self("TexNoise", Vector=point, Scale=scale, **more)

    def chance(self):
        """A random number per instance."""
        return self("ObjectInfo", out="Random")

    def tint(self):
        """A random number per leaf or blade, stored in the mesh."""
        return self("Attribute", out="Fac", attribute_name="tint")

    def bump(self, height, depth, over=None):
        more = {"Normal": over} if over else {}
        return self("Bump", Height=height, Distance=depth, Strength=1.0, **more)

    def coat(self, colour, rough=0.8, normal=None, shine=0.3, **more):
        if normal:
            more["Normal"] = normal
        more = {"Specular_IOR_Level": shine, **more}
        return self("BsdfPrincipled", Base_Color=colour, Roughness=rough, **more)

    def leaf(self, colour, through=0.4, rough=0.6):
        """Thin enough that light shines through."""
        back = self("BsdfTranslucent", Color=colour)
        return self.blend(through, self.coat(colour, rough, shine=0.25), back)

    def blend(self, factor, a, b):
        node = self.tree.nodes.new("ShaderNodeMixShader")
        for socket, value in zip(node.inputs, (factor, a, b), strict=True):
            self.plug(socket, value)
        return node.outputs[0]

    def over(self, light):
        """Light added to whatever is behind it."""
        clear = self("BsdfTransparent")
        total = self("AddShader", Shader=light)
        self.plug(total.node.inputs[1], clear)
        return total

    def haze(self, shader, colour, reach):
        """Air between here and there: after `reach` metres two thirds is the air's colour."""
        depth = self("CameraData", out="View Distance")
        clear = self.math("EXPONENT", self.math("DIVIDE", depth, -reach))
        return self.blend(clear, self("Emission", Color=colour, Strength=0.85), shader)


def paint(build, air=None):
    """A material from a function of Nodes to a shader; `air` is (colour, reach) of the haze."""
    material = bpy.data.materials.new("paint")
    material.use_nodes = True
    n = Nodes(material.node_tree)
    shader = build(n)
    n("OutputMaterial", Surface=n.haze(shader, *air) if air else shader)
    return material


def wood(light, dark, rough=0.45, along=0):
    """Long grain along an axis of the object, a different plank each time."""
    grain = [14.0, 14.0, 14.0]
    grain[along] = 0.9

    def build(n):
        fibre = n.noise(2.2, 8, grain, "object", 0.62, Distortion=0.6)
        rings = n.noise(0.55, 3, grain, "object", Distortion=1.2)
        rings = n.math("PINGPONG", n.math("MULTIPLY", rings, 9.0), 1.0)
        base = n.mix(n.math("MULTIPLY", rings, 0.55), light, dark)
        base = n.mix(n.ramp(fibre, (0.35, 0.0), (0.75, 0.8)), base, dark)
        tone = n.math("ADD", n.math("MULTIPLY", n.chance(), 0.4), 0.75)
        base = n.mix(1.0, base, n("CombineColor", Red=tone, Green=tone, Blue=tone), "MULTIPLY")
        gloss = n.math("ADD", n.math("MULTIPLY", fibre, 0.25), rough - 0.12)
        return n.coat(base, gloss, n.bump(fibre, 0.0012))

    return paint(build)


# ----------------------------------------------------------------------------------------- geometry


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


def upright(dice, count):
    """Turns about the vertical."""
    return np.column_stack([np.zeros((count, 2)), dice.uniform(0, math.tau, count)])


def on(relief, spots, sink=0.0):
    """Lift flat spots onto the land."""
    return [(x, y, relief(x, y) - sink) for x, y in spots.tolist()]


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
        colour = n.mix(share, dark, light)
        colour = n.mix(n.ramp(n.tint(), (0.84, 0), (0.96, 0.75)), colour, dry)
        if extra:
            colour = extra(n, colour)
        tip = n("MapRange", Value=n.where("Z", "object"), From_Max=height, To_Min=0.45, To_Max=1.15)
        shade = n("CombineColor", Red=tip, Green=tip, Blue=tip)
        return n.leaf(n.mix(1.0, colour, shade, "MULTIPLY"), 0.35, 0.5)

    return paint(build, air)


# ----------------------------------------------------------------------------------- scenes outside


@background("meadow", horizon=0.4, ground=(0.56, 0.97))
def meadow(v):
    v.look(height=1.25, lens=42, focus=4.5, fstop=1.6)
    rim = "#c3d3df"
    sky(v, "#3f74b8", rim, 1.0, 0.9, v.pick(0.55, 0.35, 0.75))
    sun(34, 5.5, towards=(-0.9, -0.25))
    air = (rim, 600)
    rolling = v.hills(38)

    def relief(x, y):
        return 1.6 * rolling(x, y) * min(1.0, max(0.0, (y - 9) / 45))

    dark, light = v.pick(("#55762a", "#b4c45c"), ("#617a34", "#c9c06a"), ("#43703a", "#9cbd68"))
    soil = paint(
        lambda n: n.coat(n.mix(n.noise(0.35), dark, light), 0.95, n.bump(n.noise(14, 8), 0.12)), air
    )
    v.land(soil, 0.8, 420, relief)
    blade = turf(dark, light, air=air)
    for near, far, scale in ((1.0, 6, 1.0), (5.5, 24, 1.5), (22, 85, 2.6)):
        patches = [grass(v.dice, blade, blades=int(1500 / scale)) for _ in range(3)]
        spots = v.carpet(near, far, 0.36 * scale)
        sizes = scale * v.dice.uniform(0.9, 1.2, len(spots))
        scatter(patches, on(relief, spots), upright(v.dice, len(spots)), sizes)
    petal = v.pick("#f4f0e2", "#e9c53a", "#c65b7c")
    bloom = paint(lambda n: n.leaf(petal, 0.3))
    heads = v.spots(4200, 2.2, 60, 0.8)
    keep = [fractal.noise(Vector((x * 0.35, y * 0.3, 5)) + v.offset) > 0.05 for x, y in heads]
    spots = np.array([(x, y, relief(x, y) + v.rng.uniform(0.17, 0.27)) for x, y in heads[keep]])
    flower = leaves(v.dice, np.zeros((9, 3)), 0.05, bloom, 0.35)
    scatter([flower], spots, upright(v.dice, len(spots)))
    treeline(v, foliage("#35521f", "#7d9440", (rim, 420)), relief, 85, 150, 46)


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


@background("dunes", horizon=0.42, ground=(0.58, 0.97), split="test")
def dunes(v):
    v.look(height=1.7, lens=35, focus=6, fstop=2.8)
    rim = "#d9cfc0"
    sky(v, "#4d80ba", rim, 0.95, 0.5, v.pick(0.35, 0.2, 0.6))
    sun(19, 6.0, 1.0, "#ffe0b4", (-0.95, -0.18))
    wave = v.hills(36, 2)

    def relief(x, y):
        ridge = 1 - math.hypot(wave(x * 0.8 + 0.25 * y, y * 0.9), 0.06)
        return (ridge**3 * 10 - 3.5) * min(1.0, max(0.0, (y - 9) / 45))

    light, dark = v.pick(("#d8b27a", "#bb8a52"), ("#e0c9a0", "#c4a474"), ("#c98f58", "#a5683c"))

    def sand(n):
        bent = n.noise(0.22, 2)
        phase = n.math("ADD", n.math("MULTIPLY", n.where("Y"), 3.1), n.math("MULTIPLY", bent, 15.0))
        phase = n.math("ADD", phase, n.math("MULTIPLY", n.where("X"), 0.9))
        ripple = n.math("SINE", n.math("MULTIPLY", phase, 4.6))
        uneven = n.math("MULTIPLY", ripple, n.ramp(n.noise(0.5, 2), (0.35, 0.1), (0.6, 1)))
        grain = n.bump(n.noise(260, 2), 0.004)
        normal = n.bump(uneven, 0.014, n.bump(n.noise(3.5, 6), 0.03, grain))
        colour = n.mix(n.noise(0.6, 6), light, dark)
        colour = n.mix(n.ramp(n.noise(420, 1), (0.5, 0), (0.75, 0.35)), colour, "#6e4f30")
        return n.coat(colour, 0.9, normal, 0.15)

    v.land(paint(sand, (rim, 900)), 1.0, 700, relief, rows=420, columns=420)


@background("beach", horizon=0.37, ground=(0.6, 0.97))
def beach(v):
    v.look(height=1.6, lens=35, focus=5.5, fstop=3.2)
    rim = v.pick("#cfdde6", "#e9d7c4", "#c3ccd3")
    sky(v, v.pick("#3d7ac0", "#6a93bf", "#7d92a6"), rim, 1.0, 0.9, v.pick(0.5, 0.4, 0.8))
    sun(36, 4.2)
    wiggle = v.hills(9, 3)

    def slope(x, y):
        """Sand falls under the water near y = 11; the shore line follows."""
        lumps = 0.03 * fractal.fractal(Vector((x, y, 0)) * 1.3 + v.offset, 0.8, 2, 4)
        return (11 - y + 1.3 * wiggle(x, 0)) * 0.035 + lumps * max(0.0, min(1.0, (8.5 - y) / 3))

    def sand(n):
        wet = n.ramp(
            n.math("ADD", n.where("Z"), n.math("MULTIPLY", n.noise(0.5, 3), 0.05)),
            (0.075, 1),
            (0.135, 0),
        )
        dry = n.mix(n.noise(1.2, 8), "#e2cda6", "#cdb389")
        dry = n.mix(n.ramp(n.noise(330, 1), (0.52, 0), (0.78, 0.5)), dry, "#7b6546")
        steps = n.bump(n.noise(5, 4), 0.06, n.bump(n.noise(200, 2), 0.004))
        return n.blend(wet, n.coat(dry, 0.92, steps, 0.1), n.coat("#8f7753", 0.16, shine=0.55))

    v.land(paint(sand), 1.0, 26, slope)

    def sea_height(x, y):
        swell = math.sin(y * 0.9 + 2.2 * wiggle(x * 0.5, y * 0.3)) ** 3
        return 0.13 * swell * min(1.0, max(0.0, (y - 12.5) / 6)) * math.exp(-y / 90)

    def water(n):
        far = n.ramp(n.math("DIVIDE", n.where("Y"), 120.0), (0.08, 0), (0.2, 0.55), (0.9, 1))
        colour = n.mix(
            far, v.pick("#6fb3ad", "#8db2ad", "#80a09b"), v.pick("#1d5f86", "#356a86", "#3f5f70")
        )
        chop = n.bump(
            n.noise(0.7, 7, (1, 2.4, 1), rough=0.6), 0.1, n.bump(n.noise(4, 4, (1, 2, 1)), 0.02)
        )
        sea = n.coat(colour, 0.12, chop, 0.5)
        lace = n.noise(1.6, 9, (0.8, 1.6, 1), rough=0.65, Distortion=0.8)
        shore = n.math("SUBTRACT", n.where("Y"), n.math("MULTIPLY", n.noise(0.12, 3), 5.0))
        band = n.ramp(
            n.math("DIVIDE", shore, 40.0), (0.2, 0.62), (0.27, 0.36), (0.36, 0.2), (0.5, 0.0)
        )
        crest = n.ramp(n.where("Z"), (0.045, 0), (0.1, 0.5))
        foam = n.math("ADD", n.math("ADD", band, crest), n.math("MULTIPLY", lace, 1.0))
        foam = n.ramp(foam, (0.84, 0), (1.0, 1))
        return n.blend(foam, sea, n.coat("#f3f6f6", 0.7))

    v.land(paint(water, (rim, 1500)), 8.0, 9000, sea_height, rows=420, columns=220)


@background("snow_hills", horizon=0.41, ground=(0.58, 0.97))
def snow_hills(v):
    v.look(height=1.6, lens=38, focus=6, fstop=2.2)
    rim = v.pick("#cdddeb", "#ead9d3", "#d3dbe2")
    sky(v, v.pick("#3a73bd", "#6487b5", "#8aa0b5"), rim, 0.85, 0.6, v.pick(0.35, 0.45, 0.7))
    sun(19, 7.0, 1.0, "#ffe9cc", (-0.95, -0.2))
    rolling, drift = v.hills(45, 4), v.hills(5, 3)

    def relief(x, y):
        return 6 * rolling(x, y) * min(1.0, max(0.0, (y - 9) / 70)) + 0.1 * drift(x, y)

    def snow(n):
        crust = n.bump(n.noise(0.8, 6, (1, 2.2, 1)), 0.09, n.bump(n.noise(90, 3), 0.006))
        return n.coat("#eef2f7", 0.55, crust, 0.4)

    v.land(paint(snow, (rim, 500)), 1.0, 700, relief)

    def needles(n):
        """Snow lies on what faces up."""
        up = n("SeparateXYZ", out="Z", Vector=n("NewGeometry", out="True Normal"))
        lies = n.ramp(n.math("ABSOLUTE", up), (0.6, 0), (0.85, 0.8))
        return n.coat(n.mix(lies, n.mix(n.tint(), "#16281c", "#33492f"), "#e9eff5"), 0.8)

    green = paint(needles, (rim, 260))
    kinds = []
    for _ in range(3):
        tall, twigs = v.rng.uniform(6, 9), 2600
        t = v.dice.random(twigs) ** 1.6
        tier = 1 - 0.35 * np.modf(t * 11)[0]
        r = (1 - t) * tall * 0.3 * tier * v.dice.uniform(0.5, 1, twigs)
        a = v.dice.uniform(0, math.tau, twigs)
        spots = np.column_stack([r * np.cos(a), r * np.sin(a), 0.5 + t * tall - 0.25 * r])
        kinds.append(leaves(v.dice, spots, 0.6, green, 0.45, outline=((0.22, 0.45),)))
    spots = v.spots(110, 28, 150)
    spots = np.array([s for s in spots if fractal.noise(Vector((*s, 0)) / 18 + v.offset) > -0.05])
    scatter(
        kinds, on(relief, spots), upright(v.dice, len(spots)), v.dice.uniform(0.6, 1.2, len(spots))
    )


@background("forest_floor", horizon=0.36, ground=(0.56, 0.97))
def forest_floor(v):
    v.look(height=1.15, lens=45, focus=3.6, fstop=1.8)
    air_colour = v.pick("#b4bf98", "#c2b998", "#a3b3a0")
    glow_colour = v.pick("#cfdcae", "#e0d6ae", "#c3d4c0")
    world(lambda n: n("Background", Color=glow_colour, Strength=0.6))
    sun(42, 6.5, 1.0, "#fff0c8")
    air = (air_colour, 42)
    lumps = v.hills(3.5, 4)

    def relief(x, y):
        return 0.09 * lumps(x, y)

    def earth(n):
        moss = n.ramp(n.noise(0.7, 6), (0.47, 0), (0.6, 1))
        crumbs = n.noise(26, 8, rough=0.7)
        soil = n.mix(n.ramp(crumbs, (0.35, 0), (0.7, 1)), "#33261a", "#6f563a")
        green = n.mix(n.noise(30), "#3f5420", "#7d8b3a")
        return n.coat(n.mix(moss, soil, green), 0.95, n.bump(crumbs, 0.05, n.bump(n.noise(4), 0.1)))

    v.land(paint(earth, air), 0.8, 70, relief)
    litter = foliage(
        *v.pick(("#6e5138", "#c9a678"), ("#7d5030", "#d09a5a"), ("#5f5040", "#b09a7c"))
    )
    carpet = []
    for _ in range(4):
        flat = np.column_stack(
            [v.dice.uniform(-0.5, 0.5, (150, 2)), v.dice.uniform(0.004, 0.03, 150)]
        )
        carpet.append(
            leaves(v.dice, flat, 0.075, litter, 0.28, ((0.2, 0.2), (0.3, 0.5), (0.17, 0.8)))
        )
    spots = v.spots(700, 1.2, 16, 0.7)
    scatter(carpet, on(relief, spots), upright(v.dice, 700), v.dice.uniform(0.8, 1.3, 700))
    fern = turf("#35531e", "#86a03f", height=0.3, air=air)
    tufts = [grass(v.dice, fern, 60, 0.22, 0.26, 0.006, 1.1) for _ in range(3)]
    spots = v.spots(420, 3.2, 30)
    keep = [fractal.noise(Vector((*s, 0)) / 2.2 + v.offset) > 0.08 for s in spots]
    scatter(
        tufts,
        on(relief, spots[keep]),
        upright(v.dice, sum(keep)),
        v.dice.uniform(0.6, 1.4, sum(keep)),
    )
    stems = [
        trunk(v.dice, bark("#6d5b48", "#241c15", air), 13, v.rng.uniform(0.16, 0.3))
        for _ in range(4)
    ]
    spots = v.spots(44, 6.5, 42)
    clear = [abs(x) > 0.16 * y or y > 20 for x, y in spots]
    scatter(stems, on(relief, spots[clear]), upright(v.dice, sum(clear)))
    brush = foliage("#3c5a1e", "#a3b64c", air, 0.55)
    for near, far, count, high in ((15, 34, 60, 0.4), (14, 40, 46, 3.4)):
        blobs = [(*v.dice.normal(0, 0.5, 3), 0.8) for _ in range(5)]
        bush = crown(v.dice, brush, blobs, 0.14, 600)
        spots = v.spots(count, near, far)
        scatter(
            [bush],
            [(x, y, high * v.rng.uniform(0.8, 2.0)) for x, y in spots],
            upright(v.dice, count),
        )

    shade_of_leaves((-80, -60, 60, 80), 9, 0.55, 0.53)


def shade_of_leaves(area, height, scale, thick):
    """An unseen canopy with holes breaks the sun into soft spots."""

    def holes(n):
        gap = n.ramp(n.noise(scale, 4, rough=0.6), (thick - 0.03, 0), (thick + 0.03, 1))
        return n.blend(gap, n("BsdfDiffuse", Color="#1c2a10"), n("BsdfTransparent"))

    x, y, right, far = area
    corners = [(x, y, height), (right, y, height), (right, far, height), (x, far, height)]
    canopy = place(mesh("canopy", corners, [(0, 1, 2, 3)], paint(holes)))
    canopy.visible_camera = canopy.visible_diffuse = canopy.visible_glossy = False


@background("autumn_path", horizon=0.38, ground=(0.55, 0.97), split="test")
def autumn_path(v):
    v.look(height=1.45, lens=42, focus=4.6, fstop=1.8)
    rim = v.pick("#efe0c0", "#e6dccb", "#f2d9b0")
    sky(v, v.pick("#8fb3d6", "#b9c6d0", "#86a9d0"), rim, 1.0, 0.8, 0.6)
    sun(30, 5.0, 1.2, "#ffe3b0")
    air = (rim, 110)

    def relief(x, y):
        return 0.0

    def edge(y):
        return 1.55 + 0.12 * math.sin(y * 0.3)

    def gravel(n):
        stones = n("TexVoronoi", Vector=n.where(), Scale=55.0, feature="F1")
        grit = n.mix(n.noise(70, 4), "#857764", "#cbbca3")
        wear = n.mix(n.noise(0.8, 5), "#a6967e", "#c7b79b")
        away = n.math("ADD", n.math("ABSOLUTE", n.where("X")), n.math("MULTIPLY", n.noise(3), 0.3))
        soil = n("MapRange", Value=away, From_Min=1.65, From_Max=1.85)
        return n.coat(
            n.mix(soil, n.mix(0.5, grit, wear), "#56602a"),
            0.9,
            n.bump(stones, 0.012, n.bump(n.noise(2), 0.05)),
        )

    v.land(paint(gravel, air), 0.9, 120, rows=60, columns=20)
    lawn = turf("#4c6423", "#a0a048", "#b98d3f", 0.09, air)
    patches = [grass(v.dice, lawn, 420, 0.5, 0.1, 0.004, 0.9) for _ in range(3)]
    for count, near, far, size in ((2600, 1.4, 14, 0.6), (1700, 10, 45, 1.7)):
        spots = v.spots(count, near, far)
        keep = np.array([abs(x) > edge(y) + 0.22 * size + v.rng.uniform(0, 0.12) for x, y in spots])
        scatter(
            patches, on(relief, spots[keep]), upright(v.dice, keep.sum()), np.full(keep.sum(), size)
        )
    warm = v.pick(("#a8431a", "#e8a52f"), ("#8a3a1c", "#d98a3a"), ("#b8651f", "#efc94c"))
    fallen = foliage(*warm, through=0.25)
    tiles = []
    for _ in range(5):
        flat = np.column_stack(
            [v.dice.uniform(-0.5, 0.5, (26, 2)), v.dice.uniform(0.006, 0.02, 26)]
        )
        tiles.append(
            leaves(v.dice, flat, 0.07, fallen, 0.3, ((0.2, 0.15), (0.36, 0.45), (0.17, 0.75)))
        )
    spots = v.spots(900, 1.2, 30, 0.8)
    keep = np.array([abs(x) > v.rng.uniform(0.2, 1.6) for x, y in spots])
    high = [0.0 if abs(x) < edge(y) else 0.05 for x, y in spots[keep]]
    scatter(tiles, np.column_stack([spots[keep], high]), upright(v.dice, keep.sum()))
    gold = foliage(*warm, air, 0.5)
    kinds, stems = [], [trunk(v.dice, bark("#6b5a4a", "#2c2420", air), 7, 0.2) for _ in range(2)]
    for _ in range(3):
        blobs = [
            (*v.dice.normal(0, 1.3, 2), v.dice.uniform(3.6, 7.5), v.dice.uniform(0.9, 1.7))
            for _ in range(13)
        ]
        kinds.append(crown(v.dice, gold, blobs, 0.16, 560))
    rows = [
        (side * (v.rng.uniform(3.2, 4.2) + 0.02 * y), y + v.rng.uniform(-1, 1), 0)
        for y in range(9, 80, 6)
        for side in (-1, 1)
    ]
    turns = upright(v.dice, len(rows))
    scatter(kinds, rows, turns)
    scatter(stems, rows, turns)
    treeline(v, gold, relief, 70, 110, 30)


@background("lawn_hedge", horizon=0.33, ground=(0.55, 0.97))
def lawn_hedge(v):
    v.look(height=1.5, lens=40, focus=5.2, fstop=2.0)
    rim = "#cfdde8"
    sky(v, "#4680c4", rim, 1.0, 0.9, v.pick(0.55, 0.4, 0.7))
    sun(34, 5.0)

    def flat(x, y):
        return 0.0

    dark, light = v.pick(("#5b8032", "#a9c062"), ("#68843a", "#b5c06c"), ("#4b7a40", "#93b768"))

    def mown(n, colour):
        """The mower's stripes: grass bent to and fro."""
        stripe = n.ramp(
            n.math("SINE", n.math("MULTIPLY", n.where("X"), 3.4)), (0.35, 0), (0.65, 0.22)
        )
        return n.mix(stripe, colour, "#d2dd92")

    soil = paint(
        lambda n: n.coat(
            mown(n, n.mix(n.noise(0.5), dark, light)), 0.95, n.bump(n.noise(40, 6), 0.04)
        )
    )
    v.land(soil, 0.8, 40, rows=40, columns=20)
    blade = turf(dark, light, height=0.055, extra=mown)
    for near, far, scale in ((1.0, 7, 1.0), (6.5, 15, 1.5)):
        patches = [grass(v.dice, blade, 3000, 0.5, 0.06, 0.0028, 0.7) for _ in range(3)]
        spots = v.carpet(near, far, 0.38 * scale)
        scatter(patches, on(flat, spots), upright(v.dice, len(spots)), np.full(len(spots), scale))
    green = foliage(*v.pick(("#4a7a30", "#a3c268"), ("#5c7d34", "#b5c470"), ("#3d6f44", "#8db877")))
    shell = 5200
    side = v.dice.random(shell) < 0.72
    x = v.dice.uniform(-1, 1, shell)
    y = np.where(side, v.dice.normal(-0.5, 0.045, shell), v.dice.uniform(-0.5, 0.5, shell))
    z = np.where(side, v.dice.uniform(0, 1.75, shell), v.dice.normal(1.75, 0.04, shell))
    piece = leaves(v.dice, np.column_stack([x, y, z]), 0.075, green, 1.0)
    scatter([piece], [(x, 14.5, 0) for x in np.arange(-9, 9.1, 2)])
    core = place(
        box((30, 0.9, 1.68), paint(lambda n: n.coat("#16240f", 1.0)), 0.05), (0, 14.5, 0.84)
    )
    core.name = "core"
    treeline(v, foliage("#3c5c26", "#8ca654", (rim, 260)), flat, 26, 44, 18, 0.9)


@background("stone_terrace", horizon=0.36, ground=(0.55, 0.97), split="test")
def stone_terrace(v):
    v.look(height=1.55, lens=38, focus=5.0, fstop=2.2)
    rim = v.pick("#e2dcd0", "#cfdbe4", "#ecd6bf")
    sky(v, v.pick("#5f93cb", "#4a84c4", "#7f9dc0"), rim, 1.0, 0.8, 0.45)
    sun(33, 4.6, 1.2, "#ffe9c6")
    light, dark = v.pick(("#c9b99c", "#9a8768"), ("#c4c0b6", "#8e8a80"), ("#d0ab84", "#a67c56"))
    stone = weathered(light, dark)
    joint = paint(
        lambda n: n.coat(n.mix(n.noise(3), "#8d8068", "#aa9e84"), 0.95, n.bump(n.noise(60), 0.02))
    )
    v.land(joint, 0.8, 14, rows=20, columns=10)
    flags = [box((w - 0.014, 0.486, 0.03), stone, 0.008) for w in (0.5, 0.66, 0.84)]
    spots, kind_widths = [], (0.5, 0.66, 0.84)
    for row in range(1, 24):
        x, i = -9.0 + v.rng.random() * 0.5, len(spots)
        while x < 9:
            width = kind_widths[i % 3]  # scatter picks the kinds in turn
            spots.append((x + width / 2, 0.5 * row, v.rng.gauss(0, 0.003)))
            x, i = x + width, i + 1
    tilt = v.dice.normal(0, 0.004, (len(spots), 3))
    scatter(flags, spots, tilt)
    blocks = [box((0.48, 0.34, 0.19), stone, 0.02) for _ in range(2)]
    spots = [
        (-9 + 0.5 * i + 0.25 * (row % 2), 11.6, 0.1 + 0.2 * row)
        for row in range(3)
        for i in range(37)
    ]
    scatter(blocks, spots, v.dice.normal(0, 0.008, (len(spots), 3)))
    caps = [(-9 + 0.92 * i, 11.6, 0.66) for i in range(21)]
    scatter([box((0.9, 0.46, 0.09), stone, 0.02)], caps)

    far = v.hills(260, 5)

    def relief(x, y):
        return -26 + 46 * abs(far(x, y)) * min(1.0, y / 700)

    woods = paint(
        lambda n: n.coat(
            n.mix(n.ramp(n.noise(0.035, 8, rough=0.7), (0.4, 0), (0.6, 1)), "#4c6136", "#a59b62"),
            0.95,
        ),
        (rim, 2200),
    )
    v.land(woods, 40, 2600, relief, rows=160, columns=160, name="far")
    green = foliage("#24361c", "#4f6634", (rim, 240))
    cypress = crown(
        v.dice,
        green,
        [(0, 0, 0.5 + 0.42 * i, 0.75 * math.sin(0.25 + 2.75 * i / 15)) for i in range(16)],
        0.22,
        900,
    )
    spots = [(-9.5, 24, -3.2), (-12.2, 30, -3.2), (8.6, 22, -3.6), (13.5, 33, -3.4), (16, 36, -3.4)]
    scatter([cypress], spots, upright(v.dice, 5), [1.0, 1.1, 0.85, 1.1, 1.0])


def weathered(light, dark, air=None, rough=0.85):
    """Stone: clouded, pitted, stained, no two alike."""

    def build(n):
        cloud = n.noise(2.6, 8, space="object", rough=0.62)
        pits = n.noise(38, 5, space="object", rough=0.7)
        colour = n.mix(n.ramp(cloud, (0.34, 0), (0.66, 1)), light, dark)
        tone = n.math("ADD", n.math("MULTIPLY", n.chance(), 0.36), 0.78)
        colour = n.mix(1.0, colour, n("CombineColor", Red=tone, Green=tone, Blue=tone), "MULTIPLY")
        colour = n.mix(n.ramp(pits, (0.28, 0.55), (0.42, 0)), colour, "#4a4033")
        return n.coat(colour, rough, n.bump(pits, 0.006, n.bump(cloud, 0.03)), 0.25)

    return paint(build, air)


@background("brick_wall", horizon=0.33, ground=(0.73, 0.97))
def brick_wall(v):
    v.look(height=1.6, lens=34, focus=5.0, fstop=2.8)
    glow("#c8d6e8", 0.75)
    sun(40, 4.4, 3.0)
    shade_of_leaves((-7, -6, 7, 6), 7.5, 0.3, 0.44)
    light, dark = v.pick(("#b0765c", "#8a5644"), ("#c9a27c", "#a17a58"), ("#d8d2c6", "#b0aa9e"))
    brick = weathered(light, dark, rough=0.9)
    wall_at, spots = 6.2, []
    for row in range(48):
        for i in range(-22, 23):
            spots.append((0.225 * i + 0.1125 * (row % 2), wall_at, 0.04 + 0.0765 * row))
    spots = np.array(spots) + v.dice.normal(0, (0.0015, 0.003, 0.001), (len(spots), 3))
    kinds = [box((0.213 + d, 0.1, 0.0645), brick, 0.005) for d in (-0.002, 0, 0.002)]
    scatter(kinds, spots, v.dice.normal(0, 0.006, (len(spots), 3)))
    mortar = paint(
        lambda n: n.coat(
            n.mix(n.noise(6, 6), "#8f877b", "#b4aca0"), 0.95, n.bump(n.noise(90), 0.01)
        )
    )
    place(box((12, 0.1, 4.4), mortar, 0), (0, wall_at + 0.006, 2))
    slab = weathered(
        *v.pick(("#a9a69f", "#85827b"), ("#9b9891", "#77736c"), ("#b3aa9c", "#8f8676"))
    )
    paving = [box((0.59, 0.39, 0.08), slab, 0.006) for _ in range(2)]
    spots = [
        (0.6 * i + 0.3 * (row % 2), wall_at - 0.27 - 0.4 * row, -0.04)
        for row in range(13)
        for i in range(-9, 10)
    ]
    scatter(paving, spots, v.dice.normal(0, 0.0025, (len(spots), 3)))
    grit = paint(lambda n: n.coat(n.mix(n.noise(20), "#3d3a35", "#5c564d"), 1.0))
    place(box((14, 8, 0.05), grit, 0), (0, 3, -0.04))
    weeds = [grass(v.dice, turf("#3f5f24", "#8aa04a", height=0.08), 14, 0.06, 0.09, 0.003, 1.1)]
    spots = [(v.rng.uniform(-4, 4), wall_at - 0.065, -0.005) for _ in range(16)]
    scatter(weeds, spots, upright(v.dice, 16), v.dice.uniform(0.5, 1.3, 16))


@background("dusk_street", horizon=0.4, ground=(0.56, 0.97))
def dusk_street(v):
    v.look(height=1.4, lens=50, focus=4.2, fstop=0.8, exposure=0.5)
    top, rim = v.pick(("#2c4a86", "#d9a583"), ("#2a3d78", "#b190b4"), ("#335a88", "#e0bd8e"))
    sky(v, top, rim, 0.75, 0.3, 0.5)
    lamp((-3.5, 0.5, 4.5), (0, 5, 0), 2.0, 130, "#ffe2bd")

    def asphalt(n):
        stones = n("TexVoronoi", Vector=n.where(), Scale=95.0)
        pool = n.ramp(n.noise(0.8, 6), (0.5, 0.42), (0.66, 0.2))
        colour = n.mix(n.noise(60, 3), "#3a3b40", "#5e5e62")
        return n.coat(colour, pool, n.bump(stones, 0.006, n.bump(n.noise(6), 0.006)), 0.5)

    v.land(paint(asphalt), 0.8, 120, rows=40, columns=20)

    def front(n):
        """House fronts: a grid of windows, some of them lit."""
        x, z = n.where("X", "object"), n.where("Z", "object")
        y = n.math("ADD", x, n.where("Y", "object"))
        column, row = n.math("DIVIDE", y, 1.7), n.math("DIVIDE", z, 2.6)
        cell = n("CombineXYZ", X=n.math("FLOOR", column), Y=n.math("FLOOR", row), Z=n.chance())
        lit = n.ramp(n("TexWhiteNoise", Vector=cell), (0.62, 0), (0.64, 1))
        inside = n.math(
            "MULTIPLY",
            n.math("COMPARE", n.math("FRACT", column), 0.5, 0.27),
            n.math("COMPARE", n.math("FRACT", row), 0.5, 0.27),
        )
        warm = n("Emission", Color="#ffbe73", Strength=2.2)
        wall = n.coat(n.mix(n.chance(), "#4a4c5c", "#66606a"), 0.9)
        return n.blend(n.math("MULTIPLY", inside, lit), wall, warm)

    house = paint(front, (rim, 160))
    for y in range(16, 110, 11):
        for side in (-1, 1):
            tall = v.rng.uniform(8, 17)
            at = (side * (9.5 + v.rng.uniform(0, 1.2)), y, tall / 2)
            place(box((7, 10.2, tall), house, 0.05), at)

    def disc(colour):
        """A light far out of focus, painted as the disc the lens would make of it."""

        def build(n):
            r = n("VectorMath", out="Value", operation="LENGTH", Vector=n.where(space="object"))
            body = n.ramp(r, (0.0, 0.55), (0.82, 0.7), (0.93, 1.0), (0.99, 0))
            return n.over(n("Emission", Color=colour, Strength=n.math("MULTIPLY", body, 0.75)))

        return paint(build)

    ring = [(math.cos(a), 0, math.sin(a)) for a in np.linspace(0, math.tau, 40, endpoint=False)]
    face = [tuple(range(40))]
    colours = ("#ffb45e", "#ffd9a0", "#ff6a4a", "#fff0d0", "#7fd0c0", "#ff9a3c")
    kinds = [mesh("disc", ring, face, disc(c)) for c in colours]
    spots, sizes = [], []
    for i in range(74):
        y = 20 + 50 * v.rng.random()
        low = i % 2  # headlights near the road, lanterns along the kerbs
        x = v.rng.choice((-1, 1)) * (v.rng.uniform(0.3, 3.4) if low else v.rng.uniform(2.6, 6.5))
        z = v.rng.uniform(0.5, 1.1) if low else v.rng.uniform(2.6, 7.5)
        spots.append((x * (0.6 + y / 50), y, z))
        sizes.append(v.rng.uniform(0.011, 0.017) * y)
    scatter(kinds, spots, size=sizes)
    kerb = weathered("#8b8984", "#66645f")
    blocks = [box((0.3, 0.97, 0.16), kerb, 0.02)]
    scatter(blocks, [(side * 4.4, y, 0.05) for y in range(4, 60) for side in (-1, 1)])


# ------------------------------------------------------------------------------------ scenes inside


@background("window_table", horizon=0.16, ground=(0.64, 0.96))
def window_table(v):
    v.look(height=0.5, lens=40, focus=1.3, fstop=1.8)
    glow("#dfe6ee", 0.45)
    lamp((-2.4, -0.4, 2.6), (0, 1.6, 0), 1.6, 85, "#fff3e2")
    light, dark = v.pick(("#b98a57", "#6f4524"), ("#d8bc92", "#a98256"), ("#8a5f3c", "#45291a"))
    planks = [box((3.6, 0.158, 0.04), wood(light, dark), 0.003) for _ in range(2)]
    spots = [(v.rng.uniform(-0.2, 0.2), 0.5 + 0.16 * i, -0.02) for i in range(9)]
    scatter(planks, spots, v.dice.normal(0, 0.0012, (9, 3)))
    wall = paint(
        lambda n: n.coat(v.pick("#d9d2c5", "#b9c4c2", "#d8c3b0"), 0.9, n.bump(n.noise(30), 0.003))
    )
    white = paint(lambda n: n.coat("#eeece6", 0.4))
    left, right, back = -1.35, 0.62, 3.4
    place(box((4, 0.2, 4), wall, 0), (left - 2, back, 0.5))
    place(box((4, 0.2, 4), wall, 0), (right + 2, back, 0.5))
    place(box((right - left, 0.2, 1.4), wall, 0), ((left + right) / 2, back, -0.86))
    place(box((2.2, 0.4, 0.05), white, 0.01), ((left + right) / 2, back - 0.1, -0.13))
    for x in (left, (left + right) / 2, right):
        place(box((0.075, 0.1, 2.4), white, 0.01), (x, back, 1.1))
    for z in (-0.07, 0.62):
        place(box((right - left, 0.09, 0.06), white, 0.01), ((left + right) / 2, back, z))

    def garden(n):
        """Outside, out of focus: leaves below, sky above."""
        blobs = n.noise(2.2, 6, rough=0.65)
        green = n.mix(n.ramp(blobs, (0.34, 0), (0.7, 1)), "#7d985a", "#d3dfae")
        high = n.ramp(
            n.math("ADD", n.math("DIVIDE", n.where("Z"), 5.0), n.math("MULTIPLY", blobs, 0.5)),
            (0.5, 0),
            (0.72, 1),
        )
        return n("Emission", Color=n.mix(high, green, "#f3f6f8"), Strength=1.7)

    place(
        mesh(
            "garden",
            [(-6, 8, -2), (6, 8, -2), (6, 8, 5), (-6, 8, 5)],
            [(0, 1, 2, 3)],
            paint(garden),
        )
    )
    cloth = v.pick("#efe9dd", "#d7dfe2", "#e6d3bd")
    sheer = paint(lambda n: n.leaf(cloth, 0.5, 0.9))
    for start, end in ((left - 0.35, left + 0.22), (right - 0.16, right + 0.4)):
        x = np.linspace(start, end, 120)
        y = back - 0.3 + 0.035 * np.sin(x * 62 + 1.5 * np.sin(x * 17))
        verts = [(a, b, z) for z in (-0.4, 3) for a, b in zip(x, y, strict=True)]
        faces = [(i, i + 1, i + 121, i + 120) for i in range(119)]
        place(mesh("curtain", verts, faces, sheer))


@background("empty_room", horizon=0.36, ground=(0.71, 0.97))
def empty_room(v):
    v.look(height=1.45, lens=26, focus=4.2, fstop=4.0)
    glow("#e4eaf2", 0.62)
    sun(23, 6.5, 0.8, "#ffe4c0", (-0.78, -0.62))
    tint = v.pick("#d8d2c6", "#b4c1bb", "#c9b3a2")
    plaster = paint(
        lambda n: n.coat(n.mix(n.noise(0.8), tint, "#e9e4da"), 0.9, n.bump(n.noise(45, 4), 0.002))
    )
    white = paint(lambda n: n.coat("#f1efe9", 0.45))
    back, left = 4.9, -3.0
    place(box((14, 0.2, 6), plaster, 0), (0, back + 0.1, 2))
    place(box((9, 0.022, 0.13), white, 0.006), (0, back - 0.011, 0.065))
    light, dark = v.pick(("#c79b68", "#8a5e36"), ("#dcc6a0", "#b2936a"), ("#8d6746", "#4f3523"))
    boards = [
        box((0.158, length, 0.03), wood(light, dark, 0.4, along=1), 0.0025)
        for length in (1.4, 1.75)
    ]
    spots = []
    for column in range(-24, 25):
        y = -0.6 - v.rng.random() * 1.4
        while y < 5.5:
            length = (1.4, 1.75)[len(spots) % 2]  # scatter picks the kinds in turn
            spots.append((0.16 * column, y + length / 2, -0.015))
            y += length + 0.002
    scatter(boards, spots, np.random.default_rng(1).normal(0, 0.0006, (len(spots), 3)))
    shade = paint(lambda n: n("BsdfDiffuse", Color="#bdb6aa"))
    openings = ((-0.4, 1.15), (1.75, 3.3))  # two windows in the left wall, along y
    edges = [-6.0, *[e for pair in openings for e in pair], back]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        place(box((0.16, end - start, 9), shade, 0), (left, (start + end) / 2, 4))
    for start, end in openings:
        middle, wide = (start + end) / 2, end - start
        place(box((0.16, wide, 0.8), shade, 0), (left, middle, 0.4))
        place(box((0.16, wide, 6), shade, 0), (left, middle, 5.6))
        place(box((0.06, 0.06, 1.9), white, 0), (left, middle, 1.7))
        place(box((0.06, wide, 0.06), white, 0), (left, middle, 1.75))


@background("studio_paper", horizon=0.4, ground=(0.66, 0.96))
def studio_paper(v):
    v.look(height=1.3, lens=50, focus=4.6, fstop=5.6, exposure=0.1)
    glow("#dfe4ea", 0.22)
    lamp((-2.4, 2.6, 3.0), (0.1, 5.4, 0.3), 1.4, 260, "#fff4e6")
    colour = v.pick("#6d8794", "#b98a70", "#849672", "#9a84a4", "#b5aea2")

    def paper(n):
        tooth = n.noise(160, 4, rough=0.7)
        ripple = n.bump(n.noise(0.6, 2, (1, 0.25, 0.25)), 0.05)
        return n.coat(
            n.mix(n.math("MULTIPLY", tooth, 0.16), colour, "#ffffff"),
            0.85,
            n.bump(tooth, 0.0007, ripple),
            0.2,
        )

    bend, back = 1.5, 6.6
    floor = [(y, 0.0) for y in np.linspace(0.6, back - bend, 12)]
    curve = [
        (back - bend + bend * math.sin(a), bend - bend * math.cos(a))
        for a in np.linspace(0, math.pi / 2, 30)[1:]
    ]
    profile = [*floor, *curve, (back, 6.0)]
    verts = [(x, y, z) for y, z in profile for x in (-6, 6)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(profile) - 1)]
    place(mesh("paper", verts, faces, paint(paper)))


@background("kitchen_counter", horizon=0.13, ground=(0.66, 0.96), split="test")
def kitchen_counter(v):
    v.look(height=0.58, lens=45, focus=1.45, fstop=2.0)
    glow("#e6e8ea", 0.5)
    lamp((-2.2, -0.2, 2.4), (0, 1.7, 0), 1.3, 75, "#fff2e0")
    base, vein = v.pick(("#e4e0d8", "#8d8780"), ("#4a4b4d", "#b0aca4"), ("#cdbfa8", "#8b7656"))

    def slab(n):
        flow = n.noise(1.6, 9, rough=0.62, Distortion=1.4)
        veins = n.math("ABSOLUTE", n.math("SUBTRACT", flow, 0.5))
        colour = n.mix(n.ramp(veins, (0.0, 0.75), (0.035, 0.12), (0.16, 0)), base, vein)
        speck = n.ramp(n.noise(190, 2), (0.62, 0), (0.72, 0.35))
        return n.coat(n.mix(speck, colour, vein), 0.22, shine=0.5)

    place(box((4, 2.0, 0.05), paint(slab), 0.006), (0, 1.15, -0.025))
    glaze = v.pick("#e9ebe6", "#9fb7ad", "#e8d9c3")

    def tile(n):
        tone = n.math("ADD", n.math("MULTIPLY", n.chance(), 0.1), 0.92)
        shade = n("CombineColor", Red=tone, Green=tone, Blue=tone)
        return n.coat(
            n.mix(1.0, glaze, shade, "MULTIPLY"),
            0.12,
            n.bump(n.noise(5, 2, space="object"), 0.006),
            0.5,
        )

    tiles = [box((0.147, 0.012, 0.072), paint(tile), 0.003)]
    back = 2.16
    spots = [
        (0.15 * i + 0.075 * (row % 2), back, 0.037 + 0.075 * row)
        for row in range(16)
        for i in range(-9, 10)
    ]
    scatter(tiles, spots, v.dice.normal(0, 0.006, (len(spots), 3)))
    place(box((4, 0.02, 2), paint(lambda n: n.coat("#a9a59c", 0.95)), 0), (0, back + 0.012, 0.9))
    timber = wood("#c09763", "#80552f")
    place(box((3.2, 0.2, 0.028), timber, 0.004), (0, back - 0.1, 0.47))
    clay = [
        paint(lambda n, c=c: n.coat(c, 0.35)) for c in ("#e8e2d6", "#6f8a86", "#c88f68", "#3f4a50")
    ]
    for x in (-0.74, -0.6, -0.47, 0.5, 0.63, 0.78):
        tall, wide = v.rng.uniform(0.07, 0.14), v.rng.uniform(0.04, 0.055)
        pot = trunk(v.dice, v.rng.choice(clay), tall, wide, v.rng.uniform(0.9, 1.15), 0.0, 10, 40)
        place(pot, (x, back - 0.1, 0.53))
