"""An apple with flamed skin, a stalk and mostly a leaf."""

import math

from answers import solid
from materials import Material
from shapes import lathe, leaf, tube
from stage import recipe


@recipe("apple")
def apple(rng, variant):
    color, skin, streak = [
        ("red", (0.46, 0.006, 0.012), (0.72, 0.13, 0.04)),
        ("green", (0.22, 0.46, 0.03), (0.42, 0.58, 0.10)),
        ("yellow", (0.86, 0.56, 0.05), (0.80, 0.24, 0.05)),
        ("dark red", (0.22, 0.004, 0.012), (0.42, 0.02, 0.02)),
    ][variant % 4]
    wide, tall = rng.uniform(0.94, 1.06), rng.uniform(0.94, 1.1)
    phase, lean = rng.uniform(0, 6), rng.uniform(-0.04, 0.04)
    profile = [(0, 0.17), (0.1, 0.13), (0.2, 0.05), (0.33, 0.02), (0.52, 0.1), (0.69, 0.33)]
    profile += [(0.78, 0.62), (0.77, 0.9), (0.66, 1.14), (0.48, 1.26), (0.3, 1.27), (0.15, 1.19)]
    profile += [(0.06, 1.08), (0, 1.05)]

    def lobes(angle, radius, z):
        low = max(0.0, 1 - z / 0.7)
        wave = math.cos(5 * angle + phase)
        radius *= wide * (1 + 0.035 * wave * (0.4 + low) + lean * math.cos(angle) * z)
        return radius, tall * z - 0.02 * wave * low * (radius > 0.15)

    flesh = {"coat_weight": 0.7, "coat_roughness": 0.12, "subsurface_weight": 0.1}
    peel = Material("peel", skin, 0.36, subsurface_scale=0.05, **flesh)
    u, v = peel.wrapped(9, 0.5)
    where = peel.node("ShaderNodeCombineXYZ", {"X": u, "Y": v}).outputs[0]
    flames = peel.ramp(peel.noise(2.2, 5, where), [(0.48, skin), (0.85, streak)])
    cells = peel.node("ShaderNodeTexVoronoi", {"Vector": peel.position(), "Scale": 9.0})
    pores = peel.math("LESS_THAN", cells.outputs["Distance"], 0.07)
    pores = peel.math("MULTIPLY", pores, 0.55)
    peel.color(peel.mix(pores, flames, (0.80, 0.62, 0.30)))
    peel.bump(peel.noise(5), 0.06, 0.05)
    lathe(profile, peel, 60, 2, ripple=lobes)

    top, bend = 1.08 * tall, rng.uniform(-0.2, 0.2)
    bark = Material("stalk", (0.10, 0.05, 0.02), 0.8).grain(30, 0.4)
    stalk = [(0, 0, top - 0.06), (bend * 0.2, 0, top + 0.2), (bend, 0.02, top + 0.42)]
    tube(stalk, [0.03, 0.026, 0.045], bark)
    if variant % 4 != 3:
        green = Material("leaf", (0.07, 0.25, 0.03), 0.5, coat_weight=0.2)
        green.bump(green.noise(12), 0.2)
        side = rng.choice((0.25, math.pi - 0.25))
        leaf(0.62, 0.3, green, (bend * 0.4, 0, top + 0.24), side, rng.uniform(0.3, 0.6), 0.9)
    return solid(rng, [color], "fruit", low=10, high=20, width=wide, height=tall)
