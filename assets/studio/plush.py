"""Plush animals and furry things.

Fur is grown strand by strand, with numpy, rather than by a particle system: colour, length and
curl can then be any function of the place on the skin (a pale muzzle, a tabby's stripes, short fur
round the eyes), and a hundred thousand strands take about a second.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import bmesh
import bpy
import numpy as np
from materials import Material, fabric, plastic, rgb
from mathutils import Euler, Matrix, kdtree
from shapes import tube
from stage import recipe

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


def dye(colour) -> np.ndarray:
    return np.array(DYES[colour] if colour in DYES else rgb(colour))


# --- stuffed shapes ------------------------------------------------------------------------------


def blob(centre, radii, turn=(0, 0, 0)) -> Matrix:
    """An ellipsoid, as the matrix that makes it from the unit sphere; `turn` in degrees."""
    radii = (radii,) * 3 if isinstance(radii, int | float) else radii
    rotation = Euler([math.radians(angle) for angle in turn]).to_matrix().to_4x4()
    return Matrix.Translation(centre) @ rotation @ Matrix.Diagonal((*radii, 1))


def limb(*joints, flat=(1, 1, 1), steps: int = 7) -> list[Matrix]:
    """An arm, ear or tail through joints (x, y, z, radius), as overlapping balls.

    A Catmull-Rom spline leads through the joints, so that nothing bends like an elbow of pipe.
    """
    joints = np.array(joints, float)
    padded = np.vstack([2 * joints[0] - joints[1], joints, 2 * joints[-1] - joints[-2]])
    balls = []
    for time in np.linspace(0, len(joints) - 1, steps * (len(joints) - 1) + 1):
        i = min(int(time), len(joints) - 2)
        u, (a, b, c, d) = time - i, padded[i : i + 4]
        at = b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)))
        balls.append(blob(at[:3], [float(at[3]) * f for f in flat]))
    return balls


def stuff(blobs: list[Matrix], pose: Matrix, smooth: int = 6, voxel: float = 0.022):
    """One closed skin around all the blobs, its creases softened as stuffing does."""
    mesh = bpy.data.meshes.new("plush")
    build = bmesh.new()
    for matrix in blobs:
        bmesh.ops.create_icosphere(build, subdivisions=4, radius=1, matrix=matrix)
    build.to_mesh(mesh)
    build.free()
    skin = bpy.data.objects.new("plush", mesh)
    bpy.context.collection.objects.link(skin)
    remesh = skin.modifiers.new("remesh", "REMESH")
    remesh.mode, remesh.voxel_size, remesh.use_smooth_shade = "VOXEL", voxel, True
    skin.modifiers.new("smooth", "SMOOTH").iterations = smooth
    graph = bpy.context.evaluated_depsgraph_get()
    skin.data = bpy.data.meshes.new_from_object(skin.evaluated_get(graph))
    skin.modifiers.clear()
    skin.matrix_world = pose
    return skin


def turned(degrees: float) -> Matrix:
    return Matrix.Rotation(math.radians(degrees), 4, "Z")


def tilted(pivot, nod: float, roll: float, turn: float) -> Matrix:
    """A head moved about its neck, in degrees."""
    angles = [math.radians(angle) for angle in (nod, roll, turn)]
    to = Matrix.Translation(pivot)
    return to @ Euler(angles).to_matrix().to_4x4() @ to.inverted()


# --- fur -----------------------------------------------------------------------------------------


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
        colours = np.array(base(p)) if callable(base) else np.tile(dye(base), (len(p), 1))
        for centre, radii, colour in spots:
            far = np.linalg.norm((p - np.array(centre)) / np.array(radii), axis=1)
            mix = np.clip((1.08 - far) / 0.16, 0, 1)[:, None]
            colours = colours * (1 - mix) + dye(colour) * mix
        return colours

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

    colours = paint(root) if callable(paint) else np.tile(dye(paint), (count, 1))
    tint = np.ones((count, 4), np.float32)
    tint[:, :3] = (colours * np.exp(dice.normal(0, coat.mottle, (count, 1)))).clip(0, 0.95)
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
    skin.data.materials.append(Material("skin", 0.7 * colours.mean(0), 1.0).material)


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
    colour = made.node("ShaderNodeVectorMath", values, operation="SCALE").outputs[0]
    made.color(colour)
    made.link(colour, made.shader.inputs["Emission Color"])
    made.set(emission_strength=0.10)
    made.material.cycles.emission_sampling = "NONE"
    bpy.context.scene.cycles.diffuse_bounces = 2
    through = made.node("ShaderNodeBsdfTranslucent", {"Color": colour}).outputs[0]
    mix = made.node("ShaderNodeMixShader", {0: 0.4, 1: made.shader.outputs[0], 2: through})
    made.link(mix.outputs[0], made.nodes["Material Output"].inputs["Surface"])
    return made.material


# --- faces and finery ----------------------------------------------------------------------------


def ball(matrix: Matrix, material: Material):
    mesh = bpy.data.meshes.new("ball")
    build = bmesh.new()
    bmesh.ops.create_uvsphere(build, u_segments=48, v_segments=32, radius=1)
    build.to_mesh(mesh)
    build.free()
    mesh.shade_smooth()
    mesh.materials.append(material.material)
    thing = bpy.data.objects.new("ball", mesh)
    bpy.context.collection.objects.link(thing)
    thing.matrix_world = matrix
    return thing


def eye(centre, radius: float, pose: Matrix, iris=None, slit: float = 1.0):
    """A glossy bead, black or with an iris; the key light puts the glint in it."""
    made = Material("eye", (0.006, 0.005, 0.004), 0.12, coat_weight=1.0, coat_roughness=0.02)
    if iris:
        x = made.math("MULTIPLY", made.axis("x"), slit)
        z = made.axis("z")
        square = made.math("ADD", made.math("MULTIPLY", x, x), made.math("MULTIPLY", z, z))
        pupil = made.ramp(made.math("SQRT", square), [(0.36, "black"), (0.42, iris)])
        wide = made.math("MULTIPLY", made.axis("x"), made.axis("x"))
        wide = made.math("ADD", wide, made.math("MULTIPLY", z, z))
        rim = made.ramp(wide, [(0.45, (1, 1, 1)), (0.72, (0.02, 0.02, 0.02))])
        values = {"Factor": 1.0}
        mixed = made.node("ShaderNodeMix", values, data_type="RGBA", blend_type="MULTIPLY")
        first, second = (s for s in mixed.inputs if s.type == "RGBA")
        made.link(pupil, first)
        made.link(rim, second)
        made.color(next(s for s in mixed.outputs if s.type == "RGBA"))
    ball(pose @ blob(centre, radius), made)


def nose(centre, radii, pose: Matrix, colour=(0.022, 0.012, 0.010)):
    ball(pose @ blob(centre, radii), Material("nose", colour, 0.4, coat_weight=0.35))


def stitch(points, radius: float, pose: Matrix, colour=(0.022, 0.012, 0.010)):
    """A sewn line, such as a mouth or a whisker."""
    tube(points, radius, Material("thread", colour, 0.75)).matrix_world = pose


def smile(x: float, y: float, z: float, width: float, pose: Matrix, drop: float = 0.05):
    """The mouth of a soft toy: a line down from the nose, and a bow to each side."""
    stitch([(x, y, z + drop), (x, y - 0.005, z)], 0.008, pose)
    for side in (-1, 1):
        bow = [(0, -0.005, 0), (0.5, 0.002, -0.32), (1, 0.035, 0.05)]
        stitch([(x + side * width * a, y + b, z + width * c) for a, b, c in bow], 0.008, pose)


def whiskers(x: float, y: float, z: float, length: float, pose: Matrix, rng, colour="white"):
    for side in (-1, 1):
        for k in range(3):
            lift = (k - 1) * 0.22 + rng.uniform(-0.06, 0.06)
            reach = length * rng.uniform(0.85, 1.1)
            path = [(0, 0, 0), (0.5, -0.12, 0.5 * lift + 0.05), (1, 0.05, lift - 0.04)]
            start = z + (k - 1) * 0.03
            path = [(side * (x + reach * a), y + reach * b, start + reach * c) for a, b, c in path]
            tube(path, [0.0045, 0.0035, 0.001], plastic(colour)).matrix_world = pose


def ribbon(centre, size: float, pose: Matrix, colour):
    """A bow of cloth."""
    x, y, z = centre
    parts = [blob(centre, [size * r for r in (0.22, 0.2, 0.24)])]
    for side in (-1, 1):
        for k in range(5):
            wide = 0.12 + 0.1 * k
            at = (x + side * size * (0.25 + 0.19 * k), y, z + 0.015 * k)
            parts.append(blob(at, [size * r for r in (0.2, 0.15, wide)], (0, -side * 8, 0)))
    skin = stuff(parts, pose, 3, 0.012)
    skin.data.materials.append(fabric(colour, scale=260).material)


def answer(rng, colours, params, pattern="plain", material="plush", low=6, high=18, swing=20):
    return {
        "attributes": {
            "color": colours,
            "material": material,
            "pattern": pattern,
            "transparent": False,
        },
        "params": {k: round(v, 3) if isinstance(v, float) else v for k, v in params.items()},
        "camera": {
            "elevation_deg": rng.uniform(low, high),
            "azimuth_deg": rng.uniform(-swing, swing),
        },
    }


# --- animals -------------------------------------------------------------------------------------


@recipe("teddy bear", kind="animal")
def teddy_bear(rng, variant):
    main, pale, bow = [
        ("brown", "cream", None),
        ("white", "light pink", "red"),
        ("pink", "white", None),
        ("gray", "white", "blue"),
        ("light blue", "white", None),
        ("dark brown", "light brown", "green"),
        ("cream", "white", "purple"),
    ][variant % 7]
    fat, spread = rng.uniform(0.94, 1.08), rng.uniform(0.4, 0.48)
    coat = Coat(length=rng.uniform(0.085, 0.12))
    waves = variant % 3 == 1

    here = Matrix()
    body = [blob((0, 0.02, 0.56), (0.41 * fat, 0.36 * fat, 0.52))]
    soles = []
    for side in (-1, 1):
        shoulder = (side * 0.35, 0, 0.86, 0.14)
        if waves and side == 1:
            body += limb(shoulder, (0.6, -0.1, 0.95, 0.135), (0.74, -0.16, 1.22, 0.15))
        else:
            hand = (side * rng.uniform(0.5, 0.64), -0.3, 0.45, 0.15)
            body += limb(shoulder, (side * 0.54, -0.1, 0.66, 0.135), hand)
        body += limb((side * 0.22, -0.05, 0.21, 0.19), (side * spread, -0.62, 0.18, 0.165))
        body.append(blob((side * spread, -0.66, 0.25), (0.19, 0.13, 0.25), (-12, 0, 0)))
        soles.append((side * spread, -0.85, 0.24))
    paint = patches(
        main,
        ((0, -0.42, 0.55), (0.26, 0.24, 0.33), pale),
        *((sole, (0.14, 0.14, 0.19), pale) for sole in soles),
    )
    grow(stuff(body, here), coat, paint, rng, shorter(*((sole, 0.17, 0.35) for sole in soles)))

    head = tilted((0, 0, 1), rng.uniform(-3, 4), rng.uniform(-9, 9), rng.uniform(-10, 10))
    eyes = [(side * 0.155, -0.375, 1.42) for side in (-1, 1)]
    ears = [blob((s * 0.32, 0, 1.66), (0.165, 0.085, 0.165), (0, s * 25, 0)) for s in (-1, 1)]
    inner = [(side * 0.325, -0.1, 1.67) for side in (-1, 1)]
    parts = [blob((0, 0, 1.36), (0.43, 0.38, 0.37)), blob((0, -0.34, 1.24), (0.2, 0.17, 0.15))]
    paint = patches(
        main,
        ((0, -0.43, 1.24), (0.24, 0.22, 0.19), pale),
        *((place, (0.105, 0.06, 0.105), pale) for place in inner),
    )
    trim = shorter(
        ((0, -0.46, 1.25), 0.24, 0.33),
        *((place, 0.1, 0.15) for place in eyes),
        *((place, 0.1, 0.45) for place in inner),
    )
    grow(stuff([*parts, *ears], head), coat, paint, rng, trim)
    for place in eyes:
        eye(place, 0.055, head)
    nose((0, -0.525, 1.315), (0.075, 0.05, 0.052), head)
    smile(0, -0.535, 1.205, 0.085, head)
    if bow:
        ribbon((0, -0.44, 0.97), 0.24, tilted((0, 0, 1), 8, 0, 0), bow)
    colours = [main, "beige" if pale == "cream" else pale] + ([bow] if bow else [])
    colours[0] = "beige" if main == "cream" else main
    params = {"fat": fat, "fur": coat.length, "waves": waves, "bow": bool(bow)}
    return answer(rng, colours, params)


@recipe("rabbit", kind="animal")
def rabbit(rng, variant):
    main, pale = [
        ("white", "light pink"),
        ("light brown", "white"),
        ("gray", "light pink"),
        ("pink", "white"),
        ("brown", "cream"),
        ("light blue", "white"),
        ("black", "light pink"),
    ][variant % 7]
    coat = Coat(length=rng.uniform(0.075, 0.1))
    lop, ear = variant % 3 == 1, rng.uniform(0.36, 0.46)
    here = Matrix()
    body = [blob((0, 0.02, 0.44), (0.37, 0.34, 0.45)), blob((0, 0.38, 0.2), 0.15)]
    for side in (-1, 1):
        body.append(blob((side * 0.26, -0.36, 0.11), (0.14, 0.28, 0.115), (0, 0, side * 12)))
        hand = (side * rng.uniform(0.12, 0.2), -0.4, rng.uniform(0.5, 0.58), 0.1)
        body += limb((side * 0.28, -0.06, 0.74, 0.11), (side * 0.31, -0.25, 0.6, 0.1), hand)
    paint = patches(main, ((0, -0.34, 0.38), (0.22, 0.2, 0.28), "white"))
    grow(stuff(body, here), coat, paint, rng)

    head = tilted((0, 0, 0.85), rng.uniform(-3, 4), rng.uniform(-8, 8), rng.uniform(-10, 10))
    parts = [blob((0, -0.04, 1.12), (0.34, 0.31, 0.31))]
    parts += [blob((side * 0.11, -0.27, 1.04), (0.15, 0.12, 0.12)) for side in (-1, 1)]
    inner = []
    for side in (-1, 1):
        if lop and (side == 1 or variant % 2 == 0):
            joints = (side * 0.15, 0, 1.36, 0.09), (side * 0.36, -0.03, 1.6, 0.12)
            joints += (side * 0.56, -0.08, 1.38, 0.13), (side * 0.58, -0.1, 1.16, 0.09)
            parts += limb(*joints, flat=(1, 0.55, 1))
        else:
            top = 1.36 + 1.75 * ear
            joints = (side * 0.14, 0, 1.34, 0.085), (side * 0.18, 0.02, 1.36 + ear, 0.135)
            joints += ((side * 0.24, 0.02, top, 0.06),)
            parts += limb(*joints, flat=(1, 0.5, 1))
            inner.append(((side * 0.18, -0.07, 1.36 + ear), (0.085, 0.055, 0.9 * ear), pale))
    eyes = [(side * 0.17, -0.295, 1.18) for side in (-1, 1)]
    paint = patches(main, ((0, -0.38, 1.02), (0.22, 0.16, 0.13), "white"), *inner)
    trim = shorter(
        ((0, -0.36, 1.04), 0.2, 0.45),
        *((place, 0.1, 0.15) for place in eyes),
        *(((x, y, z + dz), 0.09, 0.4) for (x, y, z), _, _ in inner for dz in (-0.15, 0, 0.15)),
    )
    grow(stuff(parts, head), coat, paint, rng, trim)
    for place in eyes:
        eye(place, 0.055, head)
    nose((0, -0.4, 1.09), (0.045, 0.03, 0.032), head, (0.75, 0.22, 0.26))
    smile(0, -0.415, 1.02, 0.06, head, 0.04)
    whiskers(0.13, -0.4, 1.04, 0.34, head, rng, "white" if main != "white" else "gray")
    second = "pink" if pale == "light pink" else "beige" if pale == "cream" else pale
    params = {"fur": coat.length, "ears": ear, "lop": lop}
    return answer(rng, [main, second], params)


@recipe("sheep", kind="animal")
def sheep(rng, variant):
    wool, face = [
        ("white", "black"),
        ("dark brown", "beige"),
        ("white", "cream"),
        ("black", "dark gray"),
        ("cream", "dark brown"),
        ("pink", "white"),
        ("gray", "black"),
    ][variant % 7]
    fleece = Coat(
        length=rng.uniform(0.12, 0.15), density=9000, thickness=0.0075, lay=0.15, frizz=0.35,
        clump=0.75, tuft=45, curl=rng.uniform(0.022, 0.03), turns=2.2, points=16, uneven=0.2,
    )  # fmt: skip
    yaw = rng.choice((-1, 1)) * rng.uniform(32, 48)
    here = turned(yaw)
    body = [blob((0, 0.02, 0.8), (0.4, 0.56, 0.4)), blob((0, 0.55, 0.92), 0.13)]
    grow(stuff(body, here), fleece, wool, rng)
    legs = []
    for x, y in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
        foot = y * 0.32 + rng.uniform(-0.06, 0.06)
        legs += limb((x * 0.2, y * 0.3, 0.6, 0.11), (x * 0.21, foot, 0.09, 0.085))
    hooves = [((0, 0, 0.03), (2, 2, 0.11), "black")] if face != "black" else []
    grow(stuff(legs, here), SHORT, patches(face, *hooves), rng)

    look = tilted((0, -0.5, 0.95), rng.uniform(-4, 6), rng.uniform(-8, 8), -0.55 * yaw)
    head = here @ look
    cap = [blob((0, -0.55, 1.33), (0.22, 0.2, 0.13)), blob((0, -0.45, 1.18), (0.2, 0.15, 0.2))]
    grow(stuff(cap, head), fleece, wool, rng)
    parts = [blob((0, -0.66, 1.13), (0.2, 0.22, 0.23)), blob((0, -0.82, 1.03), (0.15, 0.15, 0.14))]
    for side in (-1, 1):
        parts.append(blob((side * 0.32, -0.58, 1.16), (0.17, 0.06, 0.09), (0, side * 22, 0)))
    eyes = [(side * 0.125, -0.825, 1.2) for side in (-1, 1)]
    inner = [((s * 0.34, -0.64, 1.155), (0.12, 0.05, 0.055), "light pink") for s in (-1, 1)]
    muzzle = [((0, -0.96, 1.0), (0.13, 0.1, 0.1), "light pink")] if face != "black" else []
    trim = shorter(*((place, 0.07, 0.2) for place in eyes))
    grow(stuff(parts, head), SHORT, patches(face, *inner, *muzzle), rng, trim)
    for place in eyes:
        if face in ("black", "dark gray", "dark brown"):  # else the eyes are lost in the face
            ball(head @ blob(place, 0.052), plastic("white"))
            x, y, z = place
            eye((x, y - 0.03, z), 0.034, head)
        else:
            eye(place, 0.042, head)
    light = (
        (0.5, 0.36, 0.34) if face in ("black", "dark gray", "dark brown") else (0.05, 0.02, 0.02)
    )
    for side in (-1, 1):
        stitch([(side * 0.05, -0.965, 1.07), (side * 0.03, -0.985, 1.05)], 0.008, head, light)
    bow = [(-0.075, -0.945, 0.985), (0, -0.98, 0.96), (0.075, -0.945, 0.985)]
    stitch(bow, 0.008, head, light)
    named = {"cream": "beige", "dark gray": "pink"}  # of a dark head the muzzle is what shows
    colours = [named.get(colour, colour) for colour in (wool, face)]
    params = {"wool": fleece.length, "curl": fleece.curl, "yaw": yaw}
    return answer(rng, colours, params, material="wool", swing=6)


def tabby(main, dark, dice: np.random.Generator) -> Paint:
    """Stripes that wander, across the back and around legs and tail."""
    drift = dice.uniform(0, 6)

    def paint(p):
        x, y, z = p.T
        wave = np.sin(34 * z + 12 * np.abs(x) + 14 * y + 1.6 * np.sin(6 * x + 5 * y + drift))
        mix = np.clip(2.6 * wave - 0.8, 0, 1)[:, None] * 0.9
        return dye(main) * (1 - mix) + dye(dark) * mix

    return paint


@recipe("cat", kind="animal")
def cat(rng, variant):
    main, other, iris, style = [
        ("orange", "white", (0.30, 0.42, 0.05), "tabby"),
        ("gray", "white", (0.62, 0.36, 0.03), "plain"),
        ("black", "white", (0.42, 0.55, 0.06), "plain"),
        ("white", "light pink", (0.10, 0.36, 0.62), "plain"),
        ("light brown", "white", (0.22, 0.42, 0.12), "tabby"),
        ("beige", "dark brown", (0.10, 0.36, 0.62), "plain"),
        ("light gray", "white", (0.30, 0.42, 0.05), "tabby"),
    ][variant % 7]
    stripe = {"orange": (0.40, 0.075, 0.010), "light brown": (0.12, 0.05, 0.02)}
    base = main
    if style == "tabby":
        dice = np.random.default_rng(rng.getrandbits(32))
        base = tabby(main, stripe.get(main, (0.08, 0.08, 0.085)), dice)
    coat = Coat(length=rng.uniform(0.06, 0.085), density=38000, lay=0.6)
    side_of_tail = rng.choice((-1, 1))
    up = variant % 3 == 1
    here = turned(rng.uniform(-18, 18))

    body = [blob((0, 0.12, 0.42), (0.36, 0.38, 0.42)), blob((0, -0.04, 0.72), (0.27, 0.25, 0.36))]
    paws = []
    for side in (-1, 1):
        body += limb((side * 0.14, -0.14, 0.66, 0.14), (side * 0.14, -0.28, 0.12, 0.105))
        body.append(blob((side * 0.14, -0.36, 0.085), (0.105, 0.14, 0.085)))
        body.append(blob((side * 0.32, 0.02, 0.24), (0.17, 0.3, 0.24)))
        body.append(blob((side * 0.35, -0.24, 0.075), (0.1, 0.16, 0.08)))
        paws += [((side * 0.14, -0.4, 0.05), (0.16, 0.22, 0.17), other)]
    s = side_of_tail
    if up:
        tail = (0.1 * s, 0.45, 0.12, 0.09), (0.54 * s, 0.48, 0.2, 0.085)
        tail += (0.8 * s, 0.45, 0.55, 0.08), (0.72 * s, 0.42, 0.92, 0.075)
        tail += ((0.9 * s, 0.4, 1.16, 0.065),)
    else:
        tail = (0.1 * s, 0.45, 0.1, 0.1), (0.52 * s, 0.38, 0.1, 0.1), (0.68 * s, 0, 0.1, 0.1)
        tail += (0.6 * s, -0.36, 0.09, 0.095), (0.4 * s, -0.52, 0.09, 0.08)
    body += limb(*tail)
    bib = ((0, -0.36, 0.72), (0.2, 0.25, 0.3), other)
    spots = [] if main in ("white", "beige") else [bib, *paws]
    if main == "beige":  # points, as a Siamese has
        spots = [*paws, ((0.72 * s, tail[-1][1], tail[-1][2]), (0.4, 0.5, 0.4), other)]
    grow(stuff(body, here), coat, patches(base, *spots), rng)

    head = here @ tilted(
        (0, -0.05, 0.95), rng.uniform(-4, 4), rng.uniform(-9, 9), rng.uniform(-9, 9)
    )
    parts = [blob((0, -0.12, 1.24), (0.35, 0.3, 0.29))]
    parts += [blob((side * 0.17, -0.2, 1.14), (0.19, 0.16, 0.15)) for side in (-1, 1)]
    parts += [blob((side * 0.065, -0.41, 1.13), (0.09, 0.07, 0.07)) for side in (-1, 1)]
    inner = []
    for side in (-1, 1):
        joints = (side * 0.18, -0.06, 1.4, 0.15), (side * 0.24, -0.05, 1.55, 0.1)
        parts += limb(*joints, (side * 0.27, -0.04, 1.7, 0.03), flat=(1, 0.5, 1))
        inner.append(((side * 0.23, -0.13, 1.53), (0.085, 0.06, 0.13), "light pink"))
    eyes = [(side * 0.15, -0.365, 1.28) for side in (-1, 1)]
    mask = "white" if main == "white" else other
    faces = [((0, -0.46, 1.1), (0.18, 0.15, 0.12), mask)]
    if main == "beige":
        faces = [((0, -0.45, 1.18), (0.22, 0.16, 0.2), other)]
        faces += [((side * 0.24, 0, 1.58), (0.16, 0.2, 0.2), other) for side in (-1, 1)]
    trim = shorter(
        ((0, -0.45, 1.15), 0.17, 0.3),
        *((place, 0.1, 0.2) for place in eyes),
        *((place, 0.1, 0.45) for place, _, _ in inner),
    )
    grow(stuff(parts, head), coat, patches(base, *faces, *inner), rng, trim)
    for place in eyes:
        eye(place, 0.075, head, iris, slit=1.7)
    nose((0, -0.485, 1.185), (0.038, 0.025, 0.026), head, (0.62, 0.16, 0.18))
    smile(0, -0.49, 1.115, 0.07, head, 0.05)
    whiskers(0.1, -0.46, 1.13, 0.36, head, rng, "white" if main != "white" else "gray")
    colours = [main] if main == "white" else [main, other]
    params = {"fur": coat.length, "tail_up": up, "style": style}
    return answer(rng, colours, params, pattern="striped" if style == "tabby" else "plain")


@recipe("fox", kind="animal")
def fox(rng, variant):
    main, pale, dark = [
        ("orange", "white", "black"),
        ("white", "white", "light gray"),
        ("gray", "white", "black"),
        ("red", "white", "black"),
        ("brown", "cream", "black"),
        ("light blue", "white", "dark blue"),
    ][variant % 6]
    dyed = (0.52, 0.07, 0.02) if main == "red" else main
    coat = Coat(length=rng.uniform(0.075, 0.1), density=36000, lay=0.55)
    brush = Coat(length=0.17, density=26000, lay=0.3, clump=0.5)
    yaw = rng.choice((-1, 1)) * rng.uniform(18, 34)
    here, s = turned(yaw), (1 if yaw > 0 else -1)

    body = [blob((0, 0.14, 0.4), (0.3, 0.36, 0.4)), blob((0, -0.06, 0.72), (0.24, 0.23, 0.36))]
    socks = []
    for side in (-1, 1):
        body += limb((side * 0.13, -0.16, 0.66, 0.12), (side * 0.13, -0.28, 0.12, 0.085))
        body.append(blob((side * 0.13, -0.35, 0.075), (0.09, 0.13, 0.075)))
        body.append(blob((side * 0.27, 0.04, 0.22), (0.15, 0.28, 0.22)))
        body.append(blob((side * 0.3, -0.22, 0.07), (0.085, 0.15, 0.075)))
        socks += [((side * 0.13, -0.34, 0.1), (0.14, 0.2, 0.23), dark)]
        socks += [((side * 0.32, -0.28, 0.05), (0.13, 0.16, 0.12), dark)]
    bib = ((0, -0.34, 0.72), (0.19, 0.22, 0.33), pale)
    grow(stuff(body, here), coat, patches(dyed, bib, *socks), rng)
    tip = (0.78 * s, 0.12, 0.95) if variant % 2 == 0 else (0.66 * s, -0.42, 0.16)
    joints = (0, 0.42, 0.14, 0.08), (0.42 * s, 0.42, 0.17, 0.13)
    if variant % 2 == 0:
        joints += (0.72 * s, 0.25, 0.42, 0.17), (0.74 * s, 0.16, 0.74, 0.13), (*tip, 0.04)
    else:
        joints += (0.68 * s, 0.22, 0.19, 0.16), (0.74 * s, -0.12, 0.18, 0.14), (*tip, 0.04)
    paint = patches(dyed, (tip, (0.26, 0.26, 0.26), pale))
    grow(stuff(limb(*joints), here), brush, paint, rng)

    look = tilted((0, -0.05, 0.95), rng.uniform(-3, 5), rng.uniform(-9, 9), -0.6 * yaw)
    head = here @ look
    parts = [blob((0, -0.12, 1.22), (0.32, 0.27, 0.26))]
    parts += [
        blob((side * 0.2, -0.15, 1.13), (0.18, 0.15, 0.13), (0, side * 25, 0)) for side in (-1, 1)
    ]
    parts += limb((0, -0.3, 1.14, 0.15), (0, -0.46, 1.1, 0.1), (0, -0.57, 1.085, 0.065))
    inner, tips, cheeks = [], [], []
    for side in (-1, 1):
        joints = (side * 0.18, -0.06, 1.38, 0.15), (side * 0.25, -0.05, 1.58, 0.11)
        parts += limb(*joints, (side * 0.29, -0.04, 1.78, 0.03), flat=(1, 0.5, 1))
        inner.append(((side * 0.235, -0.13, 1.55), (0.085, 0.06, 0.17), pale))
        tips.append(((side * 0.29, 0, 1.8), (0.2, 0.3, 0.15), dark))
        cheeks.append(((side * 0.24, -0.3, 1.06), (0.22, 0.24, 0.14), pale))
    snout = ((0, -0.5, 1.02), (0.14, 0.22, 0.085), pale)
    eyes = [(side * 0.135, -0.36, 1.265) for side in (-1, 1)]
    trim = shorter(
        ((0, -0.5, 1.1), 0.16, 0.3),
        *((place, 0.085, 0.2) for place in eyes),
        *((place, 0.1, 0.5) for place, _, _ in inner),
    )
    grow(stuff(parts, head), coat, patches(dyed, *cheeks, snout, *tips, *inner), rng, trim)
    for place in eyes:
        eye(place, 0.055, head, (0.42, 0.17, 0.03))
    nose((0, -0.635, 1.1), (0.05, 0.04, 0.04), head)
    smile(0, -0.6, 1.03, 0.05, head, 0.04)
    pale = "gray" if main == "white" else "beige" if pale == "cream" else pale
    colours = [main, pale]
    params = {"fur": coat.length, "yaw": yaw, "tail_up": variant % 2 == 0}
    return answer(rng, colours, params, swing=8)


def webbed(x: float, y: float, pose: Matrix, material, size: float = 1.0, web: bool = False):
    """A bird's leg and foot; three toes, or a web."""
    toes = [(-0.12, -0.17), (0, -0.22), (0.12, -0.17), (0, 0.08)]
    thick = 0.024 * size
    tube([(x, y, 0.25), (x, y, thick)], thick, material).matrix_world = pose
    for dx, dy in toes:
        end = (x + size * dx, y + size * dy, thick)
        tube([(x, y, thick * 1.2), end], [thick, thick * 0.8], material).matrix_world = pose
    if web:
        at = blob((x, y - 0.1 * size, thick), (0.12 * size, 0.12 * size, thick * 0.8))
        ball(pose @ at, material)


