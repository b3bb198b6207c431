"""A stool: three legs of wood, a bar stool of steel, or a pouffe with a fringe."""

import math

from answers import answer, solid, view
from materials import Material, fabric, metal, wood
from mathutils import Vector
from shapes import lathe, strands, tube, turned
from stage import recipe

LOOKS = (  # colour, second colour, form
    ("light brown", None, "milking"),
    ("red", "gray", "bar"),
    ("green", "yellow", "fringed"),
    ("white", None, "milking"),
    ("black", "gray", "bar"),
    ("pink", "white", "fringed"),
    ("blue", None, "milking"),
    ("yellow", "gray", "bar"),
    ("purple", "orange", "fringed"),
)
MADE_OF = {"milking": "wood", "bar": "leather", "fringed": "fabric"}


@recipe("stool")
def stool(rng, variant):
    color, accent, form = LOOKS[variant % len(LOOKS)]
    tall = rng.uniform(0.94, 1.06)
    {"milking": milking, "bar": bar, "fringed": fringed}[form](rng, color, accent, tall)
    words = [w for w in (color, accent) if w]
    params = {"form": form, "height": tall}
    if form == "fringed":
        return answer(words, "fabric", params, view(rng, 10, 17))
    return solid(rng, words, MADE_OF[form], "plain", 10, 18, 30, form=form, height=tall)


def milking(rng, color, accent, tall):
    """A thick round seat, legs that splay, and rungs between them."""
    if color == "light brown":
        grain = wood((0.50, 0.27, 0.10), (0.30, 0.13, 0.045), axis="x", scale=2.5)
    else:
        grain = Material("paint", color, 0.45).grain(60, 0.06)
    top, count = tall * 0.95, rng.choice((3, 4))
    seat = [(0, top - 0.1), (0.42, top - 0.1), (0.46, top - 0.08), (0.48, top - 0.03)]
    seat += [(0.46, top), (0.4, top + 0.005), (0.2, top - 0.025), (0, top - 0.03)]
    turned(seat, grain)
    ends, begin = [], math.pi / count + 0.25
    for k in range(count):
        a = begin + math.tau * k / count
        out = Vector((math.cos(a), math.sin(a), 0))
        head, foot = out * 0.28 + Vector((0, 0, top - 0.08)), out * 0.52
        steps = [foot.lerp(head, t) for t in (0, 0.25, 0.5, 0.55, 0.6, 0.8, 1)]
        tube(steps, [0.028, 0.04, 0.052, 0.042, 0.052, 0.05, 0.04], grain)
        ends.append(foot.lerp(head, 0.36 + 0.07 * (k % 2)))
    for k, end in enumerate(ends):
        other = ends[(k + 1) % count]
        tube([end, end.lerp(other, 0.5), other], [0.02, 0.03, 0.02], grain)


def bar(rng, color, accent, tall):
    """A buttoned cushion on four bent tubes, with a ring for the feet."""
    chrome = metal((0.72, 0.73, 0.75), roughness=0.15)
    hide = Material("leather", color, 0.42, coat_weight=0.25)
    cells = hide.node("ShaderNodeTexVoronoi", {"Vector": hide.position(), "Scale": 55.0})
    hide.bump(cells.outputs["Distance"], 0.25, 0.01)
    top = 1.35 * tall
    cushion = [(0, top), (0.36, top), (0.4, top + 0.02), (0.42, top + 0.08), (0.4, top + 0.14)]
    cushion += [(0.3, top + 0.175), (0.12, top + 0.17), (0.03, top + 0.155), (0, top + 0.155)]
    turned(cushion, hide)
    turned([(0, top - 0.05), (0.33, top - 0.05), (0.34, top - 0.02), (0.36, top), (0, top)], chrome)
    for z in (top + 0.015, top + 0.145):
        ring = [(0.408 * math.cos(a), 0.408 * math.sin(a), z) for a in turns(32)]
        tube(ring, 0.016, hide, closed=True)
    lathe([(0, 0), (0.03, 0), (0.035, 0.012), (0, 0.022)], hide, at=(0, 0, top + 0.155))
    for k in range(4):
        a = math.pi / 4 + math.pi / 2 * k + 0.2
        out = Vector((math.cos(a), math.sin(a), 0))
        bend = [(0.2, top - 0.04), (0.28, top - 0.1), (0.33, top * 0.6), (0.46, 0.0)]
        tube([out * r + Vector((0, 0, z)) for r, z in bend], 0.028, chrome)
        foot = lathe([(0, 0), (0.04, 0), (0.042, 0.05), (0, 0.06)], Material("foot", "black", 0.6))
        foot.location = out * 0.46
    for z, r in ((0.42 * tall, 0.365), (0.9 * tall, 0.315)):
        ring = [(r * math.cos(a), r * math.sin(a), z) for a in turns(32)]
        tube(ring, 0.02, chrome, closed=True)


def fringed(rng, color, accent, tall):
    """A velvet drum of a seat, piped at its edges; a fringe below it."""
    velvet = fabric(color, scale=300)
    velvet.set(sheen_weight=0.9, sheen_roughness=0.35)
    silk = fabric(accent, scale=300)
    r, low, top = 0.5, 0.56, 0.86 * tall
    seat = [(0, low - 0.05), (r * 0.9, low - 0.05), (r * 0.98, low), (r, top - 0.07)]
    seat.append((r * 0.96, top - 0.02))
    seat += [(r * 0.8, top + 0.02), (r * 0.4, top + 0.045), (0, top + 0.05)]
    pleats = rng.choice((36, 40, 44))

    def gather(angle, radius, z):
        depth = 0.012 * (radius > r * 0.9) + 0.01 * (z > top - 0.03) * (radius > 0.05)
        return radius * (1 + depth * math.cos(pleats * angle)), z

    turned(seat, velvet, gather, around=320)
    for z, size in ((low + 0.01, 0.025), (top - 0.04, 0.02)):
        tube([(r * math.cos(a), r * math.sin(a), z) for a in turns(48)], size, silk, closed=True)
    button = [(0, 0), (0.045, 0), (0.05, 0.02), (0.03, 0.035), (0, 0.04)]
    lathe(button, silk, at=(0, 0, top + 0.04))
    threads = []
    for k in range(900):
        a = math.tau * (k + rng.uniform(-0.5, 0.5)) / 900
        drift, long = rng.uniform(-0.03, 0.03), rng.uniform(0.93, 1.0)
        line = []
        for t in (0, 0.4, 0.75, 1):
            out, turn = r + 0.012 + 0.03 * t + rng.uniform(-0.004, 0.004), a + drift * t * t
            line.append((out * math.cos(turn), out * math.sin(turn), low - 0.27 * t * long))
        threads.append(line)
    strands(threads, 0.0042, silk, taper=0.9)
    foot = wood((0.20, 0.08, 0.03), (0.08, 0.03, 0.012))
    for k in range(4):
        a = math.pi / 2 * k + 0.5
        tube([(0.38 * math.cos(a), 0.38 * math.sin(a), z) for z in (0, low)], [0.03, 0.05], foot)


def turns(count):
    return [math.tau * k / count for k in range(count)]
