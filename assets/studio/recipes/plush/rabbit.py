"""A plush rabbit."""

from answers import answer, view
from mathutils import Matrix
from stage import recipe

from recipes.plush.features import eye, nose, smile, whiskers
from recipes.plush.fur import Coat, grow, patches, shorter
from recipes.plush.stuffing import blob, limb, stuff, tilted


@recipe("rabbit", kind="animal")
def rabbit(rng, variant):
    main, pale = [
        ("white", "light pink"),
        ("light brown", "white"),
        ("gray", "light pink"),
        ("pink", "white"),
        ("brown", "cream"),
        ("light blue", "white"),
        ("black", "light pink"),
    ][variant % 7]
    coat = Coat(length=rng.uniform(0.075, 0.1))
    lop, ear = variant % 3 == 1, rng.uniform(0.36, 0.46)
    here = Matrix()
    body = [blob((0, 0.02, 0.44), (0.37, 0.34, 0.45)), blob((0, 0.38, 0.2), 0.15)]
    for side in (-1, 1):
        body.append(blob((side * 0.26, -0.36, 0.11), (0.14, 0.28, 0.115), (0, 0, side * 12)))
        hand = (side * rng.uniform(0.12, 0.2), -0.4, rng.uniform(0.5, 0.58), 0.1)
        body += limb((side * 0.28, -0.06, 0.74, 0.11), (side * 0.31, -0.25, 0.6, 0.1), hand)
    paint = patches(main, ((0, -0.34, 0.38), (0.22, 0.2, 0.28), "white"))
    grow(stuff(body, here), coat, paint, rng)

    head = tilted((0, 0, 0.85), rng.uniform(-3, 4), rng.uniform(-8, 8), rng.uniform(-10, 10))
    parts = [blob((0, -0.04, 1.12), (0.34, 0.31, 0.31))]
    parts += [blob((side * 0.11, -0.27, 1.04), (0.15, 0.12, 0.12)) for side in (-1, 1)]
    inner = []
    for side in (-1, 1):
        if lop and (side == 1 or variant % 2 == 0):
            joints = (side * 0.15, 0, 1.36, 0.09), (side * 0.36, -0.03, 1.6, 0.12)
            joints += (side * 0.56, -0.08, 1.38, 0.13), (side * 0.58, -0.1, 1.16, 0.09)
            parts += limb(*joints, flat=(1, 0.55, 1))
        else:
            top = 1.36 + 1.75 * ear
            joints = (side * 0.14, 0, 1.34, 0.085), (side * 0.18, 0.02, 1.36 + ear, 0.135)
            joints += ((side * 0.24, 0.02, top, 0.06),)
            parts += limb(*joints, flat=(1, 0.5, 1))
            inner.append(((side * 0.18, -0.07, 1.36 + ear), (0.085, 0.055, 0.9 * ear), pale))
    eyes = [(side * 0.17, -0.295, 1.18) for side in (-1, 1)]
    paint = patches(main, ((0, -0.38, 1.02), (0.22, 0.16, 0.13), "white"), *inner)
    trim = shorter(
        ((0, -0.36, 1.04), 0.2, 0.45),
        *((place, 0.1, 0.15) for place in eyes),
        *(((x, y, z + dz), 0.09, 0.4) for (x, y, z), _, _ in inner for dz in (-0.15, 0, 0.15)),
    )
    grow(stuff(parts, head), coat, paint, rng, trim)
    for place in eyes:
        eye(place, 0.055, head)
    nose((0, -0.4, 1.09), (0.045, 0.03, 0.032), head, (0.75, 0.22, 0.26))
    smile(0, -0.415, 1.02, 0.06, head, 0.04)
    whiskers(0.13, -0.4, 1.04, 0.34, head, rng, "white" if main != "white" else "gray")
    second = "pink" if pale == "light pink" else "beige" if pale == "cream" else pale
    params = {"fur": coat.length, "ears": ear, "lop": lop}
    return answer([main, second], "plush", params, view(rng, 6, 18))
