"""What a soft toy has beside fur: eyes, nose, mouth, whiskers, a bow, feet."""

from __future__ import annotations

import bmesh
import bpy
from materials import Material, fabric, plastic
from mathutils import Matrix
from shapes import tube

from recipes.plush.stuffing import blob, stuff


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


def nose(centre, radii, pose: Matrix, color=(0.022, 0.012, 0.010)):
    ball(pose @ blob(centre, radii), Material("nose", color, 0.4, coat_weight=0.35))


def stitch(points, radius: float, pose: Matrix, color=(0.022, 0.012, 0.010)):
    """A sewn line, such as a mouth or a whisker."""
    tube(points, radius, Material("thread", color, 0.75)).matrix_world = pose


def smile(x: float, y: float, z: float, width: float, pose: Matrix, drop: float = 0.05):
    """The mouth of a soft toy: a line down from the nose, and a bow to each side."""
    stitch([(x, y, z + drop), (x, y - 0.005, z)], 0.008, pose)
    for side in (-1, 1):
        bow = [(0, -0.005, 0), (0.5, 0.002, -0.32), (1, 0.035, 0.05)]
        stitch([(x + side * width * a, y + b, z + width * c) for a, b, c in bow], 0.008, pose)


def whiskers(x: float, y: float, z: float, length: float, pose: Matrix, rng, color="white"):
    for side in (-1, 1):
        for k in range(3):
            lift = (k - 1) * 0.22 + rng.uniform(-0.06, 0.06)
            reach = length * rng.uniform(0.85, 1.1)
            path = [(0, 0, 0), (0.5, -0.12, 0.5 * lift + 0.05), (1, 0.05, lift - 0.04)]
            start = z + (k - 1) * 0.03
            path = [(side * (x + reach * a), y + reach * b, start + reach * c) for a, b, c in path]
            tube(path, [0.0045, 0.0035, 0.001], plastic(color)).matrix_world = pose


def ribbon(centre, size: float, pose: Matrix, color):
    """A bow of cloth."""
    x, y, z = centre
    parts = [blob(centre, [size * r for r in (0.22, 0.2, 0.24)])]
    for side in (-1, 1):
        for k in range(5):
            wide = 0.12 + 0.1 * k
            at = (x + side * size * (0.25 + 0.19 * k), y, z + 0.015 * k)
            parts.append(blob(at, [size * r for r in (0.2, 0.15, wide)], (0, -side * 8, 0)))
    skin = stuff(parts, pose, 3, 0.012)
    skin.data.materials.append(fabric(color, scale=260).material)


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
