"""Materials that recipes share: one principled shader, with colour patterns and fine bump.

Perfectly even surfaces are what makes a render look like one. Every material here therefore
varies a little, in colour, roughness or relief.
"""

from __future__ import annotations

import math

import bpy

# Base colours (linear) chosen so that the rendered picture is what the name says.
COLORS = {
    "red": (0.62, 0.018, 0.022),
    "orange": (0.86, 0.20, 0.012),
    "yellow": (0.90, 0.58, 0.03),
    "green": (0.06, 0.36, 0.07),
    "blue": (0.02, 0.13, 0.60),
    "purple": (0.22, 0.05, 0.46),
    "pink": (0.88, 0.20, 0.36),
    "brown": (0.17, 0.065, 0.025),
    "black": (0.012, 0.012, 0.014),
    "white": (0.82, 0.81, 0.78),
    "gray": (0.22, 0.22, 0.23),
    "beige": (0.66, 0.50, 0.32),
    "light blue": (0.20, 0.52, 0.82),
    "light green": (0.36, 0.66, 0.22),
    "light brown": (0.42, 0.20, 0.075),
    "light purple": (0.46, 0.32, 0.74),
    "light gray": (0.52, 0.52, 0.53),
    "dark blue": (0.010, 0.030, 0.14),
    "dark green": (0.012, 0.10, 0.03),
    "dark red": (0.22, 0.008, 0.014),
    "dark gray": (0.06, 0.06, 0.065),
    "dark brown": (0.06, 0.022, 0.010),
}
GOLD = (0.80, 0.52, 0.16)


def rgb(color) -> tuple[float, float, float]:
    """A colour by name, or three linear numbers as they are."""
    return COLORS[color] if isinstance(color, str) else tuple(color)[:3]


class Material:
    """A principled material and the few node operations that recipes need."""

    def __init__(self, name: str, color="white", roughness=0.5, **inputs):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.nodes, self.links = self.material.node_tree.nodes, self.material.node_tree.links
        self.shader = self.nodes["Principled BSDF"]
        self.set(base_color=(*rgb(color), 1.0), roughness=roughness, **inputs)
        self._normal = None

    def set(self, **inputs) -> Material:
        """Set inputs by name: `coat_weight=1` is the socket "Coat Weight"."""
        names = {socket.name.lower().replace(" ", "_"): socket for socket in self.shader.inputs}
        for key, value in inputs.items():
            names[key].default_value = value
        return self

    def node(self, kind: str, values: dict | None = None, **properties):
        """Add a node; values may be numbers or sockets to link from."""
        node = self.nodes.new(kind)
        for key, value in properties.items():
            setattr(node, key, value)
        for key, value in (values or {}).items():
            self.link(value, node.inputs[key])
        return node

    def link(self, value, socket) -> None:
        if isinstance(value, bpy.types.NodeSocket):
            self.links.new(value, socket)
        else:
            socket.default_value = value

    def position(self, kind: str = "Object"):
        return self.node("ShaderNodeTexCoord").outputs[kind]

    def noise(self, scale: float, detail: float = 3.0, where=None):
        values = {"Vector": where or self.position(), "Scale": scale, "Detail": detail}
        return self.node("ShaderNodeTexNoise", values).outputs["Fac"]

    def bump(self, height, strength: float = 0.2, distance: float = 0.02) -> Material:
        """Add relief from a height socket; calls stack."""
        values = {"Height": height, "Strength": strength, "Distance": distance}
        if self._normal is not None:
            values["Normal"] = self._normal
        self._normal = self.node("ShaderNodeBump", values).outputs["Normal"]
        self.links.new(self._normal, self.shader.inputs["Normal"])
        return self

    def grain(self, scale: float = 60.0, strength: float = 0.08) -> Material:
        return self.bump(self.noise(scale), strength)

    def ramp(self, factor, stops, constant: bool = False):
        """Colour by factor: stops are (position, colour)."""
        ramp = self.node("ShaderNodeValToRGB", {"Fac": factor})
        ramp.color_ramp.interpolation = "CONSTANT" if constant else "LINEAR"
        elements = ramp.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        while len(elements) > len(stops):
            elements.remove(elements[-1])
        for element, (place, color) in zip(elements, stops, strict=True):
            element.position = place
            element.color = (*rgb(color), 1.0)
        return ramp.outputs["Color"]

    def mix(self, factor, first, second):
        """Colours mixed by a factor; each may be a socket, a name or numbers."""
        node = self.node("ShaderNodeMix", data_type="RGBA")
        colors = [s for s in node.inputs if s.type == "RGBA"]
        for value, socket in zip((first, second), colors, strict=True):
            is_socket = isinstance(value, bpy.types.NodeSocket)
            self.link(value if is_socket else (*rgb(value), 1.0), socket)
        self.link(factor, node.inputs["Factor"])
        return next(s for s in node.outputs if s.type == "RGBA")

    def math(self, operation: str, first, second=0.0):
        node = self.node("ShaderNodeMath", operation=operation)
        self.link(first, node.inputs[0])
        self.link(second, node.inputs[1])
        return node.outputs[0]

    def axis(self, name: str, where=None):
        split = self.node("ShaderNodeSeparateXYZ", {"Vector": where or self.position()})
        return split.outputs[name.upper()]

    def color(self, socket) -> Material:
        self.links.new(socket, self.shader.inputs["Base Color"])
        return self

    def mottle(self, color, other, scale: float = 4.0, amount: float = 0.5) -> Material:
        """Uneven colour: patches of `other` in `colour`."""
        patches = self.math("MULTIPLY", self.noise(scale), amount)
        return self.color(self.mix(patches, color, other))

    def stripes(self, first, second, axis="z", count=6.0, share=0.5, where=None) -> Material:
        """Hard bands along an axis, `count` pairs per unit."""
        wave = self.math("FRACT", self.math("MULTIPLY", self.axis(axis, where), count))
        return self.color(self.ramp(wave, [(0, first), (share, second)], constant=True))

    def wrapped(self, around: float, up: float):
        """Coordinates (u, v) on a thing about the z axis: `around` turns and `up` cells a unit."""
        angle = self.math("ARCTAN2", self.axis("y"), self.axis("x"))
        u = self.math("MULTIPLY", angle, around / math.tau)
        return u, self.math("MULTIPLY", self.axis("z"), up)

    def dots(self, ground, dot, around=12, up=5.0, radius=0.25) -> Material:
        """Staggered rows of round dots about the z axis; `around` (whole) dots in each row."""
        u, v = self.wrapped(around, up)
        return self.polka(ground, dot, u, v, radius)

    def polka(self, ground, dot, u, v, radius=0.25) -> Material:
        """Staggered dots over any two coordinates, one dot in each unit cell."""
        row = self.math("FLOORED_MODULO", self.math("FLOOR", v), 2.0)
        u = self.math("ADD", u, self.math("MULTIPLY", row, 0.5))
        u, v = (self.math("SUBTRACT", self.math("FRACT", s), 0.5) for s in (u, v))
        squares = (self.math("MULTIPLY", s, s) for s in (u, v))
        away = self.math("SQRT", self.math("ADD", *squares))
        return self.color(self.mix(self.math("LESS_THAN", away, radius), ground, dot))


