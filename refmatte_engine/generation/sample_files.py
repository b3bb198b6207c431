"""A sample's image and mattes as encoded files."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from refmatte_engine.config.run import ImageFormat
from refmatte_engine.images import image_io
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
        alpha = rendering.visible_alpha_u8(entity.index)
        matte = f"mask/{sample.name}_{entity.index}.png"
        files[matte] = image_io.encode_alpha_png(alpha)
        pixels[matte] = pixel_digest(alpha)
    return files, pixels


def pixel_digest(pixels: NDArray[np.uint8]) -> str:
    """SHA-256 in hex of an image's shape and pixels, uint8, however they are compressed: no library
    promises the same stream on another processor."""
    digest = hashlib.sha256(str(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
