"""The command `score`, and how scores are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from refmatte_engine.cli import options
from refmatte_engine.cli.output import print_json, remark
from refmatte_engine.cli.progress import Bar
from refmatte_engine.errors import InputError

if TYPE_CHECKING:
    from refmatte_engine.records import Setting
    from refmatte_engine.scoring.rows import Rows
    from refmatte_engine.scoring.score import Scores, Which


def score(
    predictions: options.Predictions,
    dataset: options.AnyDataset,
    split: options.Split = None,
    setting: options.Setting = None,
    kinds: options.Kinds = None,
    index: options.Index = None,
    keyword_field: options.KeywordField = None,
    metrics: options.Metrics = "all",
    references: options.References = False,
    times_1000: options.Times1000 = False,
    html: options.Html = None,
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    workers: options.Workers = 0,
) -> None:
    """Score predictions of any model. Whole images, full resolution, every row or an error.

    Example: refmatte score out/predictions out/demo --split test --setting expression
    """
    from refmatte_engine.scoring import score as scoring

    check(
        metrics=metrics,
        references=references,
        times_1000=times_1000,
        html=html,
        as_json=as_json,
        as_csv=as_csv,
    )
    chosen = rows_of(dataset, split, setting, kinds, index, keyword_field)
    if predictions in scoring.REFERENCES and not Path(predictions).is_dir():
        scores = _reference(predictions, chosen, metrics, workers)
    else:
        with Bar(f"scoring {predictions}", "image") as bar:
            scores = scoring.score(
                predictions, chosen, which=metrics, workers=workers, progress=bar.update
            )
    show(
        [(scores, chosen)],
        metrics=metrics,
        references=references,
        times_1000=times_1000,
        html=html,
        as_json=as_json,
        as_csv=as_csv,
        workers=workers,
    )


def rows_of(
    dataset: str,
    split: str | None,
    setting: Setting | None,
    kinds: Sequence[str] | None,
    index: Path | None,
    keyword_field: str | None,
) -> Rows:
    """The rows that a command's options choose."""
    from refmatte_engine.scoring import rows

    return rows.read(
        dataset,
        split=split,
        kinds=kinds,
        setting=setting,
        index=index,
        keyword_field=keyword_field,
    )


def check(
    *,
    metrics: Which,
    references: bool,
    times_1000: bool,
    html: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """InputError for what cannot be shown, before there is anything to show."""
    if as_json and as_csv:
        raise InputError("--json", "does not go with --csv", todo="choose one")
    if references and as_csv:
        raise InputError("--references", "goes with the table or --json, not with --csv")
    if times_1000 and as_csv:
        problem = "goes with the table or --json, not with --csv, whose figures stay as they are"
        raise InputError("--times-1000", problem)
    if html is not None:
        from refmatte_engine.scoring import report

        if metrics != "all":
            raise InputError("--html", "needs all metrics", todo=f"leave out --metrics {metrics}")
        report.check(html)


def show(
    everything: Sequence[tuple[Scores, Rows]],
    *,
    metrics: Which,
    references: bool,
    times_1000: bool,
    html: Path | None,
    as_json: bool,
    as_csv: bool,
    workers: int,
) -> None:
    """Prints the scores of each dataset as a table, JSON or CSV, makes the page that is asked for,
    and puts several datasets beside each other."""
    from refmatte_engine.scoring import report, summary
    from refmatte_engine.scoring import score as scoring

    as_objects = []
    for number, (given, chosen) in enumerate(everything):
        scores = replace(given, times_1000=times_1000)
        made = summary.groups(scores)
        named = scoring.REFERENCES if references else ()
        others = [_reference(name, chosen, metrics, workers) for name in named]
        others = [replace(other, times_1000=times_1000) for other in others]
        if as_json or as_csv:
            for note in scores.notes:
                remark(f"note: {note}")
        if as_json:
            found = summary.as_json(scores, made)
            if others:
                found["references"] = [summary.as_json(o, summary.groups(o)) for o in others]
            as_objects.append(found)
        elif as_csv:
            for line in summary.as_csv(scores):
                print(line, end="")
        else:
            print("\n" * (number > 0) + summary.as_text(scores, made))
            if others:
                print("\n" + summary.compared([scores, *others]))
        if html is not None:
            with Bar("drawing", "row") as bar:
                page = report.build(scores, made, html, references=others, progress=bar.update)
            remark(f"open {page.resolve().as_uri()}")
    if as_json:
        print_json(as_objects if len(everything) > 1 else as_objects[0])
    elif len(everything) > 1:
        each = [replace(scores, times_1000=times_1000) for scores, _ in everything]
        print("\n" + summary.side_by_side(each))


def _reference(name: str, chosen: Rows, metrics: Which, workers: int) -> Scores:
    from refmatte_engine.scoring import score as scoring

    with Bar(f"scoring {name}", "image") as bar:
        return scoring.reference(name, chosen, which=metrics, workers=workers, progress=bar.update)
