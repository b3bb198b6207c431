"""Glass: wine glass, bottle, vase, light bulb, soap bubble."""

from __future__ import annotations

import math

from materials import Material, metal, paper, plain
from shapes import ball, mesh, spline, tube, turned
from stage import recipe
from veil import Veil, glass, smooth_alpha

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
WINES = {
    "red": ("red", (0.20, 0.002, 0.012), 0.90),
    "white": ("yellow", (0.90, 0.62, 0.06), 0.45),
    "rose": ("pink", (0.92, 0.20, 0.20), 0.55),
}


def pick(variant, *entries):
    return entries[variant % len(entries)]


def answer(colours, params, camera, pattern="plain", material="glass", transparent=True):
    return {
        "attributes": {
            "color": colours,
            "material": material,
            "pattern": pattern,
            "transparent": transparent,
        },
        "params": {k: round(v, 3) if isinstance(v, float) else v for k, v in params.items()},
        "camera": camera,
    }


def view(rng, low, high, swing=20):
    return {"elevation_deg": rng.uniform(low, high), "azimuth_deg": rng.uniform(-swing, swing)}


@recipe("wine glass")
def wine_glass(rng, variant):
    smooth_alpha()
    tint, wine = pick(
        variant,
        ("clear", "red"),
        ("blue", None),
        ("clear", None),
        ("clear", "white"),
        ("green", None),
        ("clear", "rose"),
        ("amber", None),
        ("purple", None),
        ("pink", None),
    )
    word, colour, cover = TINTS[tint]
    bowl, high = rng.uniform(0.30, 0.38), rng.uniform(0.70, 0.85)
    stem, mouth, wall = rng.uniform(0.5, 0.75), rng.uniform(0.70, 0.85), 0.012
    foot = bowl * rng.uniform(0.85, 1.0)
    base = [(0, 0), (foot, 0), (foot, 0), (foot + 0.006, 0.008), (foot, 0.016)]
    base += [(foot * 0.55, 0.03), (0.055, 0.08), (0.032, 0.2), (0.026, stem * 0.6), (0.034, stem)]
    turns = [math.radians(a) for a in (20, 38, 56, 74, 90)]
    outer = [(bowl * math.sin(a), stem + high * 0.46 * (1 - math.cos(a))) for a in turns]
    outer.append((bowl * (0.58 + 0.42 * mouth), stem + high * 0.74))
    rim, top = bowl * mouth, stem + high
    lip = [(rim, top), (rim - wall / 2, top + 0.008), (rim - wall, top)]
    inner = [(r - wall, z + wall * 0.6) for r, z in reversed(outer)]
    turned([*base, *outer, *lip, *inner, (0, stem + 0.035)], glass(colour, cover))
    if wine:
        word, colour, cover = WINES[wine]
        level = stem + high * rng.uniform(0.40, 0.5)
        wall_line = spline([(0, stem + 0.035), *reversed(inner), lip[-1]])
        body = [(max(r - 0.004, 0), z + 0.003) for r, z in wall_line if z < level]
        edge = body[-1][0]
        surface = [(edge, level), (edge, level), (edge - 0.02, level - 0.008), (0, level - 0.008)]
        turned([*body, *surface], glass(colour, cover, edge=0.97, dark=0.6), steps=2)
    params = {"tint": tint, "wine": wine, "bowl": bowl, "stem": stem}
    return answer([word], params, view(rng, 8, 16))


