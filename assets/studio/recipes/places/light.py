"""Sun, lamps, skies and shade: places are lit from the upper left front, as the things are."""

import math

import bpy
from mathutils import Vector

from recipes.places.geometry import mesh, place
from recipes.places.shading import Nodes, paint, rgb

KEY = (-0.62, -0.5)  # where the key light stands, seen from above: left, and on the camera's side


def sun(elevation, strength=4.0, softness=1.5, color="#fff1dc", towards=KEY):
    flat = Vector(towards).normalized() * math.cos(math.radians(elevation))
    data = bpy.data.lights.new("sun", "SUN")
    data.energy, data.angle = strength, math.radians(softness)
    data.color = rgb(color)[:3]
    lamp = place(bpy.data.objects.new("sun", data))
    to_sun = Vector((*flat, math.sin(math.radians(elevation))))
    lamp.rotation_euler = to_sun.to_track_quat("Z", "Y").to_euler()


def lamp(at, target, size, watts, color="#ffffff"):
    data = bpy.data.lights.new("lamp", "AREA")
    data.energy, data.size, data.color = watts, size, rgb(color)[:3]
    obj = place(bpy.data.objects.new("lamp", data), at=at)
    obj.rotation_euler = (Vector(at) - Vector(target)).to_track_quat("Z", "Y").to_euler()


def world(build):
    data = bpy.data.worlds.new("world")
    data.use_nodes = True
    bpy.context.scene.world = data
    data.cycles.sampling_method, data.cycles.sample_map_resolution = "MANUAL", 256
    n = Nodes(data.node_tree)
    n("OutputWorld", Surface=build(n))


def glow(color, strength):
    """An even light from everywhere: for rooms."""
    world(lambda n: n("Background", Color=color, Strength=strength))


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
        color = n.mix(n.math("MULTIPLY", veil, clouds), blue, "#f6f5f3")
        return n("Background", Color=color, Strength=strength)

    world(build)


def shade_of_leaves(area, height, scale, thick):
    """An unseen canopy with holes breaks the sun into soft spots."""

    def holes(n):
        gap = n.ramp(n.noise(scale, 4, rough=0.6), (thick - 0.03, 0), (thick + 0.03, 1))
        return n.blend(gap, n("BsdfDiffuse", Color="#1c2a10"), n("BsdfTransparent"))

    x, y, right, far = area
    corners = [(x, y, height), (right, y, height), (right, far, height), (x, far, height)]
    canopy = place(mesh("canopy", corners, [(0, 1, 2, 3)], paint(holes)))
    canopy.visible_camera = canopy.visible_diffuse = canopy.visible_glossy = False
