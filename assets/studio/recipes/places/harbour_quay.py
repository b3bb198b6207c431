"""A quay of wet stone in a harbour, the sky overcast."""

from recipes.places.geometry import box, mesh, place, scatter
from recipes.places.houses import row
from recipes.places.light import lamp, sky
from recipes.places.plants import trunk
from recipes.places.shading import paint
from recipes.places.sight import background


@background("harbour_quay", horizon=0.37, ground=(0.57, 0.97), light="overcast", surface="wet")
def harbour_quay(v):
    v.look(height=1.55, lens=36, focus=5.0, fstop=2.2, exposure=0.5)
    rim = "#cfd5da"
    sky(v, v.pick("#9fabb8", "#b1b4ba"), rim, 1.0, 0.9, 0.85)
    lamp((-8, -3, 14), (0, 8, 0), 14, 1900, "#f1f5fa")
    light, dark = v.pick(("#8d8b86", "#5a5956"), ("#94887a", "#635a50"))

    def wet(n):
        cloud = n.noise(2.6, 8, space="object", rough=0.62)
        color = n.mix(n.ramp(cloud, (0.34, 0), (0.66, 1)), dark, light)
        color = n.mix(n.math("MULTIPLY", n.chance(), 0.35), color, "#6b6257")
        pool = n.ramp(n.noise(0.9, 5), (0.42, 0.08), (0.6, 0.55))
        grain = n.bump(n.noise(38, 5, space="object", rough=0.7), 0.004)
        return n.coat(color, pool, grain, 0.6)

    slab = paint(wet)
    kinds = [box((w - 0.012, 0.588, 0.2), slab, 0.012) for w in (0.7, 0.9, 1.15)]
    widths, spots = (0.7, 0.9, 1.15), []
    for line in range(14):
        x, i = -9 - v.rng.random(), len(spots)
        while x < 9:
            spots.append((x + widths[i % 3] / 2, 1.0 + 0.6 * line, -0.1 + v.rng.gauss(0, 0.003)))
            x, i = x + widths[i % 3], i + 1
    scatter(kinds, spots, v.dice.normal(0, 0.003, (len(spots), 3)))
    place(
        box(
            (24, 0.5, 0.3), paint(lambda n: n.coat("#7d7a74", 0.5, n.bump(n.noise(12), 0.01))), 0.03
        ),
        (0, 9.55, -0.08),
    )
    iron = paint(lambda n: n.coat("#23282b", 0.45, n.bump(n.noise(30), 0.004), 0.6))
    posts = [trunk(v.dice, iron, 0.48, 0.12, 1.25, 0.0, 14, 36)]
    scatter(posts, [(x, 9.35, 0.05) for x in (-5.2, -1.9, 3.4, 6.8)])

    def water(n):
        chop = n.bump(n.noise(1.3, 6, (1, 2.2, 1)), 0.05, n.bump(n.noise(7, 3, (1, 2, 1)), 0.01))
        return n.coat("#3d4f54", 0.08, chop, 0.7)

    v.land(paint(water, (rim, 500)), 9.0, 90, lambda x, y: -1.3, rows=40, columns=20, name="water")
    colors = v.pick(("#a8503f", "#d9c79e", "#5f7f96", "#e4ded2", "#c98b4a"),
                    ("#d8d2c6", "#9c6a54", "#b9b48e", "#6d8a82", "#c9a27c"))  # fmt: skip
    row(v, 52.0, -46, 46, colors, (2, 4))
    place(box((120, 4, 1.6), paint(lambda n: n.coat("#77736c", 0.9)), 0.05), (0, 51, -0.75))
    hull = [(-2.6, 0), (-2.3, -0.85), (2.0, -0.85), (3.1, 0.25), (2.9, 0.3), (-2.6, 0.15)]
    for x, y, color in (
        (-9, 32, "#2f5a7d"),
        (4, 40, "#8a3a34"),
        (14, 34, "#e6e1d6"),
        (-19, 43, "#3f6b52"),
    ):
        side = [(a * 1.3, d, c * 1.3) for d in (-0.9, 0.9) for a, c in hull]
        count = len(hull)
        faces = [tuple(range(count)), tuple(range(2 * count - 1, count - 1, -1))]
        faces += [(k, (k + 1) % count, count + (k + 1) % count, count + k) for k in range(count)]
        coat = paint(lambda n, c=color: n.coat(c, 0.4))
        place(mesh("boat", side, faces, coat, smooth=False), (x, y, -0.6))
        cabin = paint(lambda n: n.coat("#e9e6dd", 0.5))
        place(box((1.7, 1.5, 1.3), cabin, 0.05), (x - 0.8, y, 0.2))
        mast = paint(lambda n: n.coat("#7a5c40", 0.6))
        place(box((0.1, 0.1, 5.5), mast, 0.02), (x + 0.9, y, 2.2))
