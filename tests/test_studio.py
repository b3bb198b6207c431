"""The studio's house: recipes by thing, short files, hashes that follow the code.

Nothing is rendered here, and Blender need not be there: the files are read.
"""

from __future__ import annotations

import ast
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from refmatte_engine.config.resources import STUDIO_PACK
from tests.support.modules import parsed

STUDIO = STUDIO_PACK.parent / "studio"
LONGEST = 400  # lines


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"studio_{name}", STUDIO / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def sources() -> ModuleType:
    return script("sources")


def recipes() -> dict[str, tuple[str, str]]:
    """Where every recipe is, (module, function), by its name."""
    found = {}
    for file in sorted((STUDIO / "recipes").rglob("*.py")):
        module = ".".join(file.relative_to(STUDIO).with_suffix("").parts)
        for statement in parsed(file.read_text("utf-8")).body:
            match statement:
                case ast.FunctionDef(
                    decorator_list=[
                        ast.Call(
                            func=ast.Name(id="recipe" | "background"),
                            args=[ast.Constant(value=str(name))],
                        )
                    ]
                ):
                    assert name not in found
                    found[name] = module, statement.name
    return found


def test_files_are_short() -> None:
    lines = {file: len(file.read_text("utf-8").splitlines()) for file in STUDIO.rglob("*.py")}
    assert not [f"{file.name}: {count}" for file, count in lines.items() if count > LONGEST]


def test_a_recipe_is_in_the_file_of_its_name() -> None:
    places = {name: module.split(".")[-1] for name, (module, _) in recipes().items()}
    assert places == {name: name.replace(" ", "_") for name in places}


def test_the_hashes_of_the_pack_are_of_the_present_code(sources: ModuleType) -> None:
    """If this fails, render again what changed (`make studio`), or, after a change that moved no
    pixel, write the hashes anew: python assets/studio/build.py --stamp."""
    hashes = {name: sources.hash_of(*where) for name, where in recipes().items()}
    labels = map(json.loads, (STUDIO_PACK / "labels.jsonl").read_text("utf-8").splitlines())
    made = [(label["file"], label["recipe"]) for label in labels]
    assert made
    assert not [file for file, recipe in made if recipe["hash"] != hashes[recipe["name"]]]


def test_the_page_of_the_pack_is_of_its_present_labels() -> None:
    """If this fails: python assets/studio/build.py --check assets/pack."""
    page = script("page")
    assert page.PAGE.read_text("utf-8") == page.text(STUDIO_PACK)


SHAPES = '''
GREAT = 2

def ball(size):
    """A ball."""
    return size * GREAT

def box(size):
    return size
'''
APPLE = """
import math
from shapes import ball

@recipe("apple")
def apple(rng, variant):
    return ball(rng)
"""


@pytest.fixture
def little_studio(sources: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sources, "STUDIO", tmp_path)
    (tmp_path / "shapes.py").write_text(SHAPES)
    (tmp_path / "apple.py").write_text(APPLE)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ("GREAT = 2", "GREAT = 3", True),
        ("return size * GREAT", "return GREAT * size", True),
        ("def box(size):\n    return size", "def box(size):\n    return 2 * size", False),
        ('"""A ball."""', '"""Round."""', False),
        ("    return size * GREAT", "    # Great.\n    return (size * GREAT)", False),
    ],
)
def test_a_hash_follows_what_a_recipe_uses(
    sources: ModuleType, little_studio: Path, old: str, new: str, differs: bool
) -> None:
    before = sources.hash_of("apple", "apple")
    assert old in SHAPES
    (little_studio / "shapes.py").write_text(SHAPES.replace(old, new))
    sources.definitions.cache_clear()
    assert (sources.hash_of("apple", "apple") != before) == differs


def test_a_hash_does_not_follow_a_move(sources: ModuleType, little_studio: Path) -> None:
    before = sources.hash_of("apple", "apple")
    (little_studio / "fruit").mkdir()
    (little_studio / "fruit" / "round.py").write_text(SHAPES)
    (little_studio / "fruit" / "red.py").write_text(APPLE.replace("shapes", "fruit.round"))
    assert sources.hash_of("fruit.red", "apple") == before


@pytest.mark.parametrize(
    "line", ["import shapes", "from . import shapes", "from fruit import shapes", "print()"]
)
def test_what_a_hash_cannot_follow_is_refused(
    sources: ModuleType, little_studio: Path, line: str
) -> None:
    (little_studio / "fruit").mkdir()
    (little_studio / "apple.py").write_text(f"{line}\n{APPLE}")
    with pytest.raises(ValueError, match=r"^apple, line 1: only definitions"):
        sources.hash_of("apple", "apple")
