"""A burning candle: a pillar of wax, or a taper in its holder."""

import math

import bpy
from answers import answer
from materials import Material, metal, plain
from shapes import ball, tube, turned
from stage import recipe
from veil import Veil, smooth_alpha

WAX = (  # colour word, wax, form
    ("white", (0.88, 0.84, 0.74), "pillar"),
    ("red", (0.55, 0.012, 0.012), "taper"),
    ("blue", (0.03, 0.13, 0.50), "pillar"),
    ("green", (0.04, 0.26, 0.07), "taper"),
    ("yellow", (0.88, 0.58, 0.06), "pillar"),
    ("purple", (0.22, 0.06, 0.40), "taper"),
    ("pink", (0.88, 0.28, 0.40), "pillar"),
    ("orange", (0.85, 0.24, 0.02), "taper"),
)


@recipe("candle")
def candle(rng, variant):
    smooth_alpha()
    word, color, form = WAX[variant % len(WAX)]
    wax = Material(
        "wax",
        color,
        0.38,
        subsurface_weight=1.0,
        subsurface_scale=0.05,
        subsurface_radius=(1.0, 0.7, 0.5),
        coat_weight=0.15,
    )
    wax.bump(wax.noise(4.0), 0.12, 0.05)
    words = [word]
    if form == "pillar":
        r, foot, top = rng.uniform(0.28, 0.36), 0.0, rng.uniform(0.75, 1.05)
        dip = 0.07
    else:
        r, foot, top, dip = rng.uniform(0.095, 0.115), 0.16, rng.uniform(1.15, 1.35), 0.02
        holder(rng)
        words.append("yellow")
    waves = [(rng.uniform(0.3, 1) / k, rng.uniform(0, 7), k) for k in (2, 3, 5)]

    def melt(angle, radius, z):
        """The rim sags unevenly where the wax has run over."""
        sag = sum(a * math.sin(k * angle + p) for a, p, k in waves)
        near = max(0.0, 1 - (top - z) / (0.18 if form == "pillar" else 0.08))
        return radius * (1 + 0.012 * sag * (1 - near)), z + 0.016 * sag * near * (radius > r * 0.5)

    edge = min(0.05, r * 0.35)
    turned(
        [
            (0, foot),
            (r * 0.97, foot),
            (r * 0.97, foot),
            (r, foot + 0.03),
            (r, (foot + top) / 2),
            (r, top - edge),
            (r - edge * 0.25, top - edge * 0.2),
            (r - edge * 0.7, top),
            (r - edge * 1.4, top - dip * 0.5),
            (r * 0.45, top - dip),
            (0, top - dip),
        ],
        wax,
        melt,
        around=120,
    )
    run = Material("run", color, 0.35, coat_weight=0.3)  # light would leak out of thin wax
    for _ in range(rng.randint(4, 7)):
        drip(rng, r, top, (top - foot) * rng.uniform(0.15, 0.6), run)
    base = top - dip
    lean = rng.uniform(-0.02, 0.02)
    tube(
        [(0, 0, base - 0.02), (lean * 0.4, 0, base + 0.05), (lean, 0, base + 0.10)],
        [0.013, 0.013, 0.010],
        plain("wick", (0.03, 0.02, 0.015), 0.9),
    )
    flame(rng, lean, base + 0.055, rng.uniform(0.30, 0.36))
    params = {"form": form, "radius": r, "height": top}
    camera = {"elevation_deg": rng.uniform(10, 17), "azimuth_deg": rng.uniform(-25, 25)}
    return answer(words, "wax", params, camera)


def drip(rng, r, top, long, wax):
    """A run of wax that swells into a bead at its end."""
    angle = rng.uniform(-math.pi, 0) if rng.random() < 0.8 else rng.uniform(0, math.pi)
    size, points, sizes = rng.uniform(0.016, 0.026), [], []
    for t in (0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.84, 0.91, 0.96, 0.985, 1):
        a = angle + 0.03 * math.sin(3 * t + angle)
        out = r * (0.93 + 0.07 * min(1, t * 6))
        points.append((out * math.cos(a), out * math.sin(a), top - 0.01 - long * t))
        sizes.append(size * (0.75 + 0.55 * t**5) * max(0.0, 1 - t**14) ** 0.5)
    tube(points, sizes, wax)


