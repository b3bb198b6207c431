"""Fur, grown strand by strand.

With numpy rather than by a particle system: colour, length and curl can then be any function of
the place on the skin (a pale muzzle, a tabby's stripes, short fur round the eyes), and a hundred
thousand strands take about a second.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np
from materials import Material, rgb
from mathutils import kdtree

# Fur shades itself: some names need a paler or warmer dye here than on a solid body.
DYES = {
    "brown": (0.37, 0.155, 0.062),
    "dark brown": (0.115, 0.048, 0.024),
    "light brown": (0.70, 0.42, 0.20),
    "gray": (0.38, 0.38, 0.395),
    "light gray": (0.62, 0.62, 0.63),
    "black": (0.062, 0.058, 0.063),
    "white": (0.95, 0.94, 0.91),
    "cream": (0.90, 0.79, 0.58),
    "pink": (0.94, 0.43, 0.53),
    "light pink": (0.95, 0.66, 0.68),
    "orange": (0.88, 0.29, 0.05),
    "yellow": (0.95, 0.72, 0.10),
    "light yellow": (0.95, 0.84, 0.42),
    "light blue": (0.38, 0.66, 0.92),
    "purple": (0.36, 0.16, 0.62),
}
Paint = Callable[[np.ndarray], np.ndarray]  # places on the skin (n, 3) to linear colours (n, 3)
Trim = Callable[[np.ndarray], np.ndarray]  # places on the skin (n, 3) to factors of length (n,)


def dye(color) -> np.ndarray:
    return np.array(DYES[color] if color in DYES else rgb(color))


@dataclass(frozen=True)
class Coat:
    """How a fur grows; lengths in units of the scene (a toy is one or two tall)."""

    length: float = 0.10
    density: float = 34000  # strands per unit of area
    thickness: float = 0.0030
    lay: float = 0.35  # how much strands lie down, along gravity and a gentle swirl
    frizz: float = 0.4  # how much each goes its own way
    clump: float = 0.4  # how much neighbours share a tip
    tuft: int = 22  # strands in a clump
    curl: float = 0.0  # radius of the curls
    turns: float = 2.0
    uneven: float = 0.35  # shortest strand: this much less than the longest
    points: int = 6
    mottle: float = 0.12  # spread of brightness between strands


SHORT = Coat(length=0.035, thickness=0.0026, density=40000, frizz=0.5, clump=0.2)


def patches(base, *spots) -> Paint:
    """A colour (or paint) with soft-edged ellipsoids of (centre, radii, colour) on top."""

    def paint(p):
        colors = np.array(base(p)) if callable(base) else np.tile(dye(base), (len(p), 1))
        for centre, radii, color in spots:
            far = np.linalg.norm((p - np.array(centre)) / np.array(radii), axis=1)
            mix = np.clip((1.08 - far) / 0.16, 0, 1)[:, None]
            colors = colors * (1 - mix) + dye(color) * mix
        return colors

    return paint


def shorter(*spots) -> Trim:
    """Fur cut to `least` of its length inside each (centre, radius, least)."""

    def trim(p):
        factor = np.ones(len(p))
        for centre, radius, least in spots:
            far = np.linalg.norm(p - np.array(centre), axis=1) / radius
            factor = np.minimum(factor, least + (1 - least) * np.clip((far - 1) / 0.6, 0, 1))
        return factor

    return trim


def unit(v: np.ndarray) -> np.ndarray:
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def whorls(p: np.ndarray, dice: np.random.Generator, waves: float = 5) -> np.ndarray:
    """A smooth random field of directions: real fur parts and lies in whorls."""
    field = np.zeros_like(p)
    for _ in range(6):
        phase = p @ dice.normal(0, waves, 3) + dice.uniform(0, 2 * math.pi)
        field += np.sin(phase)[:, None] * dice.normal(0, 0.6, 3)
    return field


def sow(mesh, density: float, dice) -> tuple[np.ndarray, np.ndarray]:
    """Places spread evenly over a mesh, and the normals there."""
    mesh.calc_loop_triangles()
    where = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", where)
    normal = np.empty_like(where)
    mesh.vertices.foreach_get("normal", normal)
    corners = np.empty(3 * len(mesh.loop_triangles), np.int32)
    mesh.loop_triangles.foreach_get("vertices", corners)
    where, normal, corners = (x.reshape(-1, 3) for x in (where, normal, corners))
    a, b, c = (where[corners[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    count = int(area.sum() * density)
    picked = corners[dice.choice(len(corners), count, p=area / area.sum())]
    weight = dice.dirichlet((1, 1, 1), count)[:, :, None]
    return (where[picked] * weight).sum(1), unit((normal[picked] * weight).sum(1))


def grow(skin, coat: Coat, paint, rng: random.Random, trim: Trim | None = None):
    """Grow a coat on a skin, coloured by `paint` (or one colour) and shortened by `trim`."""
    dice = np.random.default_rng(rng.getrandbits(32))
    root, up = sow(skin.data, coat.density, dice)
    count = len(root)

    length = coat.length * dice.uniform(1 - coat.uneven, 1.1, count)
    length = length * trim(root) if trim else length
    comb = np.array((0, 0, -0.6)) + 0.8 * whorls(root, dice)
    comb -= (comb * up).sum(1, keepdims=True) * up
    heading = unit(up + coat.lay * comb + coat.frizz * dice.normal(0, 0.5, (count, 3)))
    bend = coat.lay * comb + coat.frizz * dice.normal(0, 0.35, (count, 3))
    t = np.linspace(0, 1, coat.points)[None, :, None]
    strand = t * heading[:, None] + 0.5 * t**2 * bend[:, None]
    strand = root[:, None] + length[:, None, None] * strand

    # Every tuft has a leader whose course the others bend towards.
    leaders = dice.choice(count, max(1, count // coat.tuft), replace=False)
    tree = kdtree.KDTree(len(leaders))
    for number, leader in enumerate(leaders):
        tree.insert(root[leader], number)
    tree.balance()
    leader = leaders[[tree.find(place)[1] for place in root]]
    pull = coat.clump * dice.uniform(0.5, 1, (count, 1, 1)) * t**1.3
    strand += pull * (strand[leader] - strand)

    if coat.curl:  # a tuft turns as one, else wool becomes a haze
        side = unit(np.cross(heading, dice.normal(0, 1, (count, 3))[leader]))
        other = np.cross(heading, side)
        angle = 2 * math.pi * coat.turns * t * dice.uniform(0.8, 1.2, (count, 1, 1))[leader]
        angle = angle + dice.normal(0, 0.35, (count, 1, 1))
        ring = np.cos(angle) * side[:, None] + np.sin(angle) * other[:, None]
        reach = np.minimum(1, length / coat.length)[:, None, None]
        strand += coat.curl * reach * np.minimum(1, 2.5 * t) * ring

    colors = paint(root) if callable(paint) else np.tile(dye(paint), (count, 1))
    tint = np.ones((count, 4), np.float32)
    tint[:, :3] = (colors * np.exp(dice.normal(0, coat.mottle, (count, 1)))).clip(0, 0.95)
    taper = (coat.thickness / 2 * (1 - 0.85 * t.ravel() ** 1.5)).astype(np.float32)
    fur = bpy.data.hair_curves.new("fur")
    fur.add_curves([coat.points] * count)
    fur.position_data.foreach_set("vector", strand.astype(np.float32).ravel())
    radius = fur.attributes.new("radius", "FLOAT", "POINT")
    radius.data.foreach_set("value", np.tile(taper, count))
    fur.attributes.new("tint", "FLOAT_COLOR", "CURVE").data.foreach_set("color", tint.ravel())
    fur.materials.append(fibre())
    thing = bpy.data.objects.new("fur", fur)
    bpy.context.collection.objects.link(thing)
    thing.matrix_world = skin.matrix_world
    # What shows of the skin between the strands is in their shade.
    skin.data.materials.clear()
    skin.data.materials.append(Material("skin", 0.7 * colors.mean(0), 1.0).material)


def fibre() -> bpy.types.Material:
    """Every strand's material: its own tint, in shade at the root, and letting light through.

    A diffuse strand with some translucency is as soft as a true hair shader, in a third of the
    time. In a pale coat light bounces between hairs dozens of times; a faint glow of the strand's
    own colour stands for the bounces that are not traced.
    """
    if "fibre" in bpy.data.materials:
        return bpy.data.materials["fibre"]
    made = Material("fibre", "white", 0.6, specular_ior_level=0.25)
    tint = made.node("ShaderNodeAttribute", attribute_name="tint").outputs["Color"]
    along = made.node("ShaderNodeHairInfo").outputs["Intercept"]
    shade = made.math("ADD", made.math("MULTIPLY", along, 0.3), 0.8)
    values = {0: tint, "Scale": shade}
    color = made.node("ShaderNodeVectorMath", values, operation="SCALE").outputs[0]
    made.color(color)
    made.link(color, made.shader.inputs["Emission Color"])
    made.set(emission_strength=0.10)
    made.material.cycles.emission_sampling = "NONE"
    bpy.context.scene.cycles.diffuse_bounces = 2
    through = made.node("ShaderNodeBsdfTranslucent", {"Color": color}).outputs[0]
    mix = made.node("ShaderNodeMixShader", {0: 0.4, 1: made.shader.outputs[0], 2: through})
    made.link(mix.outputs[0], made.nodes["Material Output"].inputs["Surface"])
    return made.material
