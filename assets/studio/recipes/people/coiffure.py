"""Hair of the second cast: afros, braids, waves, ponytails and undercuts. Head space (see hair)."""

import numpy as np

from recipes.people.clay import ball, clay, coordinates, unit
from recipes.people.hair import (
    SKULL,
    clump,
    curtain,
    grow,
    hairline,
    outside,
    scalp,
    style_hair,
    tail,
    toward,
)
from recipes.people.materials import plain
from recipes.people.palettes import CLOTH, HAIR, SKIN, rgb

HERE = ("afro", "braids", "ponytail", "wavy", "topknot", "cropped")  # the others are hair's own


def tint_scalp(skull, who):
    """Colour the skin below the hair, which a bald head leaves bare."""
    p = coordinates(skull)
    field = skull.data.attributes["paint"].data
    paint = np.empty(len(p) * 4, np.float32)
    field.foreach_get("color", paint)
    paint = paint.reshape(-1, 4)
    covered = np.clip(hairline(p) / 0.025 - 0.2, 0, 1)[:, None]
    tone = rgb(SKIN[who["skin"]]) * 0.25 if who["hair"] == "cropped" else 0
    dark = rgb(HAIR[who["hair_color"]]) * 0.5 + tone
    paint[:, :3] += covered * (dark - paint[:, :3])
    field.foreach_set("color", paint.ravel())


def dress_hair(dice, tree, who, bodies):
    """Strands of a style, a list of (strands, root radius), and solid things such as hair ties."""
    style, hat = who["hair"], who.get("hat") or who.get("cap")
    if style not in HERE:
        return style_hair(dice, tree, {**who, "hat": hat}, bodies), []

    def rooted(count, extra=lambda p: p[:, 2] > -1):
        free = (lambda p: p[:, 2] < 0.07) if hat else (lambda p: p[:, 2] < 1)
        return scalp(dice, tree, count, lambda p: (hairline(p) > 0) & extra(p) & free(p))

    if style == "afro":
        roots = rooted(17000)
        length = (0.15 if who["gender"] == "male" else 0.21) * dice.uniform(0.8, 1.05, len(roots))

        def puff(points, t):
            return unit(unit(points - SKULL[0]) + np.array([0, 0.1, 0.15 - 0.2 * t]))

        strands = grow(roots, length, puff, 0.01, steps=26)
        return [(clump(dice, strands, 1500, 0.8, 0.005, (0.010, 3.6)), 0.0019)], []
    if style == "cropped":
        roots = rooted(15000)
        top = np.clip((roots[:, 2] - 0.08) / 0.14, 0, 1)
        length = (0.012 + 0.05 * top) * dice.uniform(0.8, 1.15, len(roots))
        strands = grow(
            roots,
            length,
            lambda p, t: unit(unit(p - SKULL[0]) + np.array([0, -0.5, 0.1])),
            0.002,
            8,
        )
        return [(clump(dice, strands, 900, 0.4, 0.003, (0.004, 1.5)), 0.0022)], []
    if style == "wavy":
        roots = rooted(19000)
        reach = 0.52 if who["age"] != "senior" else 0.40
        length = reach * dice.uniform(0.85, 1.0, len(roots))
        length *= np.interp(roots[:, 2], [-0.15, 0.25], [0.6, 1.0])
        side = np.where(roots[:, 0] < dice.choice([-1, 1]) * 0.06, -1.0, 1.0)

        def fall(points, t):
            high = np.clip((points[:, 2] - 0.05) / 0.2, 0, 1)
            back = np.clip(points[:, 1] / 0.2 + 0.4, 0, 1)
            way = [
                side * high * (1.2 - 0.7 * back),
                0.35 * high + 0.5 * back * high,
                -0.4 - t + 0 * high,
            ]
            return unit(np.stack(way, 1))

        lift = dice.uniform(0.01, 0.06, len(roots))
        strands = grow(roots, length, fall, lift, 30, 0.5, bodies, lambda p, t: curtain(p, t, 58))
        return [(clump(dice, strands, 230, 0.8, 0.006, (0.022, 2.8)), 0.0023)], []
    knots = {"braids": [(-0.19, 0.09, -0.03), (0.19, 0.09, -0.03)], "ponytail": [(0.2, 0.09, 0.17)],
             "topknot": [(0, 0.08, 0.275)]}[style]  # fmt: skip
    out, things = [], []
    tie = plain("hair tie", rgb(CLOTH[who.get("tie", who["top"][1])]))
    for knot in knots:
        mine = (
            (lambda p, k=knot: p[:, 0] * k[0] >= 0) if len(knots) > 1 else (lambda p: p[:, 2] > -1)
        )
        roots = rooted(13000 // len(knots), mine)
        length = np.linalg.norm(roots - knot, axis=1) * 1.25 + 0.02
        lift = dice.uniform(0.0, 0.02, len(roots))
        strands = grow(roots, length, toward(knot), lift, 16, 0.1)
        blend = np.linspace(0, 1, 17)[None, :, None] ** 3
        strands = strands + blend * (np.array(knot) - strands[:, -1:]) * 0.9
        out.append((clump(dice, strands, 300, 0.6, 0.006), 0.0023))
        if style == "braids":
            woven = braid(dice, knot, (np.sign(knot[0]) * 0.25, -0.08, -0.62), bodies)
            out.append((woven, 0.0023))
            end = woven[:, -6].mean(0)
            things.append(clay("hair tie", [ball(end, (0.034, 0.034, 0.026))], tie, None))
        elif style == "ponytail":
            bunch = tail(dice, np.add(knot, (0.05, 0.0, 0.02)), (1, 0.1, 0.5), 0.56, 0.08, 3400)
            out.append((clump(dice, bunch, 60, 0.5, 0.006, (0.012, 1.6)), 0.0023))
            things.append(clay("hair tie", [ball(knot, (0.05, 0.035, 0.05))], tie, None))
        else:
            turn = dice.normal(size=(2200, 1, 3))
            t = np.linspace(0, 1, 17)[None, :, None]
            swirl = np.concatenate([np.cos(5 * t), np.sin(5 * t), 0 * t], -1)
            bun = np.add(knot, (0, 0.02, 0.045)) + unit(swirl + 0.6 * unit(turn)) * 0.062
            out.append((clump(dice, bun, 90, 0.5, 0.005), 0.0023))
    return out, things


def braid(dice, start, end, bodies, count=2700, steps=72):
    """Three bunches of strands that cross one another from start to end, in front of the body."""
    t = np.linspace(0, 1, steps + 1)[None, :, None]
    start, end = np.asarray(start, float), np.asarray(end, float)
    bow = np.array([np.sign(start[0]) * 0.06, -0.10, 0]) * np.sin(np.pi * t**0.6)
    spine = start + (end - start) * t + bow
    phase = (np.arange(count) % 3 * 2 * np.pi / 3)[:, None, None] + 2 * np.pi * 5.5 * t
    thick = np.interp(t, [0, 0.06, 0.85, 0.92, 1], [0.4, 1, 0.8, 0.4, 0.7])
    weave = np.concatenate([0.034 * np.cos(phase), 0.017 * np.sin(2 * phase), 0 * phase], -1)
    disc = unit(dice.normal(size=(count, 1, 3))) * dice.uniform(0, 1, (count, 1, 1)) ** 0.45
    strands = spine + (weave + disc * 0.028) * thick
    flat = strands.reshape(-1, 3)
    lift = np.full(len(flat), 0.02)
    return outside(flat, lift, bodies).reshape(strands.shape)
