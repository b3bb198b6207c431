"""Our reading of WordNet and our inflection beside the libraries that are known for them."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import pytest

from refmatte_engine.semantics import english, lexicon, wordnet

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def peer() -> Any:
    """NLTK's reader over the embedded files."""
    pytest.importorskip("nltk", reason="nltk is not installed")
    import nltk.data
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    folder: Path = wordnet.EMBEDDED
    nltk.data.path.append(str(folder))

    class Nouns(WordNetCorpusReader):  # type: ignore[misc]
        """Only nouns are embedded; the other parts of speech are empty."""

        def open(self, file: str) -> Any:
            path = folder / file
            if file == "lexnames":  # of all fields; only their numbers matter here
                return io.StringIO("".join(f"{n:02d}\tfield_{n}\t1\n" for n in range(45)))
            return io.StringIO(path.read_text("ascii") if path.exists() else "")

        def map_wn(self, version: str = "wordnet") -> None:
            return None

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Nouns(str(folder), None)


def test_every_noun_means_what_nltk_says(peer: Any) -> None:
    ours = wordnet.reader()
    for word in ours.words():
        # Asked for a word, NLTK takes it for the plural of another, too; ours reads it as it is.
        offsets = peer._lemma_pos_offset_map[word.replace(" ", "_")]["n"]
        theirs = [peer.synset_from_pos_and_offset("n", offset) for offset in offsets]
        found = ours.synsets(word)
        assert [s.name for s in found] == [s.name() for s in theirs], word
        for own, other in zip(found, theirs, strict=True):
            assert sorted(own.hypernyms) == sorted(s.name() for s in other.hypernyms())
            assert list(own.lemmas) == other.lemma_names()


def test_plurals_are_those_of_inflect() -> None:
    inflect = pytest.importorskip("inflect", reason="inflect is not installed")
    engine = inflect.engine()
    nouns = english.nouns()
    for category in lexicon.categories():
        last = category.split()[-1]
        known = last in (*nouns.mass, *nouns.plural_only, *nouns.unchanged, *nouns.plurals)
        if not known and not engine.singular_noun(last):
            both = {engine.plural_noun(last)} | ({f"{last}s"} if last.endswith("o") else set())
            assert english.plural(last) in both, category
