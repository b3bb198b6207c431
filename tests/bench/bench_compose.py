"""Images a second at 1500×1000, one core: the way a researcher writes it with Pillow or with
OpenCV, ours, and the floor below which nothing can go: decoding the background and encoding what is
written.

    python -m tests.bench.bench_compose [--images 12]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from refmatte_engine import parallel
from refmatte_engine.config.layout_rules import Canvas, LayoutRules
from refmatte_engine.config.run import Run
from refmatte_engine.generation import compose
from refmatte_engine.images import image_io, png
from refmatte_engine.packs import catalog as catalogs
from refmatte_engine.packs import pixels
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.randomness import stream
from refmatte_engine.records import Placement, Scene
from refmatte_engine.scene import layout, plan

CANVAS_HW = (1000, 1500)


def big_pack(folder: Path) -> Path:
    """The embedded pack at the size of photographs: foregrounds as PNG of 900 × 1200 or so."""
    (folder / "pack.yaml").write_text(
        "name: bench\nlicence: CC0-1.0\nsource: the embedded pack, enlarged\ncredit: none\n"
    )
    studio = catalogs.load(["studio"])
    for asset in list(studio.foregrounds.values())[:24]:
        rgba = pixels.of_foreground(asset, studio, asset.size_hw)
        factor = 1200 / max(rgba.shape[:2])
        large = cv2.resize(rgba, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        path = folder / "foregrounds" / asset.category / f"{Path(asset.id).name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(large).save(path)
    for ground in list(studio.backgrounds.values())[:6]:
        picture = pixels.of_background(ground, studio)
        picture = cv2.resize(picture, CANVAS_HW[::-1], interpolation=cv2.INTER_CUBIC)
        path = folder / "backgrounds" / f"{Path(ground.id).name}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(image_io.encode_jpeg(picture, 92))
    return folder


def scenes(catalog: Catalog, run: Run, count: int) -> list[Scene]:
    plan_ = plan.make_plan(run, catalog, "train")
    made = []
    for index in range(count):
        recipe = plan.sample_plan(plan_, index)
        made.append(
            layout.sample_scene(
                recipe,
                [catalog.foregrounds[i] for i in recipe.foregrounds],
                catalog.backgrounds[recipe.background],
                run.layout,
                stream(0, "bench", "train", index),
            )
        )
    return made


def naive(scene: Scene, catalog: Catalog, folder: Path) -> None:
    """Pillow and NumPy, whole canvas, float64, as in many a data set's script."""
    background = catalog.backgrounds[scene.background]
    source = catalog.root(background.pack) / background.path
    height, width = scene.canvas_hw
    canvas = Image.open(source).convert("RGB").resize((width, height), Image.LANCZOS)
    image = np.asarray(canvas).astype(np.float64)
    alphas: list[np.ndarray] = []
    for placement in scene.placements:
        foreground = Image.open(_file(placement, catalog)).convert("RGBA")
        x0, y0, x1, y1 = placement.box_xyxy
        foreground = foreground.resize((x1 - x0, y1 - y0), Image.LANCZOS)
        full = Image.new("RGBA", (width, height))
        full.paste(foreground, (x0, y0))
        layer = np.asarray(full).astype(np.float64)
        alpha = layer[..., 3] / 255
        image = layer[..., :3] * alpha[..., None] + image * (1 - alpha[..., None])
        alphas = [a * (1 - alpha) for a in alphas] + [alpha]
    Image.fromarray(image.astype(np.uint8)).save(folder / "image.jpg", quality=95)
    for k, alpha in enumerate(alphas):
        Image.fromarray((alpha * 255).astype(np.uint8)).save(folder / f"{k}.png")


