"""Pixels for a catalog's records: decoded once, cached on disk, the latest in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.packs import cutouts, own_colors, pixel_cache
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import U8, Background, Foreground


def of_foreground(foreground: Foreground, catalog: Catalog, at_least_hw: tuple[float, float]) -> U8:
    """Straight RGBA of the cropped foreground, uint8 H×W×4 (read-only): the full size or,
    in steps of √2, the smallest that still has `at_least_hw`.

    Where there is room, a memory map of a file in the catalog's cache: asking again is then free.
    InputError if the picture cannot be read or has changed since the catalog was loaded.
    """
    steps = cutouts.level(foreground.size_hw, at_least_hw)
    folder = pixel_cache.place(catalog.cache, foreground)

    def whole() -> U8:
        cutout = cutouts.of_file(catalog.root(foreground.pack), foreground)
        is_mixed = foreground.colors == "mixed"
        return own_colors.of(cutout, foreground, catalog.cache) if is_mixed else cutout.rgba

    def made() -> U8:
        # A sketch and a picture want two sizes of a thing, one right after the other.
        return cutouts.shrunk(_recent.get(f"{folder}/whole", whole), steps)

    return _recent.get(f"{folder}/{steps}", lambda: pixel_cache.kept(folder, steps, made))


def of_background(background: Background, catalog: Catalog) -> U8:
    """The background as uint8 H×W×3 (read-only); the latest few stay in this process's memory.
    InputError if the picture cannot be read or its size has changed since the catalog was
    loaded."""
    path = catalog.root(background.pack) / background.path

    def decoded() -> U8:
        image = image_io.read_rgb(path)
        # Hashing the pixels would take longer than decoding them.
        if image.shape[:2] != background.size_hw:
            raise InputError(path, "has changed since the catalog was loaded", todo="start again")
        return image

    return _recent.get(background.digest, decoded)


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
