"""A flag that waves on its pole: plain, striped, checkered or dotted, its hem a little frayed."""

import math

from answers import solid
from materials import GOLD, Material, metal, rgb, wood
from mathutils import Vector
from shapes import ball, lathe, sheet, strands, tube
from stage import recipe

FLAGS = (  # words, pattern, the pole, forked
    (["red"], "plain", "wood", False),
    (["black", "white"], "checkered", "wood", False),
    (["blue", "yellow"], "striped", "metal", False),
    (["green", "white"], "dotted", "metal", False),
    (["orange"], "plain", "metal", True),
    (["white", "red"], "striped", "wood", True),
    (["purple", "pink"], "checkered", "wood", False),
    (["yellow"], "plain", "wood", False),
    (["light blue", "dark blue"], "dotted", "metal", True),
)


def bunting(words, pattern):
    """Thin cloth, patterned along its own (u, v): light shines through it."""
    first, last = words[0], words[-1]
    made = Material("bunting", first, 0.75, sheen_weight=0.3)
    where = made.position("UV")
    u, v = made.axis("x", where), made.axis("y", where)
    if pattern == "striped":
        wave = made.math("FRACT", made.math("MULTIPLY", v, 3.5))
        made.color(made.ramp(wave, [(0, first), (0.5, last)], constant=True))
    elif pattern == "checkered":
        cells = made.node(
            "ShaderNodeCombineXYZ",
            {"X": made.math("MULTIPLY", u, 9), "Y": made.math("MULTIPLY", v, 6)},
        )
        values = {"Vector": cells.outputs[0], "Scale": 1.0}
        values |= {"Color1": (*rgb(first), 1), "Color2": (*rgb(last), 1)}
        made.color(made.node("ShaderNodeTexChecker", values).outputs["Color"])
    elif pattern == "dotted":
        made.polka(first, last, made.math("MULTIPLY", u, 7), made.math("MULTIPLY", v, 5), 0.27)
    for socket, many in ((u, 900), (v, 600)):
        made.bump(made.math("SINE", made.math("MULTIPLY", socket, many)), 0.06, 0.005)
    return made


@recipe("flag")
def flag(rng, variant):
    words, pattern, pole, forked = FLAGS[variant % len(FLAGS)]
    long, tall, top = rng.uniform(1.35, 1.55), rng.uniform(0.88, 1.0), 2.35
    phase, deep, side = rng.uniform(0, 6), rng.uniform(0.08, 0.13), rng.choice((-1, 1))

    def place(u, v):
        """u along the cloth from the pole, v up it."""
        if forked:
            u *= 1 - 0.32 * (1 - abs(2 * v - 1))
        swing = min(u * 3, 1)
        y = deep * swing * math.sin(6.5 * u + 1.2 * v + phase) + 0.03 * math.sin(13 * u - 3 * v) * u
        x = 0.035 + long * u * 0.94 - 0.03 * swing * math.cos(13 * u + 2.4 * v + 2 * phase)
        fall = 0.14 * u * u + 0.05 * u * math.sin(5 * u + phase)
        return Vector((side * x, y, top - 0.10 - tall * (1 - v) - fall))

    rows, columns = 48, 96
    grid = [[place(c / columns, r / rows) for c in range(columns + 1)] for r in range(rows + 1)]
    cloth = sheet(grid, bunting(words, pattern), 0, 0)
    layer = cloth.data.uv_layers.new(name="uv")
    for loop in cloth.data.loops:
        r, c = divmod(loop.vertex_index, columns + 1)
        layer.data[loop.index].uv = (c / columns, r / rows)
    hem = []
    for _ in range(260):  # threads that have come loose at the fly
        v = rng.random()
        end, along = place(1, v), (place(1, v) - place(0.97, v)).normalized()
        reach = rng.uniform(0.01, 0.05) * (1 + 2 * (rng.random() < 0.06))
        curl = Vector((0, rng.gauss(0, 0.3), rng.gauss(-0.2, 0.3)))
        hem.append([end, end + (along + curl * 0.3) * reach * 0.5, end + (along + curl) * reach])
    threads = Material("thread", words[0], 0.9)
    strands(hem, 0.0022, threads, taper=0.5)
    stick = wood() if pole == "wood" else metal((0.72, 0.72, 0.74), roughness=0.3)
    tube([(0, 0, 0), (0, 0, top)], 0.034, stick)
    knob = metal(GOLD, roughness=0.22)
    ball(0.07, at=(0, 0, top + 0.06), material=knob)
    lathe([(0, top - 0.03), (0.045, top - 0.03), (0.045, top + 0.01), (0, top + 0.02)], knob)
    sleeve = Material("sleeve", words[0], 0.8)
    tube(
        [place(0.0, 0.0) * 1.0 + Vector((-side * 0.035, 0, 0)), Vector((0, 0, top - 0.10))],
        0.042,
        sleeve,
    )
    label = {"stands": False}
    return solid(rng, words, "fabric", pattern, 2, 8, 18, label, long=long, forked=forked)
