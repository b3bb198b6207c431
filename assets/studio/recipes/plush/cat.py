"""A plush cat, sitting: plain, tabby or with points."""

from __future__ import annotations

import numpy as np
from answers import answer, view
from stage import recipe

from recipes.plush.features import eye, nose, smile, whiskers
from recipes.plush.fur import Coat, Paint, dye, grow, patches, shorter
from recipes.plush.stuffing import blob, limb, stuff, tilted, turned


def tabby(main, dark, dice: np.random.Generator) -> Paint:
    """Stripes that wander, across the back and around legs and tail."""
    drift = dice.uniform(0, 6)

    def paint(p):
        x, y, z = p.T
        wave = np.sin(34 * z + 12 * np.abs(x) + 14 * y + 1.6 * np.sin(6 * x + 5 * y + drift))
        mix = np.clip(2.6 * wave - 0.8, 0, 1)[:, None] * 0.9
        return dye(main) * (1 - mix) + dye(dark) * mix

    return paint


@recipe("cat", kind="animal")
def cat(rng, variant):
    main, other, iris, style = [
        ("orange", "white", (0.30, 0.42, 0.05), "tabby"),
        ("gray", "white", (0.62, 0.36, 0.03), "plain"),
        ("black", "white", (0.42, 0.55, 0.06), "plain"),
        ("white", "light pink", (0.10, 0.36, 0.62), "plain"),
        ("light brown", "white", (0.22, 0.42, 0.12), "tabby"),
        ("beige", "dark brown", (0.10, 0.36, 0.62), "plain"),
        ("light gray", "white", (0.30, 0.42, 0.05), "tabby"),
    ][variant % 7]
    stripe = {"orange": (0.40, 0.075, 0.010), "light brown": (0.12, 0.05, 0.02)}
    base = main
    if style == "tabby":
        dice = np.random.default_rng(rng.getrandbits(32))
        base = tabby(main, stripe.get(main, (0.08, 0.08, 0.085)), dice)
    coat = Coat(length=rng.uniform(0.06, 0.085), density=38000, lay=0.6)
    side_of_tail = rng.choice((-1, 1))
    up = variant % 3 == 1
    here = turned(rng.uniform(-18, 18))

    body = [blob((0, 0.12, 0.42), (0.36, 0.38, 0.42)), blob((0, -0.04, 0.72), (0.27, 0.25, 0.36))]
    paws = []
    for side in (-1, 1):
        body += limb((side * 0.14, -0.14, 0.66, 0.14), (side * 0.14, -0.28, 0.12, 0.105))
        body.append(blob((side * 0.14, -0.36, 0.085), (0.105, 0.14, 0.085)))
        body.append(blob((side * 0.32, 0.02, 0.24), (0.17, 0.3, 0.24)))
        body.append(blob((side * 0.35, -0.24, 0.075), (0.1, 0.16, 0.08)))
        paws += [((side * 0.14, -0.4, 0.05), (0.16, 0.22, 0.17), other)]
    s = side_of_tail
    if up:
        tail = (0.1 * s, 0.45, 0.12, 0.09), (0.54 * s, 0.48, 0.2, 0.085)
        tail += (0.8 * s, 0.45, 0.55, 0.08), (0.72 * s, 0.42, 0.92, 0.075)
        tail += ((0.9 * s, 0.4, 1.16, 0.065),)
    else:
        tail = (0.1 * s, 0.45, 0.1, 0.1), (0.52 * s, 0.38, 0.1, 0.1), (0.68 * s, 0, 0.1, 0.1)
        tail += (0.6 * s, -0.36, 0.09, 0.095), (0.4 * s, -0.52, 0.09, 0.08)
    body += limb(*tail)
    bib = ((0, -0.36, 0.72), (0.2, 0.25, 0.3), other)
    spots = [] if main in ("white", "beige") else [bib, *paws]
    if main == "beige":  # points, as a Siamese has
        spots = [*paws, ((0.72 * s, tail[-1][1], tail[-1][2]), (0.4, 0.5, 0.4), other)]
    grow(stuff(body, here), coat, patches(base, *spots), rng)

    head = here @ tilted(
        (0, -0.05, 0.95), rng.uniform(-4, 4), rng.uniform(-9, 9), rng.uniform(-9, 9)
    )
    parts = [blob((0, -0.12, 1.24), (0.35, 0.3, 0.29))]
    parts += [blob((side * 0.17, -0.2, 1.14), (0.19, 0.16, 0.15)) for side in (-1, 1)]
    parts += [blob((side * 0.065, -0.41, 1.13), (0.09, 0.07, 0.07)) for side in (-1, 1)]
    inner = []
    for side in (-1, 1):
        joints = (side * 0.18, -0.06, 1.4, 0.15), (side * 0.24, -0.05, 1.55, 0.1)
        parts += limb(*joints, (side * 0.27, -0.04, 1.7, 0.03), flat=(1, 0.5, 1))
        inner.append(((side * 0.23, -0.13, 1.53), (0.085, 0.06, 0.13), "light pink"))
    eyes = [(side * 0.15, -0.365, 1.28) for side in (-1, 1)]
    mask = "white" if main == "white" else other
    faces = [((0, -0.46, 1.1), (0.18, 0.15, 0.12), mask)]
    if main == "beige":
        faces = [((0, -0.45, 1.18), (0.22, 0.16, 0.2), other)]
        faces += [((side * 0.24, 0, 1.58), (0.16, 0.2, 0.2), other) for side in (-1, 1)]
    trim = shorter(
        ((0, -0.45, 1.15), 0.17, 0.3),
        *((place, 0.1, 0.2) for place in eyes),
        *((place, 0.1, 0.45) for place, _, _ in inner),
    )
    grow(stuff(parts, head), coat, patches(base, *faces, *inner), rng, trim)
    for place in eyes:
        eye(place, 0.075, head, iris, slit=1.7)
    nose((0, -0.485, 1.185), (0.038, 0.025, 0.026), head, (0.62, 0.16, 0.18))
    smile(0, -0.49, 1.115, 0.07, head, 0.05)
    whiskers(0.1, -0.46, 1.13, 0.36, head, rng, "white" if main != "white" else "gray")
    colors = [main] if main == "white" else [main, other]
    params = {"fur": coat.length, "tail_up": up, "style": style}
    pattern = "striped" if style == "tabby" else "plain"
    return answer(colors, "plush", params, view(rng, 6, 18), pattern)
