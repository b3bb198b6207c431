"""A wrapped box with a ribbon and a bow."""

import math

from answers import solid
from materials import Material
from shapes import ball, box, sweep
from stage import recipe


@recipe("gift box")
def gift_box(rng, variant):
    color, ribbon, pattern = [
        ("red", "yellow", "plain"),
        ("light blue", "white", "dotted"),
        ("green", "red", "striped"),
        ("pink", "purple", "plain"),
        ("white", "blue", "dotted"),
        ("purple", "yellow", "striped"),
        ("black", "red", "plain"),
    ][variant % 7]
    wide, high = rng.uniform(0.95, 1.15), rng.uniform(0.65, 1.0)
    wrap = Material("wrap", color, 0.35, coat_weight=0.3).grain(5, 0.12)
    spot = {"light blue": "white", "green": "white", "white": "light blue"}.get(color, ribbon)
    if pattern != "plain":
        across = wrap.math("ADD", wrap.axis("x"), wrap.axis("y"))
        if pattern == "dotted":
            u, v = (wrap.math("MULTIPLY", s, 6.5) for s in (across, wrap.axis("z")))
            wrap.polka(color, spot, u, v, 0.24)
        else:
            slant = wrap.math("ADD", across, wrap.axis("z"))
            wave = wrap.math("FRACT", wrap.math("MULTIPLY", slant, 4.0))
            wrap.color(wrap.ramp(wave, [(0, color), (0.72, spot)], constant=True))
    lid = Material("lid", color, 0.35, coat_weight=0.3).grain(5, 0.1)
    box((wide, wide, high), (0, 0, high / 2), wrap, 0.015)
    box((wide + 0.08, wide + 0.08, 0.24), (0, 0, high), lid, 0.02)
    satin = Material("satin", ribbon, 0.28, sheen_weight=0.4, anisotropic=0.5).grain(4, 0.1)
    top, band = high + 0.125, 0.17
    for size in ((band, wide + 0.02), (wide + 0.02, band)):
        box((*size, high - 0.06), (0, 0, high / 2 - 0.02), satin, 0.006)
        box(
            (size[0] + 0.08 * (size[0] > band), size[1] + 0.08 * (size[1] > band), 0.256),
            (0, 0, high),
            satin,
            0.008,
        )
    bow(rng, satin, top)
    return solid(rng, [color, ribbon], "paper", pattern, 14, 22, width=wide, height=high)


def bow(rng, satin, top):
    """Loops of a flat ribbon around a knot, and two tails."""

    def strip(x, y):
        return [(-x, -y), (x, -y), (x, y), (-x, y)]

    def loop(t):
        return strip(0.008, 0.075 + 0.03 * math.sin(math.pi * t))

    def tail(t):
        return strip(0.075, 0.008)

    loops = ((0.0, 1.0), (math.pi, 1.0), (0.75, 0.8), (math.pi + 0.75, 0.8))
    for k, (yaw, size) in enumerate(loops):
        yaw += rng.uniform(-0.1, 0.1)
        path = []
        for j in range(21):
            a = math.tau * j / 20
            out = 0.27 * size * (1 - math.cos(a))
            lift = 0.03 + 0.2 * size * math.sin(a) * (1 if a < math.pi else 0.25) + 0.22 * out
            path.append((out * math.cos(yaw), out * math.sin(yaw), top + lift + 0.02 * k))
        up = (-math.sin(yaw), math.cos(yaw), 0)
        sweep(path, loop, satin, up=up, subdivide=2)
    for yaw in (-1.05, -2.2):
        path = []
        for j in range(9):
            t = j / 8
            wave = 0.05 * math.sin(5 * t)
            x, y = 0.5 * t * math.cos(yaw), 0.5 * t * math.sin(yaw)
            path.append((x, y, top + 0.06 + wave * (1 - t)))
        sweep(path, tail, satin, subdivide=2)
    ball(0.1, (1, 1, 0.8), (0, 0, top + 0.1), satin)
