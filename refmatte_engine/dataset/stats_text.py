"""Statistics as text for a person: in full, or in a dozen lines."""

from __future__ import annotations

from refmatte_engine.dataset.stats import Stats, Table
from refmatte_engine.semantics import contrast

ROWS = 12
FEW = 4  # values named in a line of the short form
NAMED = 3  # things that are hard to see, named
UNSAID = {"template"}  # thousands of alternatives by number: `refmatte templates coverage` has them
HEADS = {
    "rejection": "scenes drawn again because of",
    "given up": "what could not be had as asked",
}
OFTENER = 1.5  # times an asset's share of what was asked for, from which it is told of,
COUNTED = 20  # and from so many times on
UNITS = {
    "width_px": ("width in px", 1),
    "height_px": ("height in px", 1),
    "area_share": ("thing, % of the image", 100),
    "visible_share": ("visible part of it, %", 100),
    "softness_share": ("its soft pixels, %", 100),
    "contrast": ("contrast (CIEDE2000)", 1),
    "words": ("words in a text", 1),
}


def full(stats: Stats) -> str:
    """All tables, about `ROWS` rows each at most, and all measures."""
    lines = [_title(stats)]
    for name, table in stats.tables.items():
        if table and name not in UNSAID:
            lines += ["", *_table(_head(name), table)]
    measured = {name: values.summary() for name, values in stats.measures.items() if values}
    if measured:
        lines += ["", f"{'':<24} {'mean':>9} {'min':>9} {'median':>9} {'max':>9}"]
    for name, found in measured.items():
        label, scale = UNITS.get(name, (name, 1))
        row = (scale * found[key] for key in ("mean", "least", "median", "most"))
        lines.append(f"{label:<24} " + " ".join(f"{number:>9.4g}" for number in row))
    if stats.expressions:
        lines.append("")
        lines += [f"{name:<24} {share:>9.1%}" for name, share in stats.variety.items()]
    if stats.assets:
        lines += ["", *_assets(stats)]
    if stats.measures.get("contrast"):
        lines += ["", f"hard to see: {_unseen(stats)}"]
    return "\n".join(lines)


def brief(stats: Stats) -> str:
    """The first questions answered, in a dozen lines."""
    rows = {name: _few(stats.tables.get(name, {})) for name in ("split", "layout", "level")}
    categories = stats.tables.get("category", {})
    rows["things"] = _few(stats.tables.get("kind of thing", {}))
    rows["categories"] = f"{len(categories)}: {_few(categories)}" if categories else ""
    rows["in an image"] = _few(stats.tables.get("entities in an image", {}))
    if area := stats.measures["area_share"].summary():
        low, mid, high = (area[key] for key in ("lower quarter", "median", "upper quarter"))
        rows["size"] = f"{mid:.1%} of the image (the middle half {low:.1%} to {high:.1%})"
    rows["texts"] = _few(stats.tables.get("kind of expression", {}))
    if words := stats.measures["words"].summary():
        different = stats.variety["distinct sentences"]
        rows["words"] = f"{words['median']:.0f} in a text; {different:.0%} of all texts differ"
    if skewed := _skewed(stats):
        rows["assets"] = f"used oftener than asked for: {skewed}"
    rows["drawn again"] = _few(stats.tables.get("rejection", {}), counted=True)
    if stats.measures.get("contrast"):
        rows["hard to see"] = _unseen(stats)
    return "\n".join([_title(stats), *(f"  {k:<12} {v}" for k, v in rows.items() if v)])


def _title(stats: Stats) -> str:
    counted = ((stats.images, "image"), (stats.entities, "matte"), (stats.expressions, "text"))
    return f"{stats.name}: " + ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counted)


def _head(name: str) -> str:
    """ "attribute sweater color" in plain words: color of the sweater."""
    first, *words = name.replace("_", " ").split()
    if first == "attribute":
        *part, last = name.split()[1:]
        last = last.replace("_", " ")
        return f"{last} of the {' '.join(part)}" if part else last
    return HEADS.get(name, " ".join((first, *words)))


def _table(head: str, table: Table) -> list[str]:
    total, most = sum(table.values()), max(table.values())
    if len(table) == 1:
        return [f"{head:<34} {total:>9}          all: {_said(next(iter(table)), 30)}"]
    lines = [f"{head:<34} {'count':>9} {'share':>8}"]
    shown = len(table) if len(table) <= ROWS + 1 else ROWS
    for value, n in list(table.items())[:shown]:
        bar = "█" * round(20 * n / most)
        lines.append(f"  {_said(value, 32):<32} {n:>9} {n / total:>8.1%}  {bar}".rstrip())
    if rest := sum(list(table.values())[shown:]):
        more = f"… and {len(table) - shown} more"
        lines.append(f"  {more:<32} {rest:>9} {rest / total:>8.1%}")
    return lines


def _said(value: str, most: int) -> str:
    value = value.replace("_", " ")
    return value if len(value) <= most else value[: most - 1] + "…"


def _few(table: Table, counted: bool = False) -> str:
    total = sum(table.values())
    ranked = sorted(table.items(), key=lambda item: -item[1])
    shown = FEW if len(ranked) > FEW + 1 else len(ranked)
    found = [
        f"{_said(value, 24)} {n if counted else format(n / total, '.0%')}"
        for value, n in ranked[:shown]
    ]
    return ", ".join(found) + (f" and {len(ranked) - shown} more" if len(ranked) > shown else "")


def _assets(stats: Stats) -> list[str]:
    """Which assets are in images, and which were to be; those that are there most."""
    every = stats.assets.items()
    asked, used = (max(1, sum(n[key] for _, n in every)) for key in ("asked", "used"))
    lines = [f"{'asset':<34} {'asked':>9} {'used':>8} {'times':>7}"]
    for name, n in sorted(every, key=lambda item: (-item[1]["used"], item[0]))[:ROWS]:
        times = n["used"] / used / (n["asked"] / asked) if n["asked"] else float("inf")
        row = f"{n['asked'] / asked:>9.1%} {n['used'] / used:>8.1%} {times:>7.2f}"
        lines.append(f"  {_said(name, 32):<32} {row}")
    if (more := len(stats.assets) - ROWS) > 0:
        lines.append(f"  … and {more} more")
    return [*lines, f"used oftener than asked for: {_skewed(stats) or 'none'}"]


def _skewed(stats: Stats) -> str:
    """Assets whose share of what is in images is that much above their share of what was asked."""
    every = stats.assets.items()
    asked, used = (max(1, sum(n[key] for _, n in every)) for key in ("asked", "used"))
    times = {
        name: n["used"] / used * asked / max(1, n["asked"])
        for name, n in every
        if max(n["used"], n["asked"]) >= COUNTED
    }
    worst = sorted((name for name, x in times.items() if x > OFTENER), key=lambda n: -times[n])
    told = [f"{name} {times[name]:.1f} times" for name in worst[:NAMED]]
    return ", ".join(told) + (f" and {len(worst) - NAMED} more" if len(worst) > NAMED else "")


def _unseen(stats: Stats) -> str:
    looked_at = len(stats.measures["contrast"])
    names = ", ".join(stats.unseen[:NAMED]) + (", …" if len(stats.unseen) > NAMED else "")
    said = f"{len(stats.unseen) or 'none'} of {looked_at} entities measured"
    said += f", contrast below {contrast.UNSEEN:.0f}"
    return f"{said}: {names}" if names else said
