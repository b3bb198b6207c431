"""Glass: wine glass, bottle, vase, light bulb, soap bubble.

Physically exact glass does not survive matting: it bends a background that is not known yet, and
a scalar alpha cannot carry a coloured shadow. So this glass is a *veil*. Every surface lets most of
the light straight through and covers the rest with a tinted, refracting body that grows towards
the silhouette, as the path through the wall grows; reflections are added on top. Alpha is then low
in the middle, higher at the edges, and the colour is there on any background.
"""

from __future__ import annotations

import math
import random

import bpy

from stage import recipe

# name -> (colour word, body tint, cover of one surface seen face on)
TINTS = {
    "clear": ("white", (0.86, 0.93, 0.95), 0.035),
    "green": ("green", (0.05, 0.42, 0.12), 0.22),
    "blue": ("blue", (0.04, 0.16, 0.75), 0.20),
    "amber": ("orange", (0.80, 0.28, 0.02), 0.22),
    "purple": ("purple", (0.30, 0.06, 0.55), 0.20),
    "red": ("red", (0.75, 0.03, 0.04), 0.22),
    "pink": ("pink", (0.95, 0.30, 0.45), 0.18),
}


# --- geometry -----------------------------------------------------------------------------------


def spline(points, steps=8):
    """Catmull-Rom through `points`; a point given twice stays a corner."""
    out = []
    padded = [points[0], *points, points[-1]]
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:]):
        if p1 == p2:
            continue
        for k in range(steps):
            t = k / steps
            out.append(
                tuple(
                    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
                           + (3 * b - a - 3 * c + d) * t**3)
                    for a, b, c, d in zip(p0, p1, p2, p3)
                )
            )
    return [*out, points[-1]]


def lathe(name, profile, material, segments=128, flute=None, steps=8):
    """Revolve (radius, height) points around z; `flute(angle, height)` scales the radius."""
    ring = [(max(r, 0.0), z) for r, z in spline(profile, steps)]
    verts = []
    for r, z in ring:
        for k in range(segments):
            a = 2 * math.pi * k / segments
            s = r * (flute(a, z) if flute else 1.0)
            verts.append((s * math.cos(a), s * math.sin(a), z))
    faces = [
        (i * segments + k, i * segments + (k + 1) % segments,
         (i + 1) * segments + (k + 1) % segments, (i + 1) * segments + k)
        for i in range(len(ring) - 1)
        for k in range(segments)
    ]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(verts, [], faces)
    mesh.shade_smooth()
    mesh.materials.append(material)
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def tube(name, points, radius, material, cyclic=False):
    """A wire along `points`."""
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions = "3D"
    curve.bevel_depth = radius
    curve.bevel_resolution = 3
    line = curve.splines.new("POLY")
    line.points.add(len(points) - 1)
    for p, co in zip(line.points, points):
        p.co = (*co, 1.0)
    line.use_cyclic_u = cyclic
    curve.materials.append(material)
    obj = bpy.data.objects.new(name, curve)
    bpy.context.scene.collection.objects.link(obj)
    return obj


# --- materials ----------------------------------------------------------------------------------


class Nodes:
    """A few words for building a node tree."""

    def __init__(self, name):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()

    def add(self, kind, **inputs):
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for key, value in inputs.items():
            self.set(node, key.replace("_", " ").title().replace("Ior", "IOR"), value)
        return node

    def set(self, node, socket, value):
        target = node.inputs[socket]
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, target)
        else:
            target.default_value = (*value, 1.0) if isinstance(value, tuple) else value

    def math(self, operation, a, b=0.0):
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        self.set(node, 0, a)
        self.set(node, 1, b)
        return node.outputs[0]

    def mix(self, factor, a, b):
        node = self.tree.nodes.new("ShaderNodeMixShader")
        for k, value in enumerate((factor, a, b)):
            self.set(node, k, value)
        return node.outputs[0]

    def facing(self, power=1.0):
        """0 where the surface faces the eye, 1 at the silhouette."""
        return self.math("POWER", self.add("LayerWeight", blend=0.5).outputs["Facing"], power)

    def finish(self, shader):
        out = self.tree.nodes.new("ShaderNodeOutputMaterial")
        self.tree.links.new(shader, out.inputs["Surface"])
        return self.material


def plain(name, color, roughness=0.5, metallic=0.0, **more):
    n = Nodes(name)
    return n.finish(
        n.add("BsdfPrincipled", base_color=color, roughness=roughness, metallic=metallic,
              **more).outputs[0]
    )


