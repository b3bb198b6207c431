"""How predictions are named, and that scores of those named for a mask are the field's own."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.formats import export
from refmatte_engine.scoring import prediction_files, rows, score, summary
from refmatte_engine.scoring.rows import Rows
from tests.support.drawn import drawn_dataset
from tests.support.released import alpha, write_refmatte, write_rw100

INDEX = "eval_index_expression.json"


@pytest.fixture
def picked(tmp_path: Path) -> Rows:
    """RW100's rows: one text a mask."""
    root = write_rw100(tmp_path / "RW100")
    return rows.read(root, index=root / INDEX)


def _write(folder: Path, names: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        cv2.imwrite(str(folder / f"{name}.png"), alpha(0))
    return folder


def test_either_name_gives_the_same(tmp_path: Path, picked: Rows) -> None:
    stems = [row.mask_stem for row in picked]
    by_text = score.score(_write(tmp_path / "text", [row.name for row in picked]), picked)
    by_mask = score.score(_write(tmp_path / "mask", stems), picked)
    assert [r.row.name for r in by_mask.results] == stems
    assert [r.sad for r in by_mask.results] == [r.sad for r in by_text.results]
    # Grey as three equal channels, as some write it.
    for stem in stems:
        file = str(tmp_path / "mask" / f"{stem}.png")
        cv2.imwrite(file, cv2.cvtColor(cv2.imread(file, 0), cv2.COLOR_GRAY2BGR))
    again = score.score(tmp_path / "mask", picked)
    assert again.results == by_mask.results


@pytest.mark.parametrize("choice", [{"kinds": ["expression_2"]}, {"setting": "keyword"}])
def test_one_kind_is_one_text_a_mask(tmp_path: Path, choice: dict[str, object]) -> None:
    more = ({"category": "cat"}, {"category": "dog"}, {"category": "mug"})
    found = rows.read(write_refmatte(tmp_path / "data", more), **choice)  # type: ignore[arg-type]
    folder = _write(tmp_path / "mattes", [row.mask_stem for row in found])
    assert len(score.score(folder, found).results) == len(found)


def test_several_texts_a_mask(tmp_path: Path, picked: Rows) -> None:
    every = rows.read(tmp_path / "RW100")
    folder = _write(tmp_path / "mattes", [row.mask_stem for row in picked])
    said = r"RW100: has 5 masks with several texts among these rows \(0a_photo_1: 4\).*--index"
    with pytest.raises(InputError, match=said):
        score.score(folder, every)
    # Whoever named them for their texts may have others beside them.
    _write(folder, [row.name for row in every])
    assert len(score.score(folder, every).results) == 20


def test_both_names(tmp_path: Path, picked: Rows) -> None:
    folder = _write(tmp_path / "mattes", [row.mask_stem for row in picked])
    _write(folder, [picked.rows[1].name])
    said = r"for the text and for the mask: 0a_photo_2_3\.png and 0a_photo_2\.png; allowed: one"
    with pytest.raises(InputError, match=said):
        score.score(folder, picked)


def test_missing_ones_are_named_as_the_others_are(tmp_path: Path, picked: Rows) -> None:
    folder = _write(tmp_path / "mattes", [row.mask_stem for row in picked.rows[:3]])
    with pytest.raises(InputError, match=r"lacks 2 of 5 predictions: 1b_photo_1\.png, 1b_photo_2"):
        score.score(folder, picked)
    with pytest.raises(InputError, match=r"lacks 5 of 5 .*_3\.png.*<mask stem> where each mask"):
        score.score(_write(tmp_path / "none", []), picked)


def test_the_text_s_name_goes_before_the_mask_s(tmp_path: Path, picked: Rows) -> None:
    """`a_1` may be the first text of the mask `a` or the mask `a_1`."""
    first, *others = picked.rows
    odd = rows.replace(first, mask_stem=others[0].mask_stem.removesuffix("_2"), expression="2")
    both = rows.replace(picked, rows=(odd, *others))
    folder = _write(tmp_path / "mattes", [row.name for row in both])
    assert prediction_files.as_named(folder, both) is both


# How Matting Anything and SDMatte measure: each file of mask/ with the file of the same name among
# the predictions, on whole images; written from the formulas.


def _gradient_size(grey: np.ndarray) -> np.ndarray:
    """‖∇a‖ by first derivatives of a Gaussian with σ = 1.4, cut where it is below 0.01, the kernel
    of unit norm, the border repeated."""
    sigma = 1.4
    half = math.ceil(sigma * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * sigma * 0.01)))
    steps = range(-half, half + 1)
    bell = {n: math.exp(-n * n / 2 / sigma**2) / sigma / math.sqrt(2 * math.pi) for n in steps}
    kernel = {(i, j): bell[i] * (-j * bell[j] / sigma**2) for i in steps for j in steps}
    norm = math.sqrt(sum(weight**2 for weight in kernel.values()))
    height, width = grey.shape
    wide = np.pad(grey, half, mode="edge")
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    for (i, j), weight in kernel.items():
        for sums, (y, x) in ((across, (i, j)), (down, (j, i))):
            part = wide[half - y : half - y + height, half - x : half - x + width]
            sums += weight / norm * part
    return np.sqrt(across**2 + down**2)


