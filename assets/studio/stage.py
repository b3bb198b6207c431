"""The stage every subject stands on: registration, light, camera, render, export.

A recipe only builds its subject and says what it built. Everything that must be the same for all
pictures, so that they can share one composite, happens here.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
import random
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
import sources
from mathutils import Matrix, Vector
from PIL import Image

# Which variants are kept for testing, besides all from UNSEEN on: no shipped weights were ever
# trained on one of these. A recipe's own label may say otherwise; people's does.
TEST_VARIANTS = {"animal": (1, 2)}
UNSEEN = 50
# Samples by folder of recipes: fur and hair are many soft edges, places hold no edge at all.
SAMPLES = {"plush": 16, "people": 32, "places": 12}
MARGIN = 2  # transparent pixels kept around the subject


@dataclass(frozen=True)
class Recipe:
    name: str
    kind: str  # object, animal, human or background
    make: Callable[[random.Random, int], dict]
    variants: int | None = None  # None: as many as the build asks for

    @property
    def hash(self) -> str:
        return sources.hash_of(self.make.__module__, self.make.__name__)

    @property
    def samples(self) -> int:
        """How many a picture for the pack is drawn with."""
        folder = self.make.__module__.split(".")[1]
        return SAMPLES.get(folder, 48)

    def seed(self, variant: int) -> int:
        return zlib.crc32(f"{self.name}:{variant}".encode())

    def split(self, variant: int) -> str:
        kept = variant >= UNSEEN or variant in TEST_VARIANTS.get(self.kind, (2,))
        return "test" if kept else "train"


RECIPES: dict[str, Recipe] = {}
BACKGROUNDS: dict[str, Recipe] = {}


def recipe(category: str, kind: str = "object"):
    """Register `make(rng, variant) -> dict`, which builds one subject standing on z = 0."""

    def register(make):
        RECIPES[category] = Recipe(category, kind, make)
        return make

    return register


def background(name: str, variants: int | None = None):
    """Register `make(rng, variant) -> dict`, which builds a whole place: world, light, camera.

    Every key of its answer becomes a label, except `aspect` (width / height, 1.5 if absent) and
    `params`, which is kept as part of the recipe.
    """

    def register(make):
        BACKGROUNDS[name] = Recipe(name, "background", make, variants)
        return make

    return register


def load() -> None:
    """Import every recipe, so that each registers itself."""
    for module in pkgutil.walk_packages([str(Path(__file__).parent / "recipes")], "recipes."):
        importlib.import_module(module.name)


# --- scene ---------------------------------------------------------------------------------------


def reset(samples: int = 48, transparent: bool = True) -> bpy.types.Scene:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.film_transparent = transparent
    scene.view_settings.view_transform = "Khronos PBR Neutral"  # keeps colours nameable
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_adaptive_sampling = False  # it would stop early in thin, half-covered pixels
    cycles.use_denoising = True
    cycles.denoising_prefilter = "FAST"  # skips two extra denoising passes
    cycles.film_transparent_glass = True
    cycles.film_transparent_roughness = 0.3
    cycles.max_bounces = 16
    cycles.diffuse_bounces = cycles.glossy_bounces = 4
    cycles.transparent_max_bounces = 32
    cycles.transmission_bounces = 16
    cycles.sample_clamp_indirect = 6.0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    scene.world = bpy.data.worlds.new("world")
    return scene


def bounds() -> tuple[Vector, float]:
    """Centre and radius of everything that renders, with room for hair."""
    corners, hair = [], 0.0
    for item in bpy.context.evaluated_depsgraph_get().object_instances:
        thing = item.object
        if thing.type not in {"MESH", "CURVE", "CURVES", "SURFACE", "FONT", "META"}:
            continue
        if thing.hide_render:
            continue
        corners += [item.matrix_world @ Vector(c) for c in thing.bound_box]
        lengths = [p.settings.hair_length for p in thing.particle_systems]
        hair = max([hair, *lengths])
    low = Vector(map(min, zip(*corners, strict=True)))
    high = Vector(map(max, zip(*corners, strict=True)))
    return (low + high) / 2, (high - low).length / 2 + hair


def light(centre: Vector, radius: float, azimuth: float, ground: bool) -> None:
    """Key from the upper left front, a weak rim from behind, a soft sky and floor.

    The lights turn with the camera: seen in the picture they always come from the same side.
    """
    turn = Matrix.Rotation(azimuth, 3, "Z")

    def area(name, direction, distance, size, irradiance, color):
        lamp = bpy.data.lights.new(name, "AREA")
        lamp.shape = "DISK"
        lamp.size = size * radius
        lamp.energy = irradiance * math.pi * (distance * radius) ** 2
        lamp.color = color
        thing = bpy.data.objects.new(name, lamp)
        toward = turn @ Vector(direction).normalized()
        thing.location = centre + toward * distance * radius
        thing.rotation_euler = toward.to_track_quat("Z", "Y").to_euler()
        bpy.context.scene.collection.objects.link(thing)

    area("stage.key", (-0.75, -0.8, 1.0), 5, 1.9, 3.1, (1.0, 0.96, 0.9))
    area("stage.rim", (0.9, 0.75, 0.7), 5, 1.6, 1.3, (0.9, 0.95, 1.0))

    world = bpy.context.scene.world
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    nodes.clear()
    ramp = nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].color = (0.30, 0.28, 0.26, 1)
    ramp.color_ramp.elements[1].color = (0.85, 0.93, 1.0, 1)
    ramp.color_ramp.elements.new(0.5).color = (0.62, 0.62, 0.62, 1)
    split = nodes.new("ShaderNodeSeparateXYZ")
    scale = nodes.new("ShaderNodeMapRange")
    scale.inputs["From Min"].default_value = -1
    links.new(nodes.new("ShaderNodeTexCoord").outputs["Generated"], split.inputs[0])
    links.new(split.outputs["Z"], scale.inputs["Value"])
    links.new(scale.outputs["Result"], ramp.inputs["Fac"])
    shade = nodes.new("ShaderNodeBackground")
    shade.inputs["Strength"].default_value = 0.55
    links.new(ramp.outputs["Color"], shade.inputs["Color"])
    links.new(shade.outputs[0], nodes.new("ShaderNodeOutputWorld").inputs["Surface"])

    if ground:  # seen by no camera ray, but it shades the feet and sends light back up
        bpy.ops.mesh.primitive_plane_add(size=40 * radius, location=(0, 0, -0.002))
        floor = bpy.context.object
        floor.name = "stage.floor"
        floor.visible_camera = floor.visible_transmission = False
        material = bpy.data.materials.new("stage.floor")
        material.use_nodes = True
        shader = material.node_tree.nodes["Principled BSDF"]
        shader.inputs["Base Color"].default_value = (0.42, 0.40, 0.38, 1)
        shader.inputs["Roughness"].default_value = 1.0
        shader.inputs["Specular IOR Level"].default_value = 0.0
        floor.data.materials.append(material)


def aim(centre: Vector, radius: float, azimuth: float, elevation: float, lens: float) -> None:
    """A camera in front (-y), turned to the right by `azimuth`, that holds the whole sphere."""
    camera = bpy.data.cameras.new("stage.camera")
    camera.lens = lens
    distance = radius / math.sin(camera.angle / 2)
    camera.clip_start, camera.clip_end = distance / 100, distance * 100
    toward = Vector((0, -math.cos(elevation), math.sin(elevation)))
    toward = Matrix.Rotation(azimuth, 3, "Z") @ toward
    thing = bpy.data.objects.new("stage.camera", camera)
    thing.location = centre + toward * distance
    thing.rotation_euler = toward.to_track_quat("Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.scene.camera = thing


# --- pictures ------------------------------------------------------------------------------------


def shoot(linear: bool = False, lift: bool = False) -> np.ndarray:
    """Render and return an array (h, w, 4): display-referred uint8, or linear premultiplied."""
    scene = bpy.context.scene
    settings = scene.render.image_settings
    with tempfile.TemporaryDirectory() as folder:
        scene.render.filepath = f"{folder}/raw.exr"
        settings.file_format, settings.color_mode = "OPEN_EXR", "RGBA"
        settings.color_depth = "32"
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(f"{folder}/raw.exr")
        width, height = image.size
        pixels = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(pixels)
        if linear:
            bpy.data.images.remove(image)
            return pixels.reshape(height, width, 4)[::-1]
        if lift:
            lift_highlights(pixels.reshape(-1, 4))
            image.pixels.foreach_set(pixels)
        settings.file_format, settings.color_depth = "PNG", "8"
        image.save_render(f"{folder}/out.png", scene=scene)
        return np.asarray(Image.open(f"{folder}/out.png").convert("RGBA"))


def lift_highlights(pixels: np.ndarray, white: float = 2.0) -> None:
    """Give light that a clear surface reflects enough alpha to be seen.

    Glass mirrors a lamp with 4 % coverage but far more than white; clipped to white at that
    coverage the glint would be lost. Trading brightness for coverage keeps the product.
    """
    color, alpha = pixels[:, :3], pixels[:, 3]
    peak = color.max(axis=1)
    np.copyto(alpha, np.clip(np.maximum(alpha, peak / white), 0, 1))


def fill(rgba: np.ndarray) -> np.ndarray:
    """Carry colour outward into the transparent part, so that lossy coding cannot bleed black."""
    alpha = rgba[..., 3:].astype(np.float32) / 255
    levels = [(rgba[..., :3] * alpha, alpha)]
    while max(levels[-1][1].shape) > 1:
        levels.append([halve(layer) for layer in levels[-1]])
    color = None
    for total, weight in reversed(levels):
        known = total / np.maximum(weight, 1e-6)
        if color is not None:
            height, width = weight.shape[:2]
            wider = color.repeat(2, 0).repeat(2, 1)[:height, :width]
            known = np.where(weight > 1e-3, known, wider)
        color = known
    return np.dstack([color.round().clip(0, 255).astype(np.uint8), rgba[..., 3]])


def halve(layer: np.ndarray) -> np.ndarray:
    height, width = layer.shape[:2]
    layer = np.pad(layer, ((0, height % 2), (0, width % 2), (0, 0)))
    return (layer[::2, ::2] + layer[1::2, ::2] + layer[::2, 1::2] + layer[1::2, 1::2]) / 4


def alpha_box(alpha: np.ndarray, least: float) -> tuple[int, int, int, int]:
    rows, columns = np.where((alpha > least).any(1))[0], np.where((alpha > least).any(0))[0]
    if not len(rows):
        raise RuntimeError("the picture is empty")
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def frame(size: int, probe: int = 160) -> None:
    """Find the subject with a tiny render, then render only that part, `size` pixels long.

    What the probe sees is what the picture will hold: hair, fuzz and glass included.
    """
    scene = bpy.context.scene
    render, cycles = scene.render, scene.cycles
    samples, cycles.samples, cycles.use_denoising = cycles.samples, 4, False
    render.resolution_x = render.resolution_y = probe
    left, top, right, bottom = alpha_box(shoot(linear=True)[..., 3], 1e-3)
    cycles.samples, cycles.use_denoising = samples, True
    slack = 2  # probe pixels: fine tips may hide between its samples
    left, top = max(left - slack, 0), max(top - slack, 0)
    right, bottom = min(right + slack, probe), min(bottom + slack, probe)
    long_side = max(right - left, bottom - top) - 2 * slack
    render.resolution_x = render.resolution_y = round(size * probe / long_side)
    render.use_border = render.use_crop_to_border = True
    render.border_min_x, render.border_max_x = left / probe, right / probe
    render.border_min_y, render.border_max_y = 1 - bottom / probe, 1 - top / probe


def save_samples() -> None:
    """Sample less, least where it is smooth: safe only if nothing is finer than a pixel."""
    cycles = bpy.context.scene.cycles
    cycles.samples = max(cycles.samples // 2, 8)
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold, cycles.adaptive_min_samples = 0.04, 8


def render_subject(name: str, variant: int, size: int, samples: int, path: Path) -> dict:
    """Build and render one subject into a WebP file; return its labels."""
    made = RECIPES[name]
    seed = made.seed(variant)
    reset(samples)
    answer = made.make(random.Random(seed), variant)
    label = {"stands": True, "flippable": True, "sheds_shadow": True, **answer.get("label", {})}
    attributes = answer["attributes"] | {k: label.pop(k) for k in ("contents",) if k in label}
    view = {"azimuth_deg": 0, "elevation_deg": 12, "lens_mm": 70, **answer.get("camera", {})}
    azimuth = math.radians(view["azimuth_deg"])
    centre, radius = bounds()
    light(centre, radius, azimuth, ground=label["stands"])
    aim(centre, radius * 1.1, azimuth, math.radians(view["elevation_deg"]), view["lens_mm"])
    frame(size)
    if answer.get("solid"):
        save_samples()
    rgba = shoot(lift=bool(attributes.get("transparent")))
    left, top, right, bottom = alpha_box(rgba[..., 3], 2)
    rgba = np.pad(rgba[top:bottom, left:right], ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)))
    picture = Image.fromarray(fill(rgba), "RGBA")
    picture.save(path, "WEBP", quality=90, alpha_quality=100, exact=True, method=6)
    params = {**answer.get("params", {}), "camera": view}
    return {
        "category": name,
        "kind": made.kind,
        "split": made.split(variant),
        "attributes": attributes,
        "source": "recipe",
        "recipe": {"name": name, "variant": variant, "seed": seed, "params": params},
        **label,
    }


def render_background(name: str, variant: int, size: int, samples: int, path: Path) -> dict:
    """Build and render one place into a JPEG file; return its labels."""
    made = BACKGROUNDS[name]
    seed = made.seed(variant)
    scene = reset(samples, transparent=False)
    answer = dict(made.make(random.Random(seed), variant))
    params, aspect = answer.pop("params", {}), answer.pop("aspect", 1.5)
    scene.render.resolution_x = size if aspect >= 1 else round(size * aspect)
    scene.render.resolution_y = round(size / aspect) if aspect >= 1 else size
    picture = Image.fromarray(shoot()[..., :3])
    picture.save(path, "JPEG", quality=85, optimize=True, progressive=True)
    return {
        "kind": "background",
        "split": made.split(variant),
        "source": "recipe",
        "recipe": {"name": name, "variant": variant, "seed": seed, "params": params},
        "camera_m": round(scene.camera.location.z, 2),  # things stand at z = 0
        **answer,
    }


def contact_sheet(paths, out: Path, cell: int = 256, columns: int = 4) -> None:
    """Show every asset over a light, a dark and a busy ground: what is wrong shows on one."""
    y, x = np.mgrid[0:cell, 0:cell]
    busy = np.dstack([128 + 100 * np.sin(x / a + y / b) for a, b in ((5, 9), (-7, 6), (11, -4))])
    grounds = [np.full((cell, cell, 3), v, np.uint8) for v in (238, 26)] + [busy.astype(np.uint8)]
    rows = math.ceil(len(paths) / columns)
    sheet = Image.new("RGB", (3 * cell * min(columns, len(paths)), cell * rows))
    for index, path in enumerate(paths):
        picture = Image.open(path).convert("RGBA")
        picture.thumbnail((cell - 12, cell - 12), Image.Resampling.LANCZOS)
        corner = ((cell - picture.width) // 2, (cell - picture.height) // 2)
        for side, ground in enumerate(grounds):
            tile = Image.fromarray(ground)
            tile.paste(picture, corner, picture)
            sheet.paste(tile, ((index % columns * 3 + side) * cell, index // columns * cell))
    sheet.save(out)
