"""The foreground's own colour, from an image and its alpha: the old background's is removed."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from refmatte_engine.errors import RefMatteError, needs
from refmatte_engine.images import alphas
from refmatte_engine.records import F32, U8
from refmatte_engine.storage import cache

# More iterations and a lower weight than the library's defaults recover soft edges about seven
# times better on exact alphas, and no worse on noisy ones.
SMALL_ITERATIONS, BIG_ITERATIONS, GRADIENT_WEIGHT = 30, 6, 0.3
# Only the thing with this much of what surrounds it is looked at. Without any, the old background's
# colours would be guessed as well; what lies farther away tells nothing of them.
MARGIN_PX = 8
# Changes whenever results do, so that caches are not taken for the new.
VERSION = 2

# Loading is for one thread only; and what an earlier version has compiled, and cached, may use
# numba's fallback threading layer, which must not be entered twice at once.
_one_at_a_time = threading.Lock()


def own_color(image: U8, alpha: U8) -> tuple[U8, float]:
    """The foreground's straight colour (uint8 H×W×3) and the recomposition error.

    `image` is uint8 H×W×3, `alpha` uint8 H×W. Colours are estimated where 0 < alpha < 255, copied
    from the image where alpha is 255, and 0 where it is 0. The error is the RMSE, in levels of 255
    over the soft pixels, between the image and the estimated foreground over the estimated
    background. MissingExtra without pymatting, unless nothing is soft.
    """
    color = np.where(alpha[..., None] == 255, image, np.uint8(0))
    soft = (alpha > 0) & (alpha < 255)
    around = alphas.box(alpha, at_least=1)
    if around is None or not soft.any():
        return color, 0.0
    part = widened(around, alpha.shape)
    foreground, background = unmixed(image[part], alpha[part])
    soft, mixed, share = soft[part], image[part], alpha[part].astype(np.float32)[..., None] / 255
    found = np.rint(np.clip(foreground[soft], 0, 1) * 255).astype(np.uint8)
    color[part][soft] = found
    again = share[soft] * found + (1 - share[soft]) * background[soft] * 255
    return color, float(np.sqrt(np.mean((again - mixed[soft]) ** 2)))


def widened(box_xyxy: tuple[int, int, int, int], size_hw: tuple[int, ...]) -> tuple[slice, slice]:
    """The box with MARGIN_PX around it, inside a picture of that size, as rows and columns."""
    x0, y0, x1, y1 = box_xyxy
    rows = slice(max(y0 - MARGIN_PX, 0), min(y1 + MARGIN_PX, size_hw[0]))
    return rows, slice(max(x0 - MARGIN_PX, 0), min(x1 + MARGIN_PX, size_hw[1]))


def unmixed(image: U8, alpha: U8) -> tuple[F32, F32]:
    """Estimates of the foreground's and the background's colours, float32 H×W×3 of about [0, 1].

    Source: Germer et al. 2020, fast multi-level foreground estimation, by pymatting. MissingExtra
    without it.
    """
    cache.for_numba()
    try:
        with _one_at_a_time, needs("pairs", "estimate a foreground's own colour"):
            estimate = _multilevel().estimate_foreground_ml
    except RuntimeError:  # numba has no place for what it compiles
        where = os.environ["NUMBA_CACHE_DIR"]
        todo = "set NUMBA_CACHE_DIR to a folder that can be"
        raise RefMatteError(where, "cannot be written", todo=todo) from None
    if alpha.size == 1:  # which has no levels to estimate in
        own = (image / 255).astype(np.float32)
        return own, own
    with _one_at_a_time:
        foreground, background = estimate(
            image.astype(np.float32) / 255,
            alpha.astype(np.float32) / 255,
            n_small_iterations=SMALL_ITERATIONS,
            n_big_iterations=BIG_ITERATIONS,
            gradient_weight=GRADIENT_WEIGHT,
            return_background=True,
        )
    return foreground, background


def _multilevel() -> ModuleType:
    """pymatting's module, loaded without its package: importing that compiles every method it has,
    which takes most of a minute the first time, and this one alone a few seconds."""
    name = "pymatting.foreground.estimate_foreground_ml"
    if name not in sys.modules:
        package = find_spec("pymatting")
        if package is None or package.origin is None:
            raise ModuleNotFoundError("pymatting is not installed", name="pymatting")
        file = Path(package.origin).parent / "foreground" / "estimate_foreground_ml.py"
        spec = spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module_from_spec(spec)  # numba looks there for what it compiles
        try:
            with _threadless():
                spec.loader.exec_module(sys.modules[name])
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


@contextmanager
def _threadless() -> Iterator[None]:
    """What is loaded inside is compiled for one thread. The method's own threads copy pixels from
    level to level, and wait for one another for longer than that takes."""
    import numba

    compiled = numba.njit

    def threadless(*given: Any, parallel: bool = False, **more: Any) -> Any:
        return compiled(*given, **more)

    numba.njit = threadless
    try:
        yield
    finally:
        numba.njit = compiled
