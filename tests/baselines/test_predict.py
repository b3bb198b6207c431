"""A model at work: mattes of images and datasets, scores, cutouts; random weights throughout."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from refmatte_baselines import checkpoints
from refmatte_baselines.answering import Predictor
from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.evaluation import answers, predictions
from refmatte_baselines.evaluation.scores import evaluate
from refmatte_baselines.looks import Looks
from refmatte_baselines.predictor import Answer, Answers, Options, Precision
from refmatte_baselines.serving import cutout
from refmatte_baselines.weights import save
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.images import image_io
from refmatte_engine.records import U8, Setting
from refmatte_engine.scoring import prediction_files, rows, score
from tests.conftest import landscape, needs_pymatting
from tests.support.released import HW, write_refmatte, write_rw100

torch.set_num_threads(1)

CPU = Options("cpu")
PICTURE = landscape(3, (50, 70))
NAMED = ({"category": "mug"}, {"category": "man"}, {"category": "cat"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    model = ClipMat(PRESETS["minimal"])
    with torch.no_grad():  # so that the trimap says all three
        model.semantic_decoder.trimap.weight.mul_(20)
    return save(model, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def predictor(folder: Path) -> Predictor:
    return Predictor(folder, CPU)


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> rows.Rows:
    return rows.read(write_refmatte(tmp_path_factory.mktemp("data"), NAMED), split="test")


def stored(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.png")}


def test_one_image(predictor: Predictor) -> None:
    alpha, trimap, presence = predictor.answer(PICTURE, "the red mug")
    assert presence is None
    assert alpha.shape == trimap.shape == PICTURE.shape[:2]
    assert alpha.dtype == np.float32
    assert np.array_equal(alpha, predictor.alpha(PICTURE, "the red mug"))
    assert set(np.unique(trimap)) == {0, 128, 255}
    assert (alpha[trimap == 0] == 0).all()
    assert (alpha[trimap == 255] == 1).all()
    named = predictor.alpha(PICTURE, "the red mug", "keyword")
    assert not np.array_equal(alpha, named)
    assert np.array_equal(alpha, predictor.model.matte(PICTURE, "the red mug"))


@pytest.mark.parametrize("dtype", ["bf16", "fp16"])
def test_half_precision_says_nearly_the_same(
    folder: Path, predictor: Predictor, dtype: Precision
) -> None:
    half = Predictor(folder, Options("cpu", dtype)).alpha(PICTURE, "the red mug")
    assert np.abs(half - predictor.alpha(PICTURE, "the red mug")).mean() < 0.05


def test_another_size_to_work_at(folder: Path, predictor: Predictor) -> None:
    larger = Predictor(folder, Options("cpu", long_side=96))
    assert not np.array_equal(larger.alpha(PICTURE, "mug"), predictor.alpha(PICTURE, "mug"))
    halved = Predictor("tiny", Options("cpu", long_side=224, looks="as-trained"))
    assert halved.sizes == (224, 160, 400)  # half of 448, 320 and 800


@pytest.fixture(scope="module")
def looking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that was measured with more than one look."""
    torch.manual_seed(0)
    place = tmp_path_factory.mktemp("looking") / "model"
    return save(ClipMat(PRESETS["minimal"]), place, answering=Looks(sizes=(48, 96), mirrored=True))


def test_it_looks_again_where_it_is_asked_to(looking: Path) -> None:
    once = Predictor(looking, CPU)
    again = Predictor(looking, Options("cpu", looks="as-trained"))
    assert once.receipt["looks"] == "one"
    assert '"mirrored":true' in str(again.receipt["looks"])
    text = "the dog to the left of the cat"
    other = "the dog to the right of the cat"
    large = np.random.default_rng(1).integers(0, 256, (120, 80, 3), dtype=np.uint8)
    looks = []
    for side in (64, 48, 96):
        at = Predictor(looking, Options("cpu", long_side=side))
        looks.append(at.alpha(large, text))
    looks.append(once.alpha(large[:, ::-1], other)[:, ::-1])
    np.testing.assert_allclose(again.alpha(large, text), np.mean(looks, 0), atol=1e-5)
    # What is smaller than all sizes is seen once, and its mirror image.
    small = large[:40, :40]
    both = once.alpha(small, text), once.alpha(small[:, ::-1], other)[:, ::-1]
    np.testing.assert_allclose(again.alpha(small, text), np.mean(both, 0), atol=1e-5)