def _measured(predictions: Path, masks: Path) -> dict[str, float]:
    found: dict[str, list[float]] = {"SAD": [], "MSE": [], "MAD": [], "GRAD": []}
    for file in sorted(masks.iterdir()):
        p, a = (cv2.imread(str(f / file.name), 0) / 255.0 for f in (predictions, masks))
        found["SAD"].append(np.abs(p - a).sum() / 1000)
        found["MSE"].append(((p - a) ** 2).sum() / a.size)
        found["MAD"].append(np.abs(p - a).sum() / a.size)
        found["GRAD"].append(((_gradient_size(p) - _gradient_size(a)) ** 2).sum() / 1000)
    return {name: float(np.mean(values)) for name, values in found.items()}


def _wrong(a: np.ndarray, other: np.ndarray, how: int) -> np.ndarray:
    """A made-up prediction: blurred, faint, empty, another thing, two things, or noisy."""
    noise = np.random.default_rng(how).normal(0, 20, a.shape)
    return (
        cv2.GaussianBlur(a, (0, 0), 4),
        (a * 0.3).astype(np.uint8),
        np.zeros_like(a),
        other,
        np.maximum(a, other),
        np.clip(a + noise, 0, 255).astype(np.uint8),
    )[how % 6]


def test_scores_are_those_of_the_field_s_scripts(tmp_path: Path) -> None:
    drawn_dataset(tmp_path / "data", {"test": 6})
    export.run(tmp_path / "data", "rw100", tmp_path / "out", workers=1)
    root = tmp_path / "out/test"
    chosen = rows.read(root, index=root / INDEX)
    mattes = tmp_path / "mattes"
    mattes.mkdir()
    for number, row in enumerate(chosen):
        a, other = (cv2.imread(str(row.alphas[n]), 0) for n in (row.referents[0], 0))
        channels = cv2.merge([_wrong(a, other, number)] * (1 + 2 * (number % 2)))
        cv2.imwrite(str(mattes / f"{row.mask_stem}.png"), channels)
    scores = score.score(mattes, chosen)
    theirs = _measured(mattes, root / "mask")
    assert theirs["SAD"] > 0.5
    ours = summary.overall(scores).figures
    for name, value in theirs.items():
        assert ours[name].value == pytest.approx(value, rel=1e-6), name
    printed = summary.overall(rows.replace(scores, times_1000=True)).figures  # as SDMatte does
    for name in ("MSE", "MAD"):
        assert printed[f"{name} × 1000"].value == pytest.approx(1000 * theirs[name], rel=1e-6)


def test_tables_say_their_units(picked: Rows) -> None:
    plain = score.reference("union", picked)
    times = rows.replace(plain, times_1000=True)
    shown = [summary.as_text(each, summary.groups(each)) for each in (plain, times)]
    assert "\nSAD, GRAD and CONN in thousands, MSE and MAD of alpha from 0 to 1\n" in shown[0]
    assert "from 0 to 1, both × 1000\n" in shown[1]
    mad = summary.overall(plain).figures["MAD"].value
    assert f"\nMAD{mad:>25.4f} " in shown[0]
    assert f"\nMAD × 1000{1000 * mad:>18.3f} " in shown[1]
    assert f"{'MSE × 1000':>12}{'MAD × 1000':>12}" in shown[1]
    assert "MSE × 1000" in summary.compared([times, times])
    assert summary.definition("MAD(E) × 1000") == summary.definition("MAD(E)")