def holder(rng):
    """A brass chamberstick: a dish, a socket and a ring to carry it by."""
    brass = metal((0.80, 0.52, 0.17), roughness=0.22)
    r = rng.uniform(0.36, 0.42)
    turned(
        [
            (0, 0),
            (r * 0.7, 0),
            (r * 0.8, 0.01),
            (r * 0.98, 0.075),
            (r, 0.09),
            (r * 0.985, 0.10),
            (r * 0.95, 0.085),
            (r * 0.75, 0.035),
            (0.16, 0.03),
            (0.10, 0.06),
            (0.085, 0.11),
            (0.12, 0.17),
            (0.128, 0.26),
            (0.15, 0.285),
            (0.155, 0.295),
            (0.148, 0.302),
            (0.11, 0.29),
            (0.10, 0.2),
            (0, 0.2),
        ],
        brass,
        around=120,
    )
    side = rng.choice((-1, 1))
    ring = [2 * math.pi * k / 24 for k in range(24)]
    tube(
        [(side * (r + 0.09 + 0.10 * math.cos(a)), 0, 0.11 + 0.10 * math.sin(a)) for a in ring],
        0.017,
        brass,
        closed=True,
    )


def flame(rng, x, base, high):
    """A luminous veil: dense along the middle, gone at the edge, blue and thin at the foot."""
    made = Veil("flame")
    height = made.math("MULTIPLY", made.math("SUBTRACT", made.axis("z"), base), 1 / high)
    heat = [
        (0.0, (0.05, 0.15, 0.9)),
        (0.16, (0.55, 0.20, 0.10)),
        (0.34, (1.0, 0.40, 0.01)),
        (0.62, (1.0, 0.60, 0.02)),
        (1.0, (1.0, 0.30, 0.01)),
    ]
    thick = made.ramp(
        height, [(0.0, (0.15,) * 3), (0.30, (0.95,) * 3), (0.7, (1,) * 3), (1.0, (0.8,) * 3)]
    )
    inward = made.math("SUBTRACT", 1.0, made.facing(1.6))
    amount = made.math("MULTIPLY", made.math("POWER", inward, 0.6), thick)
    glow = made.bsdf("Emission", {"Color": made.ramp(height, heat), "Strength": 1.8})
    clear = made.bsdf("BsdfTransparent")
    made.surface(made.blend(made.math("MULTIPLY", amount, made.front()), clear, glow))
    sway = rng.uniform(-0.06, 0.06)

    profile = [
        (0, 0),
        (0.10, 0.05),
        (0.165, 0.18),
        (0.18, 0.30),
        (0.145, 0.50),
        (0.085, 0.72),
        (0.035, 0.89),
        (0, 1.0),
    ]
    body = turned([(r * high * 1.05, base + z * high) for r, z in profile], made, around=120)
    for vertex in body.data.vertices:
        t = (vertex.co.z - base) / high
        vertex.co.x += x + sway * high * t * t * 3
    halo(x, base + high * 0.45, high)
    body.visible_diffuse = body.visible_glossy = body.visible_shadow = False
    lamp = bpy.data.lights.new("flame", "POINT")
    lamp.energy, lamp.color, lamp.shadow_soft_size = 3.0, (1.0, 0.55, 0.20), 0.05
    thing = bpy.data.objects.new("flame", lamp)
    thing.location = (x, 0, base + high * 0.4)
    bpy.context.scene.collection.objects.link(thing)


def halo(x, z, high):
    """The faint glow round a flame, fading to nothing before its edge."""
    made = Veil("halo")
    inward = made.math("SUBTRACT", 1.0, made.facing(1.0))
    amount = made.math("MULTIPLY", made.math("POWER", inward, 3.0), 0.22)
    glow = made.bsdf("Emission", {"Color": (1.0, 0.45, 0.10, 1), "Strength": 1.6})
    made.surface(
        made.blend(made.math("MULTIPLY", amount, made.front()), made.bsdf("BsdfTransparent"), glow)
    )
    thing = ball(high * 0.8, (0.8, 0.8, 1), (x, 0, z), made, detail=5)
    thing.visible_diffuse = thing.visible_glossy = thing.visible_shadow = False
