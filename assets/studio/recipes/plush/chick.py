"""A plush chick."""

from answers import answer, view
from materials import Material
from stage import recipe

from recipes.plush.features import eye, webbed
from recipes.plush.fur import Coat, dye, grow, shorter
from recipes.plush.stuffing import blob, limb, stuff, tilted, turned

DOWN = Coat(length=0.1, density=42000, thickness=0.0024, lay=0.25, frizz=0.75, clump=0.3, tuft=14)


@recipe("chick", kind="animal")
def chick(rng, variant):
    main, beak = [
        ("yellow", "orange"),
        ("white", "orange"),
        ("pink", "yellow"),
        ("light brown", "orange"),
        ("light blue", "orange"),
        ("gray", "orange"),
    ][variant % 6]
    fat = rng.uniform(0.95, 1.08)
    here = turned(rng.uniform(-30, 30))
    horn = Material("beak", dye(beak), 0.45)
    body = [
        blob((0, 0.03, 0.55), (0.4 * fat, 0.42 * fat, 0.39)),
        blob((0, 0.4, 0.62), (0.12, 0.16, 0.1)),
    ]
    for side in (-1, 1):
        lift = rng.choice((0, 0, 35)) if variant % 3 else 0
        reach = (0.45 if lift else 0.4) * fat
        body.append(
            blob((side * reach, 0.06, 0.58), (0.08, 0.24, 0.16), (20, -side * lift, side * 8))
        )
    grow(stuff(body, here), DOWN, main, rng)
    look = tilted((0, -0.1, 0.8), rng.uniform(-6, 4), rng.uniform(-14, 14), rng.uniform(-14, 14))
    head = here @ look
    eyes = [(side * 0.15, -0.37, 1.1) for side in (-1, 1)]
    tuft = limb((0, -0.05, 1.28, 0.06), (0.02, -0.02, 1.4, 0.015))
    trim = shorter(*((place, 0.075, 0.2) for place in eyes), ((0, -0.42, 1.02), 0.09, 0.4))
    grow(stuff([blob((0, -0.12, 1.04), 0.29), *tuft], head), DOWN, main, rng, trim)
    for place in eyes:
        eye(place, 0.05, head)
    for lift, sag in ((0.012, 8), (-0.03, -12)):  # the two halves of the beak, a little open
        shape = limb(
            (0, -0.38, 1.02 + lift, 0.07), (0, -0.53, 1.0 + 1.6 * lift, 0.012), flat=(1, 1, 0.45)
        )
        skin = stuff(shape, head @ tilted((0, -0.38, 1.02), sag * 0.4, 0, 0), 4, 0.008)
        skin.data.materials.append(horn.material)
    for side in (-1, 1):
        webbed(side * 0.15, -0.05, here, horn)
    return answer([main, beak], "plush", {"fat": fat}, view(rng, 6, 18))
