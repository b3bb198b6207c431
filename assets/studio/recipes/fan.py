"""A folding fan, spread: pleated cloth or paper on pierced ribs, with a tassel or a lace edge."""

import math

from answers import answer
from materials import Material, fabric, wood
from mathutils import Matrix, Vector
from shapes import ball, mesh, plate, strands, tilt, tube
from stage import recipe

LOOKS = (  # colour, pattern, second colour, colour of the ribs
    ("red", "plain", None, "black"),
    ("white", "dotted", "pink", "light brown"),
    ("black", "lace", None, "black"),
    ("light blue", "striped", "white", "white"),
    ("yellow", "plain", None, "brown"),
    ("green", "striped", "yellow", "light brown"),
    ("purple", "dotted", "white", "black"),
    ("pink", "lace", None, "white"),
    ("orange", "striped", "red", "brown"),
)


@recipe("fan")
def fan(rng, variant):
    color, pattern, accent, rib = LOOKS[variant % len(LOOKS)]
    spread, folds = math.radians(rng.uniform(140, 168)), rng.choice((20, 22, 24))
    inner, outer = rng.uniform(0.42, 0.5), 1.0
    if rib in ("black", "white"):
        timber = Material("lacquer", rib, 0.25, coat_weight=0.8)
    else:
        tone = (0.48, 0.26, 0.10) if rib == "light brown" else (0.20, 0.08, 0.03)
        timber = wood(tone, tuple(c * 0.6 for c in tone), axis="z", scale=4)
    things = [leaf(color, pattern, accent, spread, folds, inner, outer)]
    count = folds // 2 + 1
    for k in range(count):
        a = math.pi / 2 + spread * (0.5 - k / (count - 1))
        guard = k in (0, count - 1)
        turn = Matrix.Rotation(math.pi / 2 - a, 4, "Y") @ Matrix.Rotation(math.pi / 2, 4, "X")
        back = Matrix.Translation((0, 0.004 * (k - count / 2) - (0.012 if guard else 0), 0))
        things.append(stick(timber, outer if guard else inner + 0.1, guard, back @ turn))
    pin = Material("pin", (0.75, 0.55, 0.25), 0.25, metallic=1.0)
    things.append(tube([(0, -0.09, 0), (0, 0.07, 0)], 0.018, pin))
    if pattern != "lace":
        things += tassel(rng, accent or color)
    # It leans back a little, as if held in a hand.
    tilt(things, Matrix.Rotation(rng.uniform(-0.3, 0.3), 3, "Y") @ Matrix.Rotation(-0.12, 3, "X"))
    camera = {"elevation_deg": rng.uniform(0, 8), "azimuth_deg": rng.uniform(-20, 20)}
    known = pattern if pattern in ("dotted", "striped") else "plain"
    words = [w for w in (color, accent) if w] or [color]
    params = {"cut": pattern, "spread_deg": math.degrees(spread), "folds": folds}
    return answer(words, "fabric", params, camera, known, stands=False)


def leaf(color, pattern, accent, spread, folds, inner, outer):
    """Cloth folded to and fro; (u, v) across folds and along them carry the pattern."""
    cloth = fabric(color, scale=340)
    cloth.set(roughness=0.6, sheen_weight=0.15)
    angle = cloth.math("ARCTAN2", cloth.axis("x"), cloth.axis("z"))
    squares = (cloth.math("MULTIPLY", s, s) for s in (cloth.axis("x"), cloth.axis("z")))
    away = cloth.math("SQRT", cloth.math("ADD", *squares))
    if pattern == "dotted":
        u = cloth.math("MULTIPLY", angle, 22 / spread)
        cloth.polka(color, accent, u, cloth.math("MULTIPLY", away, 9.0), 0.25)
    elif pattern == "striped":
        wave = cloth.math("FRACT", cloth.math("MULTIPLY", away, 8.0))
        cloth.color(cloth.ramp(wave, [(0, color), (0.6, accent)], constant=True))
    elif pattern == "lace":
        pierce(cloth, angle, away, folds / spread, inner, outer)
    fine, steps = 4, 24
    scallop = 0.035 if pattern == "lace" else 0.0
    points, faces = [], []
    wide = folds * fine + 1
    for i in range(steps + 1):
        for j in range(wide):
            u = j / fine
            fold = abs(u % 2 - 1) * 2 - 1  # from ridge to valley and back
            a = math.pi / 2 + spread * (0.5 - u / folds)
            edge = outer + scallop * abs(math.sin(math.pi * u / 2))
            r = inner + (edge - inner) * i / steps
            points.append((r * math.cos(a), 0.026 * fold * (0.5 + r / 2), r * math.sin(a)))
    for i in range(steps):
        for j in range(wide - 1):
            a = i * wide + j
            faces.append((a, a + 1, a + wide + 1, a + wide))
    return mesh("leaf", points, faces, cloth, smooth=False)


