"""A spider's web: spokes, and a spiral that sags between them; some hold drops of dew."""

import math

from answers import answer, view
from materials import Material
from mathutils import Matrix, Vector
from shapes import ball, strands, tilt
from stage import recipe

WEBS = (  # words, thread, how thick, spokes, dewy
    (["white"], (0.86, 0.86, 0.86), 0.0045, 20, False),
    (["gray"], (0.24, 0.24, 0.26), 0.0060, 16, False),
    (["light blue"], (0.50, 0.74, 0.90), 0.0045, 24, True),
    (["black"], (0.015, 0.015, 0.016), 0.0070, 14, False),
    (["yellow"], (0.90, 0.66, 0.14), 0.0050, 22, True),
    (["purple"], (0.34, 0.12, 0.56), 0.0065, 15, False),
    (["orange"], (0.88, 0.32, 0.03), 0.0060, 18, False),
)


@recipe("spider web")
def spider_web(rng, variant):
    words, color, thick, spokes, dewy = WEBS[variant % len(WEBS)]
    silk = Material("silk", color, 0.35, coat_weight=0.6)
    angles = [math.tau * (k + rng.uniform(-0.22, 0.22)) / spokes for k in range(spokes)]
    ends = [rng.uniform(0.92, 1.25) for _ in range(spokes)]
    hub = Vector((rng.uniform(-0.05, 0.05), 0, rng.uniform(0.0, 0.12)))
    bow = rng.uniform(-0.2, 0.2)

    def spot(k, r):
        k %= spokes
        x, z = r * math.cos(angles[k]), r * math.sin(angles[k])
        return hub + Vector((x, bow * r * r, z))

    lines, frame = [], []
    for k in range(spokes):
        frame.append([spot(k, ends[k] * t / 6) for t in range(7)])
        first, last = spot(k, ends[k] * 0.96), spot(k + 1, ends[(k + 1) % spokes] * 0.96)
        sag = (first + last) / 2 * 0.94 + hub * 0.06
        frame.append([first, first.lerp(sag, 0.6), sag, last.lerp(sag, 0.6), last])
    turns = rng.randint(15, 19)
    for turn in range(turns):
        for k in range(spokes):
            if turn > 2 and rng.random() < 0.015:  # torn here and there
                continue
            low, high = (0.10 + 0.82 * (turn + (k + s) / spokes) / turns for s in (0, 1))
            if turn < 2:
                low, high = 0.04 + 0.03 * turn, 0.04 + 0.03 * turn
            first, last = spot(k, ends[k] * low), spot(k + 1, ends[(k + 1) % spokes] * high)
            gap = (last - first).length
            line = []
            for j in range(9):
                t = j / 8
                dip = 4 * t * (1 - t)
                mid = first.lerp(last, t)
                line.append(
                    mid
                    + (hub - mid).normalized() * 0.12 * gap * dip
                    - Vector((0, 0, 0.05 * gap * dip))
                )
            lines.append(line)
    things = [strands(frame, thick * 1.25, silk, taper=1.0), strands(lines, thick, silk, taper=1.0)]
    if dewy:
        water = Material("dew", (0.80, 0.88, 0.92), 0.05, coat_weight=1.0, specular_ior_level=1.0)
        first = None
        for line in lines:
            for _ in range(rng.choice((0, 1, 1, 2, 3))):
                j = rng.randrange(8)
                one = ball(1.0, material=water, detail=3) if first is None else first.copy()
                if first is None:
                    first = one
                else:
                    things[0].users_collection[0].objects.link(one)
                size = rng.uniform(0.007, 0.016)
                at = line[j].lerp(line[j + 1], rng.random())
                one.matrix_world = Matrix.Translation(at) @ Matrix.Scale(size, 4)
                things.append(one)
    tilt(things, Matrix.Rotation(rng.uniform(-0.35, 0.35), 3, "Z"))
    params = {"spokes": spokes, "turns": turns, "dewy": dewy}
    return answer(words, None, params, view(rng, 0, 8, 8), stands=False)
