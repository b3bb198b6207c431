"""What a person may write is used: every field of every model is read somewhere."""

from __future__ import annotations

import ast
import importlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.packs import catalog as catalogs
from refmatte_engine.packs.labels import BackgroundLabel, Label
from tests.conftest import make_pack
from tests.support.modules import ENGINE, parsed

# Notes that people and the studio keep with a picture: allowed, and used by nothing in the engine.
NOTES = {
    "Label": {"recipe"},
    "BackgroundLabel": {"recipe", "kind", "category", "attributes", "source"},
}


def models() -> list[type[Strict]]:
    """Every model of something written, from every module."""
    for name in ENGINE:
        if ".cli" not in name:
            importlib.import_module(name)
    found: list[type[Strict]] = []
    waiting = [Strict]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            found.append(kind)
            waiting.append(kind)
    ours = "refmatte_engine."  # not those of models, which another test may have loaded
    return [k for k in found if k.__module__.startswith(ours)]


def names_read() -> dict[str, set[str]]:
    """Names that are read as attributes, or stand as text (as for getattr), by module."""
    found = defaultdict(set)
    for file in ENGINE.values():
        for node in ast.walk(parsed(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                found[file.stem].add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found[file.stem].add(node.value)
    return found


def test_every_field_is_read_somewhere() -> None:
    read = set().union(*names_read().values())
    checked = 0
    for kind in models():
        for name in kind.model_fields:
            checked += 1
            noted = name in NOTES.get(kind.__name__, ())
            assert noted or name in read, f"{kind.__name__}.{name} is read nowhere"
    assert checked > 100


@pytest.mark.parametrize("kind", [Label, BackgroundLabel])
def test_every_field_of_a_label_is_read_when_a_pack_is(
    kind: type[Strict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name alone, a background's field would pass for a foreground's: so reads are watched."""
    read: set[str] = set()
    get = kind.__getattribute__

    def watched(self: Any, name: str) -> Any:
        read.add(name)
        return get(self, name)

    monkeypatch.setattr(kind, "__getattribute__", watched)
    catalogs.load([make_pack(tmp_path / "tiny")])
    # Before any label is read, `file` says whose it is.
    assert kind.model_fields.keys() - read - {"file"} == NOTES[kind.__name__]
