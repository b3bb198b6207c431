"""A butterfly net: a bag of threads on a hoop and a pole."""

import math

from answers import answer, view
from materials import metal, plain, rubber, wood
from mathutils import Vector
from shapes import strands, tube
from stage import recipe


@recipe("butterfly net")
def butterfly_net(rng, variant):
    word, thread = (
        ("white", (0.85, 0.84, 0.80)),
        ("green", (0.05, 0.42, 0.10)),
        ("pink", (0.92, 0.16, 0.36)),
        ("yellow", (0.92, 0.60, 0.03)),
        ("blue", (0.03, 0.20, 0.70)),
        ("orange", (0.9, 0.22, 0.01)),
    )[variant % 6]
    side = rng.choice((-1, 1))
    lean = math.radians(rng.uniform(24, 38)) * side
    r, deep = rng.uniform(0.38, 0.44), rng.uniform(0.85, 1.05)
    pole = Vector((math.sin(lean), 0, math.cos(lean)))
    foot, grip = Vector((0, 0, 0)), rng.uniform(1.15, 1.35)
    centre = foot + pole * (grip + r)
    # the hoop holds the pole's line and tips its mouth towards the eye
    tip = math.radians(rng.uniform(35, 50))
    level = Vector((pole.z, 0, -pole.x)) * side
    second = (level * math.cos(tip) + Vector((0, -1, 0)) * math.sin(tip) * 0.8).normalized()
    normal = pole.cross(second).normalized()
    if normal.y < 0:
        normal = -normal
    hang = (normal * 0.55 + level * 0.75 + Vector((0, 0, -0.55))).normalized()

    def bag(a, t):
        slim = (1 - t**2.4) ** 0.62 * (1 - 0.18 * t)
        ring = (pole * math.cos(a) + second * math.sin(a)) * r * slim
        return (
            centre
            + ring
            + hang * deep * (t + 0.06 * math.sin(3 * a + 9 * t) * t * (1 - t))
            + Vector((0, 0, -0.30 * t * t))
        )

    lines, turns, count, steps = [], 1.3, 46, 40
    for k in range(count):
        for way in (-1, 1):
            lines.append(
                [
                    bag(2 * math.pi * k / count + way * turns * j / steps, j / steps)
                    for j in range(steps + 1)
                ]
            )
    strands(lines, 0.0028, plain("thread", thread, 0.8, sheen_weight=0.3), taper=1.0)
    hoop = [bag(2 * math.pi * k / 48, 0) for k in range(48)]
    tube(hoop, 0.013, metal(), closed=True)
    hem = [bag(2 * math.pi * k / 48, 0.012) for k in range(48)]
    tube(hem, 0.021, plain("hem", thread, 0.85, sheen_weight=0.3), closed=True)
    tube([foot, pole * grip * 0.5, pole * (grip + 0.01)], [0.032, 0.030, 0.027], wood(name="pole"))
    tube([pole * (grip - 0.12), pole * (grip + 0.02)], 0.034, metal(roughness=0.35))
    tube([pole * 0.02, pole * 0.34], 0.040, rubber("black"))
    params = {"radius": r, "depth": deep, "lean_deg": math.degrees(lean)}
    return answer([word, "brown"], "fabric", params, view(rng, 5, 12, 15), stands=False)
