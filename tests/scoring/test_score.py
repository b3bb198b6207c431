"""Scores of predictions on disk and of trivial answers; tables, intervals, and the page."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.scoring import metrics, report, rows, score, summary
from refmatte_engine.scoring.rows import Row, Rows
from tests.support.released import HW, alpha, write_refmatte

CATEGORIES = ({"category": "cat"}, {"category": "dog"}, {"category": "mug"})


@pytest.fixture
def some(tmp_path: Path) -> Rows:
    """The texts of two images with three and two entities, two of them made a group and a miss."""
    found = rows.read(write_refmatte(tmp_path / "data", CATEGORIES), split="test")
    first = found.rows[0]
    both = replace(first, mask_stem=f"{first.image_name}_0", kind="group", referents=(0, 1))
    none = replace(both, expression="1", kind="none", referents=())
    more = (replace(both, category=""), replace(none, category=""))
    own, others = next(found.by_image()), found.rows
    return replace(found, rows=(*own, *more, *others[len(own) :]))


def write(folder: Path, chosen: Rows, scale: float = 1.0, bits: int = 8) -> Path:
    """Every row's truth, times `scale`, as a prediction."""
    folder.mkdir(exist_ok=True)
    for row in chosen:
        meant = score.truth(row, score.read_alphas(row)) * scale
        kind = np.uint16 if bits == 16 else np.uint8
        pixels = np.rint(meant * (2**bits - 1)).astype(kind)
        assert cv2.imwrite(str(folder / f"{row.name}.png"), pixels)
    return folder


def figures(scores: score.Scores) -> dict[str, summary.Figure]:
    return summary.groups(scores)[0].figures


@pytest.mark.parametrize("bits", [8, 16])
def test_the_truth_itself_scores_zero(tmp_path: Path, some: Rows, bits: int) -> None:
    for scores in (
        score.reference("oracle", some),
        score.score(write(tmp_path / "p", some, bits=bits), some),
    ):
        found = figures(scores)
        for name in ("SAD", "MSE", "MAD", "SAD(E)", "GRAD", "GRAD_aim", "CONN", "located SAD"):
            assert found[name] == (0, 0, 0), name
        for name in ("soft IoU", "oIoU", "mIoU", "P@0.9", "N-acc", "T-acc"):
            assert found[name] == (1, 1, 1), name
        assert [found[name].value for name in summary.OUTCOMES] == [1, 0, 0]


def test_sixteen_bits_are_not_rounded_to_eight(tmp_path: Path, some: Rows) -> None:
    fine = score.score(write(tmp_path / "fine", some, 0.301, bits=16), some)
    expected = [0.699 * score.truth(r, score.read_alphas(r)).mean() for r in some]
    assert [r.mad for r in fine.results] == pytest.approx(expected, abs=1e-5)


def test_every_metric_is_that_of_the_pair(some: Rows) -> None:
    scores = score.reference("union", some)
    for row, result in zip(some, scores.results, strict=True):
        alphas = score.read_alphas(row)
        p, a = np.minimum(sum(alphas), 1), score.truth(row, alphas)
        others = [x for i, x in enumerate(alphas) if i not in row.referents]
        assert result.row is row
        assert (result.width_px, result.height_px) == HW[::-1]
        for name in ("sad", "mse", "mad", "grad", "grad_aim", "conn", "soft_iou"):
            assert getattr(result, name) == getattr(metrics, name)(p, a)
        parts = (result.sad_on_referent, result.sad_on_others, result.sad_on_background)
        assert sum(parts) == pytest.approx(result.sad)
        assert result.outcome == (metrics.outcome(p, a, others) if row.referents else "")


def test_the_papers_metrics_alone_are_the_same(some: Rows) -> None:
    whole, paper = score.reference("union", some), score.reference("union", some, which="paper")
    for left, right in zip(whole.results, paper.results, strict=True):
        assert (left.sad, left.mse, left.mad) == (right.sad, right.mse, right.mad)
        assert right.conn is right.soft_iou is right.outcome is None
    all_of, made = summary.groups(whole), summary.groups(paper)
    assert list(made[0].figures) == ["SAD", "MSE", "MAD", "SAD(E)", "MSE(E)", "MAD(E)"]
    for left_group, right_group in zip(all_of, made, strict=True):
        for name, figure in right_group.figures.items():
            assert figure == pytest.approx(left_group.figures[name]), name
    text = summary.as_text(paper, made) + summary.compared([paper])
    assert "GRAD" not in text.replace(summary.UNITS, "")
    json.dumps(summary.as_json(paper, made), allow_nan=False)
    table = csv.DictReader(summary.as_csv(paper))
    assert {"sad", "mse", "mad"} <= {*(table.fieldnames or ())}
    assert not {"conn", "outcome"} & {*(table.fieldnames or ())}