def plain(name: str, color="white", roughness=0.5, **inputs) -> Material:
    return Material(name, color, roughness, **inputs)


def ceramic(color="white", name="ceramic") -> Material:
    """Glazed clay: a clear coat over a body that is not quite even."""
    made = Material(name, color, 0.35, coat_weight=1.0, coat_roughness=0.06)
    return made.bump(made.noise(3.0), 0.06, 0.05)


def plastic(color="red", name="plastic", roughness=0.32) -> Material:
    return Material(name, color, roughness).grain(140, 0.03)


def rubber(color="red", name="rubber") -> Material:
    return Material(name, color, 0.45, specular_ior_level=0.4).grain(180, 0.05)


def metal(color=(0.75, 0.75, 0.76), name="metal", roughness=0.25) -> Material:
    made = Material(name, color, roughness, metallic=1.0)
    return made.bump(made.noise(90, 2), 0.02)


def paper(color="white", name="paper") -> Material:
    return Material(name, color, 0.85, specular_ior_level=0.2).grain(90, 0.12)


def fabric(color="white", name="fabric", scale=120.0) -> Material:
    """Woven cloth: two crossed waves of thread, and the pale sheen of fuzz."""
    made = Material(name, color, 0.9, sheen_weight=0.35, sheen_roughness=0.5)
    for axis in "xz":
        thread = made.math("SINE", made.math("MULTIPLY", made.axis(axis), scale))
        made.bump(thread, 0.12, 0.01)
    return made


def wood(light="light brown", dark="brown", name="wood", scale=3.0, axis="z") -> Material:
    """Rings stretched along the grain, under a thin varnish."""
    made = Material(name, light, 0.42, coat_weight=0.25, coat_roughness=0.2)
    stretch = [1.0, 1.0, 1.0]
    stretch["xyz".index(axis)] = 0.08
    where = made.node("ShaderNodeMapping", {"Vector": made.position(), "Scale": stretch})
    where = where.outputs["Vector"]
    values = {"Vector": where, "Scale": scale, "Distortion": 7.0, "Detail": 4.0}
    rings = made.node("ShaderNodeTexWave", values).outputs["Fac"]
    fibre = made.noise(scale * 22, 3, where)
    grain = made.math("ADD", made.math("MULTIPLY", rings, 0.55), made.math("MULTIPLY", fibre, 0.4))
    made.color(made.mix(grain, light, dark))
    return made.bump(grain, 0.08)


def tints(made, faint=False):
    """The colours that `shapes.tint` kept in a mesh, as a socket; `faint`: their alpha counts."""
    node = made.node("ShaderNodeAttribute", attribute_name="tint")
    if faint:
        made.link(node.outputs["Alpha"], made.shader.inputs["Alpha"])
    return node.outputs["Color"]


def blend(first, second, share):
    """Two linear colours mixed by a share that is held within 0..1."""
    share = min(max(share, 0.0), 1.0)
    pairs = zip(rgb(first), rgb(second), strict=True)
    return tuple(a + (b - a) * share for a, b in pairs)
