"""docs/studio.md: every category of the embedded pack, written from its labels."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

PACK = Path(__file__).resolve().parent.parent / "pack"
PAGE = PACK.parent.parent / "docs" / "studio.md"
KINDS = {"object": "Things", "animal": "Animals", "human": "People"}
HEAD = """\
# The studio's pictures

The bundled pack, `studio`: {things} pictures of {categories} categories and {places} backgrounds,
all rendered from the [studio's recipes](../assets/studio/README.md), CC0. The pictures are in
`assets/pack`; how to use them, or a pack of your own, is in [packs](packs.md#the-bundled-pack).
This page is written from their labels by `build.py --check assets/pack`, in `assets/studio`.

"""


def write() -> None:
    PAGE.write_text(text(PACK), "utf-8")


def text(pack: Path) -> str:
    """The page of a pack, as Markdown."""
    rows = (pack / "labels.jsonl").read_text("utf-8").splitlines()
    labels = [json.loads(row) for row in rows]
    places = [label for label in labels if label["kind"] == "background"]
    groups: dict[str, dict[str, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for label in labels:
        if label["kind"] != "background":
            groups[label["kind"]][label["category"]].append(label)
    count = sum(len(group) for group in groups.values())
    page = HEAD.format(things=len(labels) - len(places), categories=count, places=len(places))
    for kind, title in KINDS.items():
        if groups[kind]:
            page += people(groups[kind]) if kind == "human" else table(title, groups[kind])
    return page + backgrounds(places)


def table(title: str, group: dict[str, list[dict]]) -> str:
    lines = [f"## {title}", "", "| category | train | test | colours | materials | patterns |"]
    lines += ["|---|---|---|---|---|---|"]
    for category, labels in sorted(group.items()):
        told = [label["attributes"] for label in labels]
        material = words(told, "material")
        if any(a.get("transparent") for a in told):
            material = ", ".join(filter(None, (material, "see-through")))
        looks = words(told, "color"), material, words(told, "pattern", "plain")
        lines.append(f"| {category} | {shares(labels)} | {' | '.join(looks)} |")
    return "\n".join(lines) + "\n\n"


def people(group: dict[str, list[dict]]) -> str:
    labels = [label for found in group.values() for label in found]
    lines = ["## People", "", "| who | train | test | hair | wear |", "|---|---|---|---|---|"]
    who: dict[str, list[dict]] = defaultdict(list)
    for label in labels:
        told = label["attributes"]
        who[f"{told['gender']}, {told['age']}"].append(label)
    for name, found in sorted(who.items()):
        told = [label["attributes"] for label in found]
        worn = sorted({part["type"] for a in told for part in a.get("clothes", [])})
        lines.append(f"| {name} | {shares(found)} | {words(told, 'hair')} | {', '.join(worn)} |")
    return "\n".join(lines) + "\n\n"


def backgrounds(places: list[dict]) -> str:
    lines = ["## Backgrounds", "", "| place | split | light | horizon | ground |"]
    lines += ["|---|---|---|---|---|"]
    for label in sorted(places, key=lambda label: label["file"]):
        name = Path(label["file"]).stem.rsplit("_", 1)[0].replace("_", " ")
        top, bottom = (f"{100 * row:.0f}" for row in label["ground"])
        surface = f", {label['surface']}" if label.get("surface") else ""
        ground = f"{top}–{bottom} %{surface}"
        seen = label["split"], label["light"], f"{100 * label['horizon']:.0f} %", ground
        lines.append(f"| {name} | {' | '.join(seen)} |")
    return "\n".join(lines) + "\n"


def shares(labels: list[dict]) -> str:
    train = sum(label["split"] == "train" for label in labels)
    return f"{train} | {len(labels) - train}"


def words(told: list[dict], name: str, dull: str = "") -> str:
    found: list[str] = []
    for attributes in told:
        value = attributes.get(name) or []
        found += [value] if isinstance(value, str) else value
    return ", ".join(word for word in dict.fromkeys(found) if word != dull)
