"""Words that a text encoder is taught without pictures."""

from __future__ import annotations

import torch

from refmatte_baselines import kinds
from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.training import words
from refmatte_engine.semantics import lexicon

COUNTS = {"cat": 9, "lion": 3, "dog": 8, "human": 20, "mug": 5, "dandelion": 4, "teapot": 1}
THINGS = [name for name, count in COUNTS.items() for _ in range(count)]


def test_new_words_are_those_that_name_what_is_there() -> None:
    found = words.pairs(THINGS)
    taught = {pair.word: pair.known for pair in found}
    assert len(taught) == len(found)
    assert taught["feline"] == "cat"  # most of which are cats
    assert taught["kitty"] == "cat"
    assert taught["somebody"] == taught["human"] == "person"
    assert taught["beast"] == "animal"
    for pair in found:
        assert pair.word not in (pair.known, *words.WIDE)
        things = [each for each in THINGS if lexicon.is_a(each, pair.known) == 1]
        assert things or pair.known in words.WIDE
        assert pair.known != "teapot"  # one is no example
    assert not words.pairs(["of no language"])


def test_only_new_words_are_read_otherwise() -> None:
    torch.manual_seed(0)
    net = kinds.network(PRESETS["minimal"], pretrained=False).eval().requires_grad_(False)
    texts = ["the red mug", "the cat on the left", "the animal", "the woman in the blue coat"]
    new = ["the kitty", "the feline on the left", "to extract the guy"]
    known = ["the cat", "the cat on the left", "to extract the man"]

    def read(said: list[str]) -> torch.Tensor:
        return net.prompt(net.reader.tokens(said, "expression"))

    before, away = read(texts), read(new) - read(known)
    words.teach(net, words.pairs(THINGS), 1, 1)
    assert torch.equal(read(texts), before)
    assert float((read(new) - read(known)).abs().max()) < 1e-4 < float(away.abs().max())
    assert not any(each.requires_grad for each in net.parameters())
    words.teach(net, [], 1, 1)  # nothing to teach
    assert torch.equal(read(texts), before)
