"""Relighting: a function of the user's own gives things the background's light.

It gets a thing on the canvas (straight RGBA, uint8 H×W×4) and the background (RGB, uint8 H×W×3),
and returns the thing's new colours (RGB, uint8 H×W×3). Alphas stay what they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np

from refmatte_engine.errors import InputError
from refmatte_engine.records import U8, U16, Box
from refmatte_engine.storage.files import digest

Relight = Callable[[U8, U8], Any]
GIVES = "the thing's colours: a numpy array, uint8, height × width × 3"


class Unfit(InputError):
    """A function that is not one to relight with."""

    def __init__(self, name: str, problem: str, *, allowed: str = "", todo: str = "") -> None:
        super().__init__(f"relight {name}", problem, allowed=allowed, todo=todo)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (self.where, self.problem, self.allowed, self.todo)


def _rebuilt(where: str, problem: str, allowed: str, todo: str) -> Unfit:
    return Unfit(where.removeprefix("relight "), problem, allowed=allowed, todo=todo)


def function(name: str) -> Relight:
    """The function "module:function". Its module is found as Python finds it, or in the folder that
    the command runs in. Unfit if there is none, or the module raises."""
    path, _, wanted = name.partition(":")
    found: Any = _module(name, path)
    for part in wanted.split("."):
        if not hasattr(found, part):
            raise Unfit(name, f"the module {path!r} has no {wanted!r}")
        found = getattr(found, part)
    if not callable(found):
        raise Unfit(name, f"{wanted!r} is no function")
    made: Relight = found
    return made


def described(name: str) -> dict[str, str]:
    """What tells one version of a function from another: the digest of its module's file, and the
    version of what it was installed with, as far as they are known."""
    function(name)
    path = name.partition(":")[0]
    file = getattr(sys.modules[path], "__file__", None)
    found = {"function": name}
    if file and Path(file).is_file():
        found["digest"] = digest(Path(file).read_bytes())
    for package in metadata.packages_distributions().get(path.partition(".")[0], ())[:1]:
        found["version"] = f"{package} {metadata.version(package)}"
    return found


def lit(name: str, canvas: U8, color: U16, alpha: U8, box: Box) -> U16:
    """The colours of a thing in its `box` (premultiplied, uint16 H×W×3) as the function wants them
    on the background `canvas`. Unfit if it gives anything but colours."""
    x0, y0, x1, y1 = box
    layer = np.zeros((*canvas.shape[:2], 4), np.uint8)
    straight = np.minimum(np.rint(color / np.maximum(alpha, 1)[..., None]), 255).astype(np.uint8)
    layer[y0:y1, x0:x1] = np.dstack((straight, alpha))
    relight = function(name)
    try:
        given = relight(layer, canvas.copy())
    except (Exception, SystemExit) as error:
        told = f"raised {type(error).__name__}: {error}"
        raise Unfit(name, " ".join(told.split()), todo="mend the function") from error
    rgb = _checked(name, given, canvas.shape)[y0:y1, x0:x1]
    # What is left as it was keeps the colours that 8 bits would round.
    changed = (rgb != straight).any(axis=2)[..., None]
    wide = cv2.cvtColor(alpha, cv2.COLOR_GRAY2RGB)
    return np.where(changed, np.multiply(rgb, wide, dtype=np.uint16), color)


def _checked(name: str, given: object, shape: tuple[int, ...]) -> U8:
    if not isinstance(given, np.ndarray):
        raise Unfit(name, f"gave {type(given).__name__}", allowed=GIVES)
    if given.shape == (*shape[:2], 4):
        raise Unfit(name, "gave an alpha, too, which stays what it is", allowed=GIVES)
    if given.shape != shape:
        said = " × ".join(map(str, given.shape))
        wanted = " × ".join(map(str, shape))
        raise Unfit(name, f"changed the shape: gave {said} for {wanted}", allowed=GIVES)
    if given.dtype != np.uint8:
        is_nan = given.dtype.kind == "f" and bool(np.isnan(given).any())
        raise Unfit(name, f"gave {given.dtype}{' with NaN' if is_nan else ''}", allowed=GIVES)
    return given


def _module(name: str, path: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:  # which an installed command does not look in
        sys.path.append(here)
    try:
        return import_module(path)
    except ModuleNotFoundError as error:
        if error.name and (path == error.name or path.startswith(f"{error.name}.")):
            raise Unfit(
                name,
                f"there is no module {path!r}",
                todo="install it, or run the command in the folder where it lies",
            ) from None
        raise Unfit(name, f"its module cannot be imported: {error}") from error
    except (Exception, SystemExit) as error:
        told = f"its module cannot be imported: {type(error).__name__}: {error}"
        raise Unfit(name, " ".join(told.split())) from error
