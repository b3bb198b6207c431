"""A plush duck; the brown one is a mallard."""

from answers import answer, view
from materials import Material
from stage import recipe

from recipes.plush.features import eye, webbed
from recipes.plush.fur import Coat, dye, grow, patches, shorter
from recipes.plush.stuffing import blob, limb, stuff, tilted, turned


@recipe("duck", kind="animal")
def duck(rng, variant):
    main, wing, bill = [
        ("white", "white", "orange"),
        ("yellow", "light yellow", "orange"),
        ("brown", "light brown", "yellow"),
        ("light gray", "white", "orange"),
        ("light blue", "white", "orange"),
        ("pink", "white", "yellow"),
    ][variant % 6]
    fat = rng.uniform(0.94, 1.06)
    yaw = rng.choice((-1, 1)) * rng.uniform(32, 52)
    here = turned(yaw)
    coat = Coat(length=0.08, density=36000, lay=0.7, frizz=0.45, clump=0.4)
    horn = Material("bill", dye(bill), 0.42)
    body = [blob((0, 0.08, 0.52), (0.36 * fat, 0.5 * fat, 0.33), (-10, 0, 0))]
    body += limb((0, 0.42, 0.6, 0.2), (0, 0.62, 0.76, 0.1), (0, 0.7, 0.9, 0.03))
    body += limb((0, -0.26, 0.66, 0.22), (0, -0.34, 0.9, 0.17), (0, -0.34, 1.05, 0.16))
    collar = []
    if main == "brown":  # a mallard: green head, white collar
        collar = [
            ((0, -0.34, 0.98), (0.3, 0.3, 0.09), "white"),
            ((0, -0.34, 1.16), (0.3, 0.3, 0.12), "green"),
        ]
    grow(stuff(body, here), coat, patches(main, *collar), rng)
    wings = []
    for side in (-1, 1):
        wings.append(
            blob((side * 0.35 * fat, 0.14, 0.58), (0.075, 0.34, 0.2), (-16, side * 8, side * 6))
        )
        wings.append(blob((side * 0.33 * fat, 0.4, 0.68), (0.05, 0.18, 0.09), (-30, 0, side * 6)))
    grow(stuff(wings, here), coat, wing, rng)

    head = here @ tilted((0, -0.34, 1), rng.uniform(-4, 6), rng.uniform(-8, 8), -0.4 * yaw)
    parts = [
        blob((0, -0.38, 1.2), (0.235, 0.25, 0.23)),
        *limb((0, -0.33, 1.41, 0.05), (0.02, -0.25, 1.5, 0.012)),
    ]
    eyes = [(side * 0.165, -0.53, 1.26) for side in (-1, 1)]
    trim = shorter(*((place, 0.065, 0.2) for place in eyes), ((0, -0.62, 1.16), 0.12, 0.4))
    grow(stuff(parts, head), coat, "green" if collar else main, rng, trim)
    for place in eyes:
        eye(place, 0.045, head)
    for lift, length in ((0.016, 1.0), (-0.024, 0.86)):  # a flat bill, broad at its end
        joints = (0, -0.56, 1.15 + lift, 0.085), (0, -0.7, 1.12 + lift * 1.3, 0.09)
        joints += ((0, -0.7 - 0.14 * length, 1.12 + lift * 1.6, 0.085 * length),)
        skin = stuff(limb(*joints, flat=(1, 0.8, 0.3)), head, 4, 0.008)
        skin.data.materials.append(horn.material)
    for side in (-1, 1):
        webbed(side * 0.16, 0.02, here, horn, 1.1, web=True)
    colors = [main, *(["green"] if collar else []), bill]
    return answer(colors, "plush", {"fat": fat, "yaw": yaw}, view(rng, 6, 18, 6))
