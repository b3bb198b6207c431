"""Tops, trousers and skirts."""

import numpy as np
from mathutils import Matrix, Vector

from recipes.people.clay import (
    ball,
    clay,
    front,
    lathe,
    limb,
    loop,
    mesh_object,
    patch,
    surface,
    sweep,
    unit,
)
from recipes.people.materials import fabric, plain
from recipes.people.palettes import rgb


def cuff(points, radius, mat, name="cuff", flat=1.0, up=(0, 1, 0), around=None):
    """A ribbed band along a closed loop."""
    center = points.mean(0)
    normal = unit(np.cross(points[0] - center, points[len(points) // 4] - center))
    size = np.linalg.norm(points - center, axis=1).mean()
    bones = [(center - normal * 0.05, center + normal * 0.05, around or size)]
    return clay(name, [sweep(points, radius, True, 18, flat, up)], mat, None, bones=bones)


def top_garment(b, arms, spec, knitted):
    """Torso and sleeves of a top; returns the object."""
    kind, color, pattern, second = spec
    s, z0, z1 = b["scale"], b["hip_z"], b["neck_z"]
    h = z1 - z0
    outer = kind in ("coat", "jacket")
    loose = 1.12 if outer else 1.07 if knitted else 1.03
    deep = 0.74
    rings = [
        (z0 + 0.02 * h, b["hips"] * 1.06, b["hips"] * deep * 1.1, 0),
        (
            z0 + 0.30 * h,
            b["waist"] * 1.03,
            b["waist"] * deep * 1.05 + b["belly"] * 0.6,
            -b["belly"] * 0.7,
        ),
        (z0 + 0.66 * h, b["chest"], b["chest"] * deep + b["bust"], -b["bust"] * 0.6),
        (z0 + 0.84 * h, b["shoulder"] * 0.92, b["chest"] * deep * 0.85, 0),
        (z0 + 0.94 * h, b["shoulder"] * 0.66, 0.088 * s, 0),
        (z0 + 1.02 * h, 0.072 * s, 0.07 * s, 0),
    ]
    if kind == "coat":
        rings += [(z0 - 0.45 * h, b["hips"] * 1.34, b["hips"] * 1.05, 0),
                  (z0 - 0.2 * h, b["hips"] * 1.22, b["hips"] * 0.95, 0)]  # fmt: skip
    if kind == "dress":
        rings = [r for r in rings if r[0] > z0 + 0.2 * h]
        rings.append((z0 + 0.12 * s, *rings[0][1:]))
    rings = [(z, x * loose, y * loose, c) for z, x, y, c in rings]
    parts, bones = [lathe(rings)], [((0, 0, z0 - 0.3), (0, 0, z1), b["chest"])]
    short = kind == "t-shirt" or (kind == "dress" and spec[3] != "long")
    r = b["limb"] * (1.12 if outer else 1.05 if knitted else 1.0)
    ends = {}
    for side, (shoulder, elbow, wrist, *_) in arms.items():
        start = shoulder - np.array([side * 0.035 * s, 0, 0.0])
        if short:
            end = shoulder + (elbow - shoulder) * 0.72
            parts += limb([start, end], [0.074 * r, 0.073 * r])
            bones.append((start, end, 0.07 * r))
            ends[side] = (end, unit(elbow - shoulder), 0.07 * r)
        else:
            end = wrist - unit(wrist - elbow) * 0.012 * r
            parts += limb([start, elbow, end], [0.074 * r, 0.062 * r, 0.05 * r])
            bones += [(start, elbow, 0.066 * r), (elbow, end, 0.056 * r)]
            ends[side] = (end, unit(end - elbow), 0.05 * r)
    weave = "knit" if knitted else "weave"
    mat = fabric(color, pattern, second, weave)
    body = clay(kind, parts, mat, bones=bones)
    return body, ends, rings


def finish_top(b, body, ends, rings, spec, knitted):
    """Bands, collars and buttons: what tells a sweater from a shirt."""
    kind, color, pattern, second = spec
    s, z1 = b["scale"], b["neck_z"]
    tree = surface(body)
    band = fabric(color, weave="rib") if knitted else fabric(color)
    trim = fabric(second) if kind == "t-shirt" and pattern == "plain" else band
    for end, way, r in ends.values():
        turn = Vector(way).to_track_quat("Z", "Y").to_matrix()
        size = r * (0.98 if kind in ("t-shirt", "dress") else 0.92)
        width = 0.009 if kind in ("t-shirt", "dress") else 0.014 if knitted else 0.012
        cuff(loop(end + way * 0.012, size, size, turn=turn), width * s**0.5, trim, flat=1.7, up=way)
    low = rings_at(rings, min(r[0] for r in rings))
    if kind not in ("dress", "coat"):
        width = 0.015 if knitted else 0.008
        points = loop((0, low[2], low[3] + 0.012 * s), low[0] * 0.975, low[1] * 0.975)
        cuff(points, width * s, trim if kind == "t-shirt" else band, "hem", 2, (0, 0, 1), 0.16)
    neck = loop((0, 0.004, z1 - 0.006 * s), 0.082 * s, 0.076 * s,
                turn=Matrix.Rotation(0.16, 3, "X"))  # fmt: skip
    if kind in ("sweater", "t-shirt", "dress"):
        cuff(neck, (0.022 if knitted else 0.013) * s, trim, "collar", 1, (0, 0, 1), 0.09)
    else:
        collar(b, tree, neck, fabric(color, pattern, second) if kind == "shirt" else band,
               1.0 if kind == "shirt" else 1.35)  # fmt: skip
        (zipped if kind == "jacket" else fasten)(b, tree, spec, low[3])


def rings_at(rings, z):
    rings = sorted(rings)
    table = np.array(rings)
    return [float(np.interp(z, table[:, 0], table[:, k])) for k in (1, 2, 3)] + [z]


def collar(b, tree, neck, mat, size):
    """A band and two lapels."""
    s, z1 = b["scale"], b["neck_z"]
    cuff(neck, 0.019 * s * size**0.5, mat, "collar", 1, (0, 0, 1), 0.09)
    for side in (-1, 1):
        a, c = (side * 0.008 * s, z1 - 0.035 * s), (side * 0.088 * s, z1 - 0.0 * s)
        tip = (side * 0.072 * s * size, z1 - 0.098 * s * size)

        def flap(u, t, a=a, c=c, tip=tip):
            edge = (a[0] + (c[0] - a[0]) * u, a[1] + (c[1] - a[1]) * u)
            end = (tip[0] + (edge[0] - tip[0]) * 0.12, tip[1] + (edge[1] - tip[1]) * 0.12)
            return edge[0] + (end[0] - edge[0]) * t, edge[1] + (end[1] - edge[1]) * t

        lapel = patch("lapel", tree, flap, mat, 0.009 * s, 0.013 * s)
        bevel = lapel.modifiers.new("round", "BEVEL")
        bevel.width, bevel.segments = 0.005 * s, 3


def fasten(b, tree, spec, low):
    """A placket with buttons down the front."""
    kind, color, pattern, second = spec
    s = b["scale"]
    high = b["neck_z"] - 0.055 * s
    low = low + 0.02 * s
    mat = fabric(color, pattern, second)
    wide = 0.02 * s
    strip = patch("placket", tree, lambda u, t: ((2 * u - 1) * wide, high + (low - high) * t), mat,
                  0.004 * s, 0.008 * s, (6, 30))  # fmt: skip
    bevel = strip.modifiers.new("round", "BEVEL")
    bevel.width, bevel.segments = 0.003 * s, 2
    dark = color in ("white", "beige", "yellow", "light blue", "pink")
    mat = plain("button", rgb("4a3020" if dark else "e9dfc8"), 0.35)
    count = 4 if kind == "jacket" else 5
    for k in range(count):
        z = high - 0.03 * s + (low + 0.06 * s - high) * k / (count - 1)
        point, normal = front(tree, 0, z, 0.009 * s)
        button = mesh_object("button", *ball((0, 0, 0), np.array([1, 1, 0.42]) * 0.0135 * s), mat)
        turn = Vector(normal).to_track_quat("Z", "Y").to_matrix().to_4x4()
        button.matrix_world = Matrix.Translation(point) @ turn
    if kind == "coat":
        for side in (-1, 1):
            pocket(b, tree, side * 0.115 * s, b["hip_z"] - 0.02 * s, fabric(color))


def zipped(b, tree, spec, low):
    """An open front: the shirt below between two thick edges, and pockets."""
    _, color, _, inner = spec
    s = b["scale"]
    high, low = b["neck_z"] - 0.03 * s, low + 0.012 * s

    def edge(t):
        return (0.03 + 0.035 * t) * s, high + (low - high) * t

    patch("shirt", tree, lambda u, t: ((2 * u - 1) * edge(t)[0], edge(t)[1]), fabric(inner),
          0.002 * s, 0.003 * s, (10, 30))  # fmt: skip
    cloth = fabric(color)
    for side in (-1, 1):
        line = []
        for t in np.linspace(0, 1, 30):
            x, z = edge(t)
            line.append(front(tree, side * x, z, 0.002 * s)[0])
        mesh_object("edge", *sweep(line, 0.012 * s), cloth)
        pocket(b, tree, side * 0.125 * s, low + 0.075 * s, cloth)


def pocket(b, tree, x, z, mat):
    s = b["scale"]

    def outline(u, t):
        return x + (u - 0.5) * 0.085 * s, z - (t - 0.5) * 0.028 * s

    flap = patch("pocket", tree, outline, mat, 0.005 * s, 0.009 * s)
    bevel = flap.modifiers.new("round", "BEVEL")
    bevel.width, bevel.segments = 0.003 * s, 2


def legwear(b, legs, spec):
    """Trousers or shorts."""
    kind, color, pattern, second = spec
    s, z0, r = b["scale"], b["hip_z"], b["limb"]
    parts = [lathe([(z0 - 0.075 * s, b["hips"] * 0.86, b["hips"] * 0.66, 0),
                    (z0, b["hips"] * 1.0, b["hips"] * 0.76, 0),
                    (z0 + 0.16 * s, b["waist"] * 0.98, b["waist"] * 0.74, 0)])]  # fmt: skip
    bones, mat = [((0, 0, z0 + 0.2), (0, 0, z0 + 0.01), b["hips"])], fabric(color, pattern, second)
    for hip, knee, ankle, *_ in legs.values():
        if kind == "shorts":
            end = knee + (knee - hip) * 0.02
            parts += [ball(hip, np.full(3, 0.098 * r)), sweep([hip, end], 0.097 * r, segments=32)]
            bones.append((hip, end, 0.095 * r))
            size, way = 0.093 * r, unit(hip - knee)  # its hem lies above the flat end
        else:
            end = ankle + (ankle - knee) * 0.02
            parts += limb([hip, knee, end], [0.098 * r, 0.078 * r, 0.066 * r])
            bones += [(hip, knee, 0.09 * r), (knee, end, 0.072 * r)]
            size, way = 0.062 * r, unit(ankle - knee)
        turn = Vector(way).to_track_quat("Z", "Y").to_matrix()
        cuff(
            loop(end + way * 0.016, size, size, turn=turn), 0.009 * r, fabric(color), flat=2, up=way
        )
    clay(kind, parts, mat, bones=bones)


def skirt(b, spec, phase, dress):
    """A flared skirt with soft folds, from the waist to the knee."""
    _, color, pattern, second = spec
    s, z0 = b["scale"], b["hip_z"]
    hem = z0 - 0.27 * s
    waist, hips = b["waist"], b["hips"]
    slim = 1.0 if dress else 0.89  # worn under a top, it must not stick out above the hem
    rings = [
        (z0 + 0.16 * s, waist, waist * 0.78, 0),
        (z0 + 0.10 * s, waist * 1.10 * slim, waist * 0.88 * slim, 0),
        (z0 - 0.02 * s, hips * 1.24 * slim, hips * 1.02 * slim, 0),
        (hem, hips * 1.62, hips * 1.42, 0),
    ]
    body = lathe(rings, 60, 144, lambda t, a: 1 + 0.045 * (1 - t) ** 1.5 * np.cos(11 * a + phase))
    bones = [((0, 0, hem), (0, 0, z0 + 0.3), b["hips"] * 1.4)]
    clay("skirt", [body], fabric(color, pattern, second), 0.009, 4, bones)
