"""Trims WordNet to the nouns that can be seen in a picture and that people use.

    python assets/lexicon/build.py             # after a change of categories.yaml: kinds.tsv anew
    python assets/lexicon/build.py DICT        # DICT: WordNet 3.0's folder with data.noun

Needs `wordfreq` (word frequencies); the package itself does not. With DICT it writes wordnet/ by
this file, in WordNet's own format: nouns only, no glosses, hypernyms only. Without, a sense that
wordnet/ lacks is named.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from wordfreq import zipf_frequency

HERE = Path(__file__).parent
OUT = HERE / "wordnet"
# Lexicographer files (lexnames(5WN)) whose nouns have a look of their own, and how common
# (Zipf scale: 3 is once in a million words) at least one name of a synset must be.
THINGS = {5: 3.4, 6: 3.9, 13: 3.7, 17: 4.1, 20: 3.5}  # animal, artifact, food, object, plant
OTHERS = {8: 4.7, 18: 4.7, 19: 4.6, 25: 4.7, 27: 4.7}  # body, person, phenomenon, shape, substance
COMMON_LEMMA = 2.3
COMMON_NAME = 3.0
# Names that an editor would strike out: slang, insults, old-fashioned, technical, misleading.
DENIED = frozenset(
    [
        "somebody",
        "someone",
        "individual",
        "soul",
        "mortal",
        "pussy",
        "ass",
        "cock",
        "plumage",
        "sinker",
        "lounge",
        "specs",
        "auto",
        "machine",
        "motorcar",
        "simian",
        "hog",
        "grunter",
        "squealer",
        "babe",
        "infant",
        "youngster",
        "minor",
        "miss",
        "missy",
        "serpent",
        "fiddle",
        "murphy",
        "oculus",
        "optic",
        "mitt",
        "pes",
        "flaming",
        "panther",
        "bike",
        "beacon",
        "orbiter",
        "lei",
        "foliage",
        "denim",
        "cows",
        "oxen",
        "fencing",
        "mike",
        "elk",
        "frog",
        "toad",
        "trunks",
        "shades",
        "jean",
        "laurel",
        "dice",
        "eggs",
        "headphone",
        "telly",
        "gator",
        "beast",
        "creature",
        "flake",
        "chute",
    ]
)


class Synset(NamedTuple):
    offset: str
    lexfile: int
    lemmas: tuple[tuple[str, str], ...]  # name, lex_id
    hypernyms: tuple[tuple[str, str], ...]  # pointer (@ or @i), offset


def main() -> None:
    if len(sys.argv) > 1:
        write_wordnet(Path(sys.argv[1]))
    write_kinds()


def write_wordnet(source: Path) -> None:
    synsets = {s.offset: s for s in read(source / "data.noun")}
    senses = senses_of(source / "index.noun")
    wanted = {s.offset for s in synsets.values() if is_wanted(s)}
    for sense in listed_senses():
        lemma, _, number = sense.split(".")
        wanted.add(senses[lemma][int(number) - 1])
    todo = list(wanted)
    while todo:
        for _, above in synsets[todo.pop()].hypernyms:
            if above not in wanted:
                wanted.add(above)
                todo.append(above)
    write([synsets[offset] for offset in sorted(wanted)], senses)


def listed_senses() -> set[str]:
    """The senses of categories.yaml."""
    categories = yaml.safe_load((HERE / "categories.yaml").read_text("utf-8"))
    return {value["is"] if isinstance(value, dict) else value for value in categories.values()}


def read(path: Path) -> list[Synset]:
    found = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        field = line.split("|")[0].split()
        count = int(field[3], 16)
        lemmas = tuple((field[4 + 2 * i], field[5 + 2 * i]) for i in range(count))
        rest = field[4 + 2 * count :]
        pointers = [rest[1 + 4 * i : 5 + 4 * i] for i in range(int(rest[0]))]
        hypernyms = tuple((p[0], p[1]) for p in pointers if p[0] in ("@", "@i") and p[2] == "n")
        found.append(Synset(field[0], int(field[1]), lemmas, hypernyms))
    return found


def senses_of(path: Path) -> dict[str, list[str]]:
    """Offsets of each lemma's senses, most frequent first."""
    lines = [line.split() for line in path.read_text("utf-8").splitlines() if line[0] != " "]
    return {field[0]: field[-int(field[2]) :] for field in lines}


