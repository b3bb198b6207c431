"""House fronts with windows, doors and roofs, for streets and squares seen from afar."""

import numpy as np

from recipes.places.geometry import box, mesh, place, scatter
from recipes.places.shading import paint, weathered


def plaster(color, air=None):
    def build(n):
        stain = n.ramp(n.noise(0.35, 7, (1, 1, 0.5), rough=0.6), (0.35, 0), (0.7, 0.35))
        return n.coat(n.mix(stain, color, "#8d8478"), 0.92, n.bump(n.noise(25), 0.006))

    return paint(build, air)


def house(v, x, y, wide, tall, wall, roof="#8a4f3c", trim="#ece6da", floors=3, shutters=None):
    """One front facing the camera at the distance y, about x; its roof rises behind it."""
    deep = 7.0
    place(box((wide, deep, tall), wall, 0.02), (x, y + deep / 2, tall / 2))
    top = [(-wide / 2 - 0.25, -0.35, 0), (wide / 2 + 0.25, -0.35, 0)]
    top += [(wide / 2 + 0.25, deep / 2, 2.4), (-wide / 2 - 0.25, deep / 2, 2.4)]
    tiles = paint(lambda n: n.coat(n.mix(n.noise(5, 6), roof, "#4c352c"), 0.85))
    place(mesh("roof", top, [(0, 1, 2, 3)], tiles), (x, y, tall))
    frame = paint(lambda n: n.coat(trim, 0.6))
    place(box((wide + 0.3, 0.4, 0.22), frame, 0.04), (x, y - 0.1, tall))
    pane = paint(lambda n: n.coat(n.mix(n.chance(), "#20262c", "#5c6a74"), 0.06, shine=0.9))
    columns, storey = max(2, round(wide / 2.1)), tall / floors
    across = [x + wide * ((k + 0.5) / columns - 0.5) for k in range(columns)]
    spots = np.array([(a, y, storey * (f + 0.55)) for f in range(floors) for a in across])
    door = v.rng.randrange(columns)
    spots = np.delete(spots, door, 0)
    scatter([box((1.0, 0.10, 1.6), frame, 0.02)], spots)
    for side in (-0.22, 0.22):
        scatter([box((0.38, 0.13, 1.42), pane, 0.005)], np.add(spots, (side, 0, 0)))
    scatter([box((1.16, 0.3, 0.09), frame, 0.02)], spots - (0, 0, 0.84))
    if shutters:
        leaf = paint(lambda n: n.coat(shutters, 0.7))
        for side in (-0.78, 0.78):
            scatter([box((0.5, 0.09, 1.6), leaf, 0.02)], np.add(spots, (side, 0, 0)))
    wood = paint(lambda n: n.coat(shutters or "#3e4a42", 0.5))
    place(box((1.2, 0.16, 2.3), wood, 0.03), (across[door], y, 1.15))
    place(box((wide, 0.24, 0.5), weathered("#9b958b", "#6f6a62"), 0.02), (x, y, 0.25))


def row(v, y, start, end, colors, floors=(2, 4), **more):
    """Houses side by side from x = start to end."""
    x, k = start, 0
    while x < end:
        wide, storeys = v.rng.uniform(6, 9.5), v.rng.randint(*floors)
        shutters = v.rng.choice((None, "#4b6b58", "#3f5d7a", "#7a3b34"))
        wall = plaster(colors[k % len(colors)])
        house(v, x + wide / 2, y, wide, 3.1 * storeys + 0.4, wall, floors=storeys,
              shutters=shutters, **more)  # fmt: skip
        x, k = x + wide + 0.02, k + 1
