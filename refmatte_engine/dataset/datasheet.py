"""The datasheet of a dataset: the usual questions (Gebru et al., Datasheets for Datasets) and what
is known of the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from refmatte_engine.dataset import attribution, card
from refmatte_engine.dataset.facts import Facts

NOT_KNOWN = "Not known from its files: ask its authors."


def text(facts: Facts) -> str:
    """DATASHEET.md."""
    lines = [f"# Datasheet: {facts.name}\n"]
    for heading, answer in _answers(facts):
        lines += [f"## {heading}\n", "\n".join(answer), ""]
    return "\n".join(lines)


def _answers(facts: Facts) -> Iterator[tuple[str, Iterable[str]]]:
    made, total = bool(facts.manifest), facts.total
    yield (
        "Why was it made?",
        ["For referring image matting: given an image and a sentence, the alpha of what is meant."],
    )
    yield (
        "What is in it?",
        [
            f"{total.images} images with {total.things} mattes and {total.sentences} sentences.\n",
            *(f"- {split}: {c.images} images, {c.things} mattes, {c.sentences} sentences"
              for split, c in facts.splits.items()),
            *(card.contents(facts) if made else ()),
        ],
    )  # fmt: skip
    yield "How was it collected?", card.making(facts) if made else [NOT_KNOWN]
    yield (
        "Was anything cleaned or labelled?",
        [
            "Cut-outs were cropped to their alphas, freed of specks, and, where image and alpha "
            "are two files, given colours of their own at the edges. Attributes are measured on "
            "the composed picture or come from the packs' labels; each says which "
            "(`source` in `samples.jsonl`)."
        ]
        if made
        else [NOT_KNOWN],
    )
    yield "Are splits independent?", _splits(facts)
    yield "Does it show people?", _people(facts)
    yield "Under which terms is it?", [*card.terms(facts)]
    yield "What is it for, and what not?", [*card.uses(facts)]
    yield (
        "How is it kept?",
        [
            "`manifest.json` has a digest of all that is in it, and `refmatte verify` compares "
            "every file with it. Who publishes it adds how to reach them."
        ]
        if made
        else [NOT_KNOWN],
    )


def _splits(facts: Facts) -> Iterator[str]:
    if not facts.manifest:
        yield NOT_KNOWN
        return
    yield "No foreground, no background and no equal alpha is in two splits."
    yield from (f"- {line}" for line in card.selection(facts))


def _people(facts: Facts) -> Iterator[str]:
    if not facts.manifest:
        yield NOT_KNOWN
        return
    humans = facts.stats.tables.get("kind of thing", {}).get("human", 0)
    if not humans:
        yield "No thing in it is a person. Backgrounds are not checked for people."
        return
    packs = {t.pack for t in facts.terms if t.foregrounds}
    yield (
        f"{humans} of its {facts.total.things} things are people, from the packs "
        f"{', '.join(sorted(packs))}: whether these agreed to be shown is for the packs' authors "
        f"to say (see {attribution.FILE})."
    )
