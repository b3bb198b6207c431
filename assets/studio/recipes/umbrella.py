"""An open umbrella, put down on its rim."""

import math

from answers import solid
from materials import fabric, metal, wood
from mathutils import Matrix, Vector
from shapes import ball, lathe, sheet, tilt, tube
from stage import recipe


@recipe("umbrella")
def umbrella(rng, variant):
    first, second, pattern = [
        ("red", "red", "plain"),
        ("blue", "white", "striped"),
        ("yellow", "yellow", "plain"),
        ("pink", "white", "striped"),
        ("black", "black", "plain"),
        ("green", "yellow", "striped"),
        ("purple", "purple", "plain"),
    ][variant % 7]
    panels, deep = 8, rng.uniform(0.42, 0.52)
    things = []

    def dome(angle, r, sag):
        """The canopy at a distance r from its pole; cloth hangs inward between the ribs."""
        reach = r * (1 - 0.075 * sag * r**2)
        return Vector(
            (
                reach * math.cos(angle),
                reach * math.sin(angle),
                deep * (1 - r**2.1) - 0.05 * sag * r * (1 - r),
            )
        )

    cloths = [fabric(color, scale=220) for color in (first, second)]
    for cloth in cloths:
        cloth.set(roughness=0.55, sheen_weight=0.15)
    steel, handle = metal((0.6, 0.6, 0.62)), wood((0.36, 0.16, 0.06), (0.15, 0.06, 0.02))
    for k in range(panels):
        grid = []
        for i in range(11):
            r = 0.012 + 0.988 * i / 10
            row = []
            for j in range(9):
                u = j / 8
                row.append(dome(math.tau * (k + u) / panels, r, math.sin(math.pi * u)))
            grid.append(row)
        things.append(sheet(grid, cloths[k % 2], 0.006, 1))
        a = math.tau * k / panels
        rib = [dome(a, r, 0) - Vector((0, 0, 0.014)) for r in (0.02, 0.3, 0.6, 0.85, 1.0)]
        things.append(tube(rib, 0.008, steel))
        things.append(
            tube([dome(a, 0.5, 0) - Vector((0, 0, 0.014)), (0, 0, deep - 0.36)], 0.007, steel)
        )
        things.append(ball(0.016, at=rib[-1], material=steel))
    long = rng.uniform(1.0, 1.12)
    things.append(tube([(0, 0, deep + 0.14), (0, 0, deep - long)], 0.019, steel))
    things.append(
        lathe([(0, deep + 0.17), (0.014, deep + 0.16), (0.03, deep), (0, deep - 0.02)], handle)
    )
    foot = deep - long
    hook = [(0, 0, foot + 0.1), (0, 0, foot - 0.12)]
    hook += [
        (0.1 - 0.1 * math.cos(a), 0, foot - 0.16 - 0.1 * math.sin(a)) for a in (0.5, 1.6, 2.7, 3.3)
    ]
    things.append(tube(hook, [0.034, 0.034, 0.034, 0.034, 0.033, 0.03], handle))
    # Resting on the rim and the hook, as an open umbrella does when it is put down.
    lean = math.atan2(long + 0.26 - deep, 1.0)
    side = rng.choice((-1, 1)) * rng.uniform(0.5, 0.9)
    turn = Matrix.Rotation(math.pi / 2 + side, 3, "Z") @ Matrix.Rotation(lean, 3, "Y")
    tilt(things, turn @ Matrix.Rotation(math.pi / panels * rng.choice((0, 1)), 3, "Z"))
    colors = [first] if first == second else [first, second]
    return solid(rng, colors, "fabric", pattern, 8, 16, 8, depth=deep)
