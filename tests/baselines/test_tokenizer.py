"""Texts as CLIP's own tokenizer reads them, and without loading it."""

from __future__ import annotations

import open_clip
from hypothesis import example, given, settings
from hypothesis import strategies as st

from refmatte_baselines.towers.tokenizer import Tokenizer, clip_tokenizer

THEIRS = open_clip.SimpleTokenizer()
WORDS = ["mug", "Mugs'", "the", "reddish-brown", "don’t", "3rd", "½", "&amp;", "👩‍🚀", "ſtraße"]


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(WORDS)).map(" ".join)))
@example("<start_of_text> a <END_of_text>")
@example("'ſ ﬁne Ａ &lt;b&gt; schÃ¶n")
def test_each_text_is_read_as_clip_reads_it(text: str) -> None:
    found = clip_tokenizer().encode(text)
    assert list(found) == THEIRS.encode(text)
    assert all(piece in THEIRS.encoder for piece in clip_tokenizer().pieces(text))


def test_the_numbers_are_clip_s_own() -> None:
    ours = clip_tokenizer()
    assert ours.numbers == THEIRS.encoder
    assert (ours.start, ours.end) == (THEIRS.sot_token_id, THEIRS.eot_token_id)
    assert Tokenizer(ours.merges).encode("the leftmost mug") == ours.encode("the leftmost mug")
