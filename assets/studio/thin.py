"""Thin things, whose outline is mostly holes: dandelion, feather, fern, butterfly net, wheel."""

from __future__ import annotations

import math

from materials import Material, metal, plain, rubber, wood
from mathutils import Matrix, Vector
from shapes import ball, lathe, mesh, strands, tube
from stage import recipe


def answer(colours, material, params, camera, pattern="plain", **label):
    return {
        "attributes": {
            "color": colours,
            "material": material,
            "pattern": pattern,
            "transparent": False,
        },
        "params": {k: round(v, 3) if isinstance(v, float) else v for k, v in params.items()},
        "camera": camera,
        "label": label,
    }


def view(rng, low, high, swing=25):
    return {"elevation_deg": rng.uniform(low, high), "azimuth_deg": rng.uniform(-swing, swing)}


def across(direction):
    """Two unit vectors at right angles to a direction and to each other."""
    first = direction.orthogonal().normalized()
    return first, direction.cross(first).normalized()


def sphere_points(count):
    """Evenly spread directions, by the golden angle."""
    for k in range(count):
        z = 1 - (2 * k + 1) / count
        a, r = k * math.pi * (3 - 5**0.5), math.sqrt(1 - z * z)
        yield Vector((r * math.cos(a), r * math.sin(a), z))


# --- dandelion -----------------------------------------------------------------------------------


@recipe("dandelion")
def dandelion(rng, variant):
    form = ("full", "blown", "pair")[variant % 3]
    fluff = plain("fluff", (0.93, 0.92, 0.89), 0.9, sheen_weight=0.3)
    seed = plain("seed", (0.16, 0.085, 0.04), 0.8)
    stem = Material("stem", (0.20, 0.30, 0.07), 0.55)
    stem.mottle((0.20, 0.32, 0.07), (0.32, 0.16, 0.07), 2.0, 0.6)
    heads = [(rng.uniform(-0.1, 0.1), 0.0, rng.uniform(1.25, 1.45), rng.uniform(0.40, 0.46))]
    if form == "pair":
        side = rng.choice((-1, 1))
        heads = [(-0.30 * side, 0.0, heads[0][2], 0.38)]
        heads.append((0.36 * side, 0.15, heads[0][2] - rng.uniform(0.45, 0.6), 0.31))
    wind = rng.choice((-1, 1))
    for x, y, z, r in heads:
        top = Vector((x, y, z))
        bend = rng.uniform(-0.12, 0.12)
        stalk = [(x * 0.2, y, 0), (x * 0.3 + bend, y, z * 0.35), (x * 0.8 + bend, y, z * 0.7)]
        tube([*stalk, top - Vector((0, 0, 0.05))], [0.028, 0.025, 0.022, 0.022], stem)
        ball(0.055, (1, 1, 0.75), top, plain("head", (0.55, 0.50, 0.33), 0.8))
        bracts = []
        for k in range(14):
            a = 2 * math.pi * k / 14
            out = Vector((math.cos(a), math.sin(a), 0))
            start = top + out * 0.04 - Vector((0, 0, 0.03))
            bracts.append(
                [
                    start,
                    start + out * 0.06 - Vector((0, 0, 0.03)),
                    start + out * 0.075 - Vector((0, 0, 0.12)),
                ]
            )
        strands(bracts, 0.012, stem, taper=0.2)
        hairs, beaks, seeds = [], [], []
        for out in sphere_points(125 if r > 0.35 else 95):
            lee = out.x * wind + 0.25 * out.z > rng.uniform(-0.25, 0.15)
            if form == "blown" and lee and rng.random() > 0.05:
                continue
            parachute(rng, top, out, r, hairs, beaks, seeds)
        if form == "blown":
            for _ in range(rng.randint(7, 10)):
                away = Vector(
                    (wind * rng.uniform(0.45, 1.05), rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.5))
                )
                drift = Vector((wind * 0.5, rng.uniform(-0.3, 0.3), rng.uniform(0.4, 0.9)))
                parachute(
                    rng,
                    top + away - drift.normalized() * 0.2,
                    drift.normalized(),
                    r,
                    hairs,
                    beaks,
                    seeds,
                )
        strands(hairs, 0.0016, fluff, taper=0.5)
        strands(beaks, 0.0028, plain("beak", (0.75, 0.72, 0.60), 0.8), taper=0.8)
        strands(seeds, 0.011, seed, taper=0.3)
    params = {"form": form, "heads": len(heads), "height": heads[0][2], "radius": heads[0][3]}
    return answer(["white", "green"], "plant", params, view(rng, 5, 12))


