"""A plush sheep with a curly fleece."""

from answers import answer, view
from materials import plastic
from stage import recipe

from recipes.plush.features import ball, eye, stitch
from recipes.plush.fur import SHORT, Coat, grow, patches, shorter
from recipes.plush.stuffing import blob, limb, stuff, tilted, turned


@recipe("sheep", kind="animal")
def sheep(rng, variant):
    wool, face = [
        ("white", "black"),
        ("dark brown", "beige"),
        ("white", "cream"),
        ("black", "dark gray"),
        ("cream", "dark brown"),
        ("pink", "white"),
        ("gray", "black"),
    ][variant % 7]
    fleece = Coat(
        length=rng.uniform(0.12, 0.15), density=9000, thickness=0.0075, lay=0.15, frizz=0.35,
        clump=0.75, tuft=45, curl=rng.uniform(0.022, 0.03), turns=2.2, points=16, uneven=0.2,
    )  # fmt: skip
    yaw = rng.choice((-1, 1)) * rng.uniform(32, 48)
    here = turned(yaw)
    body = [blob((0, 0.02, 0.8), (0.4, 0.56, 0.4)), blob((0, 0.55, 0.92), 0.13)]
    grow(stuff(body, here), fleece, wool, rng)
    legs = []
    for x, y in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
        foot = y * 0.32 + rng.uniform(-0.06, 0.06)
        legs += limb((x * 0.2, y * 0.3, 0.6, 0.11), (x * 0.21, foot, 0.09, 0.085))
    hooves = [((0, 0, 0.03), (2, 2, 0.11), "black")] if face != "black" else []
    grow(stuff(legs, here), SHORT, patches(face, *hooves), rng)

    look = tilted((0, -0.5, 0.95), rng.uniform(-4, 6), rng.uniform(-8, 8), -0.55 * yaw)
    head = here @ look
    cap = [blob((0, -0.55, 1.33), (0.22, 0.2, 0.13)), blob((0, -0.45, 1.18), (0.2, 0.15, 0.2))]
    grow(stuff(cap, head), fleece, wool, rng)
    parts = [blob((0, -0.66, 1.13), (0.2, 0.22, 0.23)), blob((0, -0.82, 1.03), (0.15, 0.15, 0.14))]
    for side in (-1, 1):
        parts.append(blob((side * 0.32, -0.58, 1.16), (0.17, 0.06, 0.09), (0, side * 22, 0)))
    eyes = [(side * 0.125, -0.825, 1.2) for side in (-1, 1)]
    inner = [((s * 0.34, -0.64, 1.155), (0.12, 0.05, 0.055), "light pink") for s in (-1, 1)]
    muzzle = [((0, -0.96, 1.0), (0.13, 0.1, 0.1), "light pink")] if face != "black" else []
    trim = shorter(*((place, 0.07, 0.2) for place in eyes))
    grow(stuff(parts, head), SHORT, patches(face, *inner, *muzzle), rng, trim)
    for place in eyes:
        if face in ("black", "dark gray", "dark brown"):  # else the eyes are lost in the face
            ball(head @ blob(place, 0.052), plastic("white"))
            x, y, z = place
            eye((x, y - 0.03, z), 0.034, head)
        else:
            eye(place, 0.042, head)
    light = (
        (0.5, 0.36, 0.34) if face in ("black", "dark gray", "dark brown") else (0.05, 0.02, 0.02)
    )
    for side in (-1, 1):
        stitch([(side * 0.05, -0.965, 1.07), (side * 0.03, -0.985, 1.05)], 0.008, head, light)
    bow = [(-0.075, -0.945, 0.985), (0, -0.98, 0.96), (0.075, -0.945, 0.985)]
    stitch(bow, 0.008, head, light)
    named = {"cream": "beige", "dark gray": "pink"}  # of a dark head the muzzle is what shows
    colors = [named.get(color, color) for color in (wool, face)]
    params = {"wool": fleece.length, "curl": fleece.curl, "yaw": yaw}
    return answer(colors, "wool", params, view(rng, 6, 18, 6))