def test_the_mirror_image_has_the_mirrored_answer(tmp_path: Path) -> None:
    torch.manual_seed(0)
    place = save(ClipMat(PRESETS["minimal"]), tmp_path / "model", answering=Looks(mirrored=True))
    again = Predictor(place, Options("cpu", looks="as-trained"))
    image = np.random.default_rng(2).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    found = again.alpha(image, "the leftmost dog to the right of the cat")
    turned = again.alpha(image[:, ::-1], "the rightmost dog to the left of the cat")
    np.testing.assert_allclose(found, turned[:, ::-1], atol=1e-5)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_not_there(folder: Path) -> None:
    with pytest.raises(InputError, match="device cuda: is not there; allowed: auto, cpu"):
        Predictor(folder, Options("cuda"))
    assert Predictor(folder, Options("auto")).device.type == "cpu"


def test_what_overflows_is_no_matte(folder: Path) -> None:
    broken = Predictor(folder, CPU)
    with torch.no_grad():
        broken.model.semantic_decoder.trimap.bias[1] = 1e9
        broken.model.details_decoder.alpha.bias.fill_(torch.nan)
    with pytest.raises(RefMatteError, match="overflows in fp32; use bf16 or fp32"):
        broken.alpha(PICTURE, "mug")
    broken = Predictor(folder, CPU)  # where nothing is finite the trimap is background
    with torch.no_grad():
        broken.model.visual.conv1.weight.fill_(torch.nan)
    with pytest.raises(RefMatteError, match="overflows in fp32; use bf16 or fp32"):
        broken.alpha(PICTURE, "mug")


@pytest.mark.parametrize("write", [write_refmatte, write_rw100])
def test_what_is_written_is_what_score_reads(
    predictor: Predictor, tmp_path: Path, write: object
) -> None:
    some = rows.read(write(tmp_path / "data"))  # type: ignore[operator]
    told: list[tuple[int, int]] = []
    out = tmp_path / "out"
    assert predictions.write(
        predictor, some, out, progress=lambda done, of: told.append((done, of))
    ) == (len(some), 0)
    images = len({row.image for row in some})
    assert told[0] == (0, images)
    assert told[-1] == (images, images)
    with Image.open(out / f"{some.rows[0].name}.png") as picture:
        assert picture.mode.startswith("I;16")
        assert picture.size == HW[::-1]
    from_files = score.score(out, some)
    in_memory = evaluate(predictor, some)
    assert from_files.results == in_memory.results
    assert from_files.predictions == str(out)
    assert in_memory.predictions == str(predictor.checkpoint)


class Sure(Answers):
    """A model that says of presence what the text's length says."""

    def __init__(self, predictor: Predictor) -> None:
        self.checkpoint, self.receipt = predictor.checkpoint, predictor.receipt
        self.readable, self.inner = predictor.readable, predictor

    def answers(self, image: U8, texts: Sequence[str], form: Setting) -> Iterator[Answer]:
        for text, answer in zip(texts, self.inner.answers(image, texts, form), strict=True):
            yield answer._replace(presence=1 / len(text))


