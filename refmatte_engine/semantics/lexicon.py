"""Categories, what they are kinds of, and their names.

`assets/lexicon/categories.yaml` gives the WordNet sense of each category; `kinds.tsv` keeps what
those are kinds of, so that WordNet itself is read only for a user's own categories and for the
other senses of a noun.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from refmatte_engine.config import resources, strict_yaml
from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.errors import InputError, nearest
from refmatte_engine.semantics import english, wordnet, words

FOLDER = resources.ASSETS / "lexicon"
TABLES = ("categories.yaml", "kinds.tsv", "nouns.yaml", "words.yaml")
KINGDOMS = ("animal.n.01", "person.n.01", "plant.n.02")
LABELLED = {"animal": "animal.n.01", "human": "person.n.01"}
MADE = "artifact.n.01"
# What grows on plants, and may be called as they are.
GROWN = ("edible_fruit.n.01", "vegetable.n.01", "nut.n.01", "flower.n.01", "flower.n.02")
THING = "thing"  # the kind that everything is
Truth = Literal[-1, 0, 1]  # no, perhaps, yes


class Category(Strict):
    """An entry of categories.yaml: `sense` ("is" in the file) is a synset's name; `whole` if the
    category means all of the synset although WordNet does not list it as a name."""

    sense: str
    whole: bool = False
    also: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()


class Kinds(NamedTuple):
    """What a category is, and what it might be or be mistaken for: synsets and names."""

    sure: frozenset[str]
    possible: frozenset[str]


def normal(category: str) -> str:
    """The category in the form used for comparison: lower case, spaces for `_`.

    >>> normal("Teddy_Bear ")
    'teddy bear'
    """
    return " ".join(category.replace("_", " ").split()).lower()


@cache
def categories() -> dict[str, Category]:
    """The bundled categories. InputError (file:line) if the file is invalid."""
    path = FOLDER / "categories.yaml"
    data, lines = strict_yaml.read_yaml(path)
    found = {}
    for name, value in data.items():
        entry = {"is": value} if isinstance(value, str) else dict(value)
        entry = {{"is": "sense", "or": "perhaps"}.get(key, key): v for key, v in entry.items()}
        found[name] = strict_yaml.parse(Category, entry, f"{path}:{lines[(name,)]}")
    for name, category in found.items():
        if category.sense not in _known():
            where, todo = f"{path}:{lines[(name,)]}", "run: python assets/lexicon/build.py"
            raise InputError(where, f"{category.sense!r} is not in kinds.tsv yet", todo=todo)
        for other in (*category.also, *category.perhaps):
            if other not in found:
                where = f"{path}:{lines[(name,)]}"
                raise InputError(where, f"{other!r} is not a category", todo=nearest(other, found))
    return found


class Known(NamedTuple):
    """A line of kinds.tsv: the synset's direct hypernyms, and its other names."""

    hypernyms: tuple[str, ...]
    names: tuple[str, ...]


@cache
def _known() -> dict[str, Known]:
    """The senses of categories.yaml and all their hypernyms."""
    found = {}
    for line in (FOLDER / "kinds.tsv").read_text("utf-8").splitlines():
        synset, hypernyms, names = line.split("\t")
        found[synset] = Known(tuple(hypernyms.split()), tuple(filter(None, names.split(", "))))
    return found


def hypernyms(synset: str) -> tuple[str, ...]:
    """What the synset is directly a kind of."""
    more = words.read().kinds_of.get(synset, ())
    if synset in _known():
        return (*_known()[synset].hypernyms, *more)
    found = wordnet.reader().synset(synset)
    if found is None:
        raise InputError(synset, "is not a WordNet noun")
    return (*found.hypernyms, *more)


def exists(synset: str) -> bool:
    """Whether the bundled WordNet has a synset of that name."""
    return synset in _known() or wordnet.reader().synset(synset) is not None


@cache
def above(synset: str) -> tuple[str, ...]:
    """The synset and everything it is a kind of, by name; nearest first."""
    found = [synset]
    for name in found:
        found += [above_it for above_it in hypernyms(name) if above_it not in found]
    return tuple(found)


@cache
def entry(category: str) -> str | None:
    """The listed category that the name means, by its singular if the plural is not listed."""
    name, known = normal(category), categories()
    tried = (name, english.singular(name), name.removesuffix("s"))  # "grapes" stays as it is
    return next((each for each in tried if each in known), None)


