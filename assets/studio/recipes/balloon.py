"""A balloon on a string: a drop of latex, or a heart of foil."""

import math

from answers import solid
from materials import Material
from shapes import ball, lathe, tube
from stage import recipe


@recipe("balloon")
def balloon(rng, variant):
    color, style = [
        ("red", "drop"),
        ("blue", "drop"),
        ("pink", "heart"),
        ("yellow", "drop"),
        ("green", "drop"),
        ("red", "heart"),
        ("purple", "drop"),
        ("orange", "drop"),
        ("white", "drop"),
    ][variant % 9]
    low, tall = 1.2, rng.uniform(1.0, 1.2)
    if style == "drop":
        skin = Material(
            "latex",
            color,
            0.2,
            coat_weight=1.0,
            coat_roughness=0.03,
            subsurface_weight=0.35,
            subsurface_scale=0.2,
        )
        outline = []
        for k in range(25):
            a = math.pi * k / 24
            z = -math.cos(a)
            narrow = 1 - 0.3 * max(0.0, -z) ** 1.4
            outline.append(
                (
                    0.78 * math.sin(a) * narrow,
                    low + tall * 0.92 * (1 + z) * (1 + 0.06 * (z < 0) * z),
                )
            )
        lathe(outline, skin)
    else:
        skin = Material("foil", color, 0.22, metallic=0.3, coat_weight=0.8)
        skin.bump(skin.noise(3.2, 2), 0.15, 0.1)
        thing = ball(1.0, detail=6, material=skin)
        for vertex in thing.data.vertices:
            x, y, z = vertex.co
            side = math.hypot(x, 0.07)  # rounds the crease in the middle
            lift = side * 0.72 * math.sqrt(max(0.0, 1 - side * 0.45))
            slim = 1 - 0.12 * max(0.0, -z)
            vertex.co = (x * 0.98 * slim, y * 0.42, (z * 0.92 + lift) * 0.86 + low + 0.8)
    lathe(
        [(0.0, 0.03), (0.04, 0.02), (0.03, -0.02), (0.085, -0.08), (0.08, -0.085), (0, -0.05)],
        skin,
        at=(0, 0, low + 0.02),
    )
    sway = rng.uniform(-0.12, 0.12)
    string = [
        (sway * math.sin(2.6 * k / 9), 0.04 * math.sin(1.7 * k), low - 0.03 - 1.15 * k / 9)
        for k in range(10)
    ]
    tube(string, 0.008, Material("string", (0.7, 0.68, 0.64), 0.8))
    label = {"stands": False}
    material = "rubber" if style == "drop" else "plastic"
    return solid(rng, [color], material, "plain", 0, 8, 20, label, shape=style)
