"""Open scissors that lie on the table."""

import math

from answers import solid
from materials import GOLD, metal, plastic
from mathutils import Matrix, Vector
from shapes import plate, spline, tilt, tube, turned
from stage import recipe

LOOKS = (  # colour of the handles, their form
    ("red", "office"),
    ("blue", "office"),
    ("yellow", "stork"),
    ("green", "office"),
    ("black", "tailor"),
    ("pink", "office"),
    ("orange", "tailor"),
    ("gray", "stork"),
    ("purple", "office"),
)
FORMS = {  # length of the blade, its breadth, reach of the handle, eyes: half length and breadth
    "office": (0.92, 0.15, 0.42, (0.22, 0.13)),
    "tailor": (1.1, 0.19, 0.4, (0.28, 0.15)),
    "stork": (0.62, 0.11, 0.4, (0.17, 0.145)),
}


@recipe("scissors")
def scissors(rng, variant):
    color, form = LOOKS[variant % len(LOOKS)]
    steel = metal(GOLD if color == "yellow" else (0.72, 0.73, 0.75), roughness=0.18)
    grip = steel if form == "stork" else plastic(color, roughness=0.28)
    opening = math.radians(rng.uniform(17, 27))
    things = []
    for side in (-1, 1):
        half = one_half(FORMS[form], side, steel, grip)
        lift = 0.03 + 0.026 * (side > 0)
        place = Matrix.Rotation(-side * opening, 4, "Z") @ Matrix.Translation((0, 0, lift))
        for thing in half:
            thing.matrix_world = place @ thing.matrix_world
        things += half
    screw = [(0, 0.0), (0.05, 0.0), (0.05, 0.08), (0.035, 0.098), (0, 0.1)]
    things.append(turned(screw, metal(GOLD if form != "stork" else (0.6, 0.6, 0.6))))
    turn = rng.uniform(-0.7, 0.7) + rng.choice((0, math.pi))
    tilt(things, Matrix.Rotation(turn, 3, "Z"))
    material = "metal" if form == "stork" else "plastic"
    words = [color, None if form == "stork" else "gray"]
    angle = math.degrees(opening) * 2
    return solid(rng, words, material, "plain", 46, 58, 0, form=form, opening_deg=angle)


def one_half(form, side, steel, grip):
    """A blade towards +y and, across the screw, a handle with an eye for the fingers."""
    long, broad, reach, (tall, wide) = form
    # the cutting edge is straight, the back bends to meet it at the tip
    blade = [(side * broad * x, long * y) for x, y in BLADE]
    shank = [(-side * broad * x, -reach * y) for x, y in ((0.55, 0.1), (0.75, 0.75), (0.1, 0.85))]
    outline = [*spline(blade, 6), (side * broad * 0.55, -0.1 * reach)]
    things = [plate([[*outline, *reversed(shank)]], 0.022, steel, 0.004)]
    x0, y0 = -side * (broad * 0.6 + wide * 0.9), -reach - tall * 0.75
    eye = []
    for a in (math.tau * k / 40 for k in range(40)):
        lean = 0.25 * side * math.sin(a) * wide
        eye.append(Vector((x0 + wide * math.cos(a) - lean, y0 + tall * math.sin(a), 0)))
    things.append(tube(eye, 0.034 if grip is not steel else 0.024, grip, closed=True))
    top = max(eye, key=lambda p: p.y - side * p.x * 0.5)
    neck = [top, (-side * broad * 0.55, -reach * 0.7, 0), (-side * broad * 0.2, -reach * 0.12, 0)]
    things.append(tube(neck, [0.036, 0.045, 0.03], grip))
    return things


BLADE = (
    *((-0.5, -0.12), (-0.5, -0.12), (-0.48, 0.3), (-0.2, 0.98), (-0.2, 0.98), (-0.14, 1.0)),
    *((-0.05, 0.98), (0.25, 0.7), (0.42, 0.35), (0.5, 0.05), (0.5, 0.05), (0.5, 0.0)),
)
