"""The command line's `score`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from refmatte_engine.cli_progress import Bar
from refmatte_engine.cli_templates import Json


def score(
    predictions: Annotated[
        str,
        typer.Argument(
            help="A folder of grey PNGs (8 or 16 bits) named <mask stem>_<expression index> or "
            "<mask stem>_keyword; or a trivial answer: zero, one, union, random, oracle."
        ),
    ],
    dataset: Annotated[
        Path, typer.Argument(help="A dataset of `generate`, RefMatte, or RefMatte-RW100.")
    ],
    split: Annotated[str | None, typer.Option(help="Score only this split.")] = None,
    setting: Annotated[
        Literal["keyword", "expression"] | None,
        typer.Option(help="Only keywords, or only expressions; else both."),
    ] = None,
    kinds: Annotated[
        list[str] | None, typer.Option(help="Score only this kind of text; repeat for more.")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="JSON that picks an expression an image (as RW100's).")
    ] = None,
    references: Annotated[
        bool, typer.Option("--references", help="Add a table of the trivial answers.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Make a page in this folder.")] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print one line a row as CSV.")] = False,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes; 0 means one for each processor.")
    ] = 0,
) -> None:
    """Score predictions of any model: whole images, full resolution, every row or an error.

    Example: refmatte score out/predictions out/demo --split test --setting expression
    """
    from refmatte_engine import report, rows, summary
    from refmatte_engine import score as scoring

    count = workers or os.cpu_count() or 1
    chosen = rows.read(dataset, split=split, kinds=kinds, setting=setting, index=index)

    def run(name: str) -> scoring.Scores:
        with Bar(f"scoring {name}", "image") as bar:
            if name in scoring.REFERENCES and not Path(name).is_dir():
                return scoring.reference(name, chosen, workers=count, progress=bar.update)
            return scoring.score(name, chosen, workers=count, progress=bar.update)

    scores = run(predictions)
    made = summary.groups(scores)
    if as_json:
        print(json.dumps(summary.as_json(scores, made), indent=1, ensure_ascii=False))
    elif as_csv:
        print(summary.as_csv(scores), end="")
    else:
        print(summary.as_text(scores, made))
        if references:
            others = [run(name) for name in scoring.REFERENCES]
            print("\n" + summary.compared([scores, *others]))
    if html is not None:
        with Bar("drawing", "row") as bar:
            page = report.build(scores, made, html, progress=bar.update)
        print(f"open {page}", file=sys.stderr)
