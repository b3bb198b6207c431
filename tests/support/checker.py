"""A second opinion on what sentences mean, from the files and the words alone.

It shares nothing with the engine but the recorded attributes: centres and boxes are measured on
the mask files, nouns are looked up in WordNet's files, spatial words are plain comparisons, and the
English text is read by a reader of its own (`claims`). A sentence is false if it is not
surely true of what it means, ambiguous if it might mean something else or more. Run it on a
dataset:

    python -m tests.support.checker out/demo [--limit 200]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from tests.support import claims, looks, naming
from tests.support.places import (
    CLEARLY,
    FAR,
    ORDERS,
    PLACES,
    SIDES,
    Covers,
    Seen,
    amid,
    over,
    seen,
    touching,
)

Clause = dict[str, Any]
JUST = 0.1  # of the canvas: what fits by more than this belongs to those that fit
PLAINLY = 0.15  # of the canvas: what fits by so much is meant without being looked for
TRUE = 9.0  # how well a word fits that has no degrees
LISTED = 50
ENGLISH = {"english", "refmatte"}
MANY = {"clothes", "hair", "facial_hair", "material"}  # of which one may have several


def has(entity: Seen, clause: Clause, sure: bool = True) -> bool:
    """Whether the attribute is recorded; or, if not `sure`, may be: half known or unknown."""
    known = False
    for fact in entity.attributes:
        name, part = clause["name"], clause.get("part", "")
        if fact["name"].removesuffix("_perhaps") == name and fact.get("part", "") == part:
            known = True
            value, asked = fact["value"], clause["value"]
            plain = value.removeprefix("dark ").removeprefix("light ")
            pair = "/" in asked and set(value.split("/")) == set(asked.split("/"))
            if (asked in (value, plain) or pair) and not (sure and fact["name"] != name):
                return True
    # A recipe tells all that it made, but which way things face nobody does.
    return not (sure or known) and (clause["name"] == "facing" or not recorded_whole(entity))


def recorded_whole(entity: Seen) -> bool:
    """Whether all is recorded that there is: of what a recipe made."""
    return any(fact["source"] == "recipe" for fact in entity.attributes if "source" in fact)


def called(entity: Seen, noun: str, sure: bool) -> bool:
    """Whether the noun names the entity: surely, or perhaps."""
    word = next((n for n in naming.singulars(noun.lower()) if n in naming.PEOPLE), "")
    if not word or naming.names("person", entity.category, entity.kind) < 1:
        return naming.names(noun, entity.category, entity.kind) >= (1 if sure else 0)
    wanted, own = naming.PEOPLE[word], naming.PEOPLE.get(entity.category, {})
    gender = claims.fact("gender", str(wanted.get("gender", "")))
    child = claims.fact("age", "child")
    ages = {fact["value"] for fact in entity.attributes if fact["name"] == "age"}
    if (
        "gender" in wanted
        and own.get("gender") != wanted["gender"]
        and not has(entity, gender, sure)
    ):
        return False
    if "child" not in wanted:
        return True
    young = own.get("child", "child" in ages)  # whoever has no label is taken for no child
    return (young or has(entity, child, sure=True)) == wanted["child"]


def fits(
    entities: dict[int, Seen], program: list[Clause], covers: Covers, sure: bool = False
) -> dict[int, float]:
    """The entities that the program may mean, or surely does, and how well each fits (above 0)."""
    found = dict.fromkeys(entities, TRUE)
    for clause in program:
        op, name = clause["op"], clause["name"]
        if op == "order":
            found = ordered(entities, found, name, int(clause["value"]), sure)
        elif op == "any":
            either = {k for p in clause["targets"] for k in one_or_all(entities, p, covers, sure)}
            found = {k: v for k, v in found.items() if k in either}
        elif op == "count":
            found = found if str(len(found)) == clause["value"] else {}
        else:
            scores = {k: min(v, holds(entities, k, clause, covers, sure)) for k, v in found.items()}
            found = {k: score for k, score in scores.items() if score > 0}
    return found


def holds(entities: dict[int, Seen], k: int, clause: Clause, covers: Covers, sure: bool) -> float:
    """How well one clause fits one entity."""
    op, name, entity = clause["op"], clause["name"], entities[k]
    if op == "noun":
        return TRUE if called(entity, name, sure) else -1.0
    if op == "category":
        noun = name.split(".")[0].replace("_", " ")
        return TRUE if called(entity, noun, sure) else -1.0
    if op == "attribute":
        negated = clause.get("negated", False)
        if negated and sure and name in MANY and not recorded_whole(entity):
            return -1.0  # whose scarf is recorded may wear a jacket, too
        return TRUE if has(entity, clause, sure != negated) != negated else -1.0
    if op == "relation":
        return related(entities, k, name, clause["targets"], covers, sure)
    if name in FAR:
        ahead = (FAR[name](other) - FAR[name](entity) for other in entities.values())
        if max(ahead) > CLEARLY:
            return -1.0
    return PLACES[name](entity)


def ordered(
    entities: dict[int, Seen], found: dict[int, float], name: str, rank: int, sure: bool
) -> dict[int, float]:
    """What comes at that rank, by each way of counting; if not `sure`, by one of them."""
    ways = min((len(ORDERS[name](entities[k])) for k in found), default=0)
    places = [
        sorted(found, key=lambda k: -ORDERS[name](entities[k])[way])[rank - 1 : rank]
        for way in range(ways)
    ]
    agreed = set.intersection(*map(set, places)) if sure and places else set().union(*places)
    return {k: found[k] for k in agreed}


def related(
    entities: dict[int, Seen],
    k: int,
    name: str,
    targets: list[list[Clause]],
    covers: Covers,
    sure: bool,
) -> float:
    others = [best(fits(entities, target, covers)) for target in targets]
    if any(len(found) != 1 or found == {k} for found in others):
        return -1.0
    ends = [next(iter(found)) for found in others]
    if name == "between":
        a, b, me = entities[ends[0]], entities[ends[1]], entities[k]
        across = amid((me.x, me.y), (a.x, a.y), (b.x, b.y))
        return max(across, amid((me.y, me.x), (a.y, a.x), (b.y, b.x)))
    if name in ("in_front_of", "behind"):
        pair = (ends[0], k) if name == "in_front_of" else (k, ends[0])
        return TRUE if pair in covers else -1.0
    me, other = entities[k], entities[ends[0]]
    if sure and name in ("above", "below") and not over(me, other):
        return -1.0
    return SIDES[name](me, other)


def best(scores: dict[int, float]) -> set[int]:
    """The entities that fit, or the one that fits clearly better than all others."""
    if len(scores) > 1 and min(scores.values()) < TRUE:
        first, second, *_ = sorted(scores.values(), reverse=True)
        if first - second > CLEARLY:
            return {max(scores, key=lambda k: scores[k])}
    return set(scores)


def one_or_all(
    entities: dict[int, Seen], program: list[Clause], covers: Covers, sure: bool
) -> set[int]:
    """What a part of "the mugs on the left and the duck" means: all that fit its plural, or one."""
    scores = fits(entities, program, covers, sure)
    nouns = [clause["name"] for clause in program if clause["op"] == "noun"]
    several = any(naming.is_plural(noun) for noun in nouns)
    return meaning("group", scores) if several else best(scores)


def meaning(kind: str, scores: dict[int, float]) -> set[int]:
    """What a sentence of a kind means. Who speaks of "the mugs on the left" means all that fit,
    less those that fit but just, and clearly worse than the first two; a near miss means only what
    cannot be missed."""
    if kind == "none":
        return {k for k, score in scores.items() if score > PLAINLY}
    if kind != "group" or len(scores) < 3:
        return set(scores) if kind == "group" else best(scores)
    if min(scores.values()) > JUST:
        return set(scores)
    ranked = sorted(scores, key=lambda k: -scores[k])
    steps = [scores[a] - scores[b] for a, b in pairwise(ranked[1:])]
    widest = max(range(len(steps)), key=steps.__getitem__)
    return set(ranked[: widest + 2]) if steps[widest] > CLEARLY else set(ranked)


def nouns_fit(named: list[list[Clause]], told: list[list[Clause]]) -> bool:
    """Whether each noun of a text is a word for what its program says is meant."""
    for one, other in zip(named, told, strict=True):
        (noun,) = (clause["name"] for clause in one if clause["op"] == "noun")
        kinds = [clause["name"] for clause in other if clause["op"] == "category"]
        if not all(naming.says(noun, kind) for kind in kinds):
            return False
        person = next((naming.PEOPLE[w] for w in naming.singulars(noun) if w in naming.PEOPLE), {})
        known = {c["name"]: (c["value"], not c.get("negated")) for c in other if c.get("noun")}
        wanted = {"gender": (person["gender"], True)} if "gender" in person else {}
        wanted |= {"age": ("child", person["child"])} if "child" in person else {}
        if kinds == ["person.n.01"] and known != wanted:
            return False
        targets = [
            [target for clause in part for target in clause.get("targets", ())]
            for part in (one, other)
        ]
        if not nouns_fit(*targets):
            return False
    return True


def claimed(program: list[Clause]) -> list[Any]:
    """A program without what its noun says, in an order of its own."""
    return sorted(
        (c["op"], c["name"], c.get("value", ""), c.get("part", ""), bool(c.get("negated")),
         [claimed(target) for target in c.get("targets", ())])
        for c in program if c["op"] not in ("noun", "category") and not c.get("noun")
    )  # fmt: skip


def complaint(
    expression: dict[str, Any], entities: dict[int, Seen], covers: Covers, language: str
) -> str:
    """What is wrong with one sentence, or ""."""
    program, referents = expression["program"], set(expression["referents"])
    if language in ENGLISH:
        try:
            names = {entity.category for entity in entities.values()}
            named = claims.read(expression["text"], language == "refmatte", names)
        except claims.Unread as unread:
            return f"unread: {unread}"
        told = program[0]["targets"] if program[0]["op"] == "any" else [program]
        if [claimed(one) for one in named] != [claimed(one) for one in told]:
            return f"claims {[claimed(one) for one in named]}, and its program something else"
        if not nouns_fit(named, told):
            return "names something else than its program"
        program = [{"op": "any", "name": "", "targets": named}] if len(named) > 1 else named[0]
    kind = expression["kind"]
    if false := referents - fits(entities, program, covers, sure=True).keys():
        return f"false of {sorted(false)}"
    meant = meaning(kind, fits(entities, program, covers))
    return "" if meant == referents else f"means {sorted(meant)}, not {sorted(referents)}"


def overlooked(
    program: list[Clause],
    entities: dict[int, Seen],
    covers: Covers,
    image: looks.Bytes,
    alphas: dict[int, looks.Bytes],
) -> str:
    """What a sentence about nothing might mean by its pixels' colour, whatever is recorded."""
    colors = [
        c for c in program
        if c["op"] == "attribute" and c["name"] == "color" and not c.get("part")
        and not c.get("negated") and not c.get("noun")
    ]  # fmt: skip
    if len(colors) != 1:
        return ""
    rest = fits(entities, [c for c in program if c is not colors[0]], covers)
    word = colors[0]["value"]
    meant = [k for k in meaning("none", rest) if looks.plainly(image, alphas[k], word)]
    return f"means {meant}, by their pixels, not []" if meant else ""


