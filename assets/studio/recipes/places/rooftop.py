"""A roof terrace above a town, in the evening."""

from recipes.places.geometry import box, place, scatter
from recipes.places.light import sky, sun
from recipes.places.plants import crown, foliage
from recipes.places.shading import paint, weathered, wood
from recipes.places.sight import background


@background(
    "rooftop", horizon=0.42, ground=(0.66, 0.97), light="low right", split="test", aspect=1.0
)
def rooftop(v):
    v.look(height=1.6, lens=30, focus=4.5, fstop=2.2, exposure=0.6)
    rim = v.pick("#f4c9a2", "#efc4bd")
    sky(v, v.pick("#6f88b8", "#7f7fb4"), rim, 0.95, 0.7, 0.5)
    sun(14, 5.2, 1.2, "#ffc48a", (0.95, -0.15))
    deck = [box((2.4, 0.138, 0.03), wood("#a58a6c", "#6b5540", 0.6), 0.004) for _ in range(4)]
    spots = [
        (2.404 * i + 0.8 * (j % 3), 0.5 + 0.146 * j, -0.015)
        for i in range(-3, 4)
        for j in range(40)
    ]
    scatter(deck, spots, v.dice.normal(0, 0.001, (len(spots), 3)))
    edge, concrete = 6.3, weathered("#b9b2a8", "#8f8980")
    place(box((14, 0.28, 0.46), concrete, 0.015), (0, edge, 0.22))
    steel = paint(lambda n: n.coat("#3b3f43", 0.4, Metallic=0.7))
    for z in (0.66, 0.84, 1.06):
        place(box((14, 0.03, 0.03), steel, 0.01), (0, edge, z))
    scatter(
        [box((0.04, 0.04, 0.7), steel, 0.01)], [(1.5 * i - 0.7, edge, 0.74) for i in range(-4, 6)]
    )
    air = (rim, 420)

    def front(n):
        """Walls with rows of windows, some of which mirror the low sun."""
        along = n.math("ADD", n.where("X", "object"), n.where("Y", "object"))
        column, storey = n.math("DIVIDE", along, 2.2), n.math("DIVIDE", n.where("Z", "object"), 3.0)
        cell = n("CombineXYZ", X=n.math("FLOOR", column), Y=n.math("FLOOR", storey), Z=n.chance())
        pane = n.math("MULTIPLY", n.math("COMPARE", n.math("FRACT", column), 0.5, 0.28),
                      n.math("COMPARE", n.math("FRACT", storey), 0.5, 0.27))  # fmt: skip
        lit = n.ramp(n("TexWhiteNoise", Vector=cell), (0.82, 0), (0.84, 1))
        wall = n.coat(n.mix(n.chance(), "#b79a86", "#7b7f8c"), 0.9)
        glass = n.blend(
            lit, n.coat("#2c3440", 0.15, shine=0.8), n("Emission", Color="#ffd79a", Strength=1.3)
        )
        return n.blend(pane, wall, glass)

    facade = paint(front, air)
    for _ in range(210):
        y, wide = v.rng.uniform(38, 320), v.rng.uniform(9, 22)
        tall = v.rng.uniform(8, 26) * (1 + (v.rng.random() < 0.12))
        x = v.rng.uniform(-1, 1) * (v.half(y) + 15)
        place(box((wide, wide * 0.8, tall), facade, 0.1), (x, y, tall / 2 - 19))
    haze = paint(lambda n: n.coat("#8a8078", 1.0), air)
    place(box((2000, 2000, 0.1), haze, 0), (0, 1000, -20))
    plant = paint(lambda n: n.coat(v.pick("#8a4f38", "#5c6468"), 0.8))
    for x in (-2.35, 2.35):
        place(box((0.9, 0.42, 0.42), plant, 0.03), (x, edge - 0.5, 0.21))
    twig = foliage("#3c5a2c", "#93a356")
    bush = crown(v.dice, twig, [(0.3 * i, 0, 0.1, 0.24) for i in (-1, 0, 1)], 0.07, 2600)
    scatter([bush], [(x, edge - 0.5, 0.45) for x in (-2.35, 2.35)])
