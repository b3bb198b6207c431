"""Pixels for a catalog's records: decoded once, cached on disk, the latest in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

import cv2
import numpy as np

from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.packs import cutouts, own_colors, pixel_cache
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import U8, Background, Box, Foreground, Scene

SMALL_PX = 128  # of a thing's thumbnail, at least, on its longer side


def of_foreground(
    foreground: Foreground,
    catalog: Catalog,
    at_least_hw: tuple[float, float],
    *,
    unmixed: bool = True,
) -> U8:
    """Straight RGBA of the cropped foreground, uint8 H×W×4 (read-only): the full size or,
    in steps of √2, the smallest that still has `at_least_hw`. Colours that are mixed with an old
    background's are estimated, if they are to be `unmixed`.

    Where there is room, a memory map of a file in the catalog's cache: asking again is then free.
    InputError if the picture cannot be read or has changed since the catalog was loaded.
    """
    steps = cutouts.level(foreground.size_hw, at_least_hw)
    folder = pixel_cache.place(catalog.cache, foreground)
    is_estimated = unmixed and foreground.colors == "mixed"
    if not is_estimated:
        folder = pixel_cache.of_digest(catalog.cache, foreground.digest)

    def whole() -> U8:
        cutout = cutouts.of_file(catalog.root(foreground.pack), foreground)
        return own_colors.of(cutout, foreground, catalog.cache) if is_estimated else cutout.rgba

    def made() -> U8:
        # A first look and a picture want two sizes of a thing.
        return cutouts.shrunk(_recent.get(f"{folder}/whole", whole), steps)

    return _recent.get(f"{folder}/{steps}", lambda: pixel_cache.kept(folder, steps, made))


def of_things(scene: Scene, catalog: Catalog) -> list[U8]:
    """The same of a scene's things, far to near, each at least as large as it is placed."""
    found = []
    for placement in scene.placements:
        x0, y0, x1, y1 = placement.box_xyxy
        foreground = catalog.foregrounds[placement.foreground]
        found.append(of_foreground(foreground, catalog, (y1 - y0, x1 - x0)))
    return found


def small(foreground: Foreground, catalog: Catalog) -> U8:
    """A foreground at the size of a thumbnail, for a look before anything is drawn; nothing is
    estimated for it."""
    height, width = foreground.size_hw
    scale = SMALL_PX / max(height, width)
    size = height * scale, width * scale
    return of_foreground(foreground, catalog, size, unmixed=False)


def of_background(background: Background, catalog: Catalog) -> U8:
    """The background as uint8 H×W×3 (read-only); the latest few stay in this process's memory.
    InputError if the picture cannot be read or its size has changed since the catalog was
    loaded."""
    return _recent.get(background.digest, lambda: _decoded(background, catalog))


def of_crop(
    background: Background, catalog: Catalog, box_xyxy: Box, canvas_hw: tuple[int, int]
) -> tuple[U8, Box]:
    """The background for a crop that is to cover a canvas: no larger than that needs, in steps of
    √2 as of a foreground, and the box of the crop in it, to the nearest pixel. Kept in the cache as
    foregrounds are. InputError as above."""
    (height, width), (x0, y0, x1, y1) = background.size_hw, box_xyxy
    least = height * canvas_hw[0] / (y1 - y0), width * canvas_hw[1] / (x1 - x0)
    steps = cutouts.level(background.size_hw, least)
    if not steps:
        return of_background(background, catalog), box_xyxy
    folder = pixel_cache.of_digest(catalog.cache, background.digest)
    small_h, small_w = cutouts.stepped(background.size_hw, steps)

    def made() -> U8:
        size, whole = (small_w, small_h), _decoded(background, catalog)
        return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)

    small = _recent.get(f"{folder}/{steps}", lambda: pixel_cache.kept(folder, steps, made, 3))
    across, down = small_w / width, small_h / height
    return small, (round(x0 * across), round(y0 * down), round(x1 * across), round(y1 * down))


def _decoded(background: Background, catalog: Catalog) -> U8:
    path = catalog.root(background.pack) / background.path
    image = image_io.read_rgb(path)
    # Hashing the pixels would take longer than decoding them.
    if image.shape[:2] != background.size_hw:
        raise InputError(path, "has changed since the catalog was loaded", todo="start again")
    return image


class _Recent:
    """A thread-safe cache of the latest pixels, read-only, up to a number of bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._bytes, self._lock = most_bytes, 0, threading.Lock()
        self._held: OrderedDict[str, U8] = OrderedDict()

    def get(self, key: str, make: Callable[[], U8]) -> U8:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        pixels = make()
        pixels.flags.writeable = False
        with self._lock:
            if key not in self._held:
                self._held[key] = pixels
                self._bytes += pixels.nbytes
            while self._bytes > self._most and len(self._held) > 1:
                self._bytes -= self._held.popitem(last=False)[1].nbytes
        return pixels


_recent = _Recent(200_000_000)
