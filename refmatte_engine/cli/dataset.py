"""The commands `stats`, `gallery`, `card` and `audit`: what a dataset holds, in numbers, to look at
and to read, and whether it looks like one."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from refmatte_engine.cli import options
from refmatte_engine.cli.output import print_json, remark
from refmatte_engine.cli.progress import Bar

if TYPE_CHECKING:
    from refmatte_engine.parallel import Progress


def stats(
    folder: options.AnyDataset,
    plots: options.Plots = None,
    brief: options.Brief = False,
    as_json: options.Json = False,
) -> None:
    """Count what a dataset holds: categories, relations, lengths …

    Example: refmatte stats out/demo --plots out/demo/plots
    """
    from refmatte_engine.dataset import stats as statistics
    from refmatte_engine.dataset import stats_text

    with Bar("reading", "image") as bar:
        collected = statistics.collect(folder, progress=bar.update)
    if as_json:
        print_json(statistics.as_json(collected))
    else:
        print(stats_text.brief(collected) if brief else stats_text.full(collected))
    if plots is not None:
        for path in statistics.plot(collected, plots):
            remark(f"wrote {path}")


def gallery(folder: options.AnyDataset, limit: options.FirstImages = None) -> None:
    """Make a page to look through a dataset. No server, no network.

    Example: refmatte gallery out/demo
    """
    from refmatte_engine.dataset import gallery as page
    from refmatte_engine.dataset.address import folder_of

    with Bar("drawing", "image") as bar:
        path = page.build(folder_of(folder, "a gallery"), limit=limit, progress=bar.update)
    print(f"open {path.resolve().as_uri()}")


def card(folder: options.AnyDataset, out: options.CardOut = None) -> None:
    """Write a dataset's card and datasheet. README.md, DATASHEET.md, ATTRIBUTION.md, and a picture.

    `generate` writes them too; this renews them, or makes them of older datasets, RefMatte and
    RW100, and never touches a file that a person wrote or changed.

    Example: refmatte card out/demo -o out/card
    """
    from refmatte_engine.dataset import papers
    from refmatte_engine.dataset.address import folder_of

    if out is None:
        folder_of(folder, "a card", "say where with -o DIR")
    with Bar("reading", "image") as bar:
        written, kept = papers.write(folder, out, bar.update)
    for path in written:
        print(f"wrote {path}")
    for path in kept:
        remark(f"kept {path}: a person wrote or changed it; -o DIR writes a new one elsewhere")


def audit(
    folders: options.AnyDatasets,
    against: options.Against = None,
    limit: options.AuditLimit = 200,
    html: options.Html = None,
    as_json: options.Json = False,
    workers: options.Workers = 0,
) -> None:
    """Ask whether a paste can be told by its surroundings.

    Against photographs, a probe is trained to tell the two apart, by edges (extra `audit`).

    Example: refmatte audit out/demo --against my-pack --html out/audit
    """
    from refmatte_engine.audit import page, report
    from refmatte_engine.dataset.address import opened

    if html is not None:
        page.check(html)
    found = []
    with ExitStack() as bars:

        def bar(what: str) -> Progress:
            return bars.enter_context(Bar(f"measuring {what}", "picture")).update

        for folder in folders:
            found.append(
                report.audit(
                    opened(folder), against or (), limit=limit, workers=workers, progress=bar
                )
            )
    if as_json:
        print_json([report.as_json(each) for each in found])
    else:
        print("\n\n".join([*map(report.as_text, found), *report.beside(found)]))
    if html is not None:
        remark(f"open {page.build(found, html).resolve().as_uri()}")
