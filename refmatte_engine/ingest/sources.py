"""Every source by its name. A new one is a file with an ORIGIN, and a line here."""

from __future__ import annotations

from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.ingest import (
    aim500,
    aisegment,
    am2k,
    background_folder,
    bg20k,
    composition1k,
    dis,
    distinctions646,
    hhm50k,
    him2k,
    magick,
    p3m10k,
    ppm100,
    refmatte,
    rgba_folder,
    rwp636,
    simd,
    transparent460,
    tuxpaint,
    videomatte240k,
    youtubematte,
)
from refmatte_engine.ingest.origin import Origin

_MODULES = (
    *(am2k, p3m10k, aim500, transparent460, simd, composition1k, distinctions646, him2k, hhm50k),
    *(refmatte, dis, ppm100, rwp636, aisegment, videomatte240k, youtubematte, bg20k, tuxpaint),
    *(magick, rgba_folder, background_folder),
)
SOURCES: dict[str, Origin] = {module.ORIGIN.name: module.ORIGIN for module in _MODULES}


def named(name: str) -> Origin:
    """The source of that name. InputError, with the nearest, if there is none."""
    key = name.lower().replace("-", "").replace("_", "")
    for origin in SOURCES.values():
        if origin.name.replace("_", "") == key:
            return origin
    todo = nearest(name, SOURCES)
    raise InputError(name, "is not a source", allowed=listed(SOURCES, len(SOURCES)), todo=todo)
