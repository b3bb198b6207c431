"""A teapot of glazed clay, of cast iron, or of glass with tea in it."""

import math

from answers import answer, solid, view
from materials import Material, ceramic, wood
from shapes import ball, tube, turned
from stage import recipe
from veil import TINTS, glass, smooth_alpha

LOOKS = (  # colour, pattern, second colour, what it is made of
    ("red", "plain", None, "ceramic"),
    ("light blue", "dotted", "white", "ceramic"),
    ("white", "striped", "blue", "ceramic"),
    ("black", "plain", "brown", "metal"),
    ("orange", "plain", None, "glass"),
    ("yellow", "dotted", "red", "ceramic"),
    ("green", "plain", None, "ceramic"),
    ("brown", "plain", None, "clay"),
    ("pink", "striped", "white", "ceramic"),
)


@recipe("teapot")
def teapot(rng, variant):
    color, pattern, accent, made_of = LOOKS[variant % len(LOOKS)]
    wide, high = rng.uniform(0.5, 0.58), rng.uniform(0.72, 0.84)
    round_, side = rng.uniform(0.45, 0.55), rng.choice((-1, 1))
    outside = [(0, 0.02), (wide * 0.55, 0.0), (wide * 0.62, 0.02), (wide * 0.86, high * 0.2)]
    outside += [(wide, high * round_), (wide * 0.83, high * 0.84), (wide * 0.5, high)]
    if made_of == "glass":
        smooth_alpha()
        body = trim = handle = glass(TINTS["clear"][1], 0.1)
        tea(wide, high, round_)
    else:
        body, trim, handle = matter(color, pattern, accent, made_of, wide, high)
    turned([*outside, (wide * 0.42, high + 0.01), (0, high + 0.01)], body)
    lid = [(wide * 0.53, 0), (wide * 0.53, 0), (wide * 0.54, 0.025), (wide * 0.46, 0.07)]
    lid += [(wide * 0.2, 0.115), (0, 0.12)]
    turned([(0, high), *((r, z + high) for r, z in lid)], trim)
    tube([(0, 0, high + 0.1), (0, 0, high + 0.16)], 0.035, trim)
    ball(0.075, (1, 1, 0.85), (0, 0, high + 0.19), trim)

    spout = [(0.6, 0.3), (1.2, 0.46), (1.42, 0.82), (1.66, 1.02)]
    spout = [(side * wide * x, 0, high * z) for x, z in spout]
    tube(spout, [0.15, 0.12, 0.075, 0.056], trim)
    if made_of != "glass":
        out = (side * (wide * 1.66 + 0.0015), 0, high * 1.02 + 0.001)
        tube([spout[-1], out], 0.042, Material("hole", (0.01, 0.008, 0.006), 0.9))
    if made_of == "metal":  # a bail over the lid, wound with cane
        arch = [(a, wide * 0.72 * math.cos(a), 0.6 * math.sin(a)) for a in (0, 0.5, 1.1, 1.57)]
        arch = [(x, z) for _, x, z in arch] + [(-x, z) for _, x, z in reversed(arch[:-1])]
        tube([(x, 0, high * 0.86 + z) for x, z in arch], 0.026, trim)
        top = [(x, 0, high * 0.86 + z) for x, z in arch if z > 0.5]
        tube(top, 0.042, handle)
    else:
        ear = [(0.82, 0.8), (1.2, 0.98), (1.5, 0.72), (1.38, 0.36), (0.9, 0.22)]
        ear = [(-side * wide * x, 0, high * z) for x, z in ear]
        tube(ear, [0.055, 0.048, 0.045, 0.042, 0.05], handle)
    words = [w for w in (color, accent) if w]
    if made_of == "glass":
        held = {"contents": [{"type": "tea", "color": color}]}
        params = {"width": wide, "height": high}
        return answer(["white"], "glass", params, view(rng, 8, 14, 12), transparent=True, **held)
    return solid(rng, words, made_of, pattern, 9, 17, 14, width=wide, height=high)


def matter(color, pattern, accent, made_of, wide, high):
    """What body, lid and handle are made of."""
    if made_of == "metal":
        iron = Material("iron", (0.02, 0.02, 0.022), 0.45, metallic=0.6).grain(70, 0.15)
        knobs = Material("knobbed iron", (0.02, 0.02, 0.022), 0.4, metallic=0.6)
        u, v = knobs.wrapped(30, 16)
        u, v = (knobs.math("SUBTRACT", knobs.math("FRACT", s), 0.5) for s in (u, v))
        squares = (knobs.math("MULTIPLY", s, s) for s in (u, v))
        knobs.bump(knobs.math("SUBTRACT", 0.2, knobs.math("ADD", *squares)), 1.0, 0.06)
        return knobs, iron, wood((0.36, 0.16, 0.05), (0.12, 0.05, 0.02), axis="x", scale=9)
    if made_of == "clay":
        made = Material("clay", (0.20, 0.06, 0.026), 0.55).grain(90, 0.06)
        made.bump(made.math("SINE", made.math("MULTIPLY", made.axis("z"), 130.0)), 0.08, 0.01)
        return made, made, made
    body, trim = ceramic(color), ceramic(color)
    if pattern == "dotted":
        body.dots(color, accent, 14, 5.5, 0.25)
        trim = ceramic(accent)
    elif pattern == "striped":
        body.stripes(color, accent, "z", 4.5 / high, 0.6)
        trim = ceramic(accent)
    return body, trim, trim


def tea(wide, high, round_):
    level, gap = high * 0.62, 0.014
    side = [(wide * 0.55, gap), (wide * 0.84, high * 0.2), (wide - gap, high * round_)]
    side.append((wide * 0.96 - gap, level))
    surface = [(wide * 0.96 - gap, level), (wide * 0.9, level - 0.006), (0, level - 0.006)]
    amber = glass((0.95, 0.24, 0.0), 0.82, edge=0.96, dark=0.5, glow=1.1)
    turned([(0, gap), *side, *surface], amber, steps=3)