def veil(tint, cover, edge=0.7, frost=0.0, sharp=4.0):
    """The glass of this file: `cover` face on, `edge` at the silhouette, per wall.

    Only surfaces entered from outside count: a ray meets each wall once, however thick.
    """
    n = Nodes("glass")
    outside = n.math("SUBTRACT", 1.0, n.add("NewGeometry").outputs["Backfacing"])
    amount = n.math("ADD", n.math("MULTIPLY", n.facing(sharp), edge - cover), cover)
    lens = n.add("BsdfGlass", color=tuple(c**0.5 for c in tint), roughness=frost, ior=1.3)
    lit = n.add("BsdfTranslucent", color=tint)
    skin = n.add("BsdfDiffuse", color=tint)
    body = n.mix(0.3, n.mix(0.5, lit.outputs[0], skin.outputs[0]), lens.outputs[0])
    clear = n.add("BsdfTransparent").outputs[0]
    see = n.mix(n.math("MULTIPLY", amount, outside), clear, body)
    shine = n.add("BsdfGlossy", roughness=0.02 + frost)
    fresnel = n.add("Fresnel", ior=1.5).outputs[0]
    return n.finish(n.mix(n.math("MULTIPLY", fresnel, outside), see, shine.outputs[0]))


def clear_film():
    """Let the veil, not the renderer, decide what is seen through, and keep its alpha smooth.

    Cycles denoises colour only, while the veil's alpha is a lottery over transparent rays.
    """
    scene = bpy.context.scene
    scene.cycles.film_transparent_glass = False
    tree = bpy.data.node_groups.new("smooth alpha", "CompositorNodeTree")
    scene.compositing_node_group = tree
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    layers = tree.nodes.new("CompositorNodeRLayers")
    smooth = tree.nodes.new("CompositorNodeDenoise")
    join = tree.nodes.new("CompositorNodeSetAlpha")
    out = tree.nodes.new("NodeGroupOutput")
    join.inputs["Type"].default_value = "Replace Alpha"
    for a, b in (
        (layers.outputs["Alpha"], smooth.inputs["Image"]),
        (layers.outputs["Image"], join.inputs["Image"]),
        (smooth.outputs["Image"], join.inputs["Alpha"]),
        (join.outputs["Image"], out.inputs[0]),
    ):
        tree.links.new(a, b)


def pick(variant, *names):
    return names[variant % len(names)]


# --- recipes ------------------------------------------------------------------------------------

WINES = {
    "red": ("red", (0.25, 0.004, 0.02), 0.75),
    "white": ("yellow", (0.85, 0.68, 0.18), 0.28),
    "rose": ("pink", (0.95, 0.30, 0.30), 0.35),
}


@recipe("wine glass")
def wine_glass(rng: random.Random, variant: int) -> dict:
    clear_film()
    tint, wine = pick(
        variant, ("clear", "red"), ("blue", None), ("clear", None), ("clear", "white"),
        ("green", None), ("clear", "rose"), ("amber", None), ("purple", None),
    )
    word, colour, cover = TINTS[tint]
    glass = veil(colour, cover)
    bowl, high = rng.uniform(0.30, 0.38), rng.uniform(0.70, 0.85)
    stem, mouth, wall = rng.uniform(0.55, 0.80), rng.uniform(0.68, 0.85), 0.012
    foot = bowl * rng.uniform(0.85, 1.0)
    outer = [
        (0.0, 0.0), (foot, 0.0), (foot, 0.0), (foot + 0.006, 0.008), (foot, 0.016),
        (foot * 0.55, 0.035), (0.05, 0.09), (0.026, 0.2), (0.022, stem * 0.6), (0.03, stem),
        (bowl * 0.42, stem + high * 0.07), (bowl * 0.85, stem + high * 0.24),
        (bowl, stem + high * 0.45), (bowl * (1 + mouth) / 2, stem + high * 0.75),
        (bowl * mouth, stem + high),
    ]
    inner = [(r - wall, z + wall * 0.6) for r, z in reversed(outer[10:-1])]
    lip = [(bowl * mouth - wall / 2, stem + high + 0.008), (bowl * mouth - wall, stem + high)]
    lathe("glass", [*outer, *lip, *inner, (0.0, stem + 0.035)], glass)
    if wine:
        word, colour, cover = WINES[wine]
        fill = stem + high * rng.uniform(0.38, 0.5)
        body = [(r - 0.004, z) for r, z in inner if z < fill - 0.02][::-1]
        # the wine meets the wall in a small meniscus; its radius follows the bowl
        edge = max(r for r, z in inner if z <= fill + high * 0.1) - 0.004
        lathe("wine", [(0.0, stem + 0.04), *body, (edge, fill), (edge, fill),
                       (edge - 0.02, fill - 0.008), (0.0, fill - 0.008)],
              veil(colour, cover, edge=0.9))
    return {
        "attributes": {"color": [word], "material": "glass", "pattern": "plain",
                       "transparent": True},
        "params": {"tint": tint, "wine": wine, "bowl": bowl, "stem": stem},
        "camera": {"elevation_deg": rng.uniform(8, 16), "azimuth_deg": rng.uniform(-25, 25)},
    }