DOWN = Coat(length=0.1, density=42000, thickness=0.0024, lay=0.25, frizz=0.75, clump=0.3, tuft=14)


@recipe("chick", kind="animal")
def chick(rng, variant):
    main, beak = [
        ("yellow", "orange"),
        ("white", "orange"),
        ("pink", "yellow"),
        ("light brown", "orange"),
        ("light blue", "orange"),
        ("gray", "orange"),
    ][variant % 6]
    fat = rng.uniform(0.95, 1.08)
    here = turned(rng.uniform(-30, 30))
    horn = Material("beak", dye(beak), 0.45)
    body = [
        blob((0, 0.03, 0.55), (0.4 * fat, 0.42 * fat, 0.39)),
        blob((0, 0.4, 0.62), (0.12, 0.16, 0.1)),
    ]
    for side in (-1, 1):
        lift = rng.choice((0, 0, 35)) if variant % 3 else 0
        reach = (0.45 if lift else 0.4) * fat
        body.append(
            blob((side * reach, 0.06, 0.58), (0.08, 0.24, 0.16), (20, -side * lift, side * 8))
        )
    grow(stuff(body, here), DOWN, main, rng)
    look = tilted((0, -0.1, 0.8), rng.uniform(-6, 4), rng.uniform(-14, 14), rng.uniform(-14, 14))
    head = here @ look
    eyes = [(side * 0.15, -0.37, 1.1) for side in (-1, 1)]
    tuft = limb((0, -0.05, 1.28, 0.06), (0.02, -0.02, 1.4, 0.015))
    trim = shorter(*((place, 0.075, 0.2) for place in eyes), ((0, -0.42, 1.02), 0.09, 0.4))
    grow(stuff([blob((0, -0.12, 1.04), 0.29), *tuft], head), DOWN, main, rng, trim)
    for place in eyes:
        eye(place, 0.05, head)
    for lift, sag in ((0.012, 8), (-0.03, -12)):  # the two halves of the beak, a little open
        shape = limb(
            (0, -0.38, 1.02 + lift, 0.07), (0, -0.53, 1.0 + 1.6 * lift, 0.012), flat=(1, 1, 0.45)
        )
        skin = stuff(shape, head @ tilted((0, -0.38, 1.02), sag * 0.4, 0, 0), 4, 0.008)
        skin.data.materials.append(horn.material)
    for side in (-1, 1):
        webbed(side * 0.15, -0.05, here, horn)
    return answer(rng, [main, beak], {"fat": fat})