def parachute(rng, root, out, r, hairs, beaks, seeds):
    """One seed: the grain, its beak, and an umbrella of hairs."""
    out = (out + Vector(rng.gauss(0, 0.05) for _ in range(3))).normalized()
    u, v = across(out)
    hub = root + out * r * rng.uniform(0.68, 0.76)
    seeds.append([root + out * 0.05, root + out * 0.075, root + out * 0.115])
    beaks.append([root + out * 0.1, hub])
    turn, count = rng.uniform(0, 7), 26
    for k in range(count):
        a = turn + 2 * math.pi * k / count + rng.gauss(0, 0.06)
        side = u * math.cos(a) + v * math.sin(a)
        lift, reach = rng.uniform(0.3, 0.55), r * rng.uniform(0.33, 0.40)
        tip = hub + (side + out * lift).normalized() * reach
        hairs.append([hub, hub.lerp(tip, 0.5) + out * 0.008, tip + out * -0.004])


# --- feather -------------------------------------------------------------------------------------

FEATHERS = (
    # main colour word, vane, tip, bar colour (None: plain), pattern
    (["white"], (0.86, 0.85, 0.82), (0.80, 0.79, 0.77), None),
    (["blue", "black", "white"], (0.03, 0.20, 0.72), (0.02, 0.10, 0.50), (0.01, 0.012, 0.02)),
    (["brown", "beige"], (0.26, 0.11, 0.04), (0.20, 0.08, 0.03), (0.70, 0.52, 0.32)),
    (["red"], (0.70, 0.02, 0.02), (0.75, 0.25, 0.01), None),
    (["green"], (0.06, 0.42, 0.08), (0.02, 0.25, 0.30), None),
    (["gray", "white"], (0.30, 0.31, 0.33), (0.20, 0.20, 0.22), (0.75, 0.75, 0.75)),
    (["pink"], (0.92, 0.30, 0.42), (0.95, 0.45, 0.50), None),
    (["yellow"], (0.92, 0.62, 0.04), (0.80, 0.75, 0.10), None),
)


