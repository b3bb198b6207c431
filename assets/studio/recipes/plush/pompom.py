"""A pompom of wound yarn."""

import numpy as np
from answers import answer, view
from materials import fabric
from mathutils import Matrix
from shapes import tube
from stage import recipe

from recipes.plush.fur import Coat, dye, grow, unit
from recipes.plush.stuffing import blob, stuff


@recipe("pompom")
def pompom(rng, variant):
    main, other = [
        ("red", "red"),
        ("light blue", "white"),
        ("yellow", "yellow"),
        ("pink", "white"),
        ("purple", "purple"),
        ("white", "white"),
        ("green", "yellow"),
    ][variant % 7]
    yarn = Coat(
        length=0.46, density=9500, thickness=0.017, lay=0.04, frizz=0.42, clump=0.2, tuft=5,
        curl=0.012, turns=3, uneven=0.14, points=14, mottle=0.2,
    )  # fmt: skip
    skin = stuff([blob((0, 0, 0.72), 0.3)], Matrix())
    dice = np.random.default_rng(rng.getrandbits(32))
    axis = unit(dice.normal(0, 1, 3))

    def wound(p):  # yarns of several colours lie in layers, as they were wound
        layer = np.sin(14 * ((p - (0, 0, 0.72)) @ axis)) > 0
        return np.where(layer[:, None], dye(main), dye(other))

    grow(skin, yarn, wound, rng)
    string = rng.uniform(0.2, 0.32)
    loop = [(0, 0, 1.2), (-0.1, 0, 1.4 + string / 2), (0, -0.02, 1.45 + string)]
    loop += [(0.1, 0, 1.4 + string / 2), (0.01, 0.01, 1.2)]
    tube(loop, 0.014, fabric(main, scale=400))
    pattern = "plain" if main == other else "mixed"
    colors = list(dict.fromkeys((main, other)))
    return answer(colors, "wool", {"string": string}, view(rng, 6, 18), pattern)