@cache
def meanings(category: str) -> tuple[str, ...]:
    """The synsets that a name may mean: a category's, the one that words.yaml lists it under, or
    WordNet's visible senses, commonest first; none for an unknown name."""
    name = normal(category)
    if listed := entry(name):
        return (categories()[listed].sense,)
    if wider := words.known(name):
        return (wider,)
    for each in dict.fromkeys((name, english.singular(name))):
        synsets = wordnet.reader().synsets(each)
        if found := tuple(s.name for s in synsets if s.field and s.name != wordnet.ROOT):
            return found
    return ()


@cache
def is_usual(category: str) -> bool:
    """Whether the first of its `meanings` is its commonest sense; it is not for "letter", whose
    only visible sense in WordNet is the landlord."""
    name = normal(category)
    if entry(name) or words.known(name):
        return True
    both = (wordnet.reader().synsets(each) for each in (name, english.singular(name)))
    found = next((synsets for synsets in both if synsets), ())
    return bool(found) and found[0].name != wordnet.ROOT and found[0].field != ""


@cache
def sense(category: str) -> str | None:
    """The synset of a listed category, or of a word that has one visible sense; else None."""
    found = meanings(category)
    is_wider = entry(category) is None and words.known(normal(category))
    return found[0] if len(found) == 1 and is_usual(category) and not is_wider else None


@cache
def kinds(category: str, label: str = "") -> Kinds:
    """What entities of a category are, surely and possibly. `label` is "animal" or "human" if
    known; it decides for unknown categories."""
    name, listed = normal(category), entry(category)
    own = {THING, name, english.singular(name)}
    if listed:
        known = categories()[listed]
        sure = own.union(above(known.sense), *(_listed(other) for other in known.also))
        possible = set().union(*(_listed(other) for other in known.perhaps)) - sure
        return Kinds(frozenset(sure), frozenset(possible))
    found = meanings(name)
    chains = [set(above(each)) for each in found]
    head = english.parts(name)[1]
    # "blue widget": whatever a widget is, it may be one.
    like_head = {head, concept(head)} - own
    if wider := words.known(name):
        # WordNet may know more of it: a "bunny", which is some animal, is a rabbit.
        more = [set(above(s)) for s in _wider(name) if wider in above(s)]
        sure = own | chains[0] | (set.intersection(*more) if more else set())
        possible = like_head.union(*more, _under(wider) if wider == LABELLED["human"] else ())
        return Kinds(frozenset(sure), frozenset(possible - sure))
    if not chains:
        if label in LABELLED and not meanings(head):
            top = LABELLED[label]
            return Kinds(frozenset(own.union(above(top))), frozenset({head}) | _under(top))
        chains = [{head, *kinds(head).sure, *kinds(head).possible}] if head != name else []
        return Kinds(frozenset(own), frozenset(set().union({head}, *chains) - own))
    # What grows on a plant is called as it is; and the most usual sense may not be embedded.
    is_plant = all(wordnet.field(each) == "plant" for each in found)
    if is_plant or not is_usual(name):
        chains.append(set())
    if is_plant:
        chains += [set(above(each)) for each in GROWN]
    shared = own | set.intersection(*chains)
    return Kinds(frozenset(shared), frozenset(like_head.union(*chains) - shared))


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
    """Whether things of `category` are of `kind` (a synset or a category): 1 yes, -1 no, 0 perhaps.
    For `label` see `kinds`.

    >>> is_a("camel", "animal.n.01"), is_a("mug", "animal.n.01"), is_a("bird", "owl.n.01")
    (1, -1, 0)
    """
    known, kind = kinds(category, label), kind if ".n." in kind else concept(kind)
    if meant := known.sure & {kind, *_wider(kind)}:  # the "canine" that a dog is
        # Only to WordNet is a man an "object".
        is_alive = not known.sure.isdisjoint(LABELLED.values())
        return 0 if is_alive and meant <= _above_everything() else 1
    if kind in known.possible or not known.sure.isdisjoint(words.roles(kind)):
        return 0
    # Where the list says what a word is, its other senses are the wrong ones.
    told = entry(category) is None and words.known(normal(category))
    if not namesakes(kind).isdisjoint(known.sure if told else known.sure | known.possible):
        return 0
    # A thing that is only known to be a bird may be an owl.
    return 0 if sense(category) in _narrower(kind) else -1


