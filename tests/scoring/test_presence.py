"""What is told of presence: the figures, and where they are known from."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.errors import InputError
from refmatte_engine.scoring import prediction_files, presence, report, rows, score, summary
from refmatte_engine.scoring.rows import Row, Rows
from tests.support.released import alpha, write_rw100

INDEX = "eval_index_expression.json"


def told(texts: list[tuple[bool, bool]]) -> list[score.Result]:
    """Results of texts that mean something or nothing, and are said to, one to an image."""
    found = []
    for number, (meant, said) in enumerate(texts):
        kind, referents = ("basic", (0,)) if meant else ("none", ())
        name = f"i{number}"
        row = Row(name, f"{name}_0", "0", kind, "it", Path(name), (), referents)
        end = ("found" if said else "missed") if meant else ""
        values = (0.0,) * 7
        found.append(score.Result(row, 9, 9, *values, 1, 1, end, not said, 0.0, 0.0, 0.0))  # type: ignore[arg-type]
    return found


def figures(results: list[score.Result]) -> dict[str, float]:
    scores = score.Scores("it", "data", "all", tuple(results), score.REFERENCES["zero"])  # type: ignore[arg-type]
    return {name: figure.value for name, figure in summary.overall(scores).figures.items()}


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=12))
def test_figures_are_those_of_the_textbook(texts: list[tuple[bool, bool]]) -> None:
    found = figures(told(texts))
    meant, said = np.array(texts).T
    if meant.all():
        assert not {*found} & {*presence.SHARES, presence.MCC}
        return
    assert found["N-acc"] == pytest.approx((~said)[~meant].mean())
    assert (presence.MCC in found) == ("T-acc" in found) == meant.any()
    if not meant.any():
        return
    assert found["presence recall"] == found["T-acc"] == pytest.approx(said[meant].mean())
    assert ("presence precision" in found) == said.any()
    if said.any():
        assert found["presence precision"] == pytest.approx(meant[said].mean())
    alike = said.all() or not said.any()
    expected = 0 if alike else np.corrcoef(meant, said)[0, 1]
    assert found[presence.MCC] == pytest.approx(expected, abs=1e-12)


def twin(result: score.Result, pair: str, text: str) -> score.Result:
    return replace(result, row=replace(result.row, twin=pair, text=text))


def test_twins_are_right_where_both_are() -> None:
    yes, missed, no, wrongly = told([(True, True), (True, False), (False, False), (False, True)])
    pairs = [(yes, yes), (yes, missed), (yes, no), (missed, no), (yes, wrongly)]
    results = [
        twin(each, "a", f"text {number}") for number, pair in enumerate(pairs) for each in pair
    ]
    assert figures(results)[presence.TWINS] == 2 / 5
    # A text of another pair of pictures, or whose other half is not scored, makes no pair.
    alone = [twin(yes, "a", "text"), twin(yes, "b", "text"), no]
    assert presence.TWINS not in figures(alone)


@pytest.fixture
def picked(tmp_path: Path) -> Rows:
    """RW100's rows, and one that means nothing."""
    root = write_rw100(tmp_path / "RW100")
    found = rows.read(root, index=root / INDEX)
    none = {"mask_stem": f"{found.rows[0].image_name}_0", "kind": "none", "referents": ()}
    last = replace(found.rows[0], expression="9", changed="color", **none)
    return replace(found, rows=(*found.rows, last))


def write(folder: Path, chosen: Rows) -> Path:
    folder.mkdir(exist_ok=True)
    for row in chosen:
        cv2.imwrite(str(folder / f"{row.name}.png"), alpha(0))
    return folder


