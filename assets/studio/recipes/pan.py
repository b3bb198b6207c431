"""A frying pan, empty or with an egg in it."""

import math

from answers import solid
from materials import GOLD, Material, metal, plastic, wood
from mathutils import Matrix
from shapes import ball, circle, lathe, plate, sweep, tilt, turned
from stage import recipe

LOOKS = (  # colour, what it is made of, handle, egg
    ("black", "metal", "black", False),
    ("red", "metal", "light brown", False),
    ("orange", "copper", "yellow", False),
    ("black", "metal", "black", True),
    ("light blue", "metal", "light blue", False),
    ("gray", "steel", "gray", False),
    ("yellow", "metal", "black", False),
    ("green", "metal", "light brown", True),
    ("white", "metal", "light brown", False),
)


@recipe("pan")
def pan(rng, variant):
    color, made_of, grip, egg = LOOKS[variant % len(LOOKS)]
    wide, high = rng.uniform(0.62, 0.7), rng.uniform(0.15, 0.19)
    enamel = Material("enamel", color, 0.25, coat_weight=0.8, coat_roughness=0.08)
    shell = {
        "metal": enamel,
        "copper": metal((0.80, 0.30, 0.12), roughness=0.2),
        "steel": metal((0.70, 0.71, 0.73), roughness=0.2),
    }[made_of]
    dark = Material("seasoned", (0.016, 0.016, 0.017), 0.4).grain(50, 0.05)
    lining = dark if made_of == "metal" else shell
    if color == "black":
        shell = dark
    foot, rim = wide * 0.8, 0.02
    out = [(0, 0), (foot, 0), (foot, 0), (foot + 0.03, 0.015), (wide * 0.95, high * 0.75)]
    out += [(wide, high), (wide, high + 0.012), (wide - 0.012, high + 0.014)]
    inner = [(wide - 0.016, high + 0.008), (wide * 0.94 - rim, high * 0.75), (foot, 0.035)]
    inner += [(foot - 0.03, 0.025), (foot - 0.03, 0.025), (0, 0.025)]
    things = [turned(out, shell), turned(inner, lining)]

    reach = rng.uniform(0.85, 1.0)
    path = [
        (wide - 0.03 + reach * t / 12, 0, high * 0.8 + 0.2 * math.sin(t / 9)) for t in range(13)
    ]
    skin = (
        shell
        if grip == color
        else {
            "light brown": lambda: wood((0.50, 0.26, 0.10), (0.30, 0.13, 0.045), axis="x", scale=4),
            "yellow": lambda: metal(GOLD, roughness=0.22),
            "black": lambda: plastic("black"),
        }[grip]()
    )

    def section(t):
        half = 0.055 + 0.02 * math.sin(math.pi * t) + 0.03 * (1 - t) ** 6
        half *= math.sqrt(max(0.08, 1 - max(0.0, t - 0.92) ** 2 / 0.0069))
        turns = [math.tau * k / 20 for k in range(20)]
        return [(half * math.cos(a), 0.03 * math.sin(a)) for a in turns]

    things.append(sweep(path, section, skin))
    end = Matrix.Translation((path[-1][0] + 0.055, 0, path[-1][2] + 0.005))
    eye = circle(0.045)
    things.append(plate([circle(0.075), eye], 0.035, skin, 0.01, end))
    steel = metal(roughness=0.3)
    for y in (-0.04, 0.04):
        things.append(ball(0.022, at=(wide * 0.93 - 0.02, y, high * 0.72), material=steel))
    if egg:
        fry(rng)
    turn = rng.choice((-0.5, 0.5, math.pi - 0.5, math.pi + 0.5)) + rng.uniform(-0.25, 0.25)
    tilt(things, Matrix.Rotation(turn, 3, "Z"), ground=False)
    words = [color, grip if made_of == "copper" else "black" if made_of == "metal" else None]
    label = {"contents": "egg"} if egg else {}
    made = {"radius": wide, "height": high}
    return solid(rng, words, "metal", "plain", 24, 33, 0, label, **made)


def fry(rng):
    """The white runs out in lobes round a yolk that shines."""
    white = Material("white", (0.86, 0.84, 0.78), 0.3, coat_weight=0.5, subsurface_weight=0.2)
    yolk = Material("yolk", (0.95, 0.42, 0.01), 0.18, coat_weight=1.0, subsurface_weight=0.2)
    waves = [(rng.uniform(0.03, 0.09), rng.uniform(0, 6), k) for k in (2, 3, 5, 7)]

    def run(angle, r, z):
        return r * (1 + sum(a * math.sin(k * angle + p) for a, p, k in waves)), z

    x, y = rng.uniform(-0.1, 0.1), rng.uniform(-0.08, 0.08)
    profile = [(0.34, 0.025), (0.345, 0.04), (0.31, 0.056), (0.2, 0.058), (0.1, 0.07), (0, 0.075)]
    lathe(profile, white, 96, 2, (x, y, 0), run)
    ball(0.12, (1, 1, 0.6), (x + 0.03, y - 0.02, 0.075), yolk)
