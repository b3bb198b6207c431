"""A soap bubble, whose colours are bands of a film."""

from answers import answer, view
from shapes import ball
from stage import recipe
from veil import Veil, smooth_alpha

# bands of a soap film, from its thin middle to its steep edge
FILMS = {
    "pink": ((0.8, 0.9, 1.0), (1.0, 0.22, 0.55), (1.0, 0.70, 0.25), (0.90, 0.12, 0.75)),
    "blue": ((0.9, 0.8, 1.0), (0.12, 0.45, 1.0), (0.20, 0.95, 0.95), (0.10, 0.20, 1.0)),
    "green": ((1.0, 0.8, 0.9), (0.15, 0.90, 0.40), (0.75, 0.95, 0.15), (0.02, 0.75, 0.45)),
    "purple": ((0.8, 0.9, 1.0), (0.50, 0.20, 1.0), (1.0, 0.35, 0.75), (0.30, 0.10, 0.95)),
    "orange": ((0.8, 0.95, 1.0), (1.0, 0.45, 0.08), (0.95, 0.90, 0.20), (1.0, 0.25, 0.08)),
}


@recipe("soap bubble")
def soap_bubble(rng, variant):
    smooth_alpha()
    hue = list(FILMS)[variant % len(FILMS)]
    wobble, squash = rng.uniform(-0.05, 0.05), rng.uniform(0.96, 1.04)
    bubble = ball(0.7, at=(0, 0, 0.72), material=film(rng, hue), detail=6)
    for vertex in bubble.data.vertices:
        x, y, z = vertex.co
        vertex.co = (x * squash * (1 + wobble * z), y, z / squash * (1 - wobble * (0.5 + x)))
    params = {"hue": hue, "wobble": wobble}
    floats = {"transparent": True, "stands": False, "sheds_shadow": False}
    return answer([hue], "soap", params, view(rng, 5, 12), **floats)


def film(rng, hue):
    """Iridescence by hand: bands over the facing angle, stirred by a slow noise."""
    made = Veil("soap film")
    swirl = made.node(
        "ShaderNodeTexNoise",
        {
            "Vector": made.position(),
            "Scale": 1.5,
            "Detail": 2.0,
            "Distortion": 1.5,
        },
        noise_dimensions="4D",
    )
    swirl.inputs["W"].default_value = rng.uniform(0, 20)
    stir = made.math("MULTIPLY", made.math("SUBTRACT", swirl.outputs["Fac"], 0.5), 1.1)
    order = (0, 1, 2, 1, 3, 2, 3)
    stops = [(k / 6, FILMS[hue][band]) for k, band in enumerate(order)]
    bands = made.ramp(made.math("ADD", made.facing(0.9), stir), stops)
    amount = made.math("MULTIPLY", made.rise(0.13, 0.85, 2.0), made.front())
    glow = made.bsdf("Emission", {"Color": bands, "Strength": 0.9})
    skin = made.blend(amount, made.bsdf("BsdfTransparent"), glow)
    # the far wall mirrors too: the second, upside-down window that tells a bubble from a ball
    shine = made.bsdf("BsdfGlossy", {"Roughness": 0.01})
    return made.surface(made.blend(made.rise(0.08, 0.6, 5.0), skin, shine))
