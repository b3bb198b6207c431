"""A fur hat with ear flaps."""

import math

import numpy as np
from answers import answer, view
from materials import Material
from shapes import tube
from stage import recipe

from recipes.plush.fur import Coat, dye, grow
from recipes.plush.stuffing import blob, limb, stuff, turned


@recipe("fur hat")
def fur_hat(rng, variant):
    main, cloth = [
        ("brown", "dark green"),
        ("white", "red"),
        ("gray", "dark blue"),
        ("black", "beige"),
        ("light brown", "brown"),
        ("dark brown", "dark red"),
    ][variant % 6]
    coat = Coat(length=rng.uniform(0.12, 0.15), density=30000, lay=0.5, frizz=0.5, clump=0.5)
    here = turned(rng.choice((-1, 1)) * rng.uniform(14, 32))
    suede = Material("suede", dye(cloth), 1.0, sheen_weight=0.12, specular_ior_level=0.1)
    crown = [blob((0, 0, 0.66), (0.53, 0.59, 0.42)), blob((0, 0, 0.86), (0.44, 0.5, 0.24))]
    stuff(crown, here).data.materials.append(suede.grain(30, 0.3).material)
    around = np.linspace(0, 2 * math.pi, 17)
    ring = [(0.55 * math.cos(a), 0.61 * math.sin(a), 0.55, 0.1) for a in around]
    band = limb(*ring, flat=(1, 1, 1.3), steps=4)
    across = np.linspace(-0.27, 0.27, 5)  # the flap turned up over the forehead
    band += limb(*((x, 1.6 * x * x - 0.68, 0.8 - x * x, 0.2) for x in across), flat=(1, 0.4, 1.2))
    for side in (-1, 1):  # those over the ears hang down
        flap = (side * 0.57, 0.02, 0.52, 0.25), (side * 0.64, -0.02, 0.3, 0.25)
        band += limb(*flap, (side * 0.68, -0.06, 0.12, 0.13), flat=(0.35, 1, 1))
        string = [(side * 0.68, -0.1, 0.1), (side * 0.78, -0.24, 0.02), (side * 0.7, -0.42, 0.015)]
        tube(string, 0.013, suede).matrix_world = here
    grow(stuff(band, here), coat, main, rng)
    params = {"fur": coat.length}
    colors = [main, cloth.removeprefix("dark ")]  # suede catches light
    return answer(colors, "fur", params, view(rng, 8, 18, 8))
