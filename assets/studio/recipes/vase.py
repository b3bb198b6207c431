"""A glass vase, fluted in every other variant."""

import math

from answers import answer, view
from shapes import turned
from stage import recipe
from veil import TINTS, glass, smooth_alpha


@recipe("vase")
def vase(rng, variant):
    smooth_alpha()
    tint = ("blue", "pink", "amber", "clear", "green", "purple", "red")[variant % 7]
    word, color, cover = TINTS[tint]
    form = ("urn", "trumpet", "drop")[(variant + variant // 7) % 3]
    tall, wall = rng.uniform(1.15, 1.35), 0.03
    side = {
        "urn": [
            (0.27, 0.08),
            (0.40, 0.35),
            (0.43, 0.57),
            (0.33, 0.77),
            (0.23, 0.87),
            (0.24, 0.94),
            (0.31, 1),
        ],
        "trumpet": [(0.20, 0.08), (0.19, 0.29), (0.215, 0.58), (0.29, 0.83), (0.42, 1)],
        "drop": [
            (0.33, 0.07),
            (0.46, 0.27),
            (0.42, 0.46),
            (0.22, 0.65),
            (0.15, 0.79),
            (0.16, 0.92),
            (0.23, 1),
        ],
    }[form]
    side = [(r, z * tall) for r, z in side]
    low, (rim, top) = side[0][0], side[-1]
    foot = [(0, 0), (low * 0.9, 0), (low * 0.9, 0), (low, 0.02), (low * 1.01, 0.05)]
    lip = [(rim + wall * 0.2, top + wall * 0.4), (rim - wall * 0.4, top + wall * 0.7)]
    lip += [(rim - wall, top + wall * 0.2)]
    inner = [(r - wall, z) for r, z in reversed(side[1:-1])]
    ribs, twist = rng.choice((10, 14, 18)) * (variant % 2), rng.uniform(-1.4, 1.4)

    def flute(angle, r, z):
        fade = math.sin(min(max(z / tall, 0), 1) * math.pi) ** 0.6
        return r * (1 + 0.03 * fade * math.cos(ribs * angle + 4 * twist * z)), z

    profile = [*foot, *side, *lip, *inner, (low * 0.8, 0.12), (0, 0.10)]
    turned(profile, glass(color, cover), flute if ribs else None)
    params = {"tint": tint, "form": form, "ribs": ribs, "height": tall}
    pattern = "striped" if ribs else "plain"
    return answer([word], "glass", params, view(rng, 10, 18), pattern, transparent=True)