def test_references_bound_the_numbers(some: Rows) -> None:
    found = {name: figures(score.reference(name, some)) for name in score.REFERENCES}
    # An answer of nothing names nothing wrong, and no longer looks good for it.
    assert [found["zero"][name].value for name in summary.OUTCOMES] == [0, 0, 1]
    assert "located SAD" not in found["zero"]
    for each in found.values():
        assert sum(each[name].value for name in summary.OUTCOMES) == pytest.approx(1)
    assert found["zero"]["soft IoU"].value == 0
    assert found["zero"]["N-acc"].value == 1
    assert found["zero"]["T-acc"].value == 0
    assert found["one"]["N-acc"].value == 0
    assert found["one"]["SAD"].value > found["union"]["SAD"].value > 0
    # A random entity is the right one or a wrong one, so what is located has no error; but it is
    # only part of a group.
    single = replace(some, rows=tuple(row for row in some if len(row.referents) == 1))
    lucky = figures(score.reference("random", single, seed=3))
    assert lucky["located SAD"].value == 0
    assert lucky["wrong"].value == pytest.approx(1 - lucky["soft IoU"].value, abs=0.02)
    assert score.reference("random", some, seed=3) == score.reference("random", some, seed=3)
    assert score.reference("random", some, seed=3) != score.reference("random", some, seed=4)
    with pytest.raises(InputError, match=r"uniom: is not a reference; allowed: zero.*'union'\?"):
        score.reference("uniom", some)


def test_several_workers_give_the_same(tmp_path: Path, some: Rows) -> None:
    folder = write(tmp_path / "p", some, 0.7)
    told: list[tuple[int, int]] = []
    one = score.score(folder, some, progress=lambda *done: told.append(done))
    assert told == [(1, 2), (2, 2)]
    assert score.score(folder, some, workers=2).results == one.results


def test_a_function_can_be_scored(some: Rows) -> None:
    def half(rows: Sequence[Row], alphas: object) -> list[np.ndarray]:
        return [np.full(HW, 0.5, np.float32) for _ in rows]

    scores = score.collect(half, some, "half")
    assert all(result.mad == pytest.approx(0.5, abs=0.03) for result in scores.results)


def test_missing_predictions_are_counted_and_named(tmp_path: Path, some: Rows) -> None:
    folder = write(tmp_path / "p", some)
    for row in some.rows[3:9]:
        (folder / f"{row.name}.png").unlink()
    said = rf"lacks 6 of {len(some)} predictions: {some.rows[3].name}.png, .* … \(6 in all\)"
    with pytest.raises(InputError, match=said):
        score.score(folder, some)
    with pytest.raises(InputError, match="is not a folder; allowed: 8- or 16-bit grey PNGs named"):
        score.score(tmp_path / "nowhere", some)


def _encoded(pixels: np.ndarray, suffix: str = ".png") -> bytes:
    return bytes(cv2.imencode(suffix, pixels)[1])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_encoded(np.zeros((9, 9), np.uint8)), r"_2.png: has 9×9 pixels; allowed: .* 32×20"),
        (_encoded(np.zeros((9, 9), np.uint16)), r"_2.png: has 9×9 pixels"),
        (_encoded(np.zeros(HW, np.uint8), ".jpg"), r"_2.png: is not a PNG"),
        (_encoded(np.eye(32, dtype=np.uint16)[:20] * 60000)[:70], r"_2.png: is broken"),
        (_encoded(np.dstack([alpha(0), alpha(1), alpha(2)])), r"_2.png: has only a few colours"),
        (b"", r"_2.png: is not a PNG"),
    ],
)
def test_unusable_predictions_are_named(tmp_path: Path, some: Rows, data: bytes, said: str) -> None:
    folder = write(tmp_path / "p", some)
    assert some.rows[8].name.endswith("_2")
    (folder / f"{some.rows[8].name}.png").write_bytes(data)
    with pytest.raises(InputError, match=said):
        score.score(folder, some)


def test_alphas_of_different_sizes_are_refused(some: Rows) -> None:
    cv2.imwrite(str(some.rows[0].alphas[1]), np.zeros((5, 7), np.uint8))
    with pytest.raises(InputError, match=r"_2.png: has 7×5 pixels; allowed: 32×20, as .*_1.png"):
        score.reference("zero", some)


def made_up(mads: list[list[float]]) -> score.Scores:
    """Results with these MADs for the rows of each image, otherwise alike."""
    results = []
    for number, own in enumerate(mads):
        row = Row(f"i{number}", f"i{number}_1", "0", "basic", "it", Path(f"i{number}"), (), (0,))
        for mad in own:
            values = (mad * 3, mad / 2, mad, 0.0, 0.0, 0.0, 1 - mad, 1, 2)
            end = "missed" if mad > 0.8 else "wrong" if mad > 0.5 else "found"
            results.append(score.Result(row, 10, 10, *values, end, False, 0.0, 0.0, 0.0))
    return score.Scores("made up", "nothing", "all", tuple(results), score.REFERENCES["zero"])  # type: ignore[arg-type]


