"""A light bulb: clear and lit, tinted or frosted."""

import math

from answers import answer, view
from materials import metal, plain
from shapes import spline, tube, turned
from stage import recipe
from veil import TINTS, Veil, glass, smooth_alpha


@recipe("light bulb")
def light_bulb(rng, variant):
    smooth_alpha()
    kind = ("clear", "amber", "blue", "frosted", "green", "red", "pink", "purple")[variant % 8]
    word, color, _ = TINTS["clear" if kind == "frosted" else kind]
    r, tall, base = rng.uniform(0.40, 0.46), 1.0 + 0.2 * (kind == "amber"), 0.42
    pear = [(0.20, 0.0), (0.205, 0.05), (0.24, 0.17), (0.34, 0.36), (r, 0.62), (r * 0.93, 0.83)]
    pear += [(r * 0.68, 0.97), (r * 0.35, 1.045), (0, 1.065)]
    frost = kind == "frosted"
    shell = glass(color, 0.05 if kind == "clear" else 0.2, edge=0.8)
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
    return answer([word], "glass", params, view(rng, 5, 10), transparent=not frost)


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