def failures(
    split: Path, language: str = "", limit: int = sys.maxsize
) -> Iterator[tuple[str, str]]:
    """(kind, complaint) of every sentence of a split; an empty complaint for a good one."""
    with (split / "samples.jsonl").open(encoding="utf-8") as lines:
        for _, line in zip(range(limit), lines, strict=False):
            sample = json.loads(line)
            name = sample["name"]
            alphas = {
                e["index"]: looks.alpha(split / "mask" / f"{name}_{e['index']}.png")
                for e in sample["entities"]
            }
            image = looks.image(next((split / "img").glob(f"{name}.*")))
            for entity in sample["entities"]:
                wrong = looks.wrong_colors(image, alphas[entity["index"]], entity)
                yield "looks", f"{name}_{entity['index']}: {wrong}" if wrong else ""
            entities = {e["index"]: seen(e, alphas[e["index"]]) for e in sample["entities"]}
            covers = touching(alphas)
            for expression in sample["expressions"]:
                if expression["kind"] == "keyword":
                    continue
                wrong = complaint(expression, entities, covers, language)
                if expression["kind"] == "none" and not wrong:
                    wrong = overlooked(expression["program"], entities, covers, image, alphas)
                text = f"{name}: {expression['text']!r}"
                yield expression["kind"], f"{text} {wrong}" if wrong else ""
                spare = any(not c.get("necessary", True) for c in expression["program"])
                if spare and expression["kind"] == "minimal":
                    yield "claims", f"{text} says more than is needed"
                elif not spare and expression["kind"] == "overspecified":
                    yield "claims", f"{text} says no more than is needed"


