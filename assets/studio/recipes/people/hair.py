"""Hair, grown strand by strand with numpy: combing needs more say than a particle system gives.

Head space: the origin is the middle of the head.
"""

import bpy
import numpy as np
from mathutils import Vector

from recipes.people.clay import front, unit

SKULL = np.array([0, 0.022, 0.038]), np.array([0.229, 0.229, 0.233])  # what hair lies upon


def azimuth(points):
    """Angle around the head in degrees: 0 at the face, 180 at the back."""
    return np.degrees(np.arctan2(abs(points[:, 0]), -points[:, 1]))


def hairline(points, receding=0.0):
    """How far inside the scalp, in metres of height, each point of the head is."""
    line = np.interp(azimuth(points), [0, 35, 58, 76, 84, 100, 115, 180],
                     [0.155, 0.15, 0.10, -0.02, 0.06, 0.05, -0.10, -0.15])  # fmt: skip
    crown = np.interp(azimuth(points), [0, 40, 75, 95, 180], [0.1, 0.1, 0.05, 0, 0])
    return points[:, 2] - line - receding * crown


def scalp(dice, tree, count, where):
    """Random points of the head surface that satisfy `where`."""
    roots = np.empty((0, 3))
    while len(roots) < count:
        rays = unit(dice.normal(size=(count, 3)))
        hits = [tree.ray_cast(Vector((0, 0.01, 0.0)), Vector(r))[0] for r in rays]
        hits = np.array([h for h in hits if h is not None])
        roots = np.vstack([roots, hits[where(hits)]])
    return roots[:count]


def outside(points, lift=0.0, bodies=(SKULL,)):
    """Push points out of ellipsoids, to `lift` above them."""
    for center, radii in bodies:
        reach = radii + np.asarray(lift).reshape(-1, 1)
        q = (points - center) / reach
        m = np.linalg.norm(q, axis=1, keepdims=True)
        points = np.where(m < 1, center + q / np.maximum(m, 1e-6) * reach, points)
    return points


def grow(roots, length, steer, lift, steps=16, inertia=0.55, bodies=(SKULL,), shape=None):
    """Strands (n, steps + 1, 3) that follow steer(points, t) and rest on the head."""
    normal = unit((roots - SKULL[0]) / SKULL[1] ** 2)
    points, way, path = roots, normal, [roots]
    for i in range(steps):
        t = (i + 0.5) / steps
        way = unit(inertia * way + (1 - inertia) * steer(points, t))
        points = points + way * (np.asarray(length) / steps).reshape(-1, 1)
        points = outside(points, np.asarray(lift) * min(1, 4 * t), bodies)
        if shape:
            points = shape(points, t)
        path.append(points)
    return np.stack(path, 1)


