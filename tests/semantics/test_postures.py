"""How things rest that neither stand nor float."""

from __future__ import annotations

import pytest

from refmatte_engine.semantics import lexicon, postures


def test_whatever_is_listed_is_known_and_holds_for_its_kinds() -> None:
    found = {name: postures.of(name) for name in lexicon.categories()}
    flat = {name for name, posture in found.items() if posture == "flat"}
    assert {"butterfly net", "feather", "key", "tennis racket", "goldfish", "jeans"} <= flat
    assert {name for name, posture in found.items() if posture == "lying"} >= {"umbrella", "grape"}
    assert {name for name, posture in found.items() if posture == "hanging"} >= {"curtain"}
    standing = {"man", "cat", "tree", "tree fern", "mug", "balloon", "kite", "smoke", "book", "hat"}
    assert {found.get(name, "standing") for name in standing} == {"standing"}
    assert {postures.of(f"old {name}") for name in ("spoon", "broom", "sword")} == {"flat"}
    assert postures.of("sword swallower") == postures.of("blorb") == "standing"


def test_what_is_no_category_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    faulty = postures.Postures(lying=("spoon", "spooon"), flat=(), hanging=(), standing=())
    monkeypatch.setattr(postures.strict_yaml, "load", lambda *_: faulty)
    with pytest.raises(postures.InputError, match="'spooon' is neither a category nor a synset"):
        postures._listed.__wrapped__()
