"""The card of a dataset: README.md with the Hub's YAML head, for people who find it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from refmatte_engine.config import licences
from refmatte_engine.dataset import attribution
from refmatte_engine.dataset.facts import Facts
from refmatte_engine.dataset.stats import Table
from refmatte_engine.errors import listed

PICTURE = "card.jpg"
SIZES = (("n<1K", 10**3), ("1K<n<10K", 10**4), ("10K<n<100K", 10**5), ("100K<n<1M", 10**6))
SHOWN = 12
UNKNOWN = (
    "It was not made by the RefMatte engine, or without its manifest. What is not in its label "
    "files cannot be known from here: which pictures it is made from, under which licences, how, "
    "and what its things are. Ask its authors before you use or pass it on."
)
ROWS = (
    "Each row is one thing in one image: `image`, `alpha` (8-bit grey, what is visible of it), "
    "`expressions` that mean it alone with their `kinds`, and `keyword`, which means it alone if "
    "`keyword_unique`. `bbox_xyxy` is half-open, in px."
)
FILES = (
    "`<split>/img` holds images, `<split>/mask/<image>_<k>.png` the visible alpha of thing k "
    "(8-bit grey), `<split>/refmatte_<split>_label.json` the sentences of each matte, as RefMatte "
    "has them. `<split>/samples.jsonl` has all that is known of an image, and what proves each "
    "sentence. `refmatte_engine.Dataset` reads it."
)


def text(facts: Facts, *, picture: bool = False, rows: Mapping[str, int] | None = None) -> str:
    """README.md. `picture` says that `PICTURE` lies beside it; `rows`, by split, that the dataset
    is a table of so many rows a split below `data`, as the Hub loads it."""
    title = f"{facts.name}: referring image matting"
    lines = [f"---\n{yaml.safe_dump(_head(facts, rows), sort_keys=False, allow_unicode=True)}---\n"]
    lines += [f"# {title}\n", _first(facts), ""]
    if picture:
        lines += [f"![Images beside what one of their sentences means]({PICTURE})\n"]
    lines += [FILES if rows is None else ROWS, "", *_counts(facts, rows)]
    if facts.manifest:
        lines += ["\n## What is in it\n", *contents(facts)]
    lines += ["\n## Licences\n", *terms(facts)]
    if facts.manifest:
        lines += ["\n## How it was made\n", *making(facts)]
    lines += ["\n## What it is for\n", *uses(facts)]
    if rows is None:
        lines += ["\n[DATASHEET.md](DATASHEET.md) answers the usual questions one by one."]
    return "\n".join(lines) + "\n"


def _head(facts: Facts, rows: Mapping[str, int] | None) -> dict[str, Any]:
    total = sum(rows.values()) if rows is not None else facts.total.images
    head: dict[str, Any] = {
        "pretty_name": facts.name,
        **_licence(sorted({each.licence for each in facts.terms})),
        "task_categories": ["image-segmentation"],
        "tags": ["image-matting", "referring-image-matting", "referring-image-segmentation"],
        "size_categories": [next((n for n, most in SIZES if total < most), "n>1M")],
    }
    if rows is not None:
        files = [{"split": split, "path": f"data/{split}-*"} for split in rows]
        head["configs"] = [{"config_name": "default", "data_files": files}]
    return head


def _licence(names: Sequence[str]) -> dict[str, str]:
    if not any(names):
        return {"license": "unknown"}
    if len(names) == 1 and (known := licences.hub_name(names[0])):
        return {"license": known}
    name = names[0] if len(names) == 1 else "several"
    return {"license": "other", "license_name": name, "license_link": attribution.FILE}


def _first(facts: Facts) -> str:
    what = "images, an alpha matte of each thing in them, and sentences that mean one of the things"
    if not facts.manifest:
        return f"A referring image matting dataset in RefMatte's layout: {what}.\n\n{UNKNOWN}"
    return (
        f"A referring image matting dataset, composed by the RefMatte engine: {what}. The images "
        "are composites, so the mattes are exact; each sentence was kept only because a check of "
        "its own finds no other thing that it may mean."
    )


def _counts(facts: Facts, rows: Mapping[str, int] | None) -> Iterator[str]:
    head = ("images", "rows") if rows is not None else ("images", "things", "sentences")
    yield "| split | " + " | ".join(head) + " |"
    yield "|---" * (1 + len(head)) + "|"
    for split, counts in facts.splits.items():
        told = [rows[split]] if rows is not None else [counts.things, counts.sentences]
        yield f"| {split} | " + " | ".join(str(n) for n in (counts.images, *told)) + " |"


def contents(facts: Facts) -> Iterator[str]:
    """The statistics in words, a point each."""
    stats = facts.stats
    categories = stats.tables.get("category", {})
    many = "y" if len(categories) == 1 else "ies"
    yield f"- {len(categories)} categor{many}: {_some(categories)}"
    for name, head in (
        ("kind of thing", "things"),
        ("entities in an image", "things in an image"),
        ("layout", "arrangements"),
        ("level", "levels of difficulty"),
        ("kind of expression", "kinds of sentences"),
    ):
        if table := stats.tables.get(name):
            yield f"- {head}: {_some(table)}"
    if sizes := _spans(facts):
        yield f"- {sizes}"
    if words := stats.measures["words"].summary():
        different = stats.variety["distinct sentences"]
        yield f"- {words['median']:.0f} words in a sentence (median); {different:.0%} of all differ"


def terms(facts: Facts) -> Iterator[str]:
    """Whose pictures these are, a point a pack and terms."""
    if not facts.terms:
        yield "Not recorded: see the authors of the dataset." if not facts.manifest else "None."
        return
    for limit in attribution.limits(facts.terms):
        yield f"**{limit}**\n"
    for each in facts.terms:
        said = (each.licence, each.source, each.credit)
        told = "; ".join(word or "not recorded" for word in said)
        own = f" ({len({*each.foregrounds, *each.backgrounds})} pictures)" if each.is_own else ""
        yield f"- {each.pack}{own}: {told}"
    yield f"\n[{attribution.FILE}]({attribution.FILE}) says it in full."


def making(facts: Facts) -> Iterator[str]:
    """From what, by what, and how to make it again."""
    run, manifest = facts.run, facts.manifest
    used = attribution.counted(
        {kind: {n for t in facts.terms for n in getattr(t, kind)} for kind in attribution.KINDS}
    )
    for pack, n in used.items():
        yield f"- pack {pack}: {n['foregrounds']} foregrounds and {n['backgrounds']} backgrounds"
    if {"expressions", "seed"} <= run.keys():
        yield f"- sentences by the templates {run['expressions']}; seed {run['seed']}"
    yield f"- refmatte-engine {manifest.get('engine', 'of an earlier version')}"
    yield from (f"- {line}" for line in selection(facts))
    if drawn := manifest.get("rejections"):
        yield f"- scenes that were drawn again, by reason: {_some(drawn)}"
    yield (
        "- `manifest.json` holds the whole run and the digests of packs and templates; the same "
        "run with the same packs gives the same images (`content_digest` "
        f"{str(manifest.get('content_digest', ''))[:16]}…). `refmatte verify` checks the dataset."
    )


def selection(facts: Facts) -> Iterator[str]:
    """What the run's own rules decided, as a paper would quote it."""
    told = facts.manifest.get("selection", {})
    if unseen := told.get("unseen"):
        yield f"{len(unseen)} categories only in test: {listed(unseen, 40)}"
    if shots := told.get("shots"):
        numbers = {name: len(ids) for name, ids in shots.items()}
        yield f"few shots in train, foregrounds by category: {_some(numbers)}"
    if by := (facts.run.get("split_by") or {}).get("packs"):
        yield "packs by split: " + "; ".join(f"{s} from {listed(p)}" for s, p in by.items())
    if (facts.run.get("split_by") or {}).get("file"):
        yield "a split file decided (`run.split_by.file` in the manifest)"
    if allowed := facts.run.get("allow_licences"):
        yield f"licences that were allowed: {listed(allowed, 20)}"
    if left := told.get("left_out"):
        yield "pictures left out: " + "; ".join(f"{n} {why}" for why, n in left.items())