@recipe("duck", kind="animal")
def duck(rng, variant):
    main, wing, bill = [
        ("white", "white", "orange"),
        ("yellow", "light yellow", "orange"),
        ("brown", "light brown", "yellow"),
        ("light gray", "white", "orange"),
        ("light blue", "white", "orange"),
        ("pink", "white", "yellow"),
    ][variant % 6]
    fat = rng.uniform(0.94, 1.06)
    yaw = rng.choice((-1, 1)) * rng.uniform(32, 52)
    here = turned(yaw)
    coat = Coat(length=0.08, density=36000, lay=0.7, frizz=0.45, clump=0.4)
    horn = Material("bill", dye(bill), 0.42)
    body = [blob((0, 0.08, 0.52), (0.36 * fat, 0.5 * fat, 0.33), (-10, 0, 0))]
    body += limb((0, 0.42, 0.6, 0.2), (0, 0.62, 0.76, 0.1), (0, 0.7, 0.9, 0.03))
    body += limb((0, -0.26, 0.66, 0.22), (0, -0.34, 0.9, 0.17), (0, -0.34, 1.05, 0.16))
    collar = []
    if main == "brown":  # a mallard: green head, white collar
        collar = [
            ((0, -0.34, 0.98), (0.3, 0.3, 0.09), "white"),
            ((0, -0.34, 1.16), (0.3, 0.3, 0.12), "green"),
        ]
    grow(stuff(body, here), coat, patches(main, *collar), rng)
    wings = []
    for side in (-1, 1):
        wings.append(
            blob((side * 0.35 * fat, 0.14, 0.58), (0.075, 0.34, 0.2), (-16, side * 8, side * 6))
        )
        wings.append(blob((side * 0.33 * fat, 0.4, 0.68), (0.05, 0.18, 0.09), (-30, 0, side * 6)))
    grow(stuff(wings, here), coat, wing, rng)

    head = here @ tilted((0, -0.34, 1), rng.uniform(-4, 6), rng.uniform(-8, 8), -0.4 * yaw)
    parts = [
        blob((0, -0.38, 1.2), (0.235, 0.25, 0.23)),
        *limb((0, -0.33, 1.41, 0.05), (0.02, -0.25, 1.5, 0.012)),
    ]
    eyes = [(side * 0.165, -0.53, 1.26) for side in (-1, 1)]
    trim = shorter(*((place, 0.065, 0.2) for place in eyes), ((0, -0.62, 1.16), 0.12, 0.4))
    grow(stuff(parts, head), coat, "green" if collar else main, rng, trim)
    for place in eyes:
        eye(place, 0.045, head)
    for lift, length in ((0.016, 1.0), (-0.024, 0.86)):  # a flat bill, broad at its end
        joints = (0, -0.56, 1.15 + lift, 0.085), (0, -0.7, 1.12 + lift * 1.3, 0.09)
        joints += ((0, -0.7 - 0.14 * length, 1.12 + lift * 1.6, 0.085 * length),)
        skin = stuff(limb(*joints, flat=(1, 0.8, 0.3)), head, 4, 0.008)
        skin.data.materials.append(horn.material)
    for side in (-1, 1):
        webbed(side * 0.16, 0.02, here, horn, 1.1, web=True)
    colours = [main, *(["green"] if collar else []), bill]
    return answer(rng, colours, {"fat": fat, "yaw": yaw}, swing=6)


