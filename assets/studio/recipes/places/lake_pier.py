"""A pier of planks on a lake, in the evening."""

from recipes.places.geometry import box, on, place, scatter, upright
from recipes.places.light import sky, sun
from recipes.places.plants import crown, foliage, trunk
from recipes.places.shading import paint, wood
from recipes.places.sight import background


@background(
    "lake_pier", horizon=0.40, ground=(0.62, 0.97), light="low left", split="test", aspect=16 / 9
)
def lake_pier(v):
    v.look(height=1.6, lens=32, focus=5.0, fstop=2.8, exposure=0.5)
    rim = v.pick("#f3c7a0", "#f0d3b4")
    sky(v, v.pick("#5b78a8", "#7a86b4"), rim, 0.9, 0.7, 0.45)
    sun(11, 4.6, 1.5, "#ffbe82", (-0.95, 0.25))

    def water(n):
        far = n.ramp(n.math("DIVIDE", n.where("Y"), 200.0), (0.02, 0), (0.5, 1))
        ripple = n.bump(n.noise(1.4, 6, (1, 3, 1)), 0.035, n.bump(n.noise(9, 3, (1, 2, 1)), 0.006))
        return n.coat(n.mix(far, "#2c4a52", "#6d7c84"), 0.07, ripple, 0.8)

    v.land(paint(water, (rim, 900)), 1.0, 1400, lambda x, y: -0.55, rows=120, columns=60)
    light, dark = v.pick(("#b29a80", "#6b5642"), ("#a9a39a", "#67605a"))
    planks = [box((3.6, 0.186, 0.05), wood(light, dark, 0.55), 0.006) for _ in range(4)]
    spots = [(v.rng.gauss(0, 0.02), 0.8 + 0.196 * i, -0.03) for i in range(92)]
    scatter(planks, spots, v.dice.normal(0, 0.0025, (92, 3)))
    beam = wood(light, dark, 0.7, along=1)
    for side in (-1, 1):
        place(box((0.16, 18, 0.2), beam, 0.01), (side * 1.74, 9.8, -0.16))
    posts = [trunk(v.dice, wood(light, dark, 0.7, along=2), 1.9, 0.09, 0.95, 0.3) for _ in range(2)]
    spots = [(side * 1.9, y, -1.1) for y in (4.6, 8.4, 12.2, 16.0, 18.7) for side in (-1, 1)]
    scatter(posts, spots, upright(v.dice, len(spots)))
    shore = v.hills(60, 4)

    def relief(x, y):
        rise = max(0.0, y - 150 - 30 * shore(x, 0)) / 60
        return -0.9 + 22 * min(rise, 1.0) * (0.7 + 0.6 * shore(x, 300))

    wooded = paint(
        lambda n: n.coat(n.mix(n.noise(0.2, 7), "#2e3d2a", "#5c6238"), 0.95), (rim, 1100)
    )
    v.land(wooded, 120, 700, relief, rows=90, columns=120, name="shore")
    needles = foliage("#22331f", "#55602f", (rim, 1100))
    firs = [
        crown(v.dice, needles,
              [(0, 0, 1 + 0.8 * i, 0.35 + 2.1 * (1 - i / 12)) for i in range(13)], 0.5, 90)
        for _ in range(3)
    ]  # fmt: skip
    spots = v.spots(420, 165, 300)
    scatter(firs, on(relief, spots, 0.5), upright(v.dice, 420), v.dice.uniform(0.7, 1.5, 420))
