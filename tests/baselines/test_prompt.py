"""The context-embedded prompt: what stands where, and what cannot be said."""

from __future__ import annotations

import open_clip
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.towers.context import ContextPrompt
from refmatte_baselines.towers.reader import PADDING, mirrored
from refmatte_engine.errors import InputError
from refmatte_engine.records import Setting

torch.set_num_threads(1)

MODEL = ClipMat(PRESETS["minimal"])
PROMPT: ContextPrompt = MODEL.prompt
READER = MODEL.reader
TOKENIZER = open_clip.SimpleTokenizer()
START, END, VOCABULARY = TOKENIZER.sot_token_id, TOKENIZER.eot_token_id, 49408
FORMS: tuple[Setting, ...] = ("keyword", "expression")


@settings(max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=12).filter(TOKENIZER.encode), min_size=1, max_size=3))
def test_start_words_context_end_padding(texts: list[str]) -> None:
    for form in FORMS:
        tokens = READER.tokens(texts, form)
        assert tokens.dtype == torch.int64
        assert (tokens[:, -1] != PADDING).any()
        for text, row in zip(texts, tokens.tolist(), strict=True):
            said = READER.template.format(text) if form == "keyword" else text
            kept = [token for token in row if token != PADDING]
            words = TOKENIZER.encode(said)
            assert kept == [START, *words, VOCABULARY, VOCABULARY + 1, END]
            assert row == kept + [PADDING] * (len(row) - len(kept))


def test_the_template_is_for_keywords_only() -> None:
    keyword, expression = (READER.tokens(["red mug"], form)[0].tolist() for form in FORMS)
    assert TOKENIZER.decode(keyword[1:-3]).strip() == "the foreground of the red mug"
    assert TOKENIZER.decode(expression[1:-3]).strip() == "red mug"


def test_what_is_learnt_takes_its_place_among_the_words() -> None:
    tokens = READER.tokens(["red mug", "a"], "expression")
    seen: list[torch.Tensor] = []
    hook = PROMPT.text.transformer.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    found = PROMPT(tokens)
    hook.remove()
    assert found.shape == (2, 6, 32)
    embedded = seen[0] - PROMPT.text.positional_embedding[:6]
    table = PROMPT.text.token_embedding.weight
    torch.testing.assert_close(embedded[0, 3:5], PROMPT.context)
    torch.testing.assert_close(embedded[1, 2:4], PROMPT.context)
    torch.testing.assert_close(embedded[0, :3], table[tokens[0, :3]])
    torch.testing.assert_close(embedded[1, 4], table[END])


def test_left_and_right_are_exchanged_and_no_other_word() -> None:
    said = [
        "the Left mug right of a bright bear",
        "the leftmost of what is left over",
        "left-hand",
        "a leftover, copyright righteous",
    ]
    turned = [
        "the right mug left of a bright bear",
        "the rightmost of what is right over",
        "right-hand",
        "a leftover, copyright righteous",
    ]
    for form in FORMS:
        tokens = READER.tokens(said, form)
        assert torch.equal(mirrored(tokens), READER.tokens(turned, form))
        assert torch.equal(mirrored(mirrored(tokens)), tokens)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  ", "text: is empty; say what to matte"),
        ("mug " * 80, "has 80 tokens; allowed: at most 73; say it in fewer words"),
    ],
)
def test_what_cannot_be_said(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        READER.tokens([text], "expression")
