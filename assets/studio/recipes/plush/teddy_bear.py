"""A teddy bear, sitting."""

from answers import answer, view
from mathutils import Matrix
from stage import recipe

from recipes.plush.features import eye, nose, ribbon, smile
from recipes.plush.fur import Coat, grow, patches, shorter
from recipes.plush.stuffing import blob, limb, stuff, tilted


@recipe("teddy bear", kind="animal")
def teddy_bear(rng, variant):
    main, pale, bow = [
        ("brown", "cream", None),
        ("white", "light pink", "red"),
        ("pink", "white", None),
        ("gray", "white", "blue"),
        ("light blue", "white", None),
        ("dark brown", "light brown", "green"),
        ("cream", "white", "purple"),
    ][variant % 7]
    fat, spread = rng.uniform(0.94, 1.08), rng.uniform(0.4, 0.48)
    coat = Coat(length=rng.uniform(0.085, 0.12))
    waves = variant % 3 == 1

    here = Matrix()
    body = [blob((0, 0.02, 0.56), (0.41 * fat, 0.36 * fat, 0.52))]
    soles = []
    for side in (-1, 1):
        shoulder = (side * 0.35, 0, 0.86, 0.14)
        if waves and side == 1:
            body += limb(shoulder, (0.6, -0.1, 0.95, 0.135), (0.74, -0.16, 1.22, 0.15))
        else:
            hand = (side * rng.uniform(0.5, 0.64), -0.3, 0.45, 0.15)
            body += limb(shoulder, (side * 0.54, -0.1, 0.66, 0.135), hand)
        body += limb((side * 0.22, -0.05, 0.21, 0.19), (side * spread, -0.62, 0.18, 0.165))
        body.append(blob((side * spread, -0.66, 0.25), (0.19, 0.13, 0.25), (-12, 0, 0)))
        soles.append((side * spread, -0.85, 0.24))
    paint = patches(
        main,
        ((0, -0.42, 0.55), (0.26, 0.24, 0.33), pale),
        *((sole, (0.14, 0.14, 0.19), pale) for sole in soles),
    )
    grow(stuff(body, here), coat, paint, rng, shorter(*((sole, 0.17, 0.35) for sole in soles)))

    head = tilted((0, 0, 1), rng.uniform(-3, 4), rng.uniform(-9, 9), rng.uniform(-10, 10))
    eyes = [(side * 0.155, -0.375, 1.42) for side in (-1, 1)]
    ears = [blob((s * 0.32, 0, 1.66), (0.165, 0.085, 0.165), (0, s * 25, 0)) for s in (-1, 1)]
    inner = [(side * 0.325, -0.1, 1.67) for side in (-1, 1)]
    parts = [blob((0, 0, 1.36), (0.43, 0.38, 0.37)), blob((0, -0.34, 1.24), (0.2, 0.17, 0.15))]
    paint = patches(
        main,
        ((0, -0.43, 1.24), (0.24, 0.22, 0.19), pale),
        *((place, (0.105, 0.06, 0.105), pale) for place in inner),
    )
    trim = shorter(
        ((0, -0.46, 1.25), 0.24, 0.33),
        *((place, 0.1, 0.15) for place in eyes),
        *((place, 0.1, 0.45) for place in inner),
    )
    grow(stuff([*parts, *ears], head), coat, paint, rng, trim)
    for place in eyes:
        eye(place, 0.055, head)
    nose((0, -0.525, 1.315), (0.075, 0.05, 0.052), head)
    smile(0, -0.535, 1.205, 0.085, head)
    if bow:
        ribbon((0, -0.44, 0.97), 0.24, tilted((0, 0, 1), 8, 0, 0), bow)
    colors = [main, "beige" if pale == "cream" else pale] + ([bow] if bow else [])
    colors[0] = "beige" if main == "cream" else main
    params = {"fat": fat, "fur": coat.length, "waves": waves, "bow": bool(bow)}
    return answer(colors, "plush", params, view(rng, 6, 18))
