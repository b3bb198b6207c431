"""Places of any aspect, whose labels say where the light comes from."""

from functools import wraps

import bpy
import stage

from recipes.places.view import View


def background(name, horizon, ground, light, split="train", aspect=1.5, **label):
    """Register a scene. `horizon` and `ground` are fractions of the picture's height.

    `light` is where it comes from as the picture shows it (docs/packs.md), `aspect` width / height.
    Variant 0 has just these; others shift the lens a little, which moves both alike.
    """

    def register(scene):
        @wraps(scene)
        def make(rng, variant):
            shift = rng.uniform(-0.02, 0.02) if variant else 0.0
            scene(Sight(rng, variant, horizon + shift, aspect))
            floor = [round(ground[0] + shift, 3), round(min(0.98, ground[1] + shift), 3)]
            seen = {"horizon": round(horizon + shift, 3), "ground": floor, "light": light}
            return {"split": split, **seen, "aspect": aspect, **label}

        return stage.background(name)(make)

    return register


class Sight(View):
    """A view of any aspect; `lens` is for the picture's long side."""

    def __init__(self, rng, variant, horizon, aspect):
        super().__init__(rng, variant, horizon)
        self.aspect = aspect

    def look(self, height, lens, focus, fstop, exposure=0.4):
        super().look(height, lens, focus, fstop, exposure)
        bpy.context.scene.camera.data.shift_y = (self.horizon - 0.5) / max(self.aspect, 1)

    def half(self, y):
        return y * 18 / self.lens * min(self.aspect, 1) * 1.12 + 0.6


def flat(x, y):
    """Level ground."""
    return 0.0
