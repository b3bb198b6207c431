"""Attribution: whose pictures are really in the images of a dataset, and under which terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refmatte_engine.config import licences
from refmatte_engine.errors import listed
from refmatte_engine.records import Sample

FILE = "ATTRIBUTION.md"
KINDS = ("foregrounds", "backgrounds")
CHANGES = (
    "The images are composed of parts of these pictures. They were cut out, scaled, turned, "
    "mirrored or recoloured, and their colours, sharpness and noise may have been fitted to the "
    "background. Which image shows which picture is in `<split>/samples.jsonl`."
)

Used = Mapping[str, set[str]]


@dataclass(frozen=True, slots=True)
class Terms:
    """Pictures of one pack under the same terms, by their ids. `is_own` says that the terms are not
    the pack's."""

    pack: str
    licence: str
    source: str
    credit: str
    foregrounds: tuple[str, ...]
    backgrounds: tuple[str, ...]
    is_own: bool = False


def nothing_used() -> dict[str, set[str]]:
    """No foregrounds and no backgrounds."""
    return {kind: set() for kind in KINDS}


def note(used: Used, sample: Sample) -> None:
    """Adds the ids of the foregrounds and the background that are in an image."""
    used["foregrounds"].update(entity.foreground for entity in sample.entities)
    used["backgrounds"].add(sample.scene.background)


def counted(used: Used) -> dict[str, dict[str, int]]:
    """How many foregrounds and backgrounds of each pack are used."""
    packs = sorted({_pack(name) for names in used.values() for name in names})
    return {p: {k: sum(_pack(n) == p for n in used[k]) for k in KINDS} for p in packs}


def terms(manifest: Mapping[str, Any], used: Used) -> list[Terms]:
    """The terms of what is `used`, pack by pack: the pack's, then those of single pictures. What
    the manifest does not know is empty."""
    found: list[Terms] = []
    packs = manifest.get("licences", {})
    others = manifest.get("terms", [])
    for pack in sorted({_pack(name) for names in used.values() for name in names}):
        said = packs.get(pack, {})
        left = {kind: {n for n in used[kind] if _pack(n) == pack} for kind in KINDS}
        of_pack = len(found)
        for own in (each for each in others if each.get("pack") == pack):
            here = {kind: left[kind] & {*own.get(kind, ())} for kind in KINDS}
            for kind in KINDS:
                left[kind] -= here[kind]
            if any(here.values()):
                found.append(_terms(pack, {**said, **own}, here, is_own=True))
        if any(left.values()):
            found.insert(of_pack, _terms(pack, said, left))
    return found


def limits(found: Sequence[Terms]) -> list[str]:
    """What the terms say of using the whole dataset, a sentence each."""
    nc = dict.fromkeys(t.pack for t in found if licences.forbids_commerce(t.licence))
    unsaid = dict.fromkeys(t.pack for t in found if licences.is_unsaid(t.licence))
    told = []
    if nc:
        told.append(f"Not for commercial use, because of: {listed(nc, 20)}.")
    if unsaid:
        told.append(f"Nobody says what is allowed with the pictures of: {listed(unsaid, 20)}.")
    return told


def text(found: Sequence[Terms]) -> str:
    """ATTRIBUTION.md."""
    lines = ["# Attribution", "", CHANGES, ""]
    lines += [line for limit in limits(found) for line in (f"**{limit}**", "")]
    if not found:
        lines += ["It is not recorded which pictures are in these images.", ""]
    pack = ""
    for each in found:
        if each.pack != pack:
            lines += [f"## {each.pack}", ""]
        pack = each.pack
        lines += [*_section(each), ""]
    return "\n".join(lines[:-1]) + "\n"


def _section(each: Terms) -> Iterator[str]:
    yield f"{_number(each)}{', under terms of their own' if each.is_own else ''}:"
    yield ""
    yield f"- licence: {each.licence or 'not recorded'}"
    yield f"- source: {each.source or 'not recorded'}"
    yield f"- credit: {each.credit or 'not recorded'}"
    if each.is_own:
        names = sorted({*each.foregrounds, *each.backgrounds})
        yield f"- pictures: {', '.join(f'`{name}`' for name in names)}"


def _number(each: Terms) -> str:
    counts = [(len(getattr(each, kind)), kind) for kind in KINDS]
    return " and ".join(f"{n} {kind if n != 1 else kind[:-1]}" for n, kind in counts if n)


def _terms(
    pack: str, said: Mapping[str, Any], ids: Mapping[str, set[str]], *, is_own: bool = False
) -> Terms:
    words = (str(said.get(key, "")) for key in ("licence", "source", "credit"))
    licence, source, credit = words
    foregrounds, backgrounds = (tuple(sorted(ids[kind])) for kind in KINDS)
    return Terms(pack, licence, source, credit, foregrounds, backgrounds, is_own)


def _pack(name: str) -> str:
    return name.partition("/")[0]
