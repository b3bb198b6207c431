"""What things are and what they are called: categories, their kinds, and their names.

WordNet 3.0 (trimmed to nouns that can be seen, embedded, read by NLTK) says what is a kind of what.
`assets/lexicon/categories.yaml` says which sense a category has; the kinds of those are kept in
`kinds.tsv`, so that NLTK, whose import takes seconds, is only needed for a user's own categories.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import inflect

from refmatte_engine import config, resources
from refmatte_engine.config import Strict
from refmatte_engine.errors import InputError, nearest

FOLDER = resources.ASSETS / "lexicon"
LABELLED = {"animal": "animal.n.01", "human": "person.n.01"}
THING = "thing"  # the kind that everything is
Truth = Literal[-1, 0, 1]  # no, perhaps, yes

# Lexicographer files of WordNet whose nouns a picture can show.
VISIBLE = (
    "noun.animal", "noun.artifact", "noun.food", "noun.object", "noun.plant", "noun.person",
    "noun.body", "noun.substance", "noun.phenomenon", "noun.shape", "noun.Tops",
)  # fmt: skip


class Category(Strict):
    """An entry of categories.yaml: `sense` ("is" in the file) is a synset's name."""

    sense: str
    also: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()


class Kinds(NamedTuple):
    """What a category is, and what it might be or be taken for: synsets and names."""

    sure: frozenset[str]
    possible: frozenset[str]


def normal(category: str) -> str:
    """The category as one writes it: lower case unless a name, blanks for `_`.

    >>> normal("Teddy_Bear ")
    'teddy bear'
    """
    return " ".join(category.replace("_", " ").split()).lower()


@cache
def categories() -> dict[str, Category]:
    """The embedded categories. InputError (file:line) if the file is not as it should be."""
    path = FOLDER / "categories.yaml"
    data, lines = config.read_yaml(path)
    found = {}
    for name, value in data.items():
        entry = {"is": value} if isinstance(value, str) else dict(value)
        entry = {{"is": "sense", "or": "perhaps"}.get(key, key): v for key, v in entry.items()}
        found[name] = config.parse(Category, entry, f"{path}:{lines[(name,)]}")
    for name, category in found.items():
        for other in (*category.also, *category.perhaps):
            if other not in found:
                where = f"{path}:{lines[(name,)]}"
                raise InputError(where, f"{other!r} is no category", todo=nearest(other, found))
    return found


class Known(NamedTuple):
    """A line of kinds.tsv: what a synset is directly a kind of, and what else it is called."""

    hypernyms: tuple[str, ...]
    names: tuple[str, ...]


@cache
def _known() -> dict[str, Known]:
    """The senses of categories.yaml and all that is above them."""
    found = {}
    for line in (FOLDER / "kinds.tsv").read_text("utf-8").splitlines():
        synset, hypernyms, names = line.split("\t")
        found[synset] = Known(tuple(hypernyms.split()), tuple(filter(None, names.split(", "))))
    return found


def own_wordnet() -> Path | None:
    """$REFMATTE_WORDNET: WordNet's files in a folder of the user's, such as nltk_data's. They know
    more than the embedded nouns do. InputError if they are not there."""
    chosen = os.environ.get("REFMATTE_WORDNET")
    if chosen and not (Path(chosen) / "data.noun").is_file():
        todo = "name a folder like nltk_data/corpora/wordnet, or unset REFMATTE_WORDNET"
        raise InputError(chosen, "has no data.noun of WordNet", todo=todo)
    return Path(chosen) if chosen else None


@cache
def wordnet() -> Any:
    """NLTK's reader (nltk.corpus.reader.WordNetCorpusReader) over the embedded files, or over
    those that were asked for."""
    return _reader(own_wordnet() or FOLDER / "wordnet")


def _reader(folder: Path) -> Any:
    import io
    import warnings

    import nltk.data
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    # NLTK reads from declared data folders only.
    if str(folder) not in nltk.data.path:
        nltk.data.path.append(str(folder))

    class Nouns(WordNetCorpusReader):  # type: ignore[misc]
        """Only nouns are embedded; the other parts of speech are empty."""

        def open(self, file: str) -> Any:
            # NLTK's own opening refuses hard links, which is how some installers copy.
            path = folder / file
            return io.StringIO(path.read_text("ascii") if path.exists() else "")

        def map_wn(self, version: str = "wordnet") -> None:
            return None

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Nouns(str(folder), None)


def hypernyms(synset: str) -> tuple[str, ...]:
    """What the synset is directly a kind of."""
    if synset in _known():
        return _known()[synset].hypernyms
    return tuple(s.name() for s in wordnet().synset(synset).hypernyms())


def exists(synset: str) -> bool:
    """Whether the embedded WordNet has a synset of that name."""
    if synset in _known():
        return True
    from nltk.corpus.reader.wordnet import WordNetError

    try:
        wordnet().synset(synset)
    except (WordNetError, ValueError):
        return False
    return True


@cache
def above(synset: str) -> tuple[str, ...]:
    """The synset and everything it is a kind of, by name; nearest first."""
    found = [synset]
    for name in found:
        found += [above_it for above_it in hypernyms(name) if above_it not in found]
    return tuple(found)


@cache
def sense(category: str) -> str | None:
    """The synset of a listed category, or of a word that has one visible sense; else None."""
    listed = categories().get(normal(category))
    if listed:
        return listed.sense
    senses = _senses(normal(category))
    return senses[0] if len(senses) == 1 else None


