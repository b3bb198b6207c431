"""A jellyfish: a clear bell with stripes, frilled arms, and tentacles finer than thread."""

import math

import bpy
from answers import answer, view
from materials import Material, blend, tints
from mathutils import Matrix, Vector
from shapes import sheet, strands, tilt, tint
from stage import recipe
from veil import smooth_alpha

JELLIES = (  # words, bell, stripes and hem, arms
    (["pink", "white"], (0.90, 0.46, 0.54), (0.84, 0.16, 0.30), (0.90, 0.76, 0.74)),
    (["blue"], (0.20, 0.48, 0.86), (0.03, 0.16, 0.62), (0.50, 0.68, 0.90)),
    (["orange"], (0.90, 0.46, 0.10), (0.66, 0.14, 0.01), (0.90, 0.60, 0.30)),
    (["purple"], (0.46, 0.26, 0.74), (0.20, 0.03, 0.42), (0.66, 0.52, 0.84)),
    (["white", "brown"], (0.84, 0.84, 0.82), (0.40, 0.16, 0.06), (0.86, 0.80, 0.72)),
    (["green"], (0.32, 0.70, 0.34), (0.05, 0.36, 0.10), (0.62, 0.80, 0.56)),
    (["yellow"], (0.90, 0.70, 0.18), (0.80, 0.38, 0.03), (0.90, 0.80, 0.50)),
    (["red"], (0.70, 0.08, 0.06), (0.40, 0.01, 0.01), (0.80, 0.36, 0.28)),
)


@recipe("jellyfish", kind="animal")
def jellyfish(rng, variant):
    smooth_alpha()
    cycles = bpy.context.scene.cycles
    cycles.transparent_max_bounces, cycles.diffuse_bounces = 12, 1
    words, bell, stripe, arm = JELLIES[variant % len(JELLIES)]
    film = Material("bell", bell, 0.15, specular_ior_level=0.8)
    film.set(emission_color=(*bell, 1), emission_strength=0.12)
    film.color(tints(film, True))
    high, pulse, lobes = rng.uniform(0.55, 0.75), rng.uniform(-0.06, 0.1), rng.choice((16, 20))
    phase, around = rng.uniform(0, 6), 240

    def dome(t, a):
        """From the crown (0) to the hem (1), which turns in."""
        r = (
            math.sin(math.pi / 2 * min(t * 1.12, 1))
            + pulse * t**3
            - 0.14 * max(0.0, t - 0.86) / 0.14
        )
        wave = 0.03 * math.cos(lobes * a) * t**4
        z = high * (1 - 1.02 * t**2.1) - 0.12 * max(0.0, t - 0.8)
        return Vector(((r + wave) * math.cos(a), (r + wave) * math.sin(a), z + wave))

    grid, colors = [], []
    for i in range(61):
        t, row = 0.004 + 0.996 * i / 60, []
        for k in range(around + 1):
            a = math.tau * k / around + 1e-4 * (k == around)
            row.append(dome(t, a))
            ray = max(0.0, math.cos(lobes / 2 * a + phase)) ** 14 * min(1, 3 * t)
            hem = max(0.0, (t - 0.90) / 0.1)
            spots = max(0.0, math.sin(9 * t + phase) * math.cos(lobes * a)) ** 6
            mark = min(1.0, max(ray, hem, 0.5 * spots))
            color = blend(blend(bell, (0.9, 0.9, 0.9), 0.25 * (1 - t)), stripe, mark)
            colors.append((*color, 0.30 + 0.16 * t + 0.42 * mark))
        grid.append(row)
    order = iter(colors)
    things = [tint(sheet(grid, film, 0, 0), lambda point: next(order))]

    lace = Material("arm", arm, 0.4, sheen_weight=0.3)
    lace.color(tints(lace, True))
    for number in range(4):  # frilled arms hang from the middle
        turn, long = math.tau * (number + 0.5) / 4 + rng.uniform(-0.2, 0.2), rng.uniform(1.4, 1.9)
        sway, twist, rows, shades = rng.uniform(-0.3, 0.3), rng.uniform(1.5, 3.0), [], []
        for i in range(121):
            t, row = i / 120, []
            middle = Vector((0.16 * math.cos(turn), 0.16 * math.sin(turn), 0.22 - long * t))
            middle += Vector((sway * t * math.sin(3 * t + turn), 0.1 * math.sin(4 * t + turn), 0))
            half = (0.20 * (1 - t) ** 0.7 + 0.015) * min(1, 0.3 + 3 * t)
            for k in range(13):
                u = k / 6 - 1
                a = turn + twist * t
                ruffle = 0.05 * abs(u) ** 2 * math.sin(52 * t + 3 * u + number) * (1 - 0.5 * t)
                side = Vector((math.cos(a), math.sin(a), 0)) * half * u
                row.append(middle + side + Vector((-math.sin(a), math.cos(a), 0.4)) * ruffle)
                shades.append(
                    (*blend(arm, stripe, abs(u) ** 3 * 0.7), 0.75 - 0.30 * abs(u) - 0.25 * t)
                )
            rows.append(row)
        tone = iter(shades)
        things.append(tint(sheet(rows, lace, 0, 0), lambda point, tone=tone: next(tone)))
    lines = []
    for k in range(48):
        a = math.tau * (k + rng.uniform(-0.3, 0.3)) / 48
        root, long = dome(0.99, a), rng.uniform(1.3, 2.5)
        curl, speed, lag = rng.uniform(0.03, 0.10), rng.uniform(3, 7), rng.uniform(0, 6)
        line = []
        for j in range(25):
            t = j / 24
            drift = (
                curl
                * min(1, 3 * t)
                * Vector((math.sin(speed * t + lag), math.cos(speed * t + lag), 0))
            )
            line.append(
                root * (1 - 0.25 * t)
                + drift
                + Vector((0.15 * t * t, 0, -long * t - root.z * 0.25 * t))
            )
        lines.append(line)
    thread = Material("tentacle", blend(stripe, bell, 0.4), 0.4)
    things.append(strands(lines, 0.0065, thread, taper=0.25))
    turn = Matrix.Rotation(rng.uniform(-0.45, 0.45), 3, "Y") @ Matrix.Rotation(0.22, 3, "X")
    tilt(things, turn)
    return answer(words, None, {"high": high}, view(rng, 0, 12, 10), "plain", True, stands=False)
