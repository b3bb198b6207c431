"""What lies, as it neither stands nor floats."""

from __future__ import annotations

import pytest

from refmatte_engine.semantics import lexicon, postures


def test_whatever_is_listed_is_known_and_holds_for_its_kinds() -> None:
    lying = {name for name in lexicon.categories() if postures.lies(name)}
    assert {"umbrella", "butterfly net", "feather", "key", "tennis racket"} <= lying
    assert not lying & {"man", "cat", "tree", "tree fern", "mug", "balloon", "kite", "smoke"}
    assert all(postures.lies(f"old {name}") for name in ("spoon", "broom", "sword"))
    assert not postures.lies("sword swallower")
    assert not postures.lies("blorb")


def test_what_is_no_category_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    faulty = postures.Postures(lying=("spoon", "spooon"), standing=())
    monkeypatch.setattr(postures.strict_yaml, "load", lambda *_: faulty)
    with pytest.raises(postures.InputError, match="'spooon' is neither a category nor a synset"):
        postures._listed.__wrapped__()