@cache
def common(lemma: str) -> float:
    return zipf_frequency(lemma.replace("_", " "), "en")


def is_wanted(synset: Synset) -> bool:
    least = {**THINGS, **OTHERS}.get(synset.lexfile, 9)
    named_individual = any(pointer == "@i" for pointer, _ in synset.hypernyms)
    return not named_individual and max(common(name) for name, _ in synset.lemmas) >= least


def write(kept: list[Synset], senses: dict[str, list[str]]) -> None:
    OUT.mkdir(exist_ok=True)
    names = {s.offset: trimmed(s) for s in kept}

    # A synset is found by its byte offset, which is also its name: lay out first, then write.
    def line(s: Synset, place: dict[str, int]) -> str:
        lemmas = " ".join(f"{name} {lex_id}" for name, lex_id in names[s.offset])
        above = "".join(f" {p} {place[o]:08d} n 0000" for p, o in s.hypernyms)
        head = f"{place[s.offset]:08d} {s.lexfile:02d} n {len(names[s.offset]):02x} {lemmas}"
        return f"{head} {len(s.hypernyms):03d}{above} | \n"

    zero = {s.offset: 0 for s in kept}
    place, at = {}, 0
    for s in kept:
        place[s.offset] = at
        at += len(line(s, zero))
    (OUT / "data.noun").write_text("".join(line(s, place) for s in kept))

    lemmas: dict[str, list[int]] = {}
    for s in kept:
        for name, _ in names[s.offset]:
            order = senses[name.lower()]
            kept_at = [i for i, o in enumerate(order) if o in place and in_names(name, names[o])]
            # Senses keep their numbers ("mug.n.04"): the root stands in for those left out.
            ranked = [order[i] if i in kept_at else kept[0].offset for i in range(kept_at[-1] + 1)]
            lemmas.setdefault(name.lower(), [place[o] for o in ranked])
    index = [
        f"{name} n {len(at)} 1 @ {len(at)} 0 {' '.join(f'{o:08d}' for o in at)}  \n"
        for name, at in sorted(lemmas.items())
    ]
    (OUT / "index.noun").write_text("".join(index))
    print(f"{len(kept)} synsets, {len(lemmas)} names")


def write_kinds() -> None:
    """What is directly above each sense of categories.yaml and all above it, and the names that
    mean that sense first of all and that people use."""
    from refmatte_engine.semantics import lexicon, wordnet

    senses, lines, reader = listed_senses(), [], wordnet.Reader(OUT)
    if missing := sorted(sense for sense in senses if reader.synset(sense) is None):
        sys.exit(f"wordnet/ has no {missing[0]}: correct categories.yaml, or run build.py DICT")
    (HERE / "kinds.tsv").write_text("")
    for synset in sorted({name for sense in senses for name in lexicon.above(sense)}):
        names = []
        for lemma in reader.synset(synset).lemmas if synset in senses else ():
            means_it = reader.synsets(lemma)[0].name == synset
            plain = lemma.isalpha() and lemma.islower() and lemma not in DENIED
            if means_it and plain and common(lemma) >= COMMON_NAME:
                names.append(lemma)
        above = sorted(reader.synset(synset).hypernyms)
        lines.append("\t".join((synset, " ".join(above), ", ".join(names))))
    (HERE / "kinds.tsv").write_text("".join(f"{line}\n" for line in lines))


def trimmed(s: Synset) -> list[tuple[str, str]]:
    """The first name, by which the synset is known, and the others that people use."""
    first, *more = s.lemmas
    return [first, *(lemma for lemma in more if common(lemma[0]) >= COMMON_LEMMA)]


def in_names(name: str, lemmas: list[tuple[str, str]]) -> bool:
    return any(lemma.lower() == name.lower() for lemma, _ in lemmas)


if __name__ == "__main__":
    main()
