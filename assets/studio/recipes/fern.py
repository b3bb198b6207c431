"""A fern: one frond, or a plant in a pot."""

import math

from answers import answer, view
from materials import Material, plain
from mathutils import Vector
from shapes import lathe, mesh, strands
from stage import recipe


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
        return answer(words, "plant", params, view(rng, 10, 16, 25), lies=False)
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
