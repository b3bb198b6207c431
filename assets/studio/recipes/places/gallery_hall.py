"""A hall of a gallery, its floor polished."""

from recipes.places.geometry import box, place
from recipes.places.light import glow, lamp
from recipes.places.shading import paint
from recipes.places.sight import background


@background(
    "gallery_hall", horizon=0.38, ground=(0.66, 0.97), light="above", aspect=16 / 9,
    surface="polished",
)  # fmt: skip
def gallery_hall(v):
    v.look(height=1.5, lens=28, focus=5.0, fstop=4.0, exposure=0.2)
    glow("#e9edf2", 0.55)
    for y in (3.0, 6.5):
        lamp((0, y, 4.6), (0, y, 0), 3.0, 170, "#fffaf2")
    back, side = 8.5, 5.4

    def floor(n):
        cloud = n.noise(0.7, 8, rough=0.6)
        gap_x = n.math("COMPARE", n.math("FRACT", n.math("DIVIDE", n.where("X"), 2.4)), 0.5, 0.0022)
        gap_y = n.math("COMPARE", n.math("FRACT", n.math("DIVIDE", n.where("Y"), 2.4)), 0.5, 0.0022)
        color = n.mix(cloud, *v.pick(("#8f8f8d", "#b3b2ae"), ("#9a8f82", "#b9aea0")))
        color = n.mix(n.math("MAXIMUM", gap_x, gap_y), color, "#4c4b49")
        return n.coat(color, n.math("ADD", n.math("MULTIPLY", cloud, 0.14), 0.10), shine=0.5)

    v.land(paint(floor), 0.7, back + 0.2, rows=10, columns=10)
    white = paint(
        lambda n: n.coat(n.mix(n.noise(0.5), "#f0efec", "#e6e4e0"), 0.9, n.bump(n.noise(50), 0.001))
    )
    accent = v.pick("#33424f", "#6b3b36", "#3d4a3c")
    tinted = paint(lambda n: n.coat(accent, 0.9, n.bump(n.noise(50), 0.001)))
    place(box((14, 0.2, 5), tinted, 0), (0, back + 0.1, 2.5))
    for x in (-side, side):
        place(box((0.2, 16, 5), white, 0), (x, 2, 2.5))
    place(box((14, 0.02, 0.12), white, 0.004), (0, back - 0.01, 0.06))
    beam = paint(lambda n: n.coat("#d9d9d6", 0.6))
    lit = paint(lambda n: n("Emission", Color="#fffaf0", Strength=2.0))
    place(box((14, 16, 0.1), white, 0), (0, 2, 4.9))
    for x in (-2.8, 0, 2.8):
        place(box((0.08, 12, 0.06), lit, 0.01), (x, 3, 4.82))
        place(box((0.2, 12, 0.08), beam, 0.01), (x, 3, 4.86))

    def painted(first, second, third, scale):
        def build(n):
            flow = n.noise(scale, 6, space="object", Distortion=1.6)
            color = n.ramp(flow, (0.36, first), (0.5, second), (0.62, third))
            return n.coat(color, 0.6, n.bump(flow, 0.01))

        return paint(build)

    frames = paint(lambda n: n.coat("#c9b48a", 0.35, Metallic=0.6))
    palettes = (("#1f3d66", "#d9c9a0", "#b5472f"), ("#e9dcc4", "#56708a", "#1c2733"),
                ("#3f5d45", "#e3b548", "#efe7d6"))  # fmt: skip
    for k, (x, wide, tall) in enumerate(((-3.3, 1.5, 1.9), (0.0, 2.5, 1.6), (3.2, 1.4, 1.8))):
        place(box((wide + 0.16, 0.06, tall + 0.16), frames, 0.02), (x, back - 0.03, 1.95))
        canvas = painted(*palettes[(k + v.variant) % 3], 1.3 + 0.5 * k)
        place(box((wide, 0.06, tall), canvas, 0.004), (x, back - 0.045, 1.95))
    for x in (-1, 1):
        for y in (3.4, 6.2):
            canvas = painted(*palettes[int(y + x) % 3], 1.8)
            place(box((0.06, 1.4, 1.7), frames, 0.02), (x * (side - 0.12), y, 1.95))
            place(box((0.07, 1.28, 1.58), canvas, 0.004), (x * (side - 0.13), y, 1.95))
