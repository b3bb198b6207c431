"""An empty birdcage of wire, with a swing in it: under a dome, or a roof like a pagoda's."""

import math

from answers import answer, view
from materials import GOLD, Material, metal, wood
from shapes import ball, spline, strands, tube, turned
from stage import recipe

LOOKS = (  # colour, form of the roof, colour of the tray
    ("yellow", "dome", "yellow"),
    ("white", "pagoda", "white"),
    ("black", "dome", "red"),
    ("light blue", "pagoda", "white"),
    ("gray", "dome", "light brown"),
    ("green", "pagoda", "yellow"),
    ("pink", "dome", "pink"),
    ("red", "pagoda", "black"),
    ("white", "dome", "blue"),
)
ROOFS = {  # radius and height, in parts of the wall's radius, from the wall's top
    "dome": ((1, 0), (0.97, 0.3), (0.86, 0.56), (0.66, 0.79), (0.38, 0.94), (0.06, 1.0)),
    "pagoda": ((1, 0), (1.12, 0.06), (0.82, 0.22), (0.52, 0.46), (0.28, 0.78), (0.06, 1.2)),
}


@recipe("birdcage")
def birdcage(rng, variant):
    color, form, tray = LOOKS[variant % len(LOOKS)]
    wire, base = lacquer(color), lacquer(tray)
    r, wall = rng.uniform(0.46, 0.52), rng.uniform(0.62, 0.78)
    low, count = 0.14, rng.choice((24, 28, 32))
    top = low + wall
    roof = [(r * x, top + r * z) for x, z in ROOFS[form]]
    peak = roof[-1][1]
    lines = []
    for k in range(count):
        a = math.tau * k / count
        profile = [(r, low), (r, low), (r, top), *roof]
        lines.append([(x * math.cos(a), x * math.sin(a), z) for x, z in spline(profile, 4)])
    strands(lines, 0.008, wire, taper=1.0)
    for z, x, thick in ((low + 0.02, r, 0.016), (low + wall * 0.5, r, 0.011), (top, r, 0.016)):
        hoop(x, z, thick, wire)
    hoop(roof[2][0], roof[2][1], 0.011, wire)
    hoop(roof[4][0], roof[4][1], 0.01, wire)
    tub = [(0, 0), (r * 0.9, 0), (r * 0.95, 0.015), (r * 1.02, 0.1), (r * 1.05, low)]
    tub += [(r * 1.03, low + 0.012), (r * 1.0, low), (r * 0.97, 0.06), (0, 0.05)]
    turned(tub, base)
    for k in range(4):
        a = math.pi / 4 + math.pi / 2 * k
        ball(0.045, at=(r * 0.8 * math.cos(a), r * 0.8 * math.sin(a), 0.0), material=base, detail=3)
    crown = [(0, peak - 0.03), (0.06, peak - 0.02), (0.075, peak), (0.04, peak + 0.04)]
    crown.append((0, peak + 0.06))
    turned(crown, wire)
    ring = [(0.085 * math.cos(a), 0, peak + 0.14 + 0.085 * math.sin(a)) for a in turns(20)]
    tube(ring, 0.014, wire, closed=True)
    perches(rng, r, low, top, peak, wire)
    door(r, low, wall, wire)
    words = list(dict.fromkeys([color, tray]))
    return answer(words, "metal", {"form": form, "wires": count}, view(rng, 6, 13, 25))


def lacquer(color):
    if color in ("yellow", "gray"):
        return metal(GOLD if color == "yellow" else (0.70, 0.71, 0.73), roughness=0.2)
    if color == "light brown":
        return wood((0.50, 0.27, 0.10), (0.30, 0.13, 0.045), axis="x", scale=3)
    return Material("lacquer", color, 0.3, coat_weight=0.7)


def hoop(r, z, thick, wire):
    ring = [(r * math.cos(a), r * math.sin(a), z) for a in turns(36)]
    tube(ring, thick, wire, closed=True)


def perches(rng, r, low, top, peak, wire):
    """A rod from side to side, and a swing that hangs from the crown."""
    timber = wood((0.56, 0.32, 0.13), (0.36, 0.17, 0.06), axis="x", scale=6)
    z = low + (top - low) * 0.3
    tube([(-r, 0.1, z), (r, 0.1, z)], 0.018, timber)
    half, sway = 0.15, rng.uniform(-0.08, 0.08)
    seat = low + (top - low) * 0.72
    lines = [[(side * 0.02, 0, peak - 0.02), (sway + side * half, 0, seat)] for side in (-1, 1)]
    strands(lines, 0.006, wire, taper=1.0)
    tube([(sway - half - 0.03, 0, seat), (sway + half + 0.03, 0, seat)], 0.018, timber)


def door(r, low, wall, wire):
    """A frame on the front, arched at its top, with bars of its own."""
    half, high = 0.42, wall * 0.72
    frame = [(-half, 0.04), (-half, high * 0.75), (-half * 0.6, high * 0.95), (0, high)]
    frame += [(-x, z) for x, z in reversed(frame[:-1])]

    def on(a, z):
        a -= math.pi / 2
        return ((r + 0.012) * math.cos(a), (r + 0.012) * math.sin(a), low + z)

    tube([on(a, z) for a, z in [*frame, frame[0]]], 0.013, wire)
    ball(0.025, at=on(half * 0.8, high * 0.4), material=wire, detail=3)


def turns(count):
    return [math.tau * k / count for k in range(count)]
