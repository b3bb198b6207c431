"""Checkpoints as folders: where one is, and what it says of itself. Nothing here needs torch."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, get_args

from refmatte_baselines.looks import Looks
from refmatte_engine.config.strict_yaml import parse
from refmatte_engine.errors import InputError, listed, nearest

CONFIG, WEIGHTS = "config.json", "model.safetensors"
FORMAT = 3  # 1: CLIPMat, before its wiring had options; 2: before presence was read by words
KEYS = ("format", "kind", "completed_by", "knows", "answering", "model", "about")
Kind = Literal["clipmat", "clipseg", "mdetr"]
SHIPPED = ("tiny", "b16_small_text")
HERE = Path(__file__).parents[1] / "weights"  # of a checkout; a wheel's are the package below
WEIGHTS_PACKAGE = "refmatte_weights"
HOW = "give the folder of a checkpoint, tiny or b16_small_text; or make one with `refmatte train`"


def is_onnx(checkpoint: Path | str) -> bool:
    """Whether it is a model as an ONNX file (see `onnx_file`) rather than a folder."""
    return Path(checkpoint).suffix.lower() == ".onnx"


def located(checkpoint: Path | str) -> Path:
    """The folder of a checkpoint: an existing one, or a bundled one by its name.

    InputError if there is no such folder, or it is a training's, which holds checkpoints.
    """
    folder = Path(checkpoint)
    if is_onnx(folder) and folder.is_file():
        return folder
    if (folder / CONFIG).is_file():
        return folder
    if str(folder) in SHIPPED:
        if (found := bundled(str(folder), CONFIG)) is not None:
            return found.parent
        raise InputError(
            folder,
            "is missing: this installation comes without weights",
            todo="run: pip install refmatte-weights; or give the folder of a checkpoint",
        )
    for name in ("best", "last"):
        if (folder / name / CONFIG).is_file():
            raise InputError(
                folder, "is the folder of a training", todo=f"give its checkpoint: {folder / name}"
            )
    if not folder.exists():
        hint = nearest(folder.name, SHIPPED) or "or make one with `refmatte train`"
        allowed = f"the folder of a checkpoint, an exported .onnx, or {', '.join(SHIPPED)}"
        raise InputError(folder, "is not there", allowed=allowed, todo=hint)
    return folder


def read_header(folder: Path) -> dict[str, Any]:
    """config.json as `weights.save` wrote it. InputError for anything else."""
    path = folder / CONFIG
    if is_onnx(folder) and folder.is_file():
        problem = "is a model as an ONNX file, which only answers"
        raise InputError(folder, problem, allowed="the folder of a checkpoint")
    try:
        header = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}", todo=HOW) from None
    except (ValueError, RecursionError):
        raise InputError(path, "is not JSON", todo=HOW) from None
    if not isinstance(header, dict) or header.get("format") not in range(1, FORMAT + 1):
        raise InputError(
            path, "is not the config of a model", allowed=f"formats 1 to {FORMAT}", todo=HOW
        )
    if surplus := header.keys() - KEYS:
        raise InputError(path, f"unknown key {min(surplus)!r}", allowed=listed(KEYS))
    return {"completed_by": None, "knows": "", "about": {}, **header}


def kind_of(folder: Path) -> Kind:
    """The kind of model that it is of; a config that names none is a CLIPMat's. InputError as in
    `read_header`, and for a model that is not known here."""
    kind: Kind = read_header(folder).get("kind", "clipmat")
    if kind not in (known := get_args(Kind)):
        problem = f"is of a model of the kind {kind!r}"
        raise InputError(folder / CONFIG, problem, allowed=listed(known))
    return kind


def answering(folder: Path) -> Looks:
    """How the model in `folder` looks at an image where it was measured. InputError as in
    `read_header`."""
    header = read_header(folder)
    stored = header.get("answering", {})
    model = header.get("model")
    if header["format"] == 1 and isinstance(model, dict):
        names = {"looks": "sizes", "mirrored": "mirrored", "least_piece": "least_piece"}
        stored = {new: model[old] for old, new in names.items() if old in model}
    return parse(Looks, stored, folder / CONFIG)


def knows(folder: Path) -> str:
    """What the checkpoint has learnt to see, in a line for whoever is about to use it; empty where
    it does not say, and for an ONNX file. InputError as in `read_header`."""
    if is_onnx(folder):
        return ""
    return str(read_header(folder)["knows"] or "")


def bundled(name: str, file: str) -> Path | None:
    """A file of a bundled checkpoint: beside the code, or in the package of weights."""
    package = find_spec(WEIGHTS_PACKAGE)
    homes = [HERE, *map(Path, (package and package.submodule_search_locations) or ())]
    return next((home / name / file for home in homes if (home / name / file).is_file()), None)
