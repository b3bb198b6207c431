"""The commands `list` and `doctor`: what there is to name, and what there is to work with."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from itertools import dropwhile, takewhile
from pathlib import Path

from refmatte_engine.cli import options
from refmatte_engine.cli.cache import size
from refmatte_engine.errors import EXTRAS, InputError, listed, nearest

PURPOSES = {
    "pairs": "packs of images with separate alphas",
    "plots": "stats --plots",
    "hf": "export --to hf",
    "audit": "audit --against",
    "dask": "generate --backend dask",
    "ray": "generate --backend ray",
    "remote": "datasets and packs at s3://…",
    "clipmat": "train, predict, evaluate, matte, label",
    "app": "app",
    "cutout": "cutout",
    "vitmatte": "--cut-with vitmatte",
    "onnx": "checkpoints as ONNX",
}
LIBRARIES = ("numpy", "opencv-python-headless", "pillow", "pydantic", "joblib", "torch")


def list_names(what: options.Listed = None) -> None:
    """List the names that commands know: runs, layouts, …

    Example: refmatte list runs
    """
    kinds = {
        "runs": lambda: _files("runs"),
        "layouts": lambda: _files("layouts"),
        "expressions": lambda: _files("expressions"),
        "vocabularies": lambda: _files("vocabulary"),
        "questions": lambda: _files("questions"),
        "recipes": _recipes,
        "checkpoints": _checkpoints,
        "presets": _presets,
        "formats": _formats,
        "sources": _sources,
    }
    if what is not None and what not in kinds:
        todo = nearest(what, kinds)
        raise InputError(what, "is not listed", allowed=listed(kinds), todo=todo)
    for kind, names in kinds.items():
        if what is None:
            print(f"{kind}:")
        if what in (None, kind):
            for name, said in names():
                print(f"  {name:12}  {said}".rstrip())


def doctor() -> None:
    """Report versions, cores, cache, GPU, and what is missing.

    Example: refmatte doctor
    """
    from refmatte_engine import __version__
    from refmatte_engine.config import resources
    from refmatte_engine.packs import pixel_cache
    from refmatte_engine.semantics import wordnet
    from refmatte_engine.storage import cache, cache_contents

    print(f"refmatte     {__version__}, {Path(__file__).parents[1]}")
    print(f"python       {platform.python_version()}, {platform.platform()}")
    print(f"libraries    {', '.join(_versions())}")
    print(f"processors   {_processors()}{_memory()}")
    print(f"letters      {sys.stdout.encoding or 'none'}")
    folder = cache.folder()
    total = size(sum(entry.size for entry in cache_contents.entries(folder)))
    state = f"{total} of packs" if cache.writable(folder) else "cannot be written: nothing is kept"
    print(f"cache        {folder}: {state} (refmatte cache); set REFMATTE_CACHE to move it")
    for read in (pixel_cache.most_bytes, wordnet.own):
        try:
            read()
        except InputError as error:
            print(f"is wrong     {error}")
    there = resources.STUDIO_PACK.is_dir()
    print(f"studio pack  {resources.STUDIO_PACK if there else 'is missing: install again'}")
    for name, said in _checkpoints():
        print(f"checkpoint   {name}: {said}")
    for extra, modules in EXTRAS.items():
        state = "is there" if importlib.util.find_spec(modules[0]) else "not installed"
        todo = "" if state == "is there" else f"; run: pip install 'refmatte-engine[{extra}]'"
        print(f"{extra:12} {state} ({PURPOSES[extra]}){todo}")
    print(f"gpu          {_gpu()}")


def _files(folder: str) -> Iterator[tuple[str, str]]:
    from refmatte_engine.config.resources import TEMPLATES

    return _described(TEMPLATES / folder)


def _recipes() -> Iterator[tuple[str, str]]:
    import refmatte_baselines

    return _described(Path(refmatte_baselines.__file__).parent / "recipes")


def _described(folder: Path) -> Iterator[tuple[str, str]]:
    """The names of the YAML files in a folder, and the first sentence that each says of itself."""
    for file in sorted(folder.glob("*.yaml")):
        lines = re.findall(r"(?m)^#(?: (?!yaml-)(\S.*)|   .*|)$", file.read_text("utf-8"))
        first = " ".join(takewhile(bool, dropwhile(lambda line: not line, lines)))
        said = re.split(r"(?<=\.)\s", first, maxsplit=1)[0].rstrip(".:")
        yield file.stem, said if len(said) <= 90 else f"{said[:90].rsplit(' ', 1)[0]} …"


def _checkpoints() -> Iterator[tuple[str, str]]:
    from refmatte_baselines import checkpoints

    for name in checkpoints.SHIPPED:
        try:
            said = checkpoints.knows(checkpoints.located(name))
            weights = checkpoints.bundled(name, checkpoints.WEIGHTS)
            yield name, f"knows {said}" if weights else f"knows {said}; its weights are missing"
        except InputError as error:
            yield name, f"{error.problem}; {error.todo}"


def _presets() -> Iterator[tuple[str, str]]:
    """The architectures that a recipe's `preset` names."""
    from refmatte_baselines import kinds

    for name, preset in kinds.presets().items():
        yield name, f"{preset.kind}, encoder {preset.encoder}, works at {preset.size} px"


def _formats() -> Iterator[tuple[str, str]]:
    from refmatte_engine.formats.export import FORMATS

    yield from FORMATS.items()


def _sources() -> Iterator[tuple[str, str]]:
    """Whose data `ingest` reads."""
    from refmatte_engine.ingest.sources import SOURCES

    for name, origin in SOURCES.items():
        yield name, f"{origin.title}; {origin.licence}"


def _versions() -> Iterator[str]:
    for library in LIBRARIES:
        try:
            yield f"{library} {metadata.version(library)}"
        except metadata.PackageNotFoundError:
            continue


def _processors() -> str:
    from refmatte_engine import parallel

    try:
        return f"{parallel.processors()} to use of {os.cpu_count()}"
    except InputError as error:
        return str(error)


def _memory() -> str:
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return ""
    return f", {total / 1e9:.0f} GB of memory"


def _gpu() -> str:
    if importlib.util.find_spec("torch") is None:
        return "not asked: torch is not installed"
    import torch

    if not torch.cuda.is_available():
        return "none that torch can use: --device cpu"
    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return f"{', '.join(names)} (CUDA {torch.version.cuda})"