share = st.floats(0, 1).map(lambda x: round(x, 3))


@given(st.lists(st.lists(share, min_size=1, max_size=4), min_size=1, max_size=6))
def test_means_and_intervals(mads: list[list[float]]) -> None:
    found = figures(made_up(mads))
    flat = [mad for own in mads for mad in own]
    assert found["MAD"].value == pytest.approx(np.mean(flat))
    assert found["MAD(E)"].value == pytest.approx(np.mean([np.mean(own) for own in mads]))
    assert found["wrong"].value == pytest.approx(np.mean([0.5 < mad <= 0.8 for mad in flat]))
    assert found["missed"].value == pytest.approx(np.mean([mad > 0.8 for mad in flat]))
    located = [3 * mad for mad in flat if mad <= 0.5]
    assert ("located SAD" in found) == bool(located)
    if located:
        assert found["located SAD"].value == pytest.approx(np.mean(located))
    assert found["oIoU"].value == pytest.approx(0.5)
    assert "N-acc" not in found
    for name, (_, low, high) in found.items():
        assert low <= high, name
    least, most = min(map(min, mads)), max(map(max, mads))
    assert least - 1e-9 <= found["MAD"].low <= found["MAD"].high <= most + 1e-9


def test_the_interval_is_the_bootstrap_s() -> None:
    """For a mean over many images of one row each it is near the normal one: ± 1.96 σ / √n."""
    mads = np.random.default_rng(5).uniform(0, 1, 400)
    value, low, high = figures(made_up([[float(mad)] for mad in mads]))["MAD"]
    margin = 1.96 * mads.std() / 20
    assert (value - low) / margin == pytest.approx(1, abs=0.1)
    assert (high - value) / margin == pytest.approx(1, abs=0.1)
    # Rows of one image do not make it surer.
    again = figures(made_up([[float(mad)] * 3 for mad in mads]))["MAD"]
    assert again == pytest.approx((value, low, high))


def test_groups_and_tables(some: Rows) -> None:
    scores = score.reference("union", some)
    made = summary.groups(scores)
    names = [(group.by, group.name, group.rows, group.images) for group in made]
    assert names[:2] == [("all", "all", 27, 2), ("kind", "expression_0", 5, 2)]
    assert ("kind", "none", 1, 1) in names
    assert ("category", "mug", 5, 1) in names
    assert not [name for name in names if name[0] == "level" or not name[1]]
    text = summary.as_text(scores, made)
    assert "27 rows of 2 images, 0.00064 megapixels a row, whole images at full resolution" in text
    assert "keywords and expressions, split test" in text
    assert "as RefMatte's authors print it" in text
    assert re.search(r"^wrong +\d+\.\d % +\d+\.\d % – \d+\.\d %$", text, re.M)
    assert re.search(r"^none +1 .* –$", text, re.M)
    loaded = json.loads(json.dumps(summary.as_json(scores, made), allow_nan=False))
    first = loaded["groups"][0]["figures"]
    assert first["SAD"]["value"] == pytest.approx(np.mean([r.sad for r in scores.results]))
    table = list(csv.DictReader(summary.as_csv(scores)))
    assert [line["name"] for line in table] == [row.name for row in some]
    assert float(table[4]["sad"]) == scores.results[4].sad
    both = summary.compared([scores, score.reference("oracle", some)])
    assert re.search(r"^reference: oracle +0\.000 ", both, re.M)


def test_the_page_shows_the_worst_and_no_text_becomes_markup(tmp_path: Path, some: Rows) -> None:
    hostile = "</style><script>x</script> @WORST@ & \ud800"
    changed = replace(some, rows=tuple(replace(row, text=hostile, kind=hostile) for row in some))
    scores = score.reference("random", changed)
    page = report.build(scores, summary.groups(scores), tmp_path / "page", worst=3)
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    texts = text.count("<h3>")
    assert text.count("&lt;script&gt;x&lt;/script&gt; @WORST@ &amp;") == 1 + 2 * texts
    assert text.count("<article>") == 3
    assert sorted({file.name for file in page.parent.iterdir()}) == sorted(
        ["index.html"]
        + [
            f"00{i}_{what}.webp"
            for i in (1, 2, 3)
            for what in ("image", "truth", "prediction", "error")
        ]
    )
    worst = max(result.mad for result in scores.results)
    assert f"MAD {worst:.4f}" in text.split("<article>")[1]