@cache
def _senses(word: str) -> tuple[str, ...]:
    """The visible senses of a word or, failing that, of its last word ("red panda")."""
    found = [
        s.name()
        for s in wordnet().synsets(word.replace(" ", "_"), "n")
        if s.lexname() in VISIBLE and s.name() != "entity.n.01"
    ]
    return tuple(found)


@cache
def kinds(category: str, label: str = "") -> Kinds:
    """What things of a category are, surely and possibly. `label` is "animal" or "human" where
    that is known; it counts for a category that nobody knows."""
    name = normal(category)
    listed = categories().get(name)
    own = {THING, name}
    if listed:
        sure = own.union(above(listed.sense), *(_listed(other)[1:] for other in listed.also))
        possible = set().union(*(_listed(other) for other in listed.perhaps)) - sure
        return Kinds(frozenset(sure), frozenset(possible))
    chains = [set(above(s)) for s in _senses(name)]
    if not chains:
        # "blue widget": whatever a widget is, it may be one.
        head = name.split()[-1]
        if label in LABELLED and not _senses(head):
            top = LABELLED[label]
            return Kinds(frozenset(own.union(above(top))), frozenset({head}) | _under(top))
        chains = [{head, *above(s)} for s in _senses(head)] if head != name else []
        return Kinds(frozenset(own), frozenset(set().union({head}, *chains) - own))
    shared = own | set.intersection(*chains)
    return Kinds(frozenset(shared), frozenset(set().union(*chains) - shared))


@cache
def _under(top: str) -> frozenset[str]:
    """The kinds of listed categories that are kinds of `top`."""
    chains = (above(each.sense) for each in categories().values())
    found = frozenset().union(*(chain[: chain.index(top)] for chain in chains if top in chain))
    return frozenset(each for each in found if top in above(each))


def _listed(name: str) -> tuple[str, ...]:
    return name, *above(categories()[name].sense)


@cache
def is_a(category: str, kind: str, label: str = "") -> Truth:
    """Whether things of `category` are of `kind` (a synset or a category): 1, -1, or 0: perhaps.
    For `label` see `kinds`.

    >>> is_a("camel", "animal.n.01"), is_a("mug", "animal.n.01"), is_a("bird", "owl.n.01")
    (1, -1, 0)
    """
    known, kind = kinds(category, label), kind if ".n." in kind else concept(kind)
    if kind in known.sure:
        return 1
    if kind in known.possible:
        return 0
    own = sense(category)
    # A thing that is only known to be a bird may be an owl.
    if ".n." in kind:
        return 0 if own is not None and own in above(kind) else -1
    other = sense(kind)
    return 0 if own is not None and other is not None and own in above(other) else -1


def concept(category: str) -> str:
    """The kind that a category's own name stands for: its synset where the name is one of the
    synset's words, else the name itself ("gift box", which WordNet only knows as a box)."""
    name = normal(category)
    own = categories().get(name)
    words = (own.sense.split(".")[0], *_known()[own.sense].names) if own else ()
    return own.sense if own and name.replace(" ", "_") in words else name


_INFLECT = inflect.engine()
SINGULAR = ("us", "is", "as", "os", "ss")  # how words end that are no plurals for all their s


class Nouns(Strict):
    """nouns.yaml: what an inflection library cannot know."""

    mass: tuple[str, ...]
    plural_only: tuple[str, ...]
    plurals: dict[str, str]


@cache
def nouns() -> Nouns:
    """The nouns of assets/lexicon/nouns.yaml."""
    return config.load(Nouns, FOLDER / "nouns.yaml")


def plural(noun: str) -> str:
    """The plural of an English noun phrase.

    >>> [plural(n) for n in ("teddy bear", "sheep", "wine glass", "child", "smoke", "scissors")]
    ['teddy bears', 'sheep', 'wine glasses', 'children', 'smoke', 'scissors']
    """
    if is_mass(noun) or is_plural(noun):
        return noun
    *front, last = noun.split(" ")
    word = nouns().plurals.get(last) or str(_INFLECT.plural_noun(last) or last)
    return " ".join([*front, word])


def is_mass(noun: str) -> bool:
    """Whether the noun names a stuff: no "a", no plural, "it"."""
    return noun.split()[-1] in nouns().mass


@cache
def is_plural(noun: str) -> bool:
    """Whether the noun is plural although it names one thing: "scissors", or a category "oranges".

    >>> [is_plural(n) for n in ("scissors", "paper wings", "lens", "octopus", "clematis")]
    [True, True, False, False, False]
    """
    last = noun.split()[-1]
    if last in nouns().plural_only:
        return True
    one = _INFLECT.singular_noun(last)
    if not one or last in categories() or _INFLECT.plural_noun(one) != last or last == one:
        return False
    # The library takes the s of every "lens" for an ending; WordNet knows those that are words.
    own = any(last in s.lemma_names() for s in wordnet().synsets(last, "n"))
    return not own and (bool(wordnet().synsets(one, "n")) or not last.endswith(SINGULAR))


@cache
def a(word: str) -> str:
    """The indefinite article before a word.

    >>> a("umbrella"), a("unicycle"), a("hourglass")
    ('an', 'a', 'an')
    """
    return str(_INFLECT.a(word)).split()[0]


def synonyms(category: str) -> tuple[str, ...]:
    """Other names that people use for things of a listed category."""
    own = categories().get(normal(category))
    return tuple(n for n in _known()[own.sense].names if n != normal(category)) if own else ()