def naive_opencv(scene: Scene, catalog: Catalog, folder: Path) -> None:
    """The same with OpenCV, in float32."""
    background = catalog.backgrounds[scene.background]
    height, width = scene.canvas_hw
    image = cv2.imread(str(catalog.root(background.pack) / background.path))
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    alphas: list[np.ndarray] = []
    for placement in scene.placements:
        foreground = cv2.imread(str(_file(placement, catalog)), cv2.IMREAD_UNCHANGED)
        x0, y0, x1, y1 = placement.box_xyxy
        foreground = cv2.resize(foreground, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
        layer = np.zeros((height, width, 4), np.float32)
        left, top, right, bottom = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
        part = foreground[top - y0 : bottom - y0, left - x0 : right - x0]
        layer[top:bottom, left:right] = part
        alpha = layer[..., 3] / 255
        image = layer[..., :3] * alpha[..., None] + image * (1 - alpha[..., None])
        alphas = [a * (1 - alpha) for a in alphas] + [alpha]
    jpeg = [cv2.IMWRITE_JPEG_QUALITY, 95]
    cv2.imwrite(str(folder / "image.jpg"), image.astype(np.uint8), jpeg)
    for k, alpha in enumerate(alphas):
        cv2.imwrite(str(folder / f"{k}.png"), (alpha * 255).astype(np.uint8))


def _file(placement: Placement, catalog: Catalog) -> Path:
    foreground = catalog.foregrounds[placement.foreground]
    return catalog.root(foreground.pack) / foreground.path


PLAIN = {"plain Pillow": naive, "plain OpenCV": naive_opencv}


def ours(scene: Scene, catalog: Catalog, folder: Path) -> None:
    rendering = compose.render_scene(scene, catalog)
    (folder / "image.jpg").write_bytes(image_io.encode_jpeg(rendering.image, 95))
    for k, layer in enumerate(rendering.layers):
        data = png.encode_part(layer.visible, layer.box_xyxy[:2], scene.canvas_hw)
        (folder / f"{k}.png").write_bytes(data)


def write(image: np.ndarray, alphas: Sequence[np.ndarray], folder: Path) -> None:
    (folder / "image.jpg").write_bytes(image_io.encode_jpeg(image, 95))
    for k, alpha in enumerate(alphas):
        (folder / f"{k}.png").write_bytes(image_io.encode_alpha_png(alpha))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=12)
    count = parser.parse_args().images
    with parallel.one_core(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        catalog = catalogs.load([big_pack(folder)], cache=folder / "cache", test_share=0.0)
        rules = LayoutRules(canvas=Canvas(size=CANVAS_HW), size=(0.7, 0.9), gap=(0.0, 0.01))
        made = scenes(catalog, Run(packs=[name], splits={"train": count}, layout=rules), count)
        renderings = [compose.render_scene(scene, catalog) for scene in made]  # warms the cache
        jpegs = {b.id: (folder / b.path).read_bytes() for b in catalog.backgrounds.values()}

        def floor(index: int) -> None:
            scene, rendering = made[index], renderings[index]
            cv2.imdecode(np.frombuffer(jpegs[scene.background], np.uint8), cv2.IMREAD_COLOR)
            write(rendering.image, masks[index], folder)

        masks = [
            [r.visible_alpha_u8(k + 1) for k in range(len(s.placements))]
            for r, s in zip(renderings, made, strict=True)
        ]

        def drop_and(way: Callable[[Scene, Catalog, Path], None], index: int) -> None:
            pixels._recent._held.clear()  # every image decodes its background, as in a large run
            way(made[index], catalog, folder)

        ways: dict[str, Callable[[int], None]] = {
            "naive": lambda i: drop_and(naive, i),
            "opencv": lambda i: drop_and(naive_opencv, i),
            "ours": lambda i: drop_and(ours, i),
            "floor": floor,
        }
        times: dict[str, list[float]] = {way: [] for way in ways}
        for index in range(count):  # in turn, so that a busy machine slows all three alike
            for way, do in ways.items():
                begun = time.process_time()
                do(index)
                times[way].append(time.process_time() - begun)
    entities = statistics.mean(len(scene.placements) for scene in made)
    print(f"{count} images of {CANVAS_HW[1]}×{CANVAS_HW[0]}, {entities:.1f} entities, one core")
    medians = {way: statistics.median(values) for way, values in times.items()}
    for way, value in medians.items():
        print(f"{way:6} {value * 1000:8.1f} ms an image {1 / value:8.1f} images/s")
    for way in ("naive", "opencv"):
        print(f"{way} / ours  {medians[way] / medians['ours']:.1f}")
    print(f"ours / floor  {medians['ours'] / medians['floor']:.2f}")


if __name__ == "__main__":
    main()
