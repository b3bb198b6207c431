"""Rippled dunes."""

import math

from recipes.places.light import sky, sun
from recipes.places.shading import paint
from recipes.places.view import background


@background("dunes", horizon=0.42, ground=(0.58, 0.97), split="test")
def dunes(v):
    v.look(height=1.7, lens=35, focus=6, fstop=2.8)
    rim = "#d9cfc0"
    sky(v, "#4d80ba", rim, 0.95, 0.5, v.pick(0.35, 0.2, 0.6))
    sun(19, 6.0, 1.0, "#ffe0b4", (-0.95, -0.18))
    wave = v.hills(36, 2)

    def relief(x, y):
        ridge = 1 - math.hypot(wave(x * 0.8 + 0.25 * y, y * 0.9), 0.06)
        return (ridge**3 * 10 - 3.5) * min(1.0, max(0.0, (y - 9) / 45))

    light, dark = v.pick(("#d8b27a", "#bb8a52"), ("#e0c9a0", "#c4a474"), ("#c98f58", "#a5683c"))

    def sand(n):
        bent = n.noise(0.22, 2)
        phase = n.math("ADD", n.math("MULTIPLY", n.where("Y"), 3.1), n.math("MULTIPLY", bent, 15.0))
        phase = n.math("ADD", phase, n.math("MULTIPLY", n.where("X"), 0.9))
        ripple = n.math("SINE", n.math("MULTIPLY", phase, 4.6))
        uneven = n.math("MULTIPLY", ripple, n.ramp(n.noise(0.5, 2), (0.35, 0.1), (0.6, 1)))
        grain = n.bump(n.noise(260, 2), 0.004)
        normal = n.bump(uneven, 0.014, n.bump(n.noise(3.5, 6), 0.03, grain))
        color = n.mix(n.noise(0.6, 6), light, dark)
        color = n.mix(n.ramp(n.noise(420, 1), (0.5, 0), (0.75, 0.35)), color, "#6e4f30")
        return n.coat(color, 0.9, normal, 0.15)

    v.land(paint(sand, (rim, 900)), 1.0, 700, relief, rows=420, columns=420)
