"""Dandelion clocks: full, half blown away, or two of them."""

import math

from answers import answer, view
from materials import Material, plain
from mathutils import Vector
from shapes import ball, strands, tube
from stage import recipe


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
    return answer(["white", "green"], "plant", params, view(rng, 5, 12, 25))


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