def pierce(cloth, angle, away, per_radian, inner, outer):
    """Lace: a net of small holes between solid bands, by alpha."""
    u = cloth.math("MULTIPLY", angle, per_radian * 2)
    v = cloth.math("MULTIPLY", away, 26.0)
    row = cloth.math("FLOORED_MODULO", cloth.math("FLOOR", v), 2.0)
    u = cloth.math("ADD", u, cloth.math("MULTIPLY", row, 0.5))
    cells = (cloth.math("SUBTRACT", cloth.math("FRACT", s), 0.5) for s in (u, v))
    squares = (cloth.math("MULTIPLY", s, s) for s in cells)
    hole = cloth.math("LESS_THAN", cloth.math("ADD", *squares), 0.125)
    place = cloth.math("MULTIPLY", cloth.math("SUBTRACT", away, inner), 1 / (outer - inner))
    wave = cloth.math("FRACT", cloth.math("MULTIPLY", place, 3.0))
    petals = cloth.math("SINE", cloth.math("MULTIPLY", angle, per_radian * math.pi))
    wave = cloth.math("ADD", wave, cloth.math("MULTIPLY", petals, 0.12))
    solid_ = cloth.math("GREATER_THAN", wave, 0.72)
    open_ = cloth.math("MULTIPLY", hole, cloth.math("SUBTRACT", 1.0, solid_))
    cloth.link(cloth.math("SUBTRACT", 1.0, open_), cloth.shader.inputs["Alpha"])


def stick(timber, long, guard, turn):
    """A rib from below the pin to its end, slim at the pin; pierced where nothing covers it."""
    half = 0.03 if guard else 0.022
    side = [(0.012, -0.1), (0.026, -0.07), (0.02, 0.0), (half, 0.12), (half, 0.3)]
    side.append((half * 0.7, long))
    outline = [*side, *((-x, y) for x, y in reversed(side))]
    holes = []
    for y in (0.12, 0.19, 0.26, 0.33):
        ring = [math.tau * k / 12 for k in range(12)]
        holes.append([(0.011 * math.cos(a), y + 0.024 * math.sin(a)) for a in ring])
    return plate([outline, *holes], 0.012 if guard else 0.006, timber, 0.002, turn)


def tassel(rng, color):
    silk = fabric(color, scale=300)
    sway = rng.uniform(-0.05, 0.05)
    cord = [(0, -0.08, 0), (0.03, -0.1, -0.1), (sway, -0.1, -0.24), (-0.02, -0.1, -0.1)]
    cord.append((0, -0.07, 0))
    head = Vector((sway, -0.1, -0.26))
    threads = []
    for _ in range(160):
        a, wide = rng.uniform(0, math.tau), rng.random() ** 0.5
        long = rng.uniform(0.3, 0.34)
        out = Vector((math.cos(a), math.sin(a), 0)) * wide
        threads.append([head + out * w + Vector((0, 0, -long * t)) for t, w in DROP])
    bead = ball(0.035, at=tuple(head), material=silk, detail=3)
    return [tube(cord, 0.008, silk), strands(threads, 0.0042, silk, 0.8), bead]


DROP = ((0.0, 0.02), (0.15, 0.035), (0.5, 0.05), (1.0, 0.065))
