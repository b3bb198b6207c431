"""A bell: a hand bell with a handle of wood, or a cow bell on a strap."""

import math

from answers import solid
from materials import GOLD, Material, metal, wood
from mathutils import Matrix
from shapes import ball, sweep, tilt, tube, turned
from stage import recipe

LOOKS = (  # colour, second colour, form
    ("yellow", "brown", "hand"),
    ("gray", "red", "cow"),
    ("orange", "black", "hand"),
    ("brown", "yellow", "cow"),
    ("red", "white", "hand"),
    ("blue", "yellow", "hand"),
    ("yellow", "green", "cow"),
    ("gray", "light brown", "hand"),
    ("black", "red", "hand"),
)
METALS = {
    "yellow": (GOLD, 0.16),
    "gray": ((0.72, 0.73, 0.75), 0.16),
    "orange": ((0.82, 0.30, 0.12), 0.2),
    "brown": ((0.24, 0.11, 0.045), 0.35),
}
TIMBER = {
    "brown": ((0.26, 0.10, 0.035), (0.11, 0.04, 0.016)),
    "light brown": ((0.52, 0.28, 0.11), (0.32, 0.14, 0.05)),
}


@recipe("bell")
def bell(rng, variant):
    color, accent, form = LOOKS[variant % len(LOOKS)]
    if color in METALS:
        skin = metal(METALS[color][0], roughness=METALS[color][1])
    else:
        skin = Material("enamel", color, 0.22, coat_weight=1.0, coat_roughness=0.05)
    things = hand(rng, skin, accent) if form == "hand" else cow(rng, skin, accent)
    lean = Matrix.Rotation(rng.choice((-1, 1)) * rng.uniform(0.0, 0.06), 3, "Y")
    tilt(things, lean)
    return solid(rng, [color, accent], "metal", "plain", 4, 11, 25, form=form)


def hand(rng, skin, accent):
    """A flared skirt with beads round it, a brass collar, a turned handle."""
    r, high = rng.uniform(0.48, 0.54), rng.uniform(0.68, 0.78)
    out = [(r, 0), (r + 0.015, 0.015), (r, 0.04), (r * 0.86, 0.12), (r * 0.68, high * 0.4)]
    out += [(r * 0.6, high * 0.7), (r * 0.5, high * 0.9), (r * 0.3, high), (0, high + 0.02)]
    wall = [(max(x - 0.03, 0), z - 0.02) for x, z in reversed(out[2:])]
    things = [turned([*wall, (r - 0.02, 0.0), *out], skin)]
    for x, z in ((0.87, 0.115), (0.685, high * 0.4), (0.51, high * 0.89)):
        ring = [(r * x * math.cos(a), r * x * math.sin(a), z) for a in turns(32)]
        things.append(tube(ring, 0.013, skin, closed=True))
    things.append(ball(0.085, at=(0.06, -0.05, 0.04), material=metal((0.3, 0.3, 0.3))))
    brass = metal(GOLD, roughness=0.18)
    collar = [(0, 0), (0.14, 0), (0.15, 0.03), (0.09, 0.06), (0.085, 0.1), (0.11, 0.12), (0, 0.13)]
    things.append(turned([(x, z + high) for x, z in collar], brass))
    grip = wood(*TIMBER[accent], axis="z", scale=5) if accent in TIMBER else varnish(accent)
    long, low = rng.uniform(0.62, 0.75), high + 0.12
    shape = [(0, 0), (0.075, 0), (0.085, 0.06), (0.06, 0.14), (0.075, 0.3), (0.105, 0.55)]
    shape += [(0.095, 0.72), (0.055, 0.8), (0.05, 0.83), (0.1, 0.87), (0.11, 0.93), (0.06, 1)]
    shape.append((0, 1))
    things.append(turned([(x, low + z * long) for x, z in shape], grip))
    return things


def cow(rng, skin, accent):
    """A folded body, broader than deep, with a hoop that a strap goes through."""
    wide, deep, high = rng.uniform(0.42, 0.48), 0.3, rng.uniform(0.8, 0.9)

    def fold(angle, radius, z):
        squared = (abs(math.cos(angle)) ** 4 + abs(math.sin(angle)) ** 4) ** -0.25
        return radius * squared, z

    out = [(1, 0), (1.03, 0.015), (1.0, 0.04), (0.95, 0.2), (0.8, 0.7), (0.72, 0.9), (0.6, 0.98)]
    wall = [(x - 0.05, z - 0.02) for x, z in reversed(out[2:])]
    profile = [(0, 0.95), *wall, (0.97, 0.0), *out, (0.3, 1.0), (0, 1.0)]
    body = turned(profile, skin, fold)
    for vertex in body.data.vertices:
        x, y, z = vertex.co
        vertex.co = (x * wide, y * deep, z * high)
    things = [body]
    for side in (-1, 1):  # rivets down the seams
        for k in range(4):
            z = 0.15 + 0.22 * k
            x = wide * (0.99 - 0.27 * z)
            things.append(ball(0.025, at=(side * x, -0.02, z * high), material=skin, detail=3))
    things.append(ball(0.07, at=(0.05, -0.03, 0.03), material=metal((0.3, 0.3, 0.3))))
    hoop = [(-0.17, high - 0.03), (-0.16, high + 0.1), (0, high + 0.16), (0.16, high + 0.1)]
    hoop.append((0.17, high - 0.03))
    things.append(tube([(x, 0, z) for x, z in hoop], 0.028, metal((0.5, 0.5, 0.5))))
    leather = Material("leather", accent, 0.5, coat_weight=0.2).grain(50, 0.25)
    strap, rise = [], rng.uniform(0.5, 0.62)
    for a in turns(40):
        z = high + 0.1 + rise * (0.5 - 0.5 * math.cos(a)) + 0.08 * math.sin(a) ** 2
        strap.append((0.44 * math.sin(a), -0.03 * math.sin(2 * a), z))

    def section(t):
        return [(-0.014, -0.09), (0.014, -0.09), (0.014, 0.09), (-0.014, 0.09)]

    things.append(sweep(strap, section, leather, up=(0, 1, 0), closed=True, subdivide=2))
    return things


def varnish(color):
    return Material("varnish", color, 0.3, coat_weight=0.8)


def turns(count):
    return [math.tau * k / count for k in range(count)]
