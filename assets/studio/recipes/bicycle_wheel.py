"""A spoked bicycle wheel with its tyre."""

import math

from answers import answer
from materials import Material, metal, rubber
from mathutils import Matrix, Vector
from shapes import lathe, strands, tube
from stage import recipe


@recipe("bicycle wheel")
def bicycle_wheel(rng, variant):
    words, tyre, rim = (
        (["black", "gray"], (0.02, 0.02, 0.022), (0.72, 0.72, 0.73)),
        (["black", "red"], (0.02, 0.02, 0.022), (0.62, 0.015, 0.02)),
        (["beige", "blue"], (0.66, 0.48, 0.28), (0.02, 0.12, 0.55)),
        (["white", "black"], (0.80, 0.79, 0.76), (0.02, 0.02, 0.022)),
        (["black", "yellow"], (0.02, 0.02, 0.022), (0.90, 0.55, 0.02)),
        (["black", "green"], (0.02, 0.02, 0.022), (0.05, 0.40, 0.08)),
        (["brown", "gray"], (0.20, 0.08, 0.03), (0.72, 0.72, 0.73)),
    )[variant % 7]
    r, fat, deep = 0.80, rng.uniform(0.045, 0.07), rng.uniform(0.03, 0.06)
    lift = Vector((0, 0, r + fat))
    upright = Matrix.Translation(lift) @ Matrix.Rotation(math.pi / 2, 4, "X")
    steel = metal((0.70, 0.71, 0.73), roughness=0.22)
    skin = Material("tyre", tyre, 0.75)
    tread = skin.node("ShaderNodeTexVoronoi", {"Vector": skin.position(), "Scale": 32.0})
    skin.bump(tread.outputs["Distance"], 0.5, 0.01)
    silver = variant % 7 in (0, 6)
    paint = metal(rim, roughness=0.2) if silver else Material("rim", rim, 0.25, coat_weight=1.0)
    parts = []

    def ring(points, material):
        parts.append(lathe(points, material, steps=96))

    turn = [2 * math.pi * k / 12 for k in range(13)]
    ring([(r + fat * math.cos(a), fat * math.sin(a)) for a in turn], skin)
    half, low = fat * 0.62, r - fat * 0.75
    ring(
        [
            (low, -half),
            (low - deep * 0.6, -half * 0.9),
            (low - deep, -half * 0.35),
            (low - deep, half * 0.35),
            (low - deep * 0.6, half * 0.9),
            (low, half),
            (low + 0.012, half),
            (low + 0.012, -half),
            (low, -half),
        ],
        paint,
    )
    flange = rng.uniform(0.08, 0.1)
    hub = [(0, -0.17), (0.018, -0.17), (0.018, -0.12), (0.03, -0.12), (0.035, -0.10)]
    hub += [(flange, -0.095), (flange, -0.08), (0.032, -0.07), (0.026, 0)]
    ring([*hub, *((a, -b) for a, b in reversed(hub[:-1]))], steel)
    for part in parts:
        part.matrix_world = upright
    count, cross = rng.choice((28, 32, 36)), rng.uniform(0.55, 0.8)
    spokes, nipples, begin = [], [], rng.uniform(0, 1)
    for k in range(count):
        a = begin + 2 * math.pi * k / count
        face, lean = (1 if k % 2 else -1), (1 if k // 2 % 2 else -1)
        start = a + lean * (cross + 0.55)  # tangential lacing: spokes cross on their way out
        inner = (flange - 0.01) * 0.95
        at = Vector((inner * math.cos(start), face * 0.088, inner * math.sin(start)))
        to = Vector(((low - deep) * math.cos(a), 0, (low - deep) * math.sin(a)))
        spokes.append([at + lift, to + lift])
        nipples.append([to.lerp(at, 0.045) + lift, to + lift])
    strands(spokes, 0.0055, steel, taper=1.0)
    strands(nipples, 0.010, metal((0.75, 0.60, 0.30)), taper=1.0)
    a = begin + math.pi / count
    out = Vector((math.cos(a), 0, math.sin(a)))
    tube([out * (low - deep) + lift, out * (low - deep - 0.09) + lift], 0.011, rubber("black"))
    params = {"spokes": count, "tyre": fat, "rim": deep}
    camera = {
        "elevation_deg": rng.uniform(6, 12),
        "azimuth_deg": rng.choice((-1, 1)) * rng.uniform(12, 25),
    }
    return answer(words, "metal", params, camera)
