"""A mug of glazed clay: plain, dotted or striped."""

import math

from answers import solid
from materials import ceramic
from shapes import lathe, tube
from stage import recipe


@recipe("mug")
def mug(rng, variant):
    color, pattern, accent = [
        ("red", "plain", None),
        ("light blue", "dotted", "white"),
        ("yellow", "plain", None),
        ("white", "striped", "blue"),
        ("green", "plain", None),
        ("black", "plain", None),
        ("pink", "dotted", "white"),
    ][variant % 7]
    height, r = rng.uniform(0.95, 1.15), rng.uniform(0.42, 0.5)
    lip, t = r + rng.uniform(-0.02, 0.05), 0.05
    body = ceramic(color)
    if pattern == "dotted":
        body.dots(color, accent, 14, 5.2, 0.24)
    elif pattern == "striped":
        body.stripes(color, accent, "z", 5 / height, 0.55)
    outside = [(0, 0.02), (r * 0.7, 0.02), (r * 0.78, 0.0), (r * 0.9, 0.0), (r * 0.98, 0.05)]
    outside += [(r, 0.14), (r, height * 0.6), (lip, height - 0.03), (lip - 0.01, height)]
    inside = [(lip - t + 0.01, height), (lip - t, height - 0.03), (r - t, height * 0.6)]
    inside += [(r - t, 0.2), (r - t * 2, 0.11), (r * 0.5, 0.09), (0, 0.09)]
    lathe(outside + inside, body)
    turn, reach = rng.uniform(-0.45, 0.1), rng.uniform(0.3, 0.38)
    side = [(r - 0.03, 0.82), (r + reach * 0.7, 0.84), (r + reach, 0.6), (r + reach * 0.75, 0.34)]
    side += [(r - 0.03, 0.22)]
    handle = [(x * math.cos(turn), x * math.sin(turn), z * height) for x, z in side]
    tube(handle, [0.068, 0.058, 0.056, 0.058, 0.07], ceramic(color))
    return solid(rng, [color, accent], "ceramic", pattern, 12, 22, 15, height=height, radius=r)