@recipe("bottle")
def bottle(rng, variant):
    smooth_alpha()
    tint = pick(variant, "green", "amber", "blue", "clear", "purple", "red")
    word, colour, cover = TINTS[tint]
    form = pick(variant + variant // 6, "wine", "apothecary", "flask")
    wide, tall, slim = {
        "wine": (0.27, 1.8, 0.36),
        "apothecary": (0.36, 1.25, 0.42),
        "flask": (0.46, 1.3, 0.26),
    }[form]
    r, tall = wide * rng.uniform(0.93, 1.07), tall * rng.uniform(0.95, 1.05)
    neck, wall, top = wide * slim, 0.022, tall - 0.02
    foot = [(0, 0.05), (r * 0.6, 0.02), (r * 0.85, 0), (r * 0.96, 0.015), (r, 0.07)]
    side = {
        "wine": [(1, 0.3), (1, 0.56), (0.94, 0.63), (0.62, 0.70), (0.40, 0.77), (0.36, 0.85)],
        "apothecary": [(1, 0.3), (1, 0.60), (0.93, 0.68), (0.62, 0.75), (0.43, 0.80)],
        "flask": [(1, 0.15), (0.93, 0.30), (0.60, 0.48), (0.33, 0.62), (0.26, 0.78)],
    }[form]
    side = [(r * x, tall * z) for x, z in side]
    lip = [(1, -0.12), (1.02, -0.10), (1.25, -0.09), (1.28, -0.05), (1.2, 0), (1.02, 0.01)]
    lip = [(neck * x, top + z) for x, z in lip]
    hole = [(neck - wall, top - 0.01), (neck - wall, top - 0.12)]
    inner = [(x - wall, z) for x, z in reversed(side)]
    floor = [(r - wall * 2, 0.09), (r * 0.7, 0.05), (0, 0.09)]
    turned([*foot, *side, *lip, *hole, *inner, *floor], glass(colour, cover))
    stopper(neck - wall, top)
    if form != "flask":
        label(rng, r + 0.004, tall * rng.uniform(0.12, 0.17), tall * rng.uniform(0.44, 0.52))
    params = {"tint": tint, "form": form, "radius": r, "height": tall}
    return answer([word], params, view(rng, 7, 14))


def stopper(r, top):
    cork = Material("cork", roughness=0.9)
    grain = cork.noise(24, 6)
    cork.color(cork.ramp(grain, [(0.35, (0.20, 0.09, 0.035)), (0.55, (0.58, 0.36, 0.17))]))
    cork.bump(grain, 0.3)
    profile = [(0, -0.12), (0.93, -0.12), (0.93, -0.12), (1, 0), (1.08, 0.09), (1.0, 0.105)]
    turned([*((r * x, top + z) for x, z in profile), (r, top + 0.105), (0, top + 0.105)], cork)


def label(rng, r, low, high):
    """A wordless label glued round the front: cream paper with two rules and a block."""
    span = math.radians(rng.uniform(115, 140))
    ink = plain("ink", rng.choice(("dark red", "dark blue", "brown")), 0.6)
    bands = [(0, 1, span, 0, paper((0.85, 0.80, 0.66)))]
    bands += [(a, b, span, 0.002, ink) for a, b in ((0.10, 0.13), (0.87, 0.90))]
    bands += [(0.40, 0.60, span * 0.5, 0.002, ink)]
    steps = 48
    for bottom, top, width, lift, material in bands:
        points = []
        for k in range(steps + 1):
            a = -math.pi / 2 + width * (k / steps - 0.5)
            x, y = (r + lift) * math.cos(a), (r + lift) * math.sin(a)
            points += [(x, y, low + (high - low) * t) for t in (bottom, top)]
        mesh("label", points, [(k, k + 2, k + 3, k + 1) for k in range(0, 2 * steps, 2)], material)


@recipe("vase")
def vase(rng, variant):
    smooth_alpha()
    tint = pick(variant, "blue", "pink", "amber", "clear", "green", "purple", "red")
    word, colour, cover = TINTS[tint]
    form = pick(variant + variant // 7, "urn", "trumpet", "drop")
    tall, wall = rng.uniform(1.15, 1.35), 0.03
    side = {
        "urn": [
            (0.27, 0.08),
            (0.40, 0.35),
            (0.43, 0.57),
            (0.33, 0.77),
            (0.23, 0.87),
            (0.24, 0.94),
            (0.31, 1),
        ],
        "trumpet": [(0.20, 0.08), (0.19, 0.29), (0.215, 0.58), (0.29, 0.83), (0.42, 1)],
        "drop": [
            (0.33, 0.07),
            (0.46, 0.27),
            (0.42, 0.46),
            (0.22, 0.65),
            (0.15, 0.79),
            (0.16, 0.92),
            (0.23, 1),
        ],
    }[form]
    side = [(r, z * tall) for r, z in side]
    low, (rim, top) = side[0][0], side[-1]
    foot = [(0, 0), (low * 0.9, 0), (low * 0.9, 0), (low, 0.02), (low * 1.01, 0.05)]
    lip = [(rim + wall * 0.2, top + wall * 0.4), (rim - wall * 0.4, top + wall * 0.7)]
    lip += [(rim - wall, top + wall * 0.2)]
    inner = [(r - wall, z) for r, z in reversed(side[1:-1])]
    ribs, twist = rng.choice((10, 14, 18)) * (variant % 2), rng.uniform(-1.4, 1.4)

    def flute(angle, r, z):
        fade = math.sin(min(max(z / tall, 0), 1) * math.pi) ** 0.6
        return r * (1 + 0.03 * fade * math.cos(ribs * angle + 4 * twist * z)), z

    profile = [*foot, *side, *lip, *inner, (low * 0.8, 0.12), (0, 0.10)]
    turned(profile, glass(colour, cover), flute if ribs else None)
    params = {"tint": tint, "form": form, "ribs": ribs, "height": tall}
    return answer([word], params, view(rng, 10, 18), "striped" if ribs else "plain")


@recipe("light bulb")
def light_bulb(rng, variant):
    smooth_alpha()
    kind = pick(variant, "clear", "amber", "blue", "frosted", "green", "red", "pink", "purple")
    word, colour, _ = TINTS["clear" if kind == "frosted" else kind]
    r, tall, base = rng.uniform(0.40, 0.46), 1.0 + 0.2 * (kind == "amber"), 0.42
    pear = [(0.20, 0.0), (0.205, 0.05), (0.24, 0.17), (0.34, 0.36), (r, 0.62), (r * 0.93, 0.83)]
    pear += [(r * 0.68, 0.97), (r * 0.35, 1.045), (0, 1.065)]
    frost = kind == "frosted"
    shell = glass(colour, 0.05 if kind == "clear" else 0.2, edge=0.8)
    if frost:
        shell = glass((0.93, 0.92, 0.88), 0.8, edge=0.95, frost=0.3, dark=0.8)
    turned([(x, base + z * tall) for x, z in pear], shell)
    brass = rng.random() < 0.5
    cap = metal((0.80, 0.56, 0.22) if brass else (0.72, 0.72, 0.72), roughness=0.28)
    # only the silhouette of a screw thread shows: rings will do
    thread = [(0.196 + 0.014 * math.sin(k * math.pi / 4), 0.13 + 0.29 * k / 36) for k in range(37)]
    turned([(0.13, 0.10), (0.17, 0.11), *thread, (0.207, 0.44), (0.18, 0.46)], cap, steps=2)
    turned(
        [(0.06, 0.035), (0.10, 0.05), (0.155, 0.10), (0.17, 0.115)], plain("black", "black", 0.2)
    )
    turned([(0, 0), (0.05, 0.008), (0.07, 0.035), (0.06, 0.05)], metal((0.5, 0.5, 0.5)))
    lit = kind in ("clear", "amber")
    if not frost:
        filament(base, tall, cage=kind == "amber", power=14.0 if lit else 0.4)
    params = {"kind": kind, "radius": r, "lit": lit, "cap": "brass" if brass else "steel"}
    return answer([word], params, view(rng, 5, 10), transparent=not frost)


def filament(base, tall, cage, power):
    """Two leads on a glass stem carry a coil, or a cage of long loops."""
    hot = Veil("filament")
    hot.surface(hot.bsdf("Emission", {"Color": (1.0, 0.36, 0.05, 1), "Strength": power}))
    wire = metal((0.40, 0.34, 0.28), roughness=0.35)
    top, spread = base + 0.52 * tall, 0.17
    stem = [(0, 0), (0.13, 0), (0.10, 0.10), (0.045, 0.24), (0.04, 0.36), (0.05, 0.39), (0, 0.41)]
    turned([(r, base + z) for r, z in stem], glass((0.7, 0.78, 0.8), 0.12))
    for side in (-1, 1):
        lead = [(0.03, base + 0.2), (0.06, base + 0.36), (spread * 0.9, top - 0.08), (spread, top)]
        tube([(side * x, 0, z) for x, z in lead], 0.008, wire)
    if cage:
        angles = [math.pi * k / 6 for k in range(13)]
        loops = [(0.16 * math.cos(a), 0.12 * math.sin(a)) for a in angles]
        line = [(x, y, top + (0.26 if k % 2 else -0.14)) for k, (x, y) in enumerate(loops)]
        coil = spline([(spread, 0, top), *line[1:-1], (spread, 0, top)], 6)
        tube([(-spread, 0, top), line[6]], 0.008, wire)
    else:
        coil = []
        for k in range(421):
            t = k / 420
            a, sag = 2 * math.pi * 26 * t, 0.05 * math.sin(math.pi * t) + top
            coil.append((spread * (2 * t - 1), 0.018 * math.cos(a), sag + 0.018 * math.sin(a)))
    wound = tube(coil, 0.006, hot, smooth=False)
    wound.visible_diffuse = wound.visible_glossy = False  # too small a lamp to sample well


# bands of a soap film, from its thin middle to its steep edge
FILMS = {
    "pink": ((0.8, 0.9, 1.0), (1.0, 0.22, 0.55), (1.0, 0.70, 0.25), (0.90, 0.12, 0.75)),
    "blue": ((0.9, 0.8, 1.0), (0.12, 0.45, 1.0), (0.20, 0.95, 0.95), (0.10, 0.20, 1.0)),
    "green": ((1.0, 0.8, 0.9), (0.15, 0.90, 0.40), (0.75, 0.95, 0.15), (0.02, 0.75, 0.45)),
    "purple": ((0.8, 0.9, 1.0), (0.50, 0.20, 1.0), (1.0, 0.35, 0.75), (0.30, 0.10, 0.95)),
    "orange": ((0.8, 0.95, 1.0), (1.0, 0.45, 0.08), (0.95, 0.90, 0.20), (1.0, 0.25, 0.08)),
}


@recipe("soap bubble")
def soap_bubble(rng, variant):
    smooth_alpha()
    hue = pick(variant, *FILMS)
    wobble, squash = rng.uniform(-0.05, 0.05), rng.uniform(0.96, 1.04)
    bubble = ball(0.7, at=(0, 0, 0.72), material=film(rng, hue), detail=6)
    for vertex in bubble.data.vertices:
        x, y, z = vertex.co
        vertex.co = (x * squash * (1 + wobble * z), y, z / squash * (1 - wobble * (0.5 + x)))
    made = answer([hue], {"hue": hue, "wobble": wobble}, view(rng, 5, 12), material="soap")
    return {**made, "label": {"stands": False, "sheds_shadow": False}}


def film(rng, hue):
    """Iridescence by hand: bands over the facing angle, stirred by a slow noise."""
    made = Veil("soap film")
    swirl = made.node(
        "ShaderNodeTexNoise",
        {
            "Vector": made.position(),
            "Scale": 1.5,
            "Detail": 2.0,
            "Distortion": 1.5,
        },
        noise_dimensions="4D",
    )
    swirl.inputs["W"].default_value = rng.uniform(0, 20)
    stir = made.math("MULTIPLY", made.math("SUBTRACT", swirl.outputs["Fac"], 0.5), 1.1)
    order = (0, 1, 2, 1, 3, 2, 3)
    stops = [(k / 6, FILMS[hue][band]) for k, band in enumerate(order)]
    bands = made.ramp(made.math("ADD", made.facing(0.9), stir), stops)
    amount = made.math("MULTIPLY", made.rise(0.13, 0.85, 2.0), made.front())
    glow = made.bsdf("Emission", {"Color": bands, "Strength": 0.9})
    skin = made.blend(amount, made.bsdf("BsdfTransparent"), glow)
    # the far wall mirrors too: the second, upside-down window that tells a bubble from a ball
    shine = made.bsdf("BsdfGlossy", {"Roughness": 0.01})
    return made.surface(made.blend(made.rise(0.08, 0.6, 5.0), skin, shine))
