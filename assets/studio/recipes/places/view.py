"""What every place has: a camera, a horizon, and dice.

Every scene stands in metres around one convention: the camera is at (0, 0, height) and looks
level along +y; the horizon is moved by *shifting* the lens, never by tilting the camera. Uprights
therefore stay upright, and the horizon lies exactly where the label says.
"""

import math
from functools import wraps

import bpy
import numpy as np
import stage
from mathutils import Vector
from mathutils import noise as fractal

from recipes.places.geometry import mesh, place

ASPECT = 1.5  # every background is 3:2


def background(name, horizon, ground, split="train"):
    """Register a scene. `horizon` and `ground` are fractions of the picture's height.

    Variant 0 has just these; other variants shift the lens a little, which moves both alike.
    """

    def register(scene):
        @wraps(scene)
        def make(rng, variant):
            shift = rng.uniform(-0.025, 0.025) if variant else 0.0
            view = View(rng, variant, horizon + shift)
            scene(view)
            return {
                "split": split,
                "horizon": round(horizon + shift, 3),
                "ground": [round(ground[0] + shift, 3), round(min(0.98, ground[1] + shift), 3)],
                "light": "left",
            }

        return stage.background(name)(make)

    return register


class View:
    """What a scene is given: its dice, its variant, and the camera it looks through."""

    def __init__(self, rng, variant, horizon):
        self.rng, self.variant, self.horizon = rng, variant, horizon
        self.dice = np.random.default_rng(rng.randrange(2**32))
        self.offset = Vector((rng.uniform(-90, 90), rng.uniform(-90, 90), 0))  # into the noise

    def pick(self, *options):
        return options[self.variant % len(options)]

    def look(self, height, lens, focus, fstop, exposure=0.4):
        """Place the camera; `focus` (metres) and `fstop` decide what is sharp."""
        data = bpy.data.cameras.new("camera")
        data.lens, data.sensor_width, data.clip_end = lens, 36, 20000
        data.shift_y = (self.horizon - 0.5) / ASPECT
        data.dof.use_dof, data.dof.focus_distance, data.dof.aperture_fstop = True, focus, fstop
        camera = place(bpy.data.objects.new("camera", data), at=(0, 0, height))
        camera.rotation_euler = (math.pi / 2, 0, 0)
        scene = bpy.context.scene
        scene.camera = camera
        scene.render.film_transparent = False
        scene.view_settings.view_transform = "AgX"
        scene.view_settings.look = "AgX - High Contrast"
        scene.view_settings.exposure = exposure
        cycles = scene.cycles
        cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 4, 2, 2
        cycles.transmission_bounces, cycles.transparent_max_bounces = 3, 8
        cycles.sample_clamp_indirect = 3
        cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.05
        self.height, self.lens = height, lens

    def half(self, y):
        """Half the width that is in sight at the distance y, with some to spare for shadows."""
        return y * 18 / self.lens * 1.12 + 0.6

    def spots(self, count, near, far, evenness=1.0):
        """Random points in sight; evenness 1 is even on the ground, 0 even over the distance."""
        power = 1 + evenness
        y = (self.dice.random(count) * (far**power - near**power) + near**power) ** (1 / power)
        return np.stack([self.dice.uniform(-1, 1, count) * self.half(y), y], 1)

    def carpet(self, near, far, step):
        """Spots in sight on a shaken lattice: patches of grass laid here leave no hole."""
        rows = np.arange(near, far, step)
        spots = [(x, y) for y in rows for x in np.arange(-self.half(y), self.half(y) + step, step)]
        return np.array(spots) + self.dice.uniform(-0.2, 0.2, (len(spots), 2)) * step

    def land(self, material, near, far, relief=None, rows=260, columns=260, name="land"):
        """Ground in sight, its mesh as fine as the picture needs: rows crowd near the camera."""
        verts = []
        for y in np.geomspace(near, far, rows):
            for x in np.linspace(-1, 1, columns) * self.half(y) * 1.15:
                verts.append((x, y, relief(x, y) if relief else 0.0))
        i = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
        faces = np.stack([i, i + 1, i + columns + 1, i + columns], 1).tolist()
        return place(mesh(name, verts, faces, material))

    def hills(self, scale, octaves=5, roughness=1.0):
        """A smooth random landscape in about -1..1, as a function of x and y."""

        def at(x, y):
            point = (Vector((x, y, 0)) / scale) + self.offset
            return fractal.fractal(point, roughness, 2.0, octaves)

        return at
