"""Shader trees as nested calls, and the paints, wood and stone made of them."""

import bpy


def rgb(color):
    """'#rrggbb' as linear RGBA."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
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

    def coat(self, color, rough=0.8, normal=None, shine=0.3, **more):
        if normal:
            more["Normal"] = normal
        more = {"Specular_IOR_Level": shine, **more}
        return self("BsdfPrincipled", Base_Color=color, Roughness=rough, **more)

    def leaf(self, color, through=0.4, rough=0.6):
        """Thin enough that light shines through."""
        back = self("BsdfTranslucent", Color=color)
        return self.blend(through, self.coat(color, rough, shine=0.25), back)

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

    def haze(self, shader, color, reach):
        """Air between here and there: after `reach` metres two thirds is the air's colour."""
        depth = self("CameraData", out="View Distance")
        clear = self.math("EXPONENT", self.math("DIVIDE", depth, -reach))
        return self.blend(clear, self("Emission", Color=color, Strength=0.85), shader)


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


def weathered(light, dark, air=None, rough=0.85):
    """Stone: clouded, pitted, stained, no two alike."""

    def build(n):
        cloud = n.noise(2.6, 8, space="object", rough=0.62)
        pits = n.noise(38, 5, space="object", rough=0.7)
        color = n.mix(n.ramp(cloud, (0.34, 0), (0.66, 1)), light, dark)
        tone = n.math("ADD", n.math("MULTIPLY", n.chance(), 0.36), 0.78)
        color = n.mix(1.0, color, n("CombineColor", Red=tone, Green=tone, Blue=tone), "MULTIPLY")
        color = n.mix(n.ramp(pits, (0.28, 0.55), (0.42, 0)), color, "#4a4033")
        return n.coat(color, rough, n.bump(pits, 0.006, n.bump(cloud, 0.03)), 0.25)

    return paint(build, air)
