"""What people are made of: skin, printed and woven cloth, hair, eyes."""

import bpy
import numpy as np

from recipes.people.palettes import CLOTH, HAIR, rgb


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