def test_presence_is_what_the_model_says_or_the_mattes_show(tmp_path: Path, picked: Rows) -> None:
    folder = write(tmp_path / "p", picked)
    scores = score.score(folder, picked)
    assert not any(result.called_empty for result in scores.results)
    text = summary.as_text(scores, summary.groups(scores))
    assert "\npresence: read off the mattes: whether any pixel reaches alpha 0.5\n" in text
    assert re.search(r"^changed +rows +SAD +MSE +MAD +N-acc\ncolor +1 .* 0\.0 %$", text, re.M)
    said = {row.name: 0.3 if not row.referents else 0.9 for row in picked}
    lines = prediction_files.presence_lines(said)
    (folder / "presence.csv").write_text(f"name,presence\n{lines}")
    scores = score.score(folder, picked)
    assert [result.called_empty for result in scores.results] == [False] * 5 + [True]
    made = summary.groups(scores)
    assert made[0].figures[presence.MCC].value == 1
    assert "\npresence: as the model itself says\n" in summary.as_text(scores, made)
    assert summary.as_json(scores, made)["presence"] == "presence: as the model itself says"
    table = list(csv.DictReader(summary.as_csv(scores)))
    assert [float(line["presence"]) for line in table] == [*said.values()]
    assert [line["changed"] for line in table] == [""] * 5 + ["color"]
    page = report.build(scores, made, tmp_path / "page", worst=1).read_text("utf-8")
    assert "<p>presence: as the model itself says</p>" in page
    assert "<table><tr><th>changed<th>rows" in page
    # The paper's metrics alone take it in, and show nothing of it.
    paper = score.score(folder, picked, which="paper")
    assert presence.MCC not in summary.groups(paper)[0].figures


WRONG: dict[str, tuple[Callable[[str], str], str]] = {
    "header": (lambda t: t.replace("presence", "p", 1), r"presence\.csv:1: is not the header; "),
    "number": (
        lambda t: t.replace("0.9", "yes", 1),
        r"presence\.csv:2: has '.*,yes'; allowed",
    ),
    "range": (lambda t: t.replace("0.9", "1.9", 1), r"presence\.csv:2: has .* from 0 to 1"),
    "columns": (lambda t: t.replace("\n", ",x\n").replace(",x", "", 1), r"\.csv:2: has '.*,x'"),
    "rows": (lambda t: "".join(t.splitlines(True)[:-2]), r"lacks 2 of 6 rows: .*predict again"),
    "empty": (lambda t: "", r"presence\.csv:1: is not the header; allowed: name,presence"),
}


@pytest.mark.parametrize(("how", "said"), WRONG.values(), ids=WRONG)
def test_a_table_of_presence_that_is_none(
    tmp_path: Path, picked: Rows, how: Callable[[str], str], said: str
) -> None:
    folder = write(tmp_path / "p", picked)
    lines = prediction_files.presence_lines({row.name: 0.9 for row in picked})
    (folder / "presence.csv").write_text(how(f"name,presence\n{lines}"))
    with pytest.raises(InputError, match=said):
        score.score(folder, picked)


def test_a_table_that_is_not_utf_8(tmp_path: Path, picked: Rows) -> None:
    folder = write(tmp_path / "p", picked)
    (folder / "presence.csv").write_bytes(b"name,presence\n\xe4,1\n")
    with pytest.raises(InputError, match=r"presence\.csv: is not UTF-8"):
        score.score(folder, picked)


@given(st.dictionaries(st.text(max_size=9), st.floats(0, 1), max_size=5), st.integers(0, 9))
def test_a_table_that_was_torn_is_read_to_there(
    tmp_path_factory: pytest.TempPathFactory, said: dict[str, float], left: int
) -> None:
    said = {name: value for name, value in said.items() if name.isprintable()}
    path = tmp_path_factory.mktemp("torn") / "presence.csv"
    lines = prediction_files.presence_lines(said)
    path.write_text(f"name,presence\n{lines}", "utf-8")
    assert prediction_files.read_presences(path) == said
    whole = path.read_text("utf-8")
    kept = max(len("name,presence\n"), len(whole) - left)
    path.write_text(whole[:kept], "utf-8")
    found = prediction_files.read_presences(path, torn=True)
    complete = whole[:kept].count("\n") - 1
    assert found == dict(list(said.items())[:complete])