def clump(dice, strands, locks, strength, frizz=0.0, curl=None):
    """Gather strands into locks; `curl` = (radius, turns) winds every lock."""
    n, k, _ = strands.shape
    guides = dice.choice(n, min(locks, n), replace=False)
    # neighbours by root and by course, or locks would cross at the parting
    course = strands[:, [0, k // 2]].reshape(n, 6)
    nearest = np.concatenate([
        ((some[:, None] - course[guides][None]) ** 2).sum(-1).argmin(1)
        for some in np.array_split(course, max(1, n // 1000))
    ])  # fmt: skip
    leader = strands[guides][nearest]
    t = np.linspace(0, 1, k)[None, :, None]
    hold = 1 - strength * t**0.7 * dice.uniform(0.75, 1, (n, 1, 1))
    strands = leader + (strands - leader) * hold
    if curl:
        radius, turns = curl
        tangent = unit(np.gradient(leader, axis=1))
        e1 = unit(np.cross(tangent, [0.3, 1, 0.2]))
        e2 = np.cross(tangent, e1)
        phase = (dice.uniform(0, 2 * np.pi, len(guides))[nearest])[:, None, None]
        phase = phase + dice.normal(0, 0.25, (n, 1, 1))
        angle = phase + 2 * np.pi * turns * t
        ramp = radius * np.minimum(1, 3 * t)
        strands = strands + ramp * (np.cos(angle) * e1 + np.sin(angle) * e2)
    a, b = dice.normal(size=(2, n, 1, 3))
    wave = a * np.sin(5 * t + 6 * a[..., :1]) + b * np.sin(11 * t + 6 * b[..., :1]) * 0.6
    astray = np.where(dice.random((n, 1, 1)) < 0.05, 4.5, 1)  # flyaways soften the outline
    return strands + frizz * astray * t * wave


def hair_object(name, strands, mat, root=0.0022, tip=0.0006):
    n, k, _ = strands.shape
    curves = bpy.data.hair_curves.new(name)
    curves.add_curves([k] * n)
    curves.attributes["position"].data.foreach_set("vector", strands.astype(np.float32).ravel())
    radius = np.broadcast_to(np.linspace(root, tip, k), (n, k))
    layer = curves.attributes.get("radius") or curves.attributes.new("radius", "FLOAT", "POINT")
    layer.data.foreach_set("value", radius.astype(np.float32).ravel())
    curves.materials.append(mat)
    obj = bpy.data.objects.new(name, curves)
    bpy.context.collection.objects.link(obj)
    return obj


def curtain(points, t, face=62):
    """Keep hair out of the face: it parts to both sides below the hairline."""
    angle = azimuth(points)
    least = face * np.clip((0.22 - points[:, 2]) / 0.16, 0, 1)
    target = np.maximum(angle, least)
    r = np.hypot(points[:, 0], points[:, 1])
    side = np.where(points[:, 0] < 0, -1, 1)
    x, y = side * r * np.sin(np.radians(target)), -r * np.cos(np.radians(target))
    return np.stack([x, y, points[:, 2]], 1)


def toward(goal):
    return lambda points, t: unit(np.asarray(goal) - points)


def tail(dice, start, out, length, width, count=2600, steps=20):
    """A free bunch of hair that leaves `start` along `out` and then hangs."""
    t = np.linspace(0, 1, steps + 1)[None, :, None]
    start, out = np.asarray(start, float), unit(out)
    spine = start + out * 0.09 * (1 - (1 - t) ** 3) + np.array([0, 0, -length]) * t**1.5
    disc = unit(dice.normal(size=(count, 1, 3))) * dice.uniform(0, 1, (count, 1, 1)) ** 0.4
    profile = width * np.interp(t, [0, 0.12, 0.45, 0.8, 1], [0.25, 0.75, 1, 0.75, 0.2])
    return spine + disc * profile


def wound(dice, center, radius, axis, count=3000, steps=20):
    """A bun: strands wound around a ball, mostly about one axis."""
    axis = unit(axis + dice.normal(0, 0.28, (count, 3)))
    e1 = unit(np.cross(axis, unit(dice.normal(size=(count, 3)))))
    e2 = np.cross(axis, e1)
    height = dice.uniform(-0.85, 0.85, (count, 1, 1))
    angle = np.linspace(0, 4.2, steps + 1)[None, :, None]
    ring = np.cos(angle) * e1[:, None] + np.sin(angle) * e2[:, None]
    shell = unit(axis[:, None] * height + ring * np.sqrt(1 - height**2))
    r = radius * dice.uniform(0.86, 1.04, (count, 1, 1)) * (1 + 0.03 * np.sin(3 * angle))
    return np.asarray(center) + shell * r


def style_hair(dice, tree, who, bodies):
    """Strands of a hair style: a list of (strands, root radius)."""
    style, hat = who["hair"], who.get("hat")
    receding = 1.0 if who["age"] == "senior" and who["gender"] == "male" else 0.0
    part = dice.choice([-1, 1]) * 0.075

    def rooted(count, extra=lambda p: p[:, 2] > -1):
        under_hat = (lambda p: p[:, 2] < 0.07) if hat else (lambda p: p[:, 2] < 1)
        return scalp(dice, tree, count,
                     lambda p: (hairline(p, receding) > 0) & extra(p) & under_hat(p))  # fmt: skip

    def sides(points, middle=part):
        return np.where(points[:, 0] < middle, -1.0, 1.0)

    if style == "bald":
        return []
    if style == "short":
        roots = rooted(14000)
        top = np.clip((roots[:, 2] - 0.08) / 0.14, 0, 1)
        way = [sides(roots) * top, -0.25 + 0.5 * (roots[:, 1] > 0.02), -0.1 - 1.2 * (1 - top)]
        way = np.stack(way, 1)
        length = (0.05 + (0.06 if receding else 0.09) * top) * dice.uniform(0.8, 1.15, len(roots))

        def steer(points, t):
            normal = unit(points - SKULL[0])
            return unit(way + normal * (0.62 - 1.1 * t) * (0.12 + 0.85 * top[:, None]))

        strands = grow(roots, length, steer, dice.uniform(0.003, 0.032, len(roots)) * (0.3 + top))
        return [(clump(dice, strands, 420, 0.6, 0.006), 0.0022)]
    if style == "curly":
        long = who["gender"] == "female" and who["age"] != "senior"
        roots = rooted(14000)
        reach = 0.24 if long else 0.10
        length = reach * dice.uniform(0.75, 1.1, len(roots))

        def steer(points, t):
            normal = unit(points - SKULL[0])
            return unit(normal * (1.1 - 0.4 * t) + [0, 0.15, -0.55 * t if long else 0.1])

        strands = grow(roots, length, steer, 0.01, steps=30,
                       shape=(lambda p, t: curtain(p, t, 50)) if long else None)  # fmt: skip
        curl = (0.019, 4.5) if long else (0.015, 2.2)
        return [(clump(dice, strands, 420 if long else 520, 0.88, 0.004, curl), 0.0019)]
    if style in ("long", "bob"):
        roots = rooted(19000)
        reach = {"bob": 0.4, "long": 0.56 if who["age"] == "child" else 0.76}[style]
        length = reach * dice.uniform(0.88, 1.0, len(roots))
        length *= np.interp(roots[:, 2], [-0.15, 0.25], [0.55, 1.0])  # even tips
        side = sides(roots)

        def steer(points, t):
            high = np.clip((points[:, 2] - 0.05) / 0.2, 0, 1)
            back = np.clip(points[:, 1] / 0.2 + 0.4, 0, 1)
            inward = 1.6 * points[:, 0] * np.clip(0.05 - points[:, 2], 0, 0.2) / 0.2
            way = [side * high * (1.1 - 0.7 * back) - inward, 0.35 * high + 0.5 * back * high,
                   -0.35 - t + 0 * high]  # fmt: skip
            return unit(np.stack(way, 1))

        strands = grow(roots, length, steer, dice.uniform(0.008, 0.05, len(roots)), 24, 0.5,
                       bodies, curtain)  # fmt: skip
        if style == "bob":  # tips turn in
            t = np.linspace(0, 1, 25)[None, :, None] ** 4
            strands = strands * (1 - 0.12 * t * np.array([1, 1, 0]))
        curl = (0.016, 2.2) if style == "long" else None
        return [(clump(dice, strands, 260, 0.7, 0.008, curl), 0.0023)]
    # tied hair: drawn over the head to one or two points, then a bun or tails
    knots = {"bun": [(0, 0.10, 0.27)],
             "pigtails": [(-0.2, 0.06, 0.14), (0.2, 0.06, 0.14)]}[style]  # fmt: skip
    out = []
    for knot in knots:
        mine = (
            (lambda p, k=knot: p[:, 0] * k[0] >= 0) if len(knots) > 1 else (lambda p: p[:, 2] > -1)
        )
        roots = rooted(13000 // len(knots), mine)
        length = np.linalg.norm(roots - knot, axis=1) * 1.25 + 0.02
        strands = grow(roots, length, toward(knot), dice.uniform(0.0, 0.02, len(roots)), 16, 0.1)
        blend = np.linspace(0, 1, 17)[None, :, None] ** 3  # all ends meet in the knot
        strands = strands + blend * (np.array(knot) - strands[:, -1:]) * 0.9
        out.append((clump(dice, strands, 300, 0.6, 0.006), 0.0023))
        if style == "bun":
            center = np.add(knot, (0, 0.035, 0.05))
            ball_of_hair = wound(dice, center, 0.09, np.array([0.2, 0.6, 0.8]))
            out.append((clump(dice, ball_of_hair, 110, 0.55, 0.006), 0.0023))
        else:
            way = (np.sign(knot[0]), 0.1, 0.35)
            start = np.array(knot) + unit(way) * 0.02
            bunch = tail(dice, start, way, 0.3, 0.062)
            out.append((clump(dice, bunch, 60, 0.5, 0.004, (0.01, 1.2)), 0.0023))
    if who["age"] == "child" and not hat:  # a fringe
        roots = rooted(2600, lambda p: (azimuth(p) < 42) & (p[:, 2] < 0.235))
        goal = np.stack([roots[:, 0] * 1.15, -0.26 + 0 * roots[:, 0], 0.118 + 0 * roots[:, 0]], 1)
        length = np.linalg.norm(goal - roots, axis=1) * dice.uniform(0.95, 1.15, len(roots))
        fringe = grow(
            roots, length, lambda p, t: unit(goal - p), dice.uniform(0.008, 0.03, len(roots))
        )
        out.append((clump(dice, fringe, 60, 0.6, 0.003), 0.0023))
    return out


def brows(dice, tree, who):
    """Two arcs of short strands."""
    n, k = 420, 6
    u = dice.uniform(0, 1, (2, n))
    wide = 0.6 if who["gender"] == "female" or who["age"] == "child" else 1.0
    roots, ways = [], []
    for side, along in zip((-1, 1), u, strict=True):
        x = side * (0.048 + 0.098 * along)
        z = 0.093 + 0.022 * np.sin(np.pi * (0.36 + 0.46 * along))
        z = z + dice.normal(0, 0.0055 * wide, n) * (1.2 - 0.7 * along)
        roots += [front(tree, *xz, -0.001)[0] for xz in zip(x, z, strict=True)]
        ways += [unit([side, 0.35, 0.55 - 0.9 * a]) for a in along]
    t = np.linspace(0, 1, k)[None, :, None]
    roots, ways = np.array(roots), np.array(ways)
    bulge = np.array([0, -0.006, 0]) * np.sin(np.pi * t)
    length = dice.uniform(0.02, 0.034, (2 * n, 1, 1))
    return roots[:, None] + ways[:, None] * t * length + bulge


def beard(dice, tree, mouth, full):
    """A full beard, or only a moustache, that leaves the mouth free."""
    lowest = -1.0 if full else mouth + 0.005

    def where(p):
        angle = azimuth(p)
        cheek = np.interp(angle, [0, 20, 45, 70, 86, 87], [-0.068, -0.072, -0.12, -0.06, 0.02, -9])
        if not full:
            cheek = np.where(angle < 33, cheek, -9)
        lips = (abs(p[:, 0]) < 0.07) & (abs(p[:, 2] - mouth - 0.004) < 0.022)
        front_only = (p[:, 1] < 0.03) & (p[:, 2] > -0.25)
        return (p[:, 2] < cheek) & ~lips & front_only & (p[:, 2] > lowest)

    roots = scalp(dice, tree, 9000 if full else 1600, where)
    low = np.clip((mouth - roots[:, 2]) / 0.08, 0, 1)
    length = (0.04 + 0.06 * low) * dice.uniform(0.8, 1.1, len(roots))
    lip = (roots[:, 2] > mouth) & (abs(roots[:, 0]) < 0.09)  # moustache: combed to the sides
    way = np.stack([roots[:, 0] * 2 + np.where(roots[:, 0] < 0, -1, 1) * lip,
                    -0.25 - 0 * low, np.where(lip, -0.4, -0.9)], 1)  # fmt: skip

    def steer(points, t):
        return unit(way + unit(roots) * (0.9 - 0.9 * t))

    return clump(dice, grow(roots, length, steer, 0, 10, bodies=()), 420, 0.55, 0.004)
