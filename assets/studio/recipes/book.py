"""A closed book, standing, with a stamped cover."""

import math

from answers import solid
from materials import GOLD, Material, fabric, metal
from mathutils import Matrix
from shapes import ball, box, sweep, tilt, tube
from stage import recipe


@recipe("book")
def book(rng, variant):
    color, trim = [
        ("red", GOLD),
        ("blue", (0.75, 0.76, 0.78)),
        ("green", GOLD),
        ("brown", GOLD),
        ("yellow", (0.05, 0.08, 0.2)),
        ("purple", GOLD),
        ("black", GOLD),
        ("white", (0.5, 0.03, 0.05)),
    ][variant % 8]
    wide, high, thick = rng.uniform(0.95, 1.15), rng.uniform(1.4, 1.6), rng.uniform(0.22, 0.36)
    cloth = fabric(color, scale=620)
    cloth.set(roughness=0.7, sheen_weight=0.1)
    shine = metal(trim, roughness=0.35) if sum(trim) > 1 else Material("print", trim, 0.6)
    pages = Material("pages", (0.86, 0.80, 0.66), 0.9)
    lines = pages.node("ShaderNodeTexNoise", {"Scale": 1.0, "Detail": 4.0})
    where = pages.node("ShaderNodeMapping", {"Vector": pages.position(), "Scale": (1.5, 160, 1.5)})
    pages.links.new(where.outputs[0], lines.inputs["Vector"])
    pages.color(pages.mix(lines.outputs["Fac"], (0.90, 0.84, 0.70), (0.62, 0.54, 0.40)))

    board, inset, parts = 0.035, 0.045, []
    for y in (-thick / 2, thick / 2):
        parts.append(box((wide, board, high), (0, y, high / 2), cloth, 0.012))
    x = -wide / 2

    def spine(t):
        arc = [math.pi * (k / 12 - 0.5) for k in range(13)]
        outer = [(-0.11 * math.cos(a), (thick / 2 + board / 2) * math.sin(a)) for a in arc]
        return outer + [(u * 0.7, v * 0.94) for u, v in reversed(outer)]

    rows = [(x + 0.012, 0, z * high) for z in (0, 0.01, 0.5, 0.99, 1)]
    parts.append(sweep(rows, lambda t: [(u, -v) for u, v in spine(t)], cloth, up=(0, -1, 0)))
    block = (wide - inset, thick - board, high - 2 * inset)
    parts.append(box(block, (-inset / 2, 0, high / 2), pages, 0.008))
    face = -thick / 2 - board / 2 - 0.001
    w, h = wide / 2 - 0.1, high / 2 - 0.1
    for grow, size in ((0, 0.009), (-0.035, 0.005)):
        a, b = w + grow, h + grow
        corners = [(-a, -b), (a, -b), (a, b), (-a, b)]
        frame = [(u + 0.02, face, v + high / 2) for u, v in corners]
        parts.append(tube(frame, size, shine, closed=True, smooth=False))
    petals = rng.choice((5, 6, 8))
    for k in range(petals):
        a = math.tau * k / petals
        spot = (0.02 + 0.15 * math.sin(a), face, high * 0.6 + 0.15 * math.cos(a))
        parts.append(ball(0.1, (0.4, 0.08, 1), spot, shine, (0, a, 0)))
    parts.append(ball(0.055, (1, 0.2, 1), (0.02, face, high * 0.6), shine))
    for z, half in ((0.3, 0.24), (0.25, 0.15)):
        parts.append(
            tube([(0.02 - half, face, z * high), (0.02 + half, face, z * high)], 0.014, shine)
        )
    yaw = rng.uniform(0.4, 0.62)
    tilt(parts, Matrix.Rotation(yaw, 3, "Z"))
    return solid(rng, [color], "paper", "plain", 14, 22, 8, thickness=thick)