def test_the_page_shows_references_headlines_and_one_card_a_thing(
    tmp_path: Path, some: Rows
) -> None:
    scores = score.reference("union", some)
    others = [score.reference(name, some) for name in ("oracle", "zero")]
    page = report.build(scores, summary.groups(scores), tmp_path / "page", references=others)
    text = page.read_text(encoding="utf-8")
    headlines = text.split('<div id="headlines">')[1].split("</main>")[0]
    assert re.findall(r"<b>[^<]+</b><span><abbr[^>]+>([^<]+)<", headlines) == [*report.HEADLINES]
    # Beside them stands the best of the trivial answers that know nothing; beside what is
    # found, what is not.
    assert headlines.count("<small>reference: zero: ") == 4
    assert re.search(r"<small>[\d.]+ % <abbr.*>wrong</abbr> · [\d.]+ % <abbr.*>missed<", headlines)
    assert "<th>reference: oracle<td>0.000" in text
    assert text.count("<article>") == len({(row.image, row.referents) for row in some})
    assert text.count("<h3>") == len(some)
    assert all(summary.definition(name) for name in summary.groups(scores)[0].figures)


def test_a_page_that_cannot_be_written(tmp_path: Path, some: Rows) -> None:
    (tmp_path / "taken").write_text("")
    scores = score.reference("one", some)
    with pytest.raises(RefMatteError, match="taken: cannot be written"):
        report.build(scores, summary.groups(scores), tmp_path / "taken")


def stored(folder: Path, chosen: Rows, how: Callable[[np.ndarray], np.ndarray]) -> Path:
    """Every row's truth (uint8) as a tool that codes it in another way would store it."""
    folder.mkdir(exist_ok=True)
    for row in chosen:
        meant = np.rint(score.truth(row, score.read_alphas(row)) * 255).astype(np.uint8)
        assert cv2.imwrite(str(folder / f"{row.name}.png"), how(meant))
    return folder


def labels(meant: np.ndarray) -> np.ndarray:
    return np.where(meant > 127, np.arange(32) // 11 + 1, 0).astype(np.uint8)


CODINGS = {
    "0 and 1": (
        lambda a: a // 255,
        "reaches only 1 of 255: a mask of 0 and 1?; multiply it by",
    ),
    "wide 0 and 1": (lambda a: (a // 255).astype(np.uint16), "reaches only 1 of 65535: a mask"),
    "8 in 16": (lambda a: a.astype(np.uint16), "16 bits and reaches only 255: 8-bit values?"),
    "12 in 16": (lambda a: a.astype(np.uint16) * 16, "only 4080: 12-bit values?; stretch it"),
    "labels": (lambda a: labels(a) * 2, "a label map?; make a mask of 0 and 255 per"),
    "inverted": (lambda a: 255 - a, "is inverted: its complement fits; invert it"),
}


@pytest.mark.parametrize(("how", "said"), CODINGS.values(), ids=CODINGS)
def test_other_codings_are_no_silent_zero(
    tmp_path: Path, some: Rows, how: Callable[[np.ndarray], np.ndarray], said: str
) -> None:
    folder = stored(tmp_path / "p", some, how)
    meant = sum(bool(row.referents) for row in some)
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        score.score(folder, some)
    # The text that means nothing says nothing about it, but where the whole is inverted.
    assert f"in all {meant} predictions, as in {some.rows[0].name}.png" in str(caught.value)
    # One of them among others is scored as it is, and said.
    write(tmp_path / "p", Rows("d", "m", some.rows[1:]))
    scores = score.score(folder, some)
    assert len(scores.notes) == 1
    assert scores.notes[0].startswith(f"1 of {meant} predictions seem not to be alphas")
    assert some.rows[0].name in scores.notes[0]
    assert [bool(result.doubt) for result in scores.results] == [True] + [False] * meant
    text = summary.as_text(scores, summary.groups(scores))
    assert f"\nnote: {scores.notes[0]}\n" in text
    json.dumps(summary.as_json(scores, summary.groups(scores)))


def test_masks_of_the_truth_are_looked_at_too(some: Rows) -> None:
    path = some.rows[0].alphas[1]
    cv2.imwrite(str(path), cv2.imread(str(path), 0) // 255)
    with pytest.raises(InputError, match=r"_2.png: it reaches only 1 of 255.*multiply it by 255"):
        score.reference("zero", some)


def test_answers_that_are_merely_bad_are_scored(tmp_path: Path, some: Rows) -> None:
    for name in ("zero", "one", "union", "random", "oracle"):
        notes = score.reference(name, some).notes
        expected = "no prediction of the 26 that should show something reaches 0.5"
        assert notes == ((expected,) if name == "zero" else ())
    faint = stored(
        tmp_path / "p", some, lambda a: np.linspace(0, 20, a.size).reshape(HW).astype("u1")
    )
    assert [expected] == list(score.score(faint, some).notes)