def test_presence_is_written_beside_the_mattes(
    predictor: Predictor, some: rows.Rows, tmp_path: Path
) -> None:
    class Stop(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done:
            raise Stop

    sure, out = Sure(predictor), tmp_path / "out"
    table = out / prediction_files.PRESENCE
    with pytest.raises(Stop):
        predictions.write(sure, some, out, progress=stop)
    # A killed process leaves half a line, or one whose matte it did not write.
    table.write_text(f"{table.read_text()}{some.rows[-1].name},0.5\n{some.rows[-2].name},0.1")
    predictions.write(sure, some, out)
    expected = {row.name: 1 / len(row.text) for row in some}
    assert prediction_files.read_presences(table) == expected
    assert len(table.read_text().splitlines()) == 1 + len(some)
    from_files, in_memory = score.score(out, some), evaluate(sure, some, workers=2)
    assert from_files.results == in_memory.results
    assert {r.row.name: r.presence for r in from_files.results} == expected
    predictions.write(sure, replace(some, rows=some.rows[:2]), out, overwrite=True)
    assert prediction_files.read_presences(table) == expected
    # Another model's that says nothing leaves nothing of it.
    half = Predictor(predictor.checkpoint, Options("cpu", "bf16"))
    predictions.write(half, some, out, overwrite=True)
    assert not prediction_files.presences(out, some)


def test_mattes_named_for_their_masks(predictor: Predictor, tmp_path: Path) -> None:
    root = write_rw100(tmp_path / "data")
    some = rows.read(root, index=root / "eval_index_expression.json")
    out = tmp_path / "out"
    assert predictions.write(predictor, prediction_files.by_mask(some), out) == (5, 0)
    assert stored(out).keys() == {f"{row.mask_stem}.png" for row in some}
    with Image.open(out / f"{some.rows[0].mask_stem}.png") as picture:
        assert picture.mode == "L"
    exact = evaluate(predictor, some).results
    rounded = score.score(out, some).results
    assert [r.mad for r in rounded] == pytest.approx([r.mad for r in exact], abs=1 / 255)
    with pytest.raises(InputError, match="holds mattes of another naming"):
        predictions.write(predictor, some, out)
    with pytest.raises(InputError, match="5 masks with several texts"):
        prediction_files.by_mask(rows.read(root))


def test_threads_change_nothing(predictor: Predictor, some: rows.Rows) -> None:
    assert evaluate(predictor, some, workers=3) == evaluate(predictor, some)


def test_keywords_go_through_the_template(predictor: Predictor, some: rows.Rows) -> None:
    picked = replace(some, rows=some.rows[:2])
    assert [row.expression for row in picked] == ["keyword", "0"]
    answered = answers.answers_of(predictor, picked.rows)
    found = {row.expression: answer.alpha for row, answer in answered}
    image = image_io.read_rgb(some.rows[0].image)
    for row in picked:
        expression, alone = row.expression, predictor.alpha(image, row.text, row.setting)
        np.testing.assert_allclose(found[expression], alone, atol=1e-5)


def test_deterministic_mattes_depend_on_nothing_else(
    folder: Path, some: rows.Rows, tmp_path: Path
) -> None:
    exact = Predictor(folder, Options("cpu", deterministic=True))
    predictions.write(exact, some, tmp_path / "all")
    predictions.write(exact, replace(some, rows=some.rows[3:5]), tmp_path / "two")
    every = stored(tmp_path / "all")
    assert stored(tmp_path / "two").items() <= every.items()
    assert not torch.are_deterministic_algorithms_enabled()


def test_it_goes_on_where_it_was(predictor: Predictor, some: rows.Rows, tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done:
            raise Stop

    out = tmp_path / "out"
    with pytest.raises(Stop):
        predictions.write(predictor, some, out, progress=stop)
    first = stored(out)
    assert 0 < len(first) < len(some)
    assert not list(out.glob("*.part"))
    (out / f"{some.rows[0].name}.png").write_bytes(b"kept")
    made, kept = predictions.write(predictor, some, out)
    assert (made, kept) == (len(some) - len(first), len(first))
    assert stored(out)[f"{some.rows[0].name}.png"] == b"kept"
    keywords = tuple(row for row in some if row.expression == "keyword")
    (out / f"{some.rows[1].name}.png").write_bytes(b"kept too")
    part = replace(some, rows=keywords)
    assert predictions.write(predictor, part, out, overwrite=True) == (len(keywords), 0)
    assert stored(out)[f"{some.rows[1].name}.png"] == b"kept too"
    assert predictions.write(predictor, some, out, overwrite=True) == (len(some), 0)
    assert stored(out).items() >= first.items()


def test_mattes_of_two_models_are_never_mixed(
    predictor: Predictor, some: rows.Rows, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    predictions.write(predictor, some, out)
    larger = Predictor(predictor.checkpoint, Options("cpu", "bf16", long_side=96))
    with pytest.raises(InputError, match=r"mattes of another long side and dtype; .*--overwrite"):
        predictions.write(larger, some, out)
    predictions.write(larger, replace(some, rows=some.rows[:1]), out, overwrite=True)
    assert len(stored(out)) == 1
    (out / predictions.RECEIPT).write_text("[")
    with pytest.raises(InputError, match="of another checkpoint and"):
        predictions.write(larger, some, out)
    elsewhere = rows.read(write_refmatte(tmp_path / "else/data", NAMED[::-1]), split="test")
    predictions.write(predictor, some, out, overwrite=True)
    with pytest.raises(InputError, match="of another dataset; "):
        predictions.write(predictor, elsewhere, out)
    shutil.rmtree(tmp_path / "else")
    (tmp_path / "else").mkdir()
    (tmp_path / "else/mine.txt").write_text("mine")
    with pytest.raises(InputError, match="holds files that are not a model's mattes"):
        predictions.write(predictor, some, tmp_path / "else", overwrite=True)
    with pytest.raises(InputError, match=r"mine\.txt: is not a folder"):
        predictions.write(predictor, some, tmp_path / "else/mine.txt")


def test_nor_are_those_of_two_image_towers(some: rows.Rows, tmp_path: Path) -> None:
    one, other = (ClipMat(PRESETS["minimal"]) for _ in range(2))
    for name, model in {"one": one, "other": other}.items():
        tower = {f"visual.{key}": value for key, value in model.visual.state_dict().items()}
        torch.save(tower, tmp_path / f"{name}.pt")
    one.freeze(("image",))
    save(one, tmp_path / "model", completed_by=str(tmp_path / "one.pt"))
    model, out = tmp_path / "model", tmp_path / "out"
    predictions.write(Predictor(model, CPU), some, out)
    completed_otherwise = Predictor(model, Options("cpu", image_tower=str(tmp_path / "other.pt")))
    with pytest.raises(InputError, match="mattes of another checkpoint; "):
        predictions.write(completed_otherwise, some, out)


def test_long_texts_are_cut_and_counted(predictor: Predictor, some: rows.Rows) -> None:
    long = " ".join(["mug"] * 5000)
    cut = predictor.readable(long, "expression")
    assert 40 < cut.count("mug") < 77
    mixed = replace(some, rows=(replace(some.rows[1], text=long), *some.rows[2:4]))
    assert answers.shortened(predictor, mixed) == 1
    assert len(list(answers.answers_of(predictor, mixed.rows))) == 3
    assert 10 < len(predictor.readable("长" * 5000, "keyword")) < 77
    with pytest.raises(InputError, match="tokens; allowed: at most"):
        predictor.alpha(PICTURE, long)
    empty = replace(some, rows=(replace(some.rows[1], text=" "),))
    with pytest.raises(InputError, match=r"rim_test_0a1b2c30_1_0: text is empty"):
        answers.shortened(predictor, empty)


def test_an_image_of_another_size_than_its_alphas(predictor: Predictor, tmp_path: Path) -> None:
    some = rows.read(write_refmatte(tmp_path), split="test")
    some.rows[0].image.write_bytes(image_io.encode_jpeg(PICTURE))
    with pytest.raises(InputError, match=r"has 70×50 pixels; allowed: its alphas' 32×20"):
        evaluate(predictor, some)


def test_checkpoints_that_come_along_have_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert checkpoints.located("tiny") == checkpoints.HERE / "tiny"
    with pytest.raises(InputError, match="other: is not there; allowed: the folder of a"):
        checkpoints.located("other")
    (tmp_path / "b16_small_text").mkdir()
    assert checkpoints.located("b16_small_text") == checkpoints.HERE / "b16_small_text"
    (tmp_path / "b16_small_text/config.json").write_text("{}")
    assert checkpoints.located("b16_small_text") == Path("b16_small_text")
    monkeypatch.setattr(checkpoints, "HERE", tmp_path)
    with pytest.raises(
        InputError, match="comes without weights; run: pip install refmatte-weights"
    ):
        checkpoints.located("tiny")


@needs_pymatting
def test_a_cutout_over_itself_is_the_image() -> None:
    alpha = np.zeros((50, 70))
    alpha[10:30, 20:50] = 1
    alpha[30:34, 20:50] = 0.5
    rgba = cutout.cutout(PICTURE, alpha)
    assert rgba.dtype == np.uint8
    assert (rgba[alpha == 1, :3] == PICTURE[alpha == 1]).all()
    over = cutout.over(rgba, PICTURE)
    assert np.abs(over.astype(int) - PICTURE).max() <= 24
    assert (over[alpha == 0] == PICTURE[alpha == 0]).all()
    nothing = cutout.cutout(PICTURE, alpha * 0)
    assert not nothing.any()


@pytest.mark.parametrize("shape", [(20, 20), (500, 30), (3, 4000), (50, 70), (1, 1)])
def test_a_backdrop_covers(tmp_path: Path, shape: tuple[int, int]) -> None:
    file = tmp_path / "behind.png"
    file.write_bytes(image_io.encode_png(landscape(1, shape)))
    behind = cutout.backdrop(str(file), (50, 70))
    assert behind.shape == (50, 70, 3)
    assert behind.dtype == np.uint8


def test_colors() -> None:
    assert cutout.backdrop("#f80", (2, 3)).tolist() == [[[255, 136, 0]] * 3] * 2
    assert cutout.color(" RebeccaPurple") == (102, 51, 153)
    for wrong in ("#12345", "#11223344", "nothing.jpg", "x" * 9999, ""):
        with pytest.raises(InputError, match="is neither a picture's file nor a colour"):
            cutout.backdrop(wrong, (2, 2))
    with pytest.raises(InputError, match="did you mean 'orange'"):
        cutout.color("ornage")


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 3), (9, 7, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_png_of_any_depth(shape: tuple[int, ...], dtype: type) -> None:
    import cv2

    most = np.iinfo(dtype).max
    pixels = np.random.default_rng(0).integers(0, most, shape, dtype, endpoint=True)
    flat = np.frombuffer(image_io.encode_png(pixels), np.uint8)
    back = cv2.imdecode(flat, cv2.IMREAD_UNCHANGED)
    if len(shape) == 3:
        back = back[..., [2, 1, 0, 3][: shape[2]]]
    assert back.dtype == dtype
    assert np.array_equal(back, pixels)
    turned = np.ascontiguousarray(pixels.swapaxes(0, 1))
    assert image_io.encode_png(pixels.swapaxes(0, 1)) == image_io.encode_png(turned)
