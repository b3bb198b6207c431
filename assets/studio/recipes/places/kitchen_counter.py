"""A kitchen counter before tiles."""

from recipes.places.geometry import box, place, scatter
from recipes.places.light import glow, lamp
from recipes.places.plants import trunk
from recipes.places.shading import paint, wood
from recipes.places.view import background


@background("kitchen_counter", horizon=0.13, ground=(0.66, 0.96), split="test")
def kitchen_counter(v):
    v.look(height=0.58, lens=45, focus=1.45, fstop=2.0)
    glow("#e6e8ea", 0.5)
    lamp((-2.2, -0.2, 2.4), (0, 1.7, 0), 1.3, 75, "#fff2e0")
    base, vein = v.pick(("#e4e0d8", "#8d8780"), ("#4a4b4d", "#b0aca4"), ("#cdbfa8", "#8b7656"))

    def slab(n):
        flow = n.noise(1.6, 9, rough=0.62, Distortion=1.4)
        veins = n.math("ABSOLUTE", n.math("SUBTRACT", flow, 0.5))
        color = n.mix(n.ramp(veins, (0.0, 0.75), (0.035, 0.12), (0.16, 0)), base, vein)
        speck = n.ramp(n.noise(190, 2), (0.62, 0), (0.72, 0.35))
        return n.coat(n.mix(speck, color, vein), 0.22, shine=0.5)

    place(box((4, 2.0, 0.05), paint(slab), 0.006), (0, 1.15, -0.025))
    glaze = v.pick("#e9ebe6", "#9fb7ad", "#e8d9c3")

    def tile(n):
        tone = n.math("ADD", n.math("MULTIPLY", n.chance(), 0.1), 0.92)
        shade = n("CombineColor", Red=tone, Green=tone, Blue=tone)
        return n.coat(
            n.mix(1.0, glaze, shade, "MULTIPLY"),
            0.12,
            n.bump(n.noise(5, 2, space="object"), 0.006),
            0.5,
        )

    tiles = [box((0.147, 0.012, 0.072), paint(tile), 0.003)]
    back = 2.16
    spots = [
        (0.15 * i + 0.075 * (row % 2), back, 0.037 + 0.075 * row)
        for row in range(16)
        for i in range(-9, 10)
    ]
    scatter(tiles, spots, v.dice.normal(0, 0.006, (len(spots), 3)))
    place(box((4, 0.02, 2), paint(lambda n: n.coat("#a9a59c", 0.95)), 0), (0, back + 0.012, 0.9))
    timber = wood("#c09763", "#80552f")
    place(box((3.2, 0.2, 0.028), timber, 0.004), (0, back - 0.1, 0.47))
    clay = [
        paint(lambda n, c=c: n.coat(c, 0.35)) for c in ("#e8e2d6", "#6f8a86", "#c88f68", "#3f4a50")
    ]
    for x in (-0.74, -0.6, -0.47, 0.5, 0.63, 0.78):
        tall, wide = v.rng.uniform(0.07, 0.14), v.rng.uniform(0.04, 0.055)
        pot = trunk(v.dice, v.rng.choice(clay), tall, wide, v.rng.uniform(0.9, 1.15), 0.0, 10, 40)
        place(pot, (x, back - 0.1, 0.53))
