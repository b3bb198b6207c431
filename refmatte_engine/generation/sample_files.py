"""A sample's image and mattes as encoded files."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

from refmatte_engine.config.run import ImageFormat
from refmatte_engine.dataset.manifest import FORMAT
from refmatte_engine.images import image_io, png
from refmatte_engine.records import Sample
from refmatte_engine.scene.render import Rendering


def encoded(
    sample: Sample, rendering: Rendering, form: ImageFormat
) -> tuple[dict[str, bytes], dict[str, str]]:
    """The image, and a PNG for each entity, by path below the split's folder; and the digests of
    the pixels of those that are PNG."""
    files, pixels = {}, {}
    image = f"img/{sample.name}.{form.format}"
    if form.format == "jpg":
        files[image] = image_io.encode_jpeg(rendering.image, form.quality)
    else:
        files[image] = image_io.encode_png(rendering.image)
        pixels[image] = pixel_digest(rendering.image)
    for entity in sample.entities:
        layer = rendering.layers[entity.index - 1]
        at_xy, hw = layer.box_xyxy[:2], rendering.image.shape[:2]
        matte = f"mask/{sample.name}_{entity.index}.png"
        files[matte] = png.encode_part(layer.visible, at_xy, hw)
        pixels[matte] = _digest_of_part(layer.visible, at_xy, hw)
    return files, pixels


def pixel_digest(pixels: NDArray[np.uint8], form: int = FORMAT) -> str:
    """SHA-256 in hex of an image's shape and pixels, uint8, however they are compressed: no library
    promises the same stream on another processor. Of a grey one, since format 4, of its shape, the
    box (x, y, width, height) of what is not 0, and the pixels there. `form` is the dataset's."""
    if pixels.ndim == 2 and form >= 4:
        return _digest_of_part(pixels, (0, 0), pixels.shape)
    digest = hashlib.sha256(str(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def _digest_of_part(part: NDArray[np.uint8], at_xy: tuple[int, int], hw: tuple[int, int]) -> str:
    """`pixel_digest` of a grey image that is 0 but for `part`, whose upper left pixel is at
    `at_xy`."""
    x, y, wide, high = cv2.boundingRect(part)
    box = (x + at_xy[0], y + at_xy[1], wide, high) if wide else (0, 0, 0, 0)
    digest = hashlib.sha256(str((*hw, *box)).encode())
    digest.update(np.ascontiguousarray(part[y : y + high, x : x + wide]).data)
    return digest.hexdigest()