# --- things --------------------------------------------------------------------------------------


@recipe("pompom")
def pompom(rng, variant):
    main, other = [
        ("red", "red"),
        ("light blue", "white"),
        ("yellow", "yellow"),
        ("pink", "white"),
        ("purple", "purple"),
        ("white", "white"),
        ("green", "yellow"),
    ][variant % 7]
    yarn = Coat(
        length=0.46, density=9500, thickness=0.017, lay=0.04, frizz=0.42, clump=0.2, tuft=5,
        curl=0.012, turns=3, uneven=0.14, points=14, mottle=0.2,
    )  # fmt: skip
    skin = stuff([blob((0, 0, 0.72), 0.3)], Matrix())
    dice = np.random.default_rng(rng.getrandbits(32))
    axis = unit(dice.normal(0, 1, 3))

    def wound(p):  # yarns of several colours lie in layers, as they were wound
        layer = np.sin(14 * ((p - (0, 0, 0.72)) @ axis)) > 0
        return np.where(layer[:, None], dye(main), dye(other))

    grow(skin, yarn, wound, rng)
    string = rng.uniform(0.2, 0.32)
    loop = [(0, 0, 1.2), (-0.1, 0, 1.4 + string / 2), (0, -0.02, 1.45 + string)]
    loop += [(0.1, 0, 1.4 + string / 2), (0.01, 0.01, 1.2)]
    tube(loop, 0.014, fabric(main, scale=400))
    pattern = "plain" if main == other else "mixed"
    return answer(
        rng, list(dict.fromkeys((main, other))), {"string": string}, pattern, material="wool"
    )


