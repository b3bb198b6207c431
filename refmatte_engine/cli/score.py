"""The command line's `score`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from refmatte_engine.cli.progress import Bar
from refmatte_engine.cli.templates import Json, print_json
from refmatte_engine.errors import InputError

if TYPE_CHECKING:
    from refmatte_engine.scoring.rows import Rows
    from refmatte_engine.scoring.score import Scores

DatasetArgument = Annotated[
    Path, typer.Argument(help="A dataset of `generate`, RefMatte, or RefMatte-RW100.")
]
Split = Annotated[str | None, typer.Option(help="Only this split.")]
Setting = Annotated[
    Literal["keyword", "expression"] | None,
    typer.Option(help="Only keywords, or only expressions; else both."),
]
Kinds = Annotated[list[str] | None, typer.Option(help="Only this kind of text; repeat for more.")]
Index = Annotated[
    Path | None, typer.Option(help="JSON that picks an expression an image (as RW100's).")
]
References = Annotated[
    bool, typer.Option("--references", help="Add a table of the trivial answers.")
]
Html = Annotated[Path | None, typer.Option(help="Make a page in this folder.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print one line a row as CSV.")]
Workers = Annotated[int, typer.Option(min=0, help="Processes; 0 means one for each processor.")]


def score(
    predictions: Annotated[
        str,
        typer.Argument(
            help="A folder of grey PNGs (8 or 16 bits) named <mask stem>_<expression index> or "
            "<mask stem>_keyword; or a trivial answer: zero, one, union, random, oracle."
        ),
    ],
    dataset: DatasetArgument,
    split: Split = None,
    setting: Setting = None,
    kinds: Kinds = None,
    index: Index = None,
    references: References = False,
    html: Html = None,
    as_json: Json = False,
    as_csv: Csv = False,
    workers: Workers = 0,
) -> None:
    """Score predictions of any model. Whole images, full resolution, every row or an error.

    Example: refmatte score out/predictions out/demo --split test --setting expression
    """
    from refmatte_engine.scoring import rows
    from refmatte_engine.scoring import score as scoring

    check(references=references, html=html, as_json=as_json, as_csv=as_csv)
    chosen = rows.read(dataset, split=split, kinds=kinds, setting=setting, index=index)
    if predictions in scoring.REFERENCES and not Path(predictions).is_dir():
        scores = _reference(predictions, chosen, workers)
    else:
        with Bar(f"scoring {predictions}", "image") as bar:
            scores = scoring.score(predictions, chosen, workers=workers, progress=bar.update)
    show(
        scores,
        chosen,
        references=references,
        html=html,
        as_json=as_json,
        as_csv=as_csv,
        workers=workers,
    )


def check(*, references: bool, html: Path | None, as_json: bool, as_csv: bool) -> None:
    """InputError for what cannot be shown, before there is anything to show."""
    if as_json and as_csv:
        raise InputError("--json", "does not go with --csv", todo="choose one")
    if references and as_csv:
        raise InputError("--references", "goes with the table or --json, not with --csv")
    if html is not None:
        from refmatte_engine.scoring import report

        report.check(html)


def show(
    scores: Scores,
    chosen: Rows,
    *,
    references: bool,
    html: Path | None,
    as_json: bool,
    as_csv: bool,
    workers: int,
) -> None:
    """Prints scores as a table, JSON or CSV, and makes the page that is asked for."""
    from refmatte_engine.scoring import report, summary
    from refmatte_engine.scoring import score as scoring

    made = summary.groups(scores)
    named = scoring.REFERENCES if references else ()
    others = [_reference(name, chosen, workers) for name in named]
    if as_json or as_csv:
        for note in scores.notes:
            print(f"note: {note}", file=sys.stderr)
    if as_json:
        found = summary.as_json(scores, made)
        if others:
            found["references"] = [summary.as_json(o, summary.groups(o)) for o in others]
        print_json(found)
    elif as_csv:
        print(summary.as_csv(scores), end="")
    else:
        print(summary.as_text(scores, made))
        if others:
            print("\n" + summary.compared([scores, *others]))
    if html is not None:
        with Bar("drawing", "row") as bar:
            page = report.build(scores, made, html, references=others, progress=bar.update)
        print(f"open {page.resolve().as_uri()}", file=sys.stderr)


def _reference(name: str, chosen: Rows, workers: int) -> Scores:
    from refmatte_engine.scoring import score as scoring

    with Bar(f"scoring {name}", "image") as bar:
        return scoring.reference(name, chosen, workers=workers, progress=bar.update)