def language_of(dataset: Path) -> str:
    """The vocabulary of the dataset's texts: "english", "refmatte" (English with CSS's names for
    colours), or another language, whose programs alone are looked at."""
    words = dataset / "templates" / "vocabulary.yaml"
    if not words.is_file():
        return "english"
    text = words.read_text("utf-8")
    language = str(yaml.safe_load(text)["language"])
    return "refmatte" if language == "english" and "css_color" in text else language


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--limit", type=int, default=sys.maxsize, help="images of each split")
    asked = parser.parse_args()
    spoken = language_of(asked.dataset)
    total: Counter[str] = Counter()
    wrong: list[str] = []
    for split in sorted(p.parent for p in asked.dataset.glob("*/samples.jsonl")):
        for kind, said in failures(split, spoken, asked.limit):
            total[kind] += 1
            wrong += [said] if said else []
    print(*wrong[:LISTED], sep="\n", end="\n" if wrong else "")
    if len(wrong) > LISTED:
        print(f"… and {len(wrong) - LISTED} more")
    ambiguous = sum(" means [" in said for said in wrong)
    false = sum(" false of [" in said for said in wrong)
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(total.items()))
    other = len(wrong) - ambiguous - false
    print(f"{false} false, {ambiguous} ambiguous, {other} otherwise wrong of {kinds}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
