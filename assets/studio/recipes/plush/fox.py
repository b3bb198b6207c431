"""A plush fox, sitting."""

from answers import answer, view
from stage import recipe

from recipes.plush.features import eye, nose, smile
from recipes.plush.fur import Coat, grow, patches, shorter
from recipes.plush.stuffing import blob, limb, stuff, tilted, turned


@recipe("fox", kind="animal")
def fox(rng, variant):
    main, pale, dark = [
        ("orange", "white", "black"),
        ("white", "white", "light gray"),
        ("gray", "white", "black"),
        ("red", "white", "black"),
        ("brown", "cream", "black"),
        ("light blue", "white", "dark blue"),
    ][variant % 6]
    dyed = (0.52, 0.07, 0.02) if main == "red" else main
    coat = Coat(length=rng.uniform(0.075, 0.1), density=36000, lay=0.55)
    brush = Coat(length=0.17, density=26000, lay=0.3, clump=0.5)
    yaw = rng.choice((-1, 1)) * rng.uniform(18, 34)
    here, s = turned(yaw), (1 if yaw > 0 else -1)

    body = [blob((0, 0.14, 0.4), (0.3, 0.36, 0.4)), blob((0, -0.06, 0.72), (0.24, 0.23, 0.36))]
    socks = []
    for side in (-1, 1):
        body += limb((side * 0.13, -0.16, 0.66, 0.12), (side * 0.13, -0.28, 0.12, 0.085))
        body.append(blob((side * 0.13, -0.35, 0.075), (0.09, 0.13, 0.075)))
        body.append(blob((side * 0.27, 0.04, 0.22), (0.15, 0.28, 0.22)))
        body.append(blob((side * 0.3, -0.22, 0.07), (0.085, 0.15, 0.075)))
        socks += [((side * 0.13, -0.34, 0.1), (0.14, 0.2, 0.23), dark)]
        socks += [((side * 0.32, -0.28, 0.05), (0.13, 0.16, 0.12), dark)]
    bib = ((0, -0.34, 0.72), (0.19, 0.22, 0.33), pale)
    grow(stuff(body, here), coat, patches(dyed, bib, *socks), rng)
    tip = (0.78 * s, 0.12, 0.95) if variant % 2 == 0 else (0.66 * s, -0.42, 0.16)
    joints = (0, 0.42, 0.14, 0.08), (0.42 * s, 0.42, 0.17, 0.13)
    if variant % 2 == 0:
        joints += (0.72 * s, 0.25, 0.42, 0.17), (0.74 * s, 0.16, 0.74, 0.13), (*tip, 0.04)
    else:
        joints += (0.68 * s, 0.22, 0.19, 0.16), (0.74 * s, -0.12, 0.18, 0.14), (*tip, 0.04)
    paint = patches(dyed, (tip, (0.26, 0.26, 0.26), pale))
    grow(stuff(limb(*joints), here), brush, paint, rng)

    look = tilted((0, -0.05, 0.95), rng.uniform(-3, 5), rng.uniform(-9, 9), -0.6 * yaw)
    head = here @ look
    parts = [blob((0, -0.12, 1.22), (0.32, 0.27, 0.26))]
    parts += [
        blob((side * 0.2, -0.15, 1.13), (0.18, 0.15, 0.13), (0, side * 25, 0)) for side in (-1, 1)
    ]
    parts += limb((0, -0.3, 1.14, 0.15), (0, -0.46, 1.1, 0.1), (0, -0.57, 1.085, 0.065))
    inner, tips, cheeks = [], [], []
    for side in (-1, 1):
        joints = (side * 0.18, -0.06, 1.38, 0.15), (side * 0.25, -0.05, 1.58, 0.11)
        parts += limb(*joints, (side * 0.29, -0.04, 1.78, 0.03), flat=(1, 0.5, 1))
        inner.append(((side * 0.235, -0.13, 1.55), (0.085, 0.06, 0.17), pale))
        tips.append(((side * 0.29, 0, 1.8), (0.2, 0.3, 0.15), dark))
        cheeks.append(((side * 0.24, -0.3, 1.06), (0.22, 0.24, 0.14), pale))
    snout = ((0, -0.5, 1.02), (0.14, 0.22, 0.085), pale)
    eyes = [(side * 0.135, -0.36, 1.265) for side in (-1, 1)]
    trim = shorter(
        ((0, -0.5, 1.1), 0.16, 0.3),
        *((place, 0.085, 0.2) for place in eyes),
        *((place, 0.1, 0.5) for place, _, _ in inner),
    )
    grow(stuff(parts, head), coat, patches(dyed, *cheeks, snout, *tips, *inner), rng, trim)
    for place in eyes:
        eye(place, 0.055, head, (0.42, 0.17, 0.03))
    nose((0, -0.635, 1.1), (0.05, 0.04, 0.04), head)
    smile(0, -0.6, 1.03, 0.05, head, 0.04)
    pale = "gray" if main == "white" else "beige" if pale == "cream" else pale
    colors = [main, pale]
    params = {"fur": coat.length, "yaw": yaw, "tail_up": variant % 2 == 0}
    return answer(colors, "plush", params, view(rng, 6, 18, 8))