@recipe("feather")
def feather(rng, variant):
    words, vane, tip, bar = FEATHERS[variant % len(FEATHERS)]
    long, wide = rng.uniform(1.6, 1.9), rng.uniform(0.22, 0.30)
    bow, lean = rng.uniform(0.12, 0.28) * rng.choice((-1, 1)), rng.uniform(-0.35, 0.35)

    def shaft(t):
        return Vector((bow * math.sin(t * 1.9) * t, 0.10 * t * t, long * t))

    barb = Material("barb", vane, 0.6, sheen_weight=0.3)
    height = barb.math("MULTIPLY", barb.axis("z"), 1 / long)
    body = barb.mix(height, vane, tip)
    if bar:
        wave = barb.math(
            "ADD",
            barb.math("MULTIPLY", height, rng.uniform(8, 11)),
            barb.math("MULTIPLY", barb.noise(5.0), 0.7),
        )
        ramp = barb.ramp(barb.math("FRACT", wave), [(0.55, (0, 0, 0)), (0.68, (1, 1, 1))])
        body = barb.mix(ramp, body, bar)
    down = barb.ramp(height, [(0.12, (1, 1, 1)), (0.24, (0, 0, 0))])
    barb.color(barb.mix(down, body, (0.80, 0.78, 0.74)))
    count, vanes, fluff = 420, [], []
    for side in (-1, 1):
        split, apart = rng.uniform(0.35, 0.75), 0.0
        for k in range(count):
            t = 0.13 + 0.87 * k / count
            if rng.random() < 0.007:  # barbs unzip here and there, then close again
                split, apart = t, rng.uniform(0.03, 0.07)
            gap = apart * max(0.0, 1 - (t - split) / 0.05)
            root = shaft(t)
            along = (shaft(min(t + 0.01, 1.01)) - shaft(t - 0.01)).normalized()
            out = Vector((along.z, 0, -along.x)) * side
            fall = min(1.0, (t - 0.06) / 0.2) ** 0.7 * (1 - t**3) ** 0.6
            reach = wide * fall * (0.85 if side < 0 else 1.0) * rng.uniform(0.97, 1.03) + 0.012
            sweep = 0.7 + 0.5 * t
            bend = rng.gauss(0, 0.006)
            line = []
            for j in range(7):
                s = j / 6
                line.append(
                    root
                    + out * reach * s**0.9
                    + Vector((0, 1, 0)) * 0.16 * reach * s * s
                    + along * reach * (sweep * (0.55 * s + 0.45 * s * s) + gap * 4 * s + bend * s)
                )
            vanes.append(line)
        for _ in range(170):  # loose down at the foot of the vane
            t = rng.uniform(0.09, 0.20)
            root, reach = shaft(t), wide * rng.uniform(0.4, 0.95)
            out = Vector((side, rng.uniform(-0.6, 0.6), rng.uniform(-0.3, 0.7))).normalized()
            curl = Vector(rng.gauss(0, 0.35) for _ in range(3))
            fluff.append(
                [root + reach * (out * s + curl * s * s * 0.6) for s in (0, 0.2, 0.4, 0.6, 0.8, 1)]
            )
    parts = [
        strands(vanes, 0.0034, barb, taper=0.45),
        strands(fluff, 0.0018, plain("down", (0.82, 0.80, 0.76), 0.9), taper=0.3),
        tube(
            [shaft(k / 12) for k in range(-1, 13)],
            [0.011] + [0.015 * (1 - k / 13) + 0.002 for k in range(13)],
            plain("shaft", (0.80, 0.74, 0.60), 0.4),
        ),
    ]
    for part in parts:
        part.rotation_euler = (0, lean, 0)
    params = {"length": long, "width": wide, "bow": bow, "lean": lean}
    return answer(
        words,
        "feather",
        params,
        view(rng, 5, 10, 15),
        "striped" if bar else "plain",
        stands=False,
        sheds_shadow=True,
    )


# --- fern ----------------------------------------------------------------------------------------


def leaflet(points, faces, root, along, out, up, long, wide):
    """A narrow leaf, folded along its middle, drooping a little at the tip."""
    first, steps = len(points), 6
    for k in range(steps + 1):
        t = k / steps
        half = wide * math.sin(math.pi * min(t * 0.9 + 0.12, 1)) ** 0.8
        mid = root + out * long * t - up * long * 0.22 * t * t + along * long * 0.12 * t * t
        points += [mid + up * half * 0.35 + along * half * s for s in (-1, 1)]
        points.insert(-1, mid)
    for k in range(steps):
        a = first + 3 * k
        faces += [(a, a + 3, a + 4, a + 1), (a + 1, a + 4, a + 5, a + 2)]


def frond(rng, points, faces, line, wide, pairs, twice):
    """Leaflets in pairs along a curved line; `twice`: each is a small frond again."""
    ribs, steps = [], len(line) - 1
    for k in range(pairs):
        t = 0.06 + 0.93 * k / pairs
        at = min(int(t * steps), steps - 1)
        root = line[at].lerp(line[at + 1], t * steps - at)
        along = (line[at + 1] - line[at]).normalized()
        side = along.cross(Vector((0, -0.35, 1))).normalized()
        up = side.cross(along)
        reach = wide * (min(1, t / 0.22) ** 0.6) * (1 - t) ** 0.75 * rng.uniform(0.94, 1.06) + 0.008
        for sign in (-1, 1):
            out = (side * sign + along * 0.3 + up * rng.gauss(0, 0.08)).normalized()
            if not twice:
                leaflet(points, faces, root, along, out, up, reach, reach * 0.14 + 0.008)
                continue
            rib = [root + out * reach * s - up * reach * 0.15 * s * s for s in (0, 0.33, 0.66, 1)]
            ribs.append(rib)
            small = max(4, int(reach * 42))
            for j in range(small):
                s = (j + 0.6) / small
                spot = root + out * reach * s - up * reach * 0.15 * s * s
                size = reach * 0.24 * (1 - s) ** 0.6 + 0.006
                for way in (-1, 1):
                    leaflet(
                        points,
                        faces,
                        spot,
                        out,
                        (along * way + out * 0.35).normalized(),
                        up,
                        size,
                        size * 0.22 + 0.003,
                    )
    return ribs


