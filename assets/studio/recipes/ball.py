"""A ball: for the beach, of rubber, a football, a basketball or a tennis ball."""

import math

import bmesh
import bpy
from answers import solid
from materials import Material, rubber
from mathutils import Matrix
from shapes import ball, lathe, tilt, tube
from stage import recipe


@recipe("ball")
def toy_ball(rng, variant):
    style, colors = [
        ("beach", ["red", "white", "blue"]),
        ("football", ["white", "black"]),
        ("basketball", ["orange", "black"]),
        ("tennis", ["light green", "white"]),
        ("beach", ["yellow", "white", "green"]),
        ("rubber", ["blue", "white"]),
        ("football", ["yellow", "blue"]),
        ("rubber", ["red", "yellow"]),
        ("beach", ["pink", "white", "purple"]),
    ][variant % 9]
    build = {"beach": beach_ball, "football": football, "basketball": basketball}
    build |= {"tennis": tennis_ball, "rubber": rubber_ball}
    things = build[style](colors)
    spin = Matrix.Rotation(rng.uniform(-0.5, 0.5), 3, "Y") @ Matrix.Rotation(
        rng.uniform(0.2, 0.6), 3, "X"
    )
    tilt(things, spin @ Matrix.Rotation(rng.uniform(0, 6), 3, "Z"))
    pattern = {"beach": "striped", "rubber": "striped"}.get(style, "plain")
    material = {"beach": "plastic", "football": "leather", "tennis": "fabric"}.get(style, "rubber")
    return solid(rng, colors, material, pattern, style=style)


def beach_ball(colors):
    first, white, third = colors
    skin = Material("vinyl", first, 0.22, coat_weight=0.6, coat_roughness=0.08)
    u, _ = skin.wrapped(1, 1)
    share = skin.math("FRACT", skin.math("ADD", u, 1.0))
    wedges = [
        (k / 6, (first, white, third, white, "yellow" if first == "red" else first, white)[k])
        for k in range(6)
    ]
    skin.color(skin.ramp(share, wedges, constant=True))
    crease = skin.math("ABSOLUTE", skin.math("SINE", skin.math("MULTIPLY", share, 6 * math.pi)))
    skin.bump(skin.math("MINIMUM", crease, 0.06), 0.6, 0.3)
    cap = Material("cap", white, 0.25, coat_weight=0.5)
    disc = [
        lathe([(0, 0.006), (0.15, -0.005), (0.16, -0.016), (0, -0.02)], cap, at=(0, 0, z))
        for z in (0.998,)
    ]
    return [ball(1.0, detail=5, material=skin), *disc]


def rubber_ball(colors):
    first, second = colors
    skin = Material("rubber", first, 0.35, coat_weight=0.4, coat_roughness=0.15)
    stops = [(0, first), (0.42, second), (0.47, first), (0.49, second), (0.66, first)]
    height = skin.math("MULTIPLY", skin.math("ADD", skin.axis("z"), 1.0), 0.5)
    skin.color(skin.ramp(height, stops, constant=True)).grain(120, 0.05)
    return [ball(1.0, detail=5, material=skin)]


def football(colors):
    """A truncated icosahedron blown up to a sphere, its seams pressed in."""
    build = bmesh.new()
    bmesh.ops.create_icosphere(build, subdivisions=1, radius=1.0)
    bmesh.ops.bevel(
        build, geom=build.verts[:], offset=100 / 3, offset_type="PERCENT", affect="VERTICES"
    )
    planes = []
    for face in build.faces:
        face.material_index = int(len(face.verts) == 5)
        planes.append(face.normal * (1 / face.calc_center_median().dot(face.normal)))
    bmesh.ops.poke(build, faces=build.faces[:])
    bmesh.ops.subdivide_edges(build, edges=build.edges, cuts=11, use_grid_fill=True)
    for vertex in build.verts:
        way = vertex.co.normalized()
        near = sorted((way.dot(plane) for plane in planes), reverse=True)
        vertex.co = way * (1 - 0.022 * math.exp(-(((near[0] - near[1]) / 0.03) ** 2)))
    data = bpy.data.meshes.new("football")
    build.to_mesh(data)
    build.free()
    data.shade_smooth()
    for color in colors:
        skin = Material("leather", color, 0.4, coat_weight=0.35, coat_roughness=0.2).grain(90, 0.06)
        data.materials.append(skin.material)
    thing = bpy.data.objects.new("football", data)
    bpy.context.scene.collection.objects.link(thing)
    return [thing]


def basketball(colors):
    skin = Material("pebbled rubber", (0.68, 0.20, 0.04), 0.55)
    x, y, z = (skin.axis(name) for name in "xyz")
    flat = [skin.math("ABSOLUTE", s) for s in (x, z)]
    bulge = skin.math("MULTIPLY", skin.math("MULTIPLY", z, z), 0.5)
    bow_line = skin.math("SUBTRACT", skin.math("SUBTRACT", skin.math("ABSOLUTE", y), 0.52), bulge)
    seam = skin.math("MINIMUM", skin.math("MINIMUM", *flat), skin.math("ABSOLUTE", bow_line))
    on_seam = skin.math("LESS_THAN", seam, 0.019)
    skin.color(skin.mix(on_seam, (0.68, 0.20, 0.04), (0.02, 0.018, 0.016)))
    pebbles = skin.node("ShaderNodeTexVoronoi", {"Vector": skin.position(), "Scale": 42.0})
    skin.bump(pebbles.outputs["Distance"], -0.35, 0.02)
    skin.bump(skin.math("MINIMUM", seam, 0.03), 0.8, 0.8)
    return [ball(1.0, detail=5, material=skin)]


def tennis_ball(colors):
    felt = Material("felt", (0.55, 0.72, 0.06), 1.0, sheen_weight=0.8, sheen_roughness=0.4)
    felt.mottle((0.55, 0.72, 0.06), (0.40, 0.58, 0.04), 25).grain(35, 0.5).grain(110, 0.5)
    seam = []
    for k in range(48):
        t = math.tau * k / 48
        seam.append(
            (
                0.75 * math.cos(t) + 0.25 * math.cos(3 * t),
                0.75 * math.sin(t) - 0.25 * math.sin(3 * t),
                0.866 * math.sin(2 * t),
            )
        )
    line = tube(seam, 0.03, rubber("white"), closed=True)
    return [ball(1.0, detail=5, material=felt), line]
