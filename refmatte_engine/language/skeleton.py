"""The skeleton of a new language: an expressions and a vocabulary file to translate."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from refmatte_engine.config import resources
from refmatte_engine.errors import InputError
from refmatte_engine.semantics import english, lexicon

WORDS = "{}-words.yaml"  # the vocabulary's file, beside the expressions


def write(language: str, folder: Path, categories: Iterable[str]) -> tuple[Path, Path]:
    """Writes LANGUAGE.yaml and LANGUAGE-words.yaml, the latter with a noun for each category, into
    `folder`, and returns their paths. InputError if one of them is there already."""
    if not language.replace("-", "").replace("_", "").isalnum() or language.startswith("-"):
        todo = "write letters, digits, - and _, such as french or pt-br"
        raise InputError("", f"{language!r} is not a valid file name", todo=todo)
    paths = folder / f"{language}.yaml", folder / WORDS.format(language)
    for path in paths:
        if path.exists():
            raise InputError(path, "already exists", todo="name another folder with --out")
    texts = (_filled("expressions", language), _filled("vocabulary", language))
    # "human" and "portrait" are people, who have lines of their own.
    named = {each for each in categories if lexicon.sense(each) != "person.n.01"}
    nouns = "".join(f"  - {_noun(category)}\n" for category in sorted(named))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text.replace("  # NOUNS\n", nouns), encoding="utf-8")
    except OSError as error:
        problem = f"cannot be written to: {error.strerror or error}"
        raise InputError(folder, problem, todo="name another folder with --out") from None
    return paths


def _filled(name: str, language: str) -> str:
    """A skeleton with the language's name, less its first line, which is for editors of ours."""
    text = resources.template(name, "skeleton").read_text("utf-8").split("\n", 1)[1]
    text = text.replace("language: LANGUAGE", f"language: {_quoted(language)}")
    text = text.replace("VOCABULARY", _quoted(WORDS.format(language)))
    return text.replace("LANGUAGE", language)


def _noun(category: str) -> str:
    of = _quoted(category)
    if english.is_mass(category):
        return f"{{of: {of}, say: {{say: {of}, counted: false}}, weight: 6}}"
    plural = _quoted(english.plural(category))
    return f"{{of: {of}, say: {{say: {of}, plural: {plural}}}, weight: 6}}"


def _quoted(text: str) -> str:
    """The text as YAML has it, whatever is in it."""
    word = text.replace(" ", "").isalpha() and text.lower() not in ("null", "true", "false")
    return text if word else json.dumps(text, ensure_ascii=False)