def uses(facts: Facts) -> Iterator[str]:
    """What it is for, what not, and what limits are known."""
    yield "For training and comparing models that find, segment or matte what a sentence means.\n"
    yield "Not for judging how a model does on photographs: composites are too clean.\n"
    yield "Known limits:\n"
    yield "- things and backgrounds come from different pictures; light and shadows are guesses"
    yield "- glass shows what is behind it unbent"
    if facts.manifest:
        yield "- sentences are made by templates: true and unambiguous, not what people would say"
        yield "- mattes of photographs are as good as their authors made them"
    if humans := facts.stats.tables.get("kind of thing", {}).get("human", 0):
        yield (
            f"- {humans} of {facts.total.things} things are people; what is said of them (gender, "
            "age, clothes) is what labels say. Not for recognising or judging people"
        )
    for split, missing in facts.manifest.get("lacks", {}).items():
        yield f"- split {split} does without {'; '.join(missing)}"


def _spans(facts: Facts) -> str:
    measures = facts.stats.measures
    area = measures["area_share"].summary()
    wide, high = (measures[name].summary() for name in ("width_px", "height_px"))
    if not (area and wide and high):
        return ""
    sizes = [f"{wide[key]:.0f}×{high[key]:.0f}" for key in ("least", "most")]
    span = " to ".join(dict.fromkeys(sizes))
    return f"images of {span} px; a thing covers {area['median']:.1%} of its image (median)"


def _some(table: Table) -> str:
    ranked = sorted(table.items(), key=lambda item: -item[1])
    shown = ", ".join(f"{name.replace('_', ' ')} ({n})" for name, n in ranked[:SHOWN])
    return f"{shown} and {len(ranked) - SHOWN} more" if len(ranked) > SHOWN else shown
