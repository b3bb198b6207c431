"""What cuts out a model's choice: the law of the parts, nets as they come, and bad ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_baselines import cutting
from refmatte_baselines.cutting import CutPredictor, NetCutter, chosen_parts
from refmatte_baselines.predictor import Answer, Answers, CutWith
from refmatte_engine.images import image_io, matting_net
from refmatte_engine.records import F32, U8, Setting
from tests.support.nets import odd, red_finder
from tests.support.released import write_refmatte

HW = (60, 90)


def disc(y: int, x: int, radius: int, hw: tuple[int, int] = HW) -> F32:
    rows, columns = np.mgrid[: hw[0], : hw[1]]
    edge = radius - np.hypot(rows - y, columns - x)
    return np.clip(edge, 0, 1).astype(np.float32)


def greys(alpha: F32, reach: int = 2) -> U8:
    """The trimap of a chooser: unknown about the edge of its alpha."""
    core = cv2.erode((alpha > 0.9).astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8))
    near = cv2.dilate((alpha > 0.1).astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8))
    return np.where(core > 0, 255, np.where(near > 0, 128, 0)).astype(np.uint8)


@pytest.mark.parametrize("seed", range(40))
def test_the_law_of_the_parts(seed: int) -> None:
    """Whatever the two say: in range, never more than the larger of them, parts whole or cut where
    the chooser sees background, holes empty or the chooser's, and all of it the chooser's own where
    the net has none of its things."""
    rng = np.random.default_rng(seed)
    net, chosen = np.zeros(HW, np.float32), np.zeros(HW, np.float32)
    for alpha in (net, chosen):
        for _ in range(rng.integers(0, 4)):
            y, x, radius = rng.integers(0, HW[0]), rng.integers(0, HW[1]), rng.integers(2, 20)
            alpha[:] = np.maximum(alpha, disc(y, x, radius) * np.float32(rng.uniform(0.05, 1)))
    trimap = greys(chosen)
    before = net.copy(), chosen.copy(), trimap.copy()
    found = chosen_parts(chosen, trimap, net)
    assert all(map(np.array_equal, before, (net, chosen, trimap)))
    assert (found.dtype, found.shape) == (np.float32, HW)
    assert (found >= 0).all()
    assert (found <= np.maximum(net, chosen)).all()
    count, part = cv2.connectedComponents((net > 0.1).astype(np.uint8))
    kept = [(net * chosen)[part == n].sum() >= 0.2 * net[part == n].sum() for n in range(1, count)]
    if not any(kept):
        assert np.array_equal(found, chosen)
        return
    whole = np.where(found == net, found, 0)
    _, place = cv2.connectedComponents((whole <= 0.1).astype(np.uint8), connectivity=4)
    rim = {*place[0], *place[-1], *place[:, 0], *place[:, -1]}
    hole = (whole <= 0.1) & ~np.isin(place, list(rim))
    assert ((found == whole) | (hole & (found == chosen))).all()
    for number, is_kept in enumerate(kept, 1):
        here = (part == number) & ~hole
        own, answer, known = net[here], found[here], trimap[here] == 0
        assert not is_kept or np.array_equal(answer[~known], own[~known])
        assert not is_kept or not answer[known].any() or np.array_equal(answer, own)
        assert is_kept or not answer.any()
    assert not found[(part == 0) & ~hole].any()


@pytest.mark.parametrize(
    ("hole", "chosen", "filled"),
    [
        (disc(30, 45, 10), disc(30, 45, 18), True),  # the net has overlooked what is meant
        (disc(30, 45, 10), disc(30, 45, 18) * (1 - disc(30, 45, 9)), False),  # a ring it is
        (disc(30, 45, 2), disc(30, 45, 18), False),  # too small for the chooser to see
        (disc(5, 45, 12), disc(30, 45, 18), False),  # no hole but an edge
    ],
)
def test_a_hole_that_is_meant_is_filled(hole: F32, chosen: F32, filled: bool) -> None:
    net = disc(30, 45, 25) * (1 - hole)
    found = chosen_parts(chosen, greys(chosen), net)
    assert (found[hole == 1].mean() > 0.9) == filled
    assert np.array_equal(found[hole == 0], net[hole == 0])


def test_a_thing_chosen_roughly_is_cut_as_the_net_has_it() -> None:
    left, right = disc(30, 20, 15), disc(30, 70, 15)
    rough = disc(32, 24, 10) * np.float32(0.8)
    found = chosen_parts(rough, greys(rough), np.maximum(left, right))
    assert np.abs(found - left).max() <= cutting.FAINT
    assert np.array_equal(chosen_parts(left, greys(left), right), left)


def test_of_things_that_touch_the_chosen_one_is_cut_out() -> None:
    left, right = disc(30, 27, 19), disc(30, 63, 19)
    both = np.maximum(left, right)
    assert cv2.connectedComponents((both > 0.1).astype(np.uint8))[0] == 2
    for one, other in ((left, right), (right, left)):
        found = chosen_parts(one, greys(one), both)
        assert np.abs(found - one).mean() < 0.01
        assert (found * other * (1 - one)).sum() < 0.1 * other.sum()


class Words(Answers):
    """A model that means the left half by `left`, and counts how often it is asked."""

    checkpoint = Path("words")
    receipt = {"checkpoint": "abc"}
    asked = 0

    def readable(self, text: str, form: Setting) -> str:
        return text

    def answers(self, image: U8, texts: Sequence[str], form: Setting) -> Iterator[Answer]:
        self.asked += 1
        for text in texts:
            alpha = np.zeros(image.shape[:2], np.float32)
            half = slice(None, 45) if text == "left" else slice(45, None)
            alpha[:, half] = text != "nothing"
            yield Answer(alpha, (alpha * 255).astype(np.uint8), float(text != "nothing"))


@pytest.fixture
def net(tmp_path: Path) -> Path:
    return red_finder(tmp_path / "modnet.onnx", (1, 3, *HW))


def picture() -> U8:
    found = np.full((*HW, 3), 120, np.uint8)
    found[np.maximum(disc(30, 20, 12), disc(30, 70, 12)) > 0.5] = (210, 40, 40)
    return found


def test_any_model_is_cut_by_any_net(net: Path) -> None:
    model = Words()
    both = CutPredictor(model, cutting.cutter(CutWith(net), "cpu"))
    found = list(both.alphas(picture(), ["left", "right", "nothing"], "expression"))
    assert model.asked == 1
    for alpha, y_x in zip(found, ((30, 20), (30, 70)), strict=False):
        assert np.mean((alpha > 0.5) == (disc(*y_x, 12) > 0.5)) > 0.99
    assert not found[2].any()
    assert np.array_equal(both.alpha(picture(), "left"), found[0])
    said = both.answer(picture(), "nothing")
    assert said.presence == 0  # the chooser's own, as the trimap is
    assert not said.trimap.any()
    assert not list(both.alphas(picture(), [], "keyword"))
    assert both.readable("left", "keyword") == "left"
    assert both.checkpoint == model.checkpoint


def test_the_receipt_names_the_net(net: Path, tmp_path: Path) -> None:
    by = NetCutter(matting_net.load(net))
    receipt = CutPredictor(Words(), by).receipt
    assert receipt["checkpoint"] == "abc"
    assert receipt["cut with"] == matting_net.digest(net)
    other = CutWith(net, mean=(0.1, 0.2, 0.3))
    assert CutPredictor(Words(), cutting.cutter(other, "cpu")).receipt != receipt


Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="torch is not installed")
    import torch

    from refmatte_baselines.clipmat.config import PRESETS
    from refmatte_baselines.clipmat.model import ClipMat
    from refmatte_baselines.weights import save

    torch.manual_seed(0)
    return save(ClipMat(PRESETS["minimal"]), tmp_path_factory.mktemp("model"))


def test_the_commands_take_a_net(cli: Cli, model: Path, net: Path, tmp_path: Path) -> None:
    photo, out = tmp_path / "photo.png", tmp_path / "o.png"
    photo.write_bytes(image_io.encode_png(picture()))
    words = ("matte", photo, "disc", "-o", out, "--as", "alpha", "--checkpoint", model)
    assert cli(*words, "--cut-with", net)[0] == 0
    data, mattes = write_refmatte(tmp_path / "data"), tmp_path / "mattes"
    which = ("--split", "test", "--setting", "expression", "--kinds", "expression_1")
    predict = ("predict", model, data, "--out", mattes, *which)
    assert cli(*predict, "--cut-with", net)[0] == 0
    receipt = json.loads((mattes / "predictions.json").read_text())
    assert receipt["cut with"] == matting_net.digest(net)
    code, _, err = cli(*predict)
    assert code == 2
    assert "holds mattes of another" in err
    code, table, _ = cli("score", mattes, data, *which, "--csv", "--workers", 1)
    said = cli("evaluate", model, data, *which, "--csv", "--workers", 1, "--cut-with", net)
    assert said[:2] == (code, table)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cut-with", "{photo}"], "photo.png: is a picture, not a net"),
        (["--cut-with", "{tmp}/no.onnx"], "no.onnx: is not there"),
        (["--cut-with", "n" * 300], "nnn: is not there"),
        (["--cut-with", "/dev/null"], "/dev/null: is no file"),
        (["--cut-with", "VitMate"], "did you mean 'vitmatte'?"),
        (["--cut-with", "{tmp}"], "is no ViTMatte: it has no config.json"),
        (["--cut-with", "{two}"], "two.onnx: takes 2 inputs"),
        (["--cut-with", "{none}"], "none.onnx: makes no mask"),
        (["--cut-mean", "0,0,0"], "--cut-mean: goes with --cut-with"),
        (["--cut-with", "{net}", "--cut-std", "0,0,0"], "--cut-std: '0,0,0' is not allowed"),
        (["--cut-with", "vitmatte", "--cut-std", "1,1,1"], "--cut-std: is for ONNX nets"),
    ],
)
def test_mistakes_get_one_clear_line(
    cli: Cli,
    model: Path,
    net: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str,
) -> None:
    """Before any weights are read."""
    from refmatte_baselines import answering

    monkeypatch.setattr(answering, "from_pretrained", None)
    photo = tmp_path / "photo.png"
    photo.write_bytes(image_io.encode_png(picture()))
    square = (1, 3, 64, 64)
    two = odd(tmp_path / "two.onnx", {"a": square, "b": square}, {"o": (1, 1, 64, 64)})
    none = odd(tmp_path / "none.onnx", {"a": square}, {"o": (1, 1000)})
    places = {"photo": photo, "tmp": tmp_path, "net": net, "two": two, "none": none}
    given = [word.format(**places) for word in words]
    for command in (
        ("matte", photo, "disc", "-o", tmp_path / "o.png", "--as", "alpha", "--checkpoint", model),
        ("app", model),
    ):
        code, out, err = cli(*command, *given)
        assert (code, out) == (2, "")
        assert said in err
        assert err.count("\n") == 1
