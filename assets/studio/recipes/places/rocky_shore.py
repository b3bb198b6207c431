"""A shore of rocks and pebbles under an overcast sky."""

import math

from recipes.places.light import lamp, sky
from recipes.places.shading import paint
from recipes.places.sight import background
from recipes.places.stones import strew


@background("rocky_shore", horizon=0.35, ground=(0.60, 0.97), light="overcast", aspect=4 / 3)
def rocky_shore(v):
    v.look(height=1.5, lens=36, focus=4.8, fstop=2.8, exposure=0.55)
    rim = v.pick("#ccd3d8", "#d6d3cf")
    sky(v, v.pick("#a4b0ba", "#b0b2b6"), rim, 1.0, 0.8, 0.8)
    lamp((-8, -4, 16), (0, 8, 0), 16, 2600, "#eef3f8")
    lumps = v.hills(2.6, 4)

    def relief(x, y):
        return 0.07 * (9.5 - y) * 0.5 + 0.05 * lumps(x, y)

    def bed(n):
        cells = n("TexVoronoi", Vector=n.where(), Scale=26.0)
        tone = n("TexVoronoi", out="Color", Vector=n.where(), Scale=26.0)
        wet = n.ramp(n.where("Z"), (0.02, 1), (0.10, 0))
        dry = n.mix(tone, "#6d6a66", "#b4afa6")
        color = n.mix(wet, dry, n.mix(tone, "#35383a", "#5e605f"))
        rough = n.math("SUBTRACT", 0.9, n.math("MULTIPLY", wet, 0.6))
        return n.coat(color, rough, n.bump(cells, 0.05), 0.4)

    v.land(paint(bed), 0.8, 18, relief, rows=160, columns=120)
    light, dark = v.pick(("#a8a39a", "#4c4a49"), ("#a59888", "#544a42"))

    def rock(n):
        cloud = n.noise(1.6, 8, space="object", rough=0.65)
        color = n.mix(n.ramp(cloud, (0.35, 0), (0.65, 1)), dark, light)
        color = n.mix(n.math("MULTIPLY", n.chance(), 0.5), color, "#7b6a58")
        wet = n.ramp(n.where("Z"), (0.03, 0.7), (0.14, 0))
        return n.coat(
            n.mix(wet, color, "#26292b"), 0.7, n.bump(n.noise(9, 7, space="object"), 0.05)
        )

    stone = paint(rock)
    strew(v, stone, v.spots(5200, 1.5, 11, 0.8), 0.028, relief)
    strew(v, stone, v.spots(420, 2.2, 11.5), 0.08, relief, rough=0.4)
    edge = v.spots(70, 6.5, 15)
    edge = edge[(abs(edge[:, 0]) > 1.2) | (edge[:, 1] > 9)]
    strew(v, stone, edge, 0.42, relief, 0.55, 0.5, detail=4, sink=0.35)
    sides = v.spots(14, 4.2, 7)
    strew(v, stone, sides[abs(sides[:, 0]) > 1.7], 0.36, relief, 0.6, 0.5, detail=4, sink=0.3)

    def swell(x, y):
        return 0.06 * math.sin(y * 1.1 + 0.6 * lumps(x, y)) * math.exp(-y / 60) - 0.02

    def water(n):
        far = n.ramp(n.math("DIVIDE", n.where("Y"), 150.0), (0.06, 0), (0.6, 1))
        chop = n.bump(n.noise(1.2, 7, (1, 2.4, 1), rough=0.6), 0.08)
        sea = n.coat(n.mix(far, "#4d6467", "#6a7a83"), 0.12, chop, 0.5)
        lace = n.noise(1.8, 9, (0.8, 1.6, 1), rough=0.65, Distortion=0.8)
        near = n.ramp(n.math("DIVIDE", n.where("Y"), 40.0), (0.2, 0.55), (0.32, 0.2), (0.5, 0.05))
        foam = n.ramp(n.math("ADD", near, lace), (0.8, 0), (1.0, 1))
        return n.blend(foam, sea, n.coat("#eef1f1", 0.7))

    v.land(paint(water, (rim, 900)), 8.0, 6000, swell, rows=260, columns=120, name="sea")