@recipe("fern")
def fern(rng, variant):
    word, leaf, light = (
        ("green", (0.055, 0.25, 0.03), (0.17, 0.42, 0.05)),
        ("light green", (0.20, 0.46, 0.06), (0.36, 0.60, 0.12)),
        ("dark green", (0.02, 0.12, 0.025), (0.05, 0.22, 0.04)),
    )[variant % 3]
    form = ("potted", "frond", "potted")[variant % 3]
    green = Material("leaf", leaf, 0.5, subsurface_weight=0.0)
    green.mottle(leaf, light, 3.5, 0.9)
    stalk = plain("stalk", tuple((a + b) / 2 for a, b in zip(leaf, (0.2, 0.12, 0.04), strict=True)))
    points, faces, lines, ribs = [], [], [], []
    if form == "frond":
        bow, lean = rng.uniform(0.2, 0.4) * rng.choice((-1, 1)), rng.uniform(-0.1, 0.1)
        line = [
            Vector((bow * t**2.2 + lean * t, 0.25 * t * t, 1.8 * t))
            for t in (k / 24 for k in range(25))
        ]
        lines.append(line)
        ribs += frond(rng, points, faces, line[3:], rng.uniform(0.42, 0.5), 30, True)
    else:
        count = rng.randint(24, 30)
        for k in range(count):
            a = k * 2.399 + rng.uniform(-0.2, 0.2)
            inner = (k / count) ** 0.8  # young fronds stand up, old ones hang
            out = Vector((math.cos(a), math.sin(a), 0))
            long = rng.uniform(0.85, 1.1) * (1 - 0.15 * inner)
            high, reach = 0.45 + 0.75 * inner, 1.0 - 0.72 * inner
            line = []
            for j in range(17):
                t = j / 16
                rise = high * 1.5 * t - (0.75 + 0.45 * (1 - inner)) * t * t * t
                line.append(
                    Vector((0, 0, 0.56))
                    + out * (0.05 + long * reach * t)
                    + Vector((0, 0, long * rise))
                )
            lines.append(line)
            frond(rng, points, faces, line[2:], rng.uniform(0.17, 0.21), 34, False)
    mesh("leaves", points, faces, green)
    tubes = [0.011 if form == "frond" else 0.008, 0.004]
    strands(lines, tubes[0], stalk, taper=0.3)
    if ribs:
        strands(ribs, tubes[1], stalk, taper=0.3)
    words, params = [word], {"form": form, "fronds": len(lines)}
    if form == "potted":
        name, paint = (
            ("orange", (0.55, 0.17, 0.06)),
            ("white", (0.80, 0.79, 0.76)),
            ("blue", (0.03, 0.12, 0.42)),
        )[variant // 2 % 3]
        pot(rng, paint, clay=name == "orange")
        words.append(name)
        params["pot"] = name
        return answer(words, "plant", params, view(rng, 10, 16))
    return answer(words, "plant", params, view(rng, 5, 10, 12), stands=False)


def pot(rng, paint, clay):
    made = Material("pot", paint, 0.85 if clay else 0.3, coat_weight=0.0 if clay else 0.8)
    made.mottle(paint, tuple(min(c * 1.5 + 0.05, 0.9) for c in paint), 3.0, 0.5 if clay else 0.1)
    made.grain(50, 0.1 if clay else 0.02)
    r, h = rng.uniform(0.30, 0.34), 0.56
    profile = [(0, 0), (r * 0.68, 0), (r * 0.72, 0.01), (r * 0.94, h - 0.15), (r * 0.95, h - 0.14)]
    profile += [(r * 1.05, h - 0.14), (r * 1.07, h - 0.12), (r * 1.09, h - 0.01), (r * 1.06, h)]
    profile += [(r * 0.98, h), (r * 0.95, h - 0.02), (r * 0.9, h - 0.08)]
    lathe(profile, made)
    soil = Material("soil", (0.035, 0.022, 0.014), 1.0)
    soil.bump(soil.noise(30, 6), 0.8)
    lathe([(0, h - 0.04), (r * 0.6, h - 0.045), (r * 0.93, h - 0.07), (r * 0.9, h - 0.1)], soil)


# --- butterfly net -------------------------------------------------------------------------------


@recipe("butterfly net")
def butterfly_net(rng, variant):
    word, thread = (
        ("white", (0.85, 0.84, 0.80)),
        ("green", (0.05, 0.42, 0.10)),
        ("pink", (0.92, 0.16, 0.36)),
        ("yellow", (0.92, 0.60, 0.03)),
        ("blue", (0.03, 0.20, 0.70)),
        ("orange", (0.9, 0.22, 0.01)),
    )[variant % 6]
    side = rng.choice((-1, 1))
    lean = math.radians(rng.uniform(24, 38)) * side
    r, deep = rng.uniform(0.38, 0.44), rng.uniform(0.85, 1.05)
    pole = Vector((math.sin(lean), 0, math.cos(lean)))
    foot, grip = Vector((0, 0, 0)), rng.uniform(1.15, 1.35)
    centre = foot + pole * (grip + r)
    # the hoop holds the pole's line and tips its mouth towards the eye
    tip = math.radians(rng.uniform(35, 50))
    level = Vector((pole.z, 0, -pole.x)) * side
    second = (level * math.cos(tip) + Vector((0, -1, 0)) * math.sin(tip) * 0.8).normalized()
    normal = pole.cross(second).normalized()
    if normal.y < 0:
        normal = -normal
    hang = (normal * 0.55 + level * 0.75 + Vector((0, 0, -0.55))).normalized()

    def bag(a, t):
        slim = (1 - t**2.4) ** 0.62 * (1 - 0.18 * t)
        ring = (pole * math.cos(a) + second * math.sin(a)) * r * slim
        return (
            centre
            + ring
            + hang * deep * (t + 0.06 * math.sin(3 * a + 9 * t) * t * (1 - t))
            + Vector((0, 0, -0.30 * t * t))
        )

    lines, turns, count, steps = [], 1.3, 46, 40
    for k in range(count):
        for way in (-1, 1):
            lines.append(
                [
                    bag(2 * math.pi * k / count + way * turns * j / steps, j / steps)
                    for j in range(steps + 1)
                ]
            )
    strands(lines, 0.0028, plain("thread", thread, 0.8, sheen_weight=0.3), taper=1.0)
    hoop = [bag(2 * math.pi * k / 48, 0) for k in range(48)]
    tube(hoop, 0.013, metal(), closed=True)
    hem = [bag(2 * math.pi * k / 48, 0.012) for k in range(48)]
    tube(hem, 0.021, plain("hem", thread, 0.85, sheen_weight=0.3), closed=True)
    tube([foot, pole * grip * 0.5, pole * (grip + 0.01)], [0.032, 0.030, 0.027], wood(name="pole"))
    tube([pole * (grip - 0.12), pole * (grip + 0.02)], 0.034, metal(roughness=0.35))
    tube([pole * 0.02, pole * 0.34], 0.040, rubber("black"))
    params = {"radius": r, "depth": deep, "lean_deg": math.degrees(lean)}
    return answer([word, "brown"], "fabric", params, view(rng, 5, 12, 15), stands=False)


# --- bicycle wheel -------------------------------------------------------------------------------


@recipe("bicycle wheel")
def bicycle_wheel(rng, variant):
    words, tyre, rim = (
        (["black", "gray"], (0.02, 0.02, 0.022), (0.72, 0.72, 0.73)),
        (["black", "red"], (0.02, 0.02, 0.022), (0.62, 0.015, 0.02)),
        (["beige", "blue"], (0.66, 0.48, 0.28), (0.02, 0.12, 0.55)),
        (["white", "black"], (0.80, 0.79, 0.76), (0.02, 0.02, 0.022)),
        (["black", "yellow"], (0.02, 0.02, 0.022), (0.90, 0.55, 0.02)),
        (["black", "green"], (0.02, 0.02, 0.022), (0.05, 0.40, 0.08)),
        (["brown", "gray"], (0.20, 0.08, 0.03), (0.72, 0.72, 0.73)),
    )[variant % 7]
    r, fat, deep = 0.80, rng.uniform(0.045, 0.07), rng.uniform(0.03, 0.06)
    lift = Vector((0, 0, r + fat))
    upright = Matrix.Translation(lift) @ Matrix.Rotation(math.pi / 2, 4, "X")
    steel = metal((0.70, 0.71, 0.73), roughness=0.22)
    skin = Material("tyre", tyre, 0.75)
    tread = skin.node("ShaderNodeTexVoronoi", {"Vector": skin.position(), "Scale": 32.0})
    skin.bump(tread.outputs["Distance"], 0.5, 0.01)
    silver = variant % 7 in (0, 6)
    paint = metal(rim, roughness=0.2) if silver else Material("rim", rim, 0.25, coat_weight=1.0)
    parts = []

    def ring(points, material):
        parts.append(lathe(points, material, steps=96))

    turn = [2 * math.pi * k / 12 for k in range(13)]
    ring([(r + fat * math.cos(a), fat * math.sin(a)) for a in turn], skin)
    half, low = fat * 0.62, r - fat * 0.75
    ring(
        [
            (low, -half),
            (low - deep * 0.6, -half * 0.9),
            (low - deep, -half * 0.35),
            (low - deep, half * 0.35),
            (low - deep * 0.6, half * 0.9),
            (low, half),
            (low + 0.012, half),
            (low + 0.012, -half),
            (low, -half),
        ],
        paint,
    )
    flange = rng.uniform(0.08, 0.1)
    hub = [(0, -0.17), (0.018, -0.17), (0.018, -0.12), (0.03, -0.12), (0.035, -0.10)]
    hub += [(flange, -0.095), (flange, -0.08), (0.032, -0.07), (0.026, 0)]
    ring([*hub, *((a, -b) for a, b in reversed(hub[:-1]))], steel)
    for part in parts:
        part.matrix_world = upright
    count, cross = rng.choice((28, 32, 36)), rng.uniform(0.55, 0.8)
    spokes, nipples, begin = [], [], rng.uniform(0, 1)
    for k in range(count):
        a = begin + 2 * math.pi * k / count
        face, lean = (1 if k % 2 else -1), (1 if k // 2 % 2 else -1)
        start = a + lean * (cross + 0.55)  # tangential lacing: spokes cross on their way out
        inner = (flange - 0.01) * 0.95
        at = Vector((inner * math.cos(start), face * 0.088, inner * math.sin(start)))
        to = Vector(((low - deep) * math.cos(a), 0, (low - deep) * math.sin(a)))
        spokes.append([at + lift, to + lift])
        nipples.append([to.lerp(at, 0.045) + lift, to + lift])
    strands(spokes, 0.0055, steel, taper=1.0)
    strands(nipples, 0.010, metal((0.75, 0.60, 0.30)), taper=1.0)
    a = begin + math.pi / count
    out = Vector((math.cos(a), 0, math.sin(a)))
    tube([out * (low - deep) + lift, out * (low - deep - 0.09) + lift], 0.011, rubber("black"))
    params = {"spokes": count, "tyre": fat, "rim": deep}
    camera = {
        "elevation_deg": rng.uniform(6, 12),
        "azimuth_deg": rng.choice((-1, 1)) * rng.uniform(12, 25),
    }
    return answer(words, "metal", params, camera)
