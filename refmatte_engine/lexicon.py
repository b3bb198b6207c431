"""What things are and what they are called: categories, their kinds, and their names.

`assets/lexicon/categories.yaml` says which sense of WordNet a category has; what those are kinds of
is kept in `kinds.tsv`, so that WordNet itself is read only for a user's own categories.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from refmatte_engine import config, english, resources, wordnet
from refmatte_engine.config import Strict
from refmatte_engine.errors import InputError, nearest

FOLDER = resources.ASSETS / "lexicon"
LABELLED = {"animal": "animal.n.01", "human": "person.n.01"}
THING = "thing"  # the kind that everything is
Truth = Literal[-1, 0, 1]  # no, perhaps, yes


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


def hypernyms(synset: str) -> tuple[str, ...]:
    """What the synset is directly a kind of."""
    if synset in _known():
        return _known()[synset].hypernyms
    found = wordnet.reader().synset(synset)
    if found is None:
        raise InputError(synset, "is no noun of WordNet")
    return found.hypernyms


def exists(synset: str) -> bool:
    """Whether the embedded WordNet has a synset of that name."""
    return synset in _known() or wordnet.reader().synset(synset) is not None


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
    synsets = wordnet.reader().synsets(english.singular(word))
    return tuple(s.name for s in synsets if s.field and s.name != wordnet.ROOT)


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


def synonyms(category: str) -> tuple[str, ...]:
    """Other names that people use for things of a listed category."""
    own = categories().get(normal(category))
    return tuple(n for n in _known()[own.sense].names if n != normal(category)) if own else ()
