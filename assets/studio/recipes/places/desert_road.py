"""A road through a desert, at noon."""

from mathutils import Vector
from mathutils import noise as fractal

from recipes.places.geometry import on, scatter, upright
from recipes.places.light import sky, sun
from recipes.places.plants import crown, foliage
from recipes.places.shading import paint
from recipes.places.sight import background, flat
from recipes.places.stones import strew


@background("desert_road", horizon=0.39, ground=(0.55, 0.97), light="above", aspect=16 / 9)
def desert_road(v):
    v.look(height=1.55, lens=34, focus=6.0, fstop=2.8)
    rim = v.pick("#dcd9cf", "#d7dde2")
    sky(v, v.pick("#3f7cc4", "#2f6cb8"), rim, 1.0, 0.6, 0.35)
    sun(66, 5.2, 1.0, "#fff3dc", (-0.5, -0.4))
    air = (rim, 2200)
    light, dark = v.pick(("#d9ac7c", "#b07a4c"), ("#d8bd92", "#a98a62"))

    def ground(n):
        away = n.math(
            "ADD", n.math("ABSOLUTE", n.where("X")), n.math("MULTIPLY", n.noise(2.2), 0.35)
        )
        verge = n("MapRange", Value=away, From_Min=2.68, From_Max=2.95)
        chip = n("TexVoronoi", Vector=n.where(), Scale=80.0)
        tar = n.mix(n.noise(70, 3), "#4d4c4c", "#757270")
        tar = n.mix(n.ramp(n.noise(0.6, 6), (0.45, 0), (0.7, 0.5)), tar, "#8a8073")
        side = n.math("COMPARE", n.math("ABSOLUTE", n.where("X")), 2.32, 0.06)
        dash = n.math("LESS_THAN", n.math("FRACT", n.math("DIVIDE", n.where("Y"), 6.0)), 0.5)
        middle = n.math("MULTIPLY", n.math("COMPARE", n.where("X"), 0.0, 0.065), dash)
        worn = n.ramp(n.noise(14, 5), (0.36, 0.25), (0.55, 0.9))
        tar = n.mix(n.math("MULTIPLY", side, worn), tar, "#dcd8cc")
        tar = n.mix(n.math("MULTIPLY", middle, worn), tar, "#d9a93a")
        road = n.coat(tar, 0.85, n.bump(chip, 0.006))
        sand = n.mix(n.noise(0.7, 8), light, dark)
        sand = n.mix(n.ramp(n.noise(90, 2), (0.55, 0), (0.75, 0.4)), sand, "#7d5a3c")
        dirt = n.coat(sand, 0.95, n.bump(n.noise(9, 6), 0.05), 0.1)
        return n.blend(verge, road, dirt)

    v.land(paint(ground, air), 0.8, 900, flat, rows=60, columns=30)
    rock = paint(lambda n: n.coat(n.mix(n.chance(), light, "#7a5238"), 0.9), air)
    spots = v.spots(1500, 2.5, 60, 0.8)
    strew(v, rock, spots[abs(spots[:, 0]) > 3.0], 0.05, flat)
    shrub = crown(v.dice, foliage("#5c6238", "#a3a06a", air), [(0, 0, 0.2, 0.36)], 0.07, 2600)
    spots = v.spots(330, 7, 140, 0.9)
    spots = spots[abs(spots[:, 0]) > 3.6]
    count = len(spots)
    scatter([shrub], on(flat, spots), upright(v.dice, count), v.dice.uniform(0.6, 1.8, count))

    def mesa(x, y):
        table = fractal.fractal(Vector((x, y, 0)) / 420 + v.offset, 1.0, 2, 5)
        rise = max(0.0, min(1.0, (table - 0.08) * 7)) + 0.25 * max(0.0, table)
        return -3 + 120 * rise * min(1.0, max(0.0, (y - 500) / 300)) * min(1.0, abs(x) / 120)

    def strata(n):
        layer = n.math(
            "SINE",
            n.math(
                "ADD",
                n.math("MULTIPLY", n.where("Z"), 0.16),
                n.math("MULTIPLY", n.noise(0.03, 6), 5.0),
            ),
        )
        return n.coat(n.mix(n.ramp(layer, (0, 0), (1, 1)), "#a8623f", "#cf9468"), 0.95)

    v.land(paint(strata, (rim, 2600)), 420, 1900, mesa, rows=130, columns=220, name="mesas")
