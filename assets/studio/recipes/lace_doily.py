"""A lace doily: rings, loops and fans of crocheted thread, more hole than cloth."""

import math

from answers import answer, view
from materials import Material
from mathutils import Matrix, Vector
from shapes import strands, tilt
from stage import recipe

DOILIES = (  # word, thread, of what order the rose is, its rings from the middle
    ("white", (0.86, 0.85, 0.81), 12, "rose mesh fans shells"),
    ("black", (0.018, 0.017, 0.020), 10, "wheel fans mesh points"),
    ("beige", (0.72, 0.56, 0.36), 16, "wheel mesh rose shells"),
    ("red", (0.58, 0.02, 0.02), 8, "rose fans rose points"),
    ("light blue", (0.28, 0.58, 0.84), 12, "wheel rose mesh shells"),
    ("pink", (0.90, 0.36, 0.48), 14, "rose mesh rose points"),
    ("yellow", (0.90, 0.64, 0.08), 10, "wheel fans fans shells"),
    ("green", (0.07, 0.36, 0.10), 12, "rose mesh fans points"),
    ("purple", (0.28, 0.08, 0.46), 16, "wheel rose fans shells"),
)


def spot(r, a):
    return Vector((r * math.cos(a), r * math.sin(a), 0))


def ring(r, count=160):
    return [spot(r, math.tau * k / count) for k in range(count + 1)]


def band(kind, r, wide, n):
    """The threads of one ring, from r to r + wide, n times the same about the middle."""
    lines, step = [], math.tau / n
    for k in range(n):
        a = step * k
        if kind == "wheel":  # spokes, with a picot between
            lines.append([spot(r, a), spot(r + wide, a)])
            lines.append([spot(r, a), spot(r + wide, a + step / 2)])
            lines.append([spot(r + wide, a - step / 2), spot(r, a)])
        elif kind == "mesh":  # two courses of crossed threads
            for j in range(4):
                b = a + step * j / 4
                for way in (-1, 1):
                    bend = [(t, b + way * step / 4 * (2 * t)) for t in (0, 0.25, 0.5, 0.75, 1)]
                    lines.append([spot(r + wide * t, c) for t, c in bend])
            lines.append([spot(r + wide / 2, a + step * j / 8) for j in range(9)])
        elif kind == "fans":  # a shell of many stitches on every foot
            for j in range(9):
                u = (j - 4) / 4
                end = spot(r + wide * (1 - 0.28 * u * u), a + 0.46 * step * u)
                foot = spot(r, a)
                lines.append([foot, foot.lerp(end, 0.5) + spot(0.02 * wide, a), end])
            for reach in (0.62, 1.0):
                arc = [(u / 6, reach * (1 - 0.28 * (u / 6) ** 2)) for u in range(-6, 7)]
                lines.append([spot(r + wide * t, a + 0.46 * step * u * t**0.3) for u, t in arc])
        elif kind == "rose":  # pointed petals, one within another
            for size in (1.0, 0.7, 0.42):
                outline = []
                for j in range(25):
                    t = j / 24
                    half = 0.48 * step * size * math.sin(math.pi * t) ** 0.8
                    outline.append((r + wide * (0.5 + 0.5 * -math.cos(math.pi * t)) * size, half))
                lines += [[spot(far, a + way * half) for far, half in outline] for way in (-1, 1)]
            lines.append([spot(r, a), spot(r + wide * 0.42, a)])
        elif kind == "shells":  # round scallops with picots: the hem
            for size in (1.0, 0.66, 0.33):
                arc = [math.pi * j / 20 for j in range(21)]
                half = 0.5 * step * size
                lines.append(
                    [spot(r + wide * size * math.sin(b), a - half * math.cos(b)) for b in arc]
                )
            for j in range(7):
                b = math.pi * (j + 0.5) / 7
                mid = spot(r + wide * (math.sin(b) + 0.10), a - 0.54 * step * math.cos(b))
                lines.append([mid + spot(0.09 * wide, math.tau * c / 10) for c in range(11)])
                inner = spot(r + wide * 0.33 * math.sin(b), a - 0.165 * step * math.cos(b))
                lines.append([inner, spot(r + wide * math.sin(b), a - 0.5 * step * math.cos(b))])
        else:  # points: a pointed hem
            for size in (1.0, 0.72, 0.45):
                tip = spot(r + wide * size, a)
                for way in (-1, 1):
                    lines.append(
                        [
                            spot(r, a + way * 0.5 * step * size),
                            spot(r + wide * 0.3 * size, a + way * 0.36 * step * size),
                            tip,
                        ]
                    )
            knot = spot(r + wide * 1.07, a)
            lines.append([knot + spot(0.08 * wide, math.tau * c / 10) for c in range(11)])
    return lines


@recipe("lace doily")
def lace_doily(rng, variant):
    word, color, n, kinds = DOILIES[variant % len(DOILIES)]
    thread = Material("thread", color, 0.85, sheen_weight=0.3).grain(240, 0.4)
    fine, cord = [], [ring(0.035), ring(0.07)]
    for k in range(n):
        fine.append([spot(0.03, math.tau * k / n), spot(0.10, math.tau * k / n)])
    r = 0.10
    widths = [rng.uniform(0.85, 1.15) * w for w in (0.26, 0.20, 0.26, 0.20)]
    for number, (kind, wide) in enumerate(zip(kinds.split(), widths, strict=True)):
        cord += [ring(r - 0.012), ring(r + 0.004)]
        turns = n * (1, 2, 2, 3)[number]
        fine += band(kind, r + 0.004, wide, turns)
        for k in range(2 * turns):  # a row of short stitches between two cords
            a = math.pi * k / turns
            fine.append([spot(r - 0.012, a), spot(r + 0.004, a)])
        r += wide
    wave, phase = rng.uniform(0.02, 0.05), rng.uniform(0, 6)

    def drape(line):
        for p in line:
            a = math.atan2(p.y, p.x)
            p.z = wave * p.length**2 * math.sin(5 * a + phase) + 0.06 * p.length**2
        return line

    things = [strands([drape(line) for line in fine], 0.0062, thread, taper=1.0)]
    things.append(strands([drape(line) for line in cord], 0.0095, thread, taper=1.0))
    turn = Matrix.Rotation(math.radians(rng.uniform(50, 72)), 3, "X")
    tilt(things, turn @ Matrix.Rotation(rng.uniform(0, 1), 3, "Z"))
    params = {"order": n, "rings": kinds}
    return answer([word], "fabric", params, view(rng, 4, 12, 12), stands=False)