@cache
def _wider(kind: str) -> frozenset[str]:
    """The synsets whose members may have that name, for a name that is not a category."""
    if ".n." in kind or entry(kind):
        return frozenset()
    # The root stands in for senses that are not embedded, without being called so.
    lemma, synsets = kind.replace(" ", "_"), wordnet.reader().synsets(kind)
    return frozenset(s.name for s in synsets if lemma in map(str.lower, s.lemmas))


@cache
def _above_everything() -> frozenset[str]:
    """The synsets of what lives and of what is made alike: object, whole, entity."""
    return frozenset(above(LABELLED["animal"])).intersection(above(MADE))


@cache
def _narrower(kind: str) -> frozenset[str]:
    """The kind itself and all its hypernyms."""
    if ".n." in kind:
        return frozenset(above(kind))
    return frozenset().union(kinds(kind).sure, *(above(each) for each in meanings(kind)))


@cache
def namesakes(kind: str) -> frozenset[str]:
    """What else the nouns for a kind may name, as synsets and names: a "cat" may be a lion, an
    "instrument" measures, and "glasses" are also what people drink from."""
    reader = wordnet.reader()
    said = {form for noun in _nouns(kind) for form in (noun, *english.written_as(noun))}
    senses = {synset.name for form in said for synset in reader.synsets(form)}
    return frozenset((said | senses) - {kind, wordnet.ROOT})


@cache
def _nouns(kind: str) -> tuple[str, ...]:
    """The nouns for a kind: the listed ones or, for a kind that only a vocabulary names, all of
    WordNet's."""
    if listed := _called().get(kind):
        return (*listed, *(_known()[kind].names if kind in _known() else ()))
    synset = wordnet.reader().synset(kind)
    return tuple(map(normal, synset.lemmas)) if synset else (kind,)


@cache
def _called() -> dict[str, tuple[str, ...]]:
    """The categories whose own names stand for a kind."""
    found = dict[str, tuple[str, ...]]()
    for name in categories():
        found[concept(name)] = (*found.get(concept(name), ()), name)
    return found


@cache
def concept(category: str) -> str:
    """The kind that a category's own name stands for: its synset if the name is one of the synset's
    words, else the name itself ("gift box", which WordNet only knows as a box)."""
    name = entry(category)
    if name is None:
        return normal(category)
    own = categories()[name]
    called = (own.sense.split(".")[0], *_known()[own.sense].names)
    return own.sense if own.whole or name.replace(" ", "_") in called else name


@cache
def other_names(category: str) -> tuple[tuple[str, ...], ...]:
    """Other nouns that surely name whatever is of a category whose meaning is known: those of its
    sense, then of each that this is a kind of, nearest first, but not of what nearly everything is.
    A noun that has a commoner sense is none ("kid" for a goat), nor is what nobody says of a thing
    in sight (a "chordate", a "vascular plant").

    >>> other_names("cat")
    (('feline',), ('carnivore',), ('mammal',), ('animal', 'beast', 'creature'))
    """
    meant = sense(category)
    own = {normal(category), english.singular(normal(category))}
    listed = entry(category)
    found: list[tuple[str, ...]] = []
    found += [(also,) for also in (categories()[listed].also if listed else ())]
    for synset in above(meant) if meant else ():
        entry_of = wordnet.reader().synset(synset)
        if entry_of is None or (entry_of.field == "Tops" and synset not in KINGDOMS):
            continue
        said = {normal(lemma) for lemma in entry_of.lemmas if lemma.islower()}
        said -= own.union(words.read().unspoken)
        first = {
            word
            for word in said
            if meanings(word)[:1] == (synset,)
            and is_usual(word)
            and (synset == meant or " " not in word)
        }
        if first:
            found.append(tuple(sorted(first)))
    return tuple(found)


def nicknames(category: str) -> tuple[str, ...]:
    """Nouns that may name any member of a category, be they true of it or not: a cat may be a
    kitten. Not those of any person or animal.

    >>> nicknames("dog")[:2], nicknames("human")
    (('doggy', 'hound'), ())
    """
    meant = sense(category)
    is_one = meant is not None and meant not in KINGDOMS
    return words.read().roles.get(meant or "", ()) if is_one else ()


def synonyms(category: str) -> tuple[str, ...]:
    """Other names that people use for members of a listed category."""
    own = categories().get(normal(category))
    return tuple(n for n in _known()[own.sense].names if n != normal(category)) if own else ()
