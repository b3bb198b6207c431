"""The two files of a new language, as they are written for it."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.errors import Indescribable, InputError
from refmatte_engine.language import skeleton
from refmatte_engine.language import writer as expressions
from refmatte_engine.language.templates import check, load_templates
from tests.language.test_writer import one
from tests.support import cast

CATEGORIES = ("mug", "T-shirt", "smoke", "human", "scissors", "it's: odd, #1", "0123", "null")


def test_what_is_written_passes_check_and_speaks(tmp_path: Path) -> None:
    file, words = skeleton.write("pt-br", tmp_path / "new", [*CATEGORIES, *cast.THINGS])
    assert (file.name, words.name) == ("pt-br.yaml", "pt-br-words.yaml")
    assert check(file) == []
    templates = load_templates(file)
    assert templates.language == "pt-br"
    kinds: set[str] = set()
    for seed in range(60):
        try:
            rng = np.random.default_rng(seed)
            said = expressions.express(
                cast.scene(random.Random(seed)), cast.CANVAS_HW, templates, rng
            )
        except Indescribable:
            continue
        kinds |= {e.kind for e in said}
    assert {"keyword", "basic", "absolute", "relative", "minimal", "overspecified",
            "group", "none"} == kinds  # fmt: skip


def test_every_category_has_a_noun_of_its_own(tmp_path: Path) -> None:
    _, words = skeleton.write("dutch", tmp_path, [*CATEGORIES, "mug"])
    text = words.read_text("utf-8")
    assert text.count("{of: mug, say: {say: mug, plural: mugs}, weight: 6}") == 1
    assert "{of: smoke, say: {say: smoke, counted: false}, weight: 6}" in text
    assert not any(word in text for word in ("LANGUAGE", "NOUNS", "$schema"))


@given(st.text(max_size=12))
def test_any_name_is_used_or_refused(name: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        try:
            file, _ = skeleton.write(name, Path(folder), ["mug"])
        except InputError:
            assert not any(Path(folder).iterdir())
        else:
            assert check(file) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    skeleton.write("dutch", tmp_path, ["mug"])
    with pytest.raises(InputError, match=r"dutch.yaml: already exists; .*--out"):
        skeleton.write("dutch", tmp_path, ["mug"])
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written to"):
        skeleton.write("dutch", tmp_path / "file", ["mug"])


SPANISH = """\
language: spanish
vocabulary: words.yaml
kinds:
  keyword: ["{noun}"]
  group: ["{the} {count:bare} {noun:plural} {color}", "{the} {noun:plural}"]
require: []
rules:
  target: ["{the} {noun}"]
"""
PALABRAS = """\
language: spanish
nouns:
  - {of: mug, say: {say: taza, plural: tazas, gender: f}}
  - {of: book, say: {say: libro, plural: libros, gender: m}}
slots:
  color: {attribute: color, pair: "{first} y {second}",
          words: {red: {say: rojo, stem: roj}, blue: {say: azul, plural: azules}}}
orders: {count: {"2": dos}}
agreement:
  the: {m: el, f: la, plural_m: los, plural_f: las}
  ending: {m: o, f: a, plural_m: os, plural_f: as}
"""


@pytest.mark.parametrize(
    ("category", "color", "texts"),
    [
        ("mug", "red", {"las dos tazas rojas", "las tazas"}),
        ("book", "red", {"los dos libros rojos", "los libros"}),
        ("book", "blue", {"los dos libros azules", "los libros"}),
        ("mug", "red/blue", {"las dos tazas rojo y azules", "las tazas"}),
        ("mug", "blue/red", {"las dos tazas azul y rojas", "las tazas"}),
    ],
)
def test_several_things_have_a_gender(
    tmp_path: Path, category: str, color: str, texts: set[str]
) -> None:
    (tmp_path / "mine.yaml").write_text(SPANISH)
    (tmp_path / "words.yaml").write_text(PALABRAS)
    templates = load_templates(tmp_path / "mine.yaml")
    pair = tuple(one(category, *cast.facts(color=color), place=place) for place in range(2))
    writer = expressions.Writer(pair, cast.CANVAS_HW, templates, random.Random(0))
    assert {e.text for _ in range(9) if (e := writer.besides("group"))} == texts