@recipe("fur hat")
def fur_hat(rng, variant):
    main, cloth = [
        ("brown", "dark green"),
        ("white", "red"),
        ("gray", "dark blue"),
        ("black", "beige"),
        ("light brown", "brown"),
        ("dark brown", "dark red"),
    ][variant % 6]
    coat = Coat(length=rng.uniform(0.12, 0.15), density=30000, lay=0.5, frizz=0.5, clump=0.5)
    here = turned(rng.choice((-1, 1)) * rng.uniform(14, 32))
    suede = Material("suede", dye(cloth), 1.0, sheen_weight=0.4, specular_ior_level=0.1)
    crown = [blob((0, 0, 0.7), (0.52, 0.58, 0.46)), blob((0, 0, 0.95), (0.42, 0.47, 0.3))]
    stuff(crown, here).data.materials.append(suede.grain(30, 0.15).material)
    around = np.linspace(0, 2 * math.pi, 17)
    ring = [(0.55 * math.cos(a), 0.61 * math.sin(a), 0.55, 0.1) for a in around]
    band = limb(*ring, flat=(1, 1, 1.3), steps=4)
    across = np.linspace(-0.27, 0.27, 5)  # the flap turned up over the forehead
    band += limb(*((x, 1.6 * x * x - 0.68, 0.8 - x * x, 0.2) for x in across), flat=(1, 0.4, 1.2))
    for side in (-1, 1):  # those over the ears hang down
        flap = (side * 0.57, 0.02, 0.52, 0.25), (side * 0.64, -0.02, 0.3, 0.25)
        band += limb(*flap, (side * 0.68, -0.06, 0.12, 0.13), flat=(0.35, 1, 1))
        string = [(side * 0.68, -0.1, 0.1), (side * 0.78, -0.24, 0.02), (side * 0.7, -0.42, 0.015)]
        tube(string, 0.013, suede).matrix_world = here
    grow(stuff(band, here), coat, main, rng)
    params = {"fur": coat.length}
    colours = [main, cloth.removeprefix("dark ")]  # suede catches light
    return answer(rng, colours, params, material="fur", low=8, high=18, swing=8)
