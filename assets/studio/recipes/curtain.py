"""A curtain on a rod: heavy cloth in folds, or a sheer that light and sight pass through."""

import math

from answers import answer, view
from materials import GOLD, Material, blend, metal, rgb, wood
from mathutils import Vector
from shapes import ball, sheet, strands, tube
from stage import recipe
from veil import smooth_alpha

CURTAINS = (  # words, pattern, how much is seen through it, tied back
    (["white"], "plain", 0.6, False),
    (["red"], "plain", 0.0, True),
    (["blue", "white"], "striped", 0.0, False),
    (["pink"], "dotted", 0.55, True),
    (["green"], "plain", 0.0, False),
    (["orange", "brown"], "checkered", 0.0, True),
    (["purple"], "plain", 0.5, False),
    (["yellow", "white"], "striped", 0.0, True),
    (["gray"], "plain", 0.0, True),
    (["light blue"], "plain", 0.55, True),
    (["black"], "striped", 0.6, False),
)


def cloth(words, pattern, sheer):
    """Woven stuff with its pattern along its own (u, v); of a sheer the pattern is denser."""
    first, last = words[0], words[-1]
    made = Material("cloth", first, 0.8, sheen_weight=0.3)
    where = made.position("UV")
    u, v = made.axis("x", where), made.axis("y", where)
    mark = made.math("MULTIPLY", u, 0.0)
    if pattern == "striped":
        mark = made.math("LESS_THAN", made.math("FRACT", made.math("MULTIPLY", u, 7.0)), 0.5)
    elif pattern == "dotted":
        made.polka(
            (0, 0, 0), (1, 1, 1), made.math("MULTIPLY", u, 13), made.math("MULTIPLY", v, 12), 0.24
        )
        mark = made.shader.inputs["Base Color"].links[0].from_socket
    elif pattern == "checkered":
        bands = [made.math("FRACT", made.math("MULTIPLY", s, n)) for s, n in ((u, 8.0), (v, 8.0))]
        bands = [made.math("LESS_THAN", band, 0.5) for band in bands]
        mark = made.math("MULTIPLY", made.math("ADD", *bands), 0.5)
    made.color(made.mix(mark, first, blend(last, rgb(first), 0.0)))
    if sheer:
        hem = made.math(
            "MAXIMUM", made.math("LESS_THAN", v, 0.03), made.math("GREATER_THAN", v, 0.965)
        )
        weave = made.math("MAXIMUM", mark, hem)
        facing = made.node("ShaderNodeLayerWeight", {"Blend": 0.5}).outputs["Facing"]
        thick = made.math("MULTIPLY", made.math("POWER", facing, 2.0), 0.5)  # folds seen edge-on
        alpha = made.math("ADD", made.math("MULTIPLY", weave, 0.4), thick)
        alpha = made.math("MINIMUM", made.math("ADD", alpha, 1 - sheer), 1.0)
        made.link(alpha, made.shader.inputs["Alpha"])
    for socket, many in ((u, 900.0), (v, 1100.0)):
        made.bump(made.math("SINE", made.math("MULTIPLY", socket, many)), 0.05, 0.004)
    return made


@recipe("curtain")
def curtain(rng, variant):
    words, pattern, sheer, tied = CURTAINS[variant % len(CURTAINS)]
    if sheer:
        smooth_alpha()
    wide, tall = rng.uniform(1.25, 1.5), 2.3
    folds, phase, side = rng.randint(8, 10), rng.uniform(0, 6), rng.choice((-1, 1))
    waist = 0.42

    def place(u, v):
        """u across, v up: pleats that wander, drawn aside at the waist if tied."""
        x = (u - 0.5) * wide
        deep = 0.05 + 0.025 * math.sin(3 * u + phase) + 0.02 * (1 - v)
        wave = math.sin(math.tau * folds * u + 0.5 * math.sin(2.2 * v + 5 * u + phase))
        x += 0.018 * math.cos(math.tau * folds * u) * (1 - v)
        if tied:
            near = (
                math.exp(-(((v - waist) / 0.26) ** 2))
                if v > waist
                else 0.80 + 0.20 * math.exp(-(((v - waist) / 0.10) ** 2))
            )
            pull = 0.86 * near
            x = x * (1 - pull) + side * wide * 0.40 * pull
            deep *= 1 + 0.3 * pull
        z = tall * v + (0.02 * math.sin(9 * u + phase) if v < 0.5 else 0) - 0.05 * tied * (1 - v)
        return Vector((x, deep * wave, z))

    rows, columns = 90, 260
    grid = [[place(c / columns, r / rows) for c in range(columns + 1)] for r in range(rows + 1)]
    hung = sheet(grid, cloth(words, pattern, sheer), 0, 0)
    layer = hung.data.uv_layers.new(name="uv")
    for loop in hung.data.loops:
        r, c = divmod(loop.vertex_index, columns + 1)
        layer.data[loop.index].uv = (c / columns, r / rows)
    rod = wood((0.30, 0.14, 0.05), (0.14, 0.06, 0.02), axis="x") if variant % 2 else metal(GOLD)
    reach = wide / 2 + 0.14
    tube([(-reach, 0, tall + 0.07), (reach, 0, tall + 0.07)], 0.026, rod)
    for end in (-1, 1):
        ball(0.055, (1.2, 1, 1), (end * (reach + 0.03), 0, tall + 0.07), rod)
    ring = metal((0.7, 0.7, 0.72) if variant % 2 else GOLD, roughness=0.25)
    for k in range(2 * folds + 1):
        u = min(max(k / (2 * folds), 0.004), 0.996)
        x = place(u, 1.0).x
        loop = [
            (x + 0.004 * math.sin(a), 0.042 * math.sin(a), tall + 0.055 + 0.048 * math.cos(a))
            for a in (0, 1.05, 2.1, 3.14, 4.2, 5.24)
        ]
        tube(loop, 0.007, ring, closed=True)
    if tied:  # a cord with a tassel
        cord = Material("cord", GOLD, 0.5, sheen_weight=0.3)
        mid = place(0.5, waist)
        half = max(abs(place(u / 40, waist).x - mid.x) for u in range(41)) + 0.012
        band = [
            (mid.x + half * math.cos(a), 0.115 * math.sin(a), mid.z + 0.05 * side * math.cos(a))
            for a in (math.tau * k / 12 for k in range(12))
        ]
        tube(band, 0.018, cord, closed=True)
        top = Vector((mid.x + side * half * 0.3, -0.135, mid.z - 0.02))
        tube([top, top + Vector((0.01, 0, -0.12))], 0.012, cord)
        ball(0.034, at=top + Vector((0.01, 0, -0.14)), material=cord)
        threads = []
        for _ in range(130):
            a, far = rng.uniform(0, math.tau), rng.uniform(0, 0.028)
            out = Vector((math.cos(a), math.sin(a), 0)) * far
            start = top + Vector((0.01, 0, -0.15))
            threads.append(
                [
                    start + out * 0.6,
                    start + out + Vector((0, 0, -0.08)),
                    start + out * 1.7 + Vector((0, 0, -rng.uniform(0.17, 0.2))),
                ]
            )
        strands(threads, 0.004, cord, taper=0.8)
    params = {"wide": wide, "folds": folds, "sheer": sheer, "tied": tied}
    camera = view(rng, 0, 6, 16)
    made = answer(words, "fabric", params, camera, pattern, bool(sheer), stands=False)
    return {**made, "solid": not sheer and not tied}
