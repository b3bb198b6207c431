"""See-through matter: glass, soap film, flame.

Physically exact glass does not survive matting: it bends a background that is not known yet, and
one alpha cannot carry a coloured shadow. So glass here is a *veil*: most light passes straight
through, the rest meets a tinted body that grows denser towards the silhouette, as the path through
a wall grows; reflections lie on top. The matte then is low in the middle and higher at the edges,
and the tint shows on any background.
"""

from __future__ import annotations

import bpy
from materials import Material

# colour word, tint of the body, how much of the view one wall covers, seen face on
TINTS = {
    "clear": ("white", (0.80, 0.88, 0.90), 0.04),
    "green": ("green", (0.02, 0.36, 0.06), 0.27),
    "blue": ("blue", (0.01, 0.10, 0.75), 0.27),
    "amber": ("orange", (0.90, 0.19, 0.0), 0.32),
    "purple": ("purple", (0.26, 0.02, 0.55), 0.27),
    "red": ("red", (0.75, 0.01, 0.02), 0.27),
    "pink": ("pink", (0.95, 0.18, 0.36), 0.25),
}


class Veil(Material):
    """A material whose surface is mixed from shaders instead of the principled one."""

    def __init__(self, name):
        super().__init__(name)
        self.nodes.remove(self.shader)

    def bsdf(self, kind, values=None):
        return self.node(f"ShaderNode{kind}", values).outputs[0]

    def blend(self, factor, first, second):
        return self.node("ShaderNodeMixShader", {0: factor, 1: first, 2: second}).outputs[0]

    def facing(self, power=1.0):
        """0 where the surface faces the eye, 1 at the silhouette."""
        facing = self.node("ShaderNodeLayerWeight", {"Blend": 0.5}).outputs["Facing"]
        return self.math("POWER", facing, power)

    def rise(self, low, high, power):
        """From `low` face on to `high` at the silhouette."""
        return self.math("ADD", self.math("MULTIPLY", self.facing(power), high - low), low)

    def front(self):
        """1 where a ray enters the body, 0 where it leaves: each wall then counts once."""
        inside = self.node("ShaderNodeNewGeometry").outputs["Backfacing"]
        return self.math("SUBTRACT", 1.0, inside)

    def surface(self, shader):
        self.links.new(shader, self.nodes["Material Output"].inputs["Surface"])
        return self


def glass(tint, cover, edge=0.9, frost=0.0, sharp=3.0, dark=0.3, glow=0.9):
    """A wall of glass: `cover` face on, `edge` at the silhouette, where its colour is `dark`er."""
    made = Veil("glass")
    front = made.front()
    shade = made.mix(made.facing(2.0), tint, tuple(c * dark for c in tint))
    lit = made.bsdf("Emission", {"Color": shade, "Strength": glow})  # the light behind it
    skin = made.bsdf("BsdfDiffuse", {"Color": shade})
    lens = made.bsdf(
        "BsdfGlass", {"Color": (*(c**0.5 for c in tint), 1), "Roughness": frost, "IOR": 1.3}
    )
    body = made.blend(0.3, made.blend(0.5, lit, skin), lens)
    amount = made.math("MULTIPLY", made.rise(cover, edge, sharp), front)
    seen = made.blend(amount, made.bsdf("BsdfTransparent"), body)
    shine = made.bsdf("BsdfGlossy", {"Roughness": 0.02 + frost})
    fresnel = made.node("ShaderNodeFresnel", {"IOR": 1.5}).outputs[0]
    fresnel = made.math("ADD", fresnel, 0.03)  # glints must outshine the body
    return made.surface(made.blend(made.math("MULTIPLY", fresnel, front), seen, shine))


def smooth_alpha() -> None:
    """Take the noise out of alpha too: Cycles denoises only colour.

    Each transparent ray is a lottery (pass or stay), so a veil's alpha is as noisy as its colour.
    Rays that refract count as covered: what they would show is not the background behind them.
    """
    scene = bpy.context.scene
    cycles = scene.cycles
    cycles.film_transparent_glass = False
    cycles.max_bounces = cycles.transmission_bounces = 6  # deeper echoes only cost time
    cycles.diffuse_bounces = cycles.glossy_bounces = 2
    tree = bpy.data.node_groups.new("smooth alpha", "CompositorNodeTree")
    scene.compositing_node_group = tree
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    layers = tree.nodes.new("CompositorNodeRLayers")
    smooth = tree.nodes.new("CompositorNodeDenoise")
    join = tree.nodes.new("CompositorNodeSetAlpha")
    join.inputs["Type"].default_value = "Replace Alpha"
    out = tree.nodes.new("NodeGroupOutput")
    for source, target in (
        (layers.outputs["Alpha"], smooth.inputs["Image"]),
        (layers.outputs["Image"], join.inputs["Image"]),
        (smooth.outputs["Image"], join.inputs["Alpha"]),
        (join.outputs["Image"], out.inputs[0]),
    ):
        tree.links.new(source, target)
