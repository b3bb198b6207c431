"""A toy sailboat on its stand: hull, mast, two sails and rigging."""

import math

from answers import answer, view
from materials import GOLD, Material, fabric, metal, wood
from mathutils import Vector
from shapes import ball, box, mesh, sheet, strands, tube
from stage import recipe

LOOKS = (  # hull, second colour of the hull, sails, their second colour
    ("white", "red", "white", None),
    ("blue", "white", "white", "blue"),
    ("brown", "beige", "beige", None),
    ("black", "gray", "red", None),
    ("yellow", "white", "white", "yellow"),
    ("green", "white", "orange", None),
    ("red", "white", "white", "red"),
    ("light blue", "brown", "pink", None),
    ("purple", "white", "yellow", None),
)


@recipe("toy sailboat")
def toy_sailboat(rng, variant):
    color, belly, sail, stripe = LOOKS[variant % len(LOOKS)]
    beam, mast = rng.uniform(0.27, 0.32), rng.uniform(1.75, 2.0)
    low = 0.52  # of the deck
    hull(color, belly, beam, low)
    timber = wood((0.50, 0.27, 0.10), (0.30, 0.13, 0.05), axis="z", scale=4)
    foot, top = Vector((0.12, 0, low)), Vector((0.06, 0, low + mast))
    tube([foot, top], [0.03, 0.018], timber)
    boom = [Vector((0.12, 0, low + 0.2)), Vector((-0.85, rng.uniform(-0.16, -0.06), low + 0.22))]
    tube(boom, [0.022, 0.017], timber)

    cloth = fabric(sail, scale=260)
    cloth.set(sheen_weight=0.1)
    if stripe:
        cloth.stripes(sail, stripe, "z", 4.2, 0.72)
    out = rng.uniform(0.12, 0.2)
    tack, clew = (end + Vector((-0.02, 0, 0.04)) for end in boom)
    spread(tack, clew, top - Vector((0.03, 0, 0.08)), out, cloth)
    bow = Vector((1.0, 0, low + 0.07))
    peak = foot.lerp(top, 0.82) + Vector((0.05, 0, 0))
    spread(bow + Vector((-0.06, 0, 0.04)), Vector((0.22, -0.14, low + 0.2)), peak, out * 0.9, cloth)

    # the rigging: stays to bow and stern, shrouds to both sides, a sheet from the boom
    lines = [[bow, peak], [Vector((-1.0, 0, low + 0.06)), top]]
    lines += [[Vector((0.05, y * beam * 0.95, low + 0.02)), foot.lerp(top, 0.8)] for y in (-1, 1)]
    lines += [[Vector((-0.12, y * beam * 0.95, low + 0.02)), foot.lerp(top, 0.8)] for y in (-1, 1)]
    lines.append([boom[0].lerp(boom[1], 0.85), Vector((-0.7, 0, low + 0.02))])
    strands(lines, 0.006, Material("line", (0.55, 0.48, 0.36), 0.9), taper=1.0)
    brass = metal(GOLD)
    ball(0.03, at=tuple(top + Vector((0, 0, 0.02))), material=brass)
    pennant(top, stripe or ("red" if sail != "red" else "white"))
    stand(timber)
    words = list(dict.fromkeys([sail, color, stripe or belly]))
    pattern = "striped" if stripe else "plain"
    label = {"toy": True}
    params = {"beam": beam, "mast": mast}
    return answer(words, "wood", params, view(rng, 5, 11, 22), pattern, **label)


def hull(color, belly, beam, low):
    """Frames from stern to bow: the deck's edge, the bilge, the keel."""
    paint = Material("hull", color, 0.25, coat_weight=0.9, coat_roughness=0.06)
    paint.color(paint.ramp(paint.axis("z"), [(0, belly), (low - 0.19, color)], constant=True))
    deck = wood((0.60, 0.36, 0.15), (0.42, 0.22, 0.08), axis="x", scale=5)
    grid, edge = [], []
    for i in range(25):
        t = i / 24
        x = -1.0 + 2.1 * t
        wide = beam * (1 - (max(0.0, t - 0.4) / 0.6) ** 2.4) * (0.72 + 0.28 * min(1, t / 0.4))
        sheer = low + 0.12 * (t - 0.42) ** 2 * 2 + 0.02
        deep = 0.36 * math.sin(math.pi * min(1.0, 0.16 + 0.84 * (1 - t) ** 0.75)) ** 0.6
        row = []
        for j in range(17):
            a = math.pi * j / 16
            bulge = math.copysign(abs(math.cos(a)) ** 0.7, math.cos(a))
            row.append((x, wide * bulge, sheer - deep * math.sin(a) ** 0.9))
        grid.append(row)
        edge.append((x, wide, sheer))
    sheet(grid, paint, 0.03, 1)
    stern = grid[0]
    mesh("stern", stern, [tuple(range(len(stern)))], paint, smooth=False)
    boards = [[(x, wide * k, z - 0.04) for k in (-0.97, -0.5, 0, 0.5, 0.97)] for x, wide, z in edge]
    sheet(boards, deck, 0.01, 1)
    for side in (-1, 1):
        tube([(x, side * wide, z) for x, wide, z in edge], 0.02, deck)
    tube([(-1.0, -edge[0][1], edge[0][2]), (-1.0, edge[0][1], edge[0][2])], 0.02, deck)
    box((0.42, 0.26, 0.12), (-0.42, 0, low + 0.02), deck, 0.03)


def spread(tack, clew, head, out, cloth):
    """A sail between three corners, bellied to one side, its free edge a little hollow."""
    grid = []
    for i in range(17):
        t = i / 16
        luff, leech = tack.lerp(head, t), clew.lerp(head, t)
        row = []
        for j in range(13):
            u = j / 12
            point = luff.lerp(leech, u)
            belly = out * math.sin(math.pi * u**0.7) * math.sin(math.pi * min(1, 0.12 + t)) ** 0.7
            row.append(point + Vector((0, -belly * (1 - t) ** 0.35, 0)))
        grid.append(row)
    sheet(grid, cloth, 0.006, 1)
    hem = [tack, *(row[-1] for row in grid), head]
    tube(hem, 0.007, cloth, smooth=False)


def pennant(top, color):
    cloth = fabric(color, scale=300)
    grid = []
    for i in range(9):
        t = i / 8
        half = 0.06 * (1 - t)
        wave = 0.03 * math.sin(6 * t)
        point = top + Vector((-0.01 - 0.3 * t, wave, -0.06))
        grid.append([point + Vector((0, 0, z)) for z in (-half, 0, half)])
    sheet(grid, cloth, 0.006, 1)


def stand(timber):
    for x in (-0.4, 0.42):
        for side in (-1, 1):
            tube([(x, side * 0.26, 0.0), (x, side * 0.2, 0.3)], 0.026, timber)
        tube([(x, -0.24, 0.12), (x, 0.24, 0.12)], 0.024, timber)
    tube([(-0.4, 0, 0.12), (0.42, 0, 0.12)], 0.024, timber)
