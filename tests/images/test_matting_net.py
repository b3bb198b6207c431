"""Matting nets as ONNX files: what is read from the file, the ways of families, and bad files."""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.images import matting_net
from refmatte_engine.images.matting_net import WAYS
from tests.support.nets import odd, red_finder


def scene(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """A grey picture (RGB) with a red disc off the centre, and the disc's mask."""
    y, x = np.mgrid[:height, :width]
    inside = np.hypot(y - 0.4 * height, x - 0.6 * width) < 0.25 * min(height, width)
    picture = np.full((height, width, 3), 120, np.uint8)
    picture[inside] = (210, 40, 40)
    return picture, inside


@pytest.mark.parametrize(
    ("name", "shape", "more"),
    [
        ("u2net", (1, 3, 320, 320), {"outputs": 7}),
        ("u2net", (1, 3, 96, 64), {}),
        ("isnet-general-use", (1, 3, 128, 128), {"outputs": 6}),
        ("RMBG-1.4", (1, 3, 128, 128), {}),
        ("modnet_photographic", (1, 3, "height", "width"), {}),
        ("net", ("batch", 3, "height", "width"), {"ends": "Identity"}),
        ("BiRefNet-general", (1, 3, 128, 128), {"ends": "Identity"}),
        ("net", (1, 128, 128, 3), {"last_axis": True}),
    ],
)
def test_what_the_net_means_is_found_at_the_pictures_size(
    tmp_path: Path,
    name: str,
    shape: tuple[int | str, ...],
    more: dict[str, object],
) -> None:
    net = matting_net.load(red_finder(tmp_path / f"{name}.onnx", shape, **more))  # type: ignore[arg-type]
    for height, width in ((240, 320), (320, 200), (64, 64), (50, 400)):
        picture, inside = scene(height, width)
        before = picture.copy()
        alpha = net.alpha(picture)
        assert (alpha.shape, alpha.dtype) == ((height, width), np.float32)
        assert 0 <= alpha.min() <= alpha.max() <= 1
        assert np.mean((alpha > 0.5) == inside) > 0.97
        assert (picture == before).all()


def test_the_way_follows_the_name_then_the_shapes(tmp_path: Path) -> None:
    by = {
        ("u2netp", (1, 3, 320, 320), 7): "U²-Net",
        ("silueta", (1, 3, 320, 320), 7): "U²-Net",
        ("isnet-anime", (1, 3, 64, 64), 1): "IS-Net",
        ("rmbg-2.0", (1, 3, 64, 64), 1): "BiRefNet",
        ("RMBG_1.4", (1, 3, 64, 64), 1): "IS-Net",
        ("x", (1, 3, 320, 320), 1): "U²-Net",
        ("x", (1, 3, 64, 64), 6): "IS-Net",
        ("x", (1, 3, "h", "w"), 1): "MODNet",
        ("x", (1, 3, 64, 64), 1): "BiRefNet",
    }
    for (name, shape, outputs), title in by.items():
        net = matting_net.load(red_finder(tmp_path / f"{name}.onnx", shape, outputs=outputs))
        assert net.way.title == title
        assert title in net.taken_as
        assert net.size_hw == (None if "h" in shape else shape[2:])
    net = matting_net.load(tmp_path / "x.onnx", (0, 0, 0), (1, 1, 1))
    assert (net.way.mean, net.way.std) == ((0, 0, 0), (1, 1, 1))
    assert "given" in net.taken_as


def test_a_picture_without_a_thing_is_not_stretched(tmp_path: Path) -> None:
    """The families that scale their answers to 0 … 1 would find something anywhere."""
    net = matting_net.load(red_finder(tmp_path / "u2net.onnx"))
    assert net.alpha(np.full((70, 90, 3), 120, np.uint8)).max() < 0.1


def test_how_levels_are_counted_does_not_matter() -> None:
    unit = np.array([[0, 0.25], [0.5, 1]], np.float32)
    logits = np.array([[-9, -1.0986], [0, 9]], np.float32)
    for counted in (unit, unit * 255, logits):
        assert np.allclose(matting_net._in_unit(counted), unit, atol=1e-3)


@pytest.mark.parametrize(
    ("inputs", "outputs", "said"),
    [
        ({"ids": (1, 77)}, {"out": (1, 512)}, r"takes ids \(1×77\); allowed: one picture"),
        ({"x": (1, 4, 64, 64)}, {"out": (1, 1, 64, 64)}, "a picture and a trimap"),
        ({"x": (1, 1, 64, 64)}, {"out": (1, 1, 64, 64)}, r"takes x \(1×1×64×64\)"),
        ({"x": (8, 3, 64, 64)}, {"out": (8, 1, 64, 64)}, "8 pictures at once"),
        ({"x": (1, 3, 8, 8)}, {"out": (1, 1, 8, 8)}, "too small a picture"),
        (
            {"src": (1, 3, 64, 64), "r1i": (1, 1, 1, 1)},
            {"pha": (1, 1, 64, 64)},
            r"takes 2 inputs: src \(1×3×64×64\), r1i \(1×1×1×1\)",
        ),
        ({"x": (1, 3, 64, 64)}, {"logits": (1, 1000)}, r"makes no mask: .*logits \(1×1000\)"),
        ({"x": (1, 3, 64, 64)}, {"classes": (1, 21, 64, 64)}, "makes no mask"),
        ({"x": (1, 3, 64, 64)}, {"boxes": (1, 300, 4)}, "makes no mask|is no mask"),
    ],
)
def test_a_net_that_makes_no_mask_of_a_picture_says_what_it_is(
    tmp_path: Path,
    inputs: dict[str, tuple[int, ...]],
    outputs: dict[str, tuple[int, ...]],
    said: str,
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        matting_net.load(odd(tmp_path / "net.onnx", inputs, outputs)).alpha(scene(64, 64)[0])
    assert str(caught.value).startswith(str(tmp_path / "net.onnx"))


def test_what_is_no_onnx_file_is_told(tmp_path: Path) -> None:
    good = red_finder(tmp_path / "good.onnx").read_bytes()
    for data, said in {
        b"": "is empty",
        b"\0" * 99: "only zeros",
        b"PK\x03\x04" + b"\0" * 50: "PyTorch checkpoint",
        b"version https://git-lfs.github.com/spec/v1\n": "git lfs pull",
        b"<!DOCTYPE html><html></html>": "web page",
        b'\x40\0\0\0\0\0\0\0{"weight": 1}': "safetensors",
        b"no net at all, but some text": "cannot be loaded as an ONNX net: it is something else",
        good[: len(good) // 2]: "cannot be loaded|takes no input",
    }.items():
        file = tmp_path / "net.onnx"
        file.write_bytes(data)
        with pytest.raises(InputError, match=said) as caught:
            matting_net.load(file)
        assert "\n" not in str(caught.value)
    for path, said in {tmp_path: "is a folder", tmp_path / "none.onnx": "cannot be read"}.items():
        with pytest.raises(InputError, match=said):
            matting_net.load(path)


@pytest.mark.parametrize(
    ("operation", "opset", "said"),
    [
        ("Foo", 13, "it has operations that onnxruntime does not know"),
        ("Identity", 999, "it is newer than the installed onnxruntime"),
    ],
)
def test_what_the_runtime_cannot_load_is_told_plainly(
    tmp_path: Path, operation: str, opset: int, said: str
) -> None:
    onnx = pytest.importorskip("onnx")
    shape = [1, 3, 64, 64]
    ends = [onnx.helper.make_tensor_value_info(name, 1, shape) for name in "ab"]
    nodes = [onnx.helper.make_node(operation, ["a"], ["b"])]
    graph = onnx.helper.make_graph(nodes, "net", ends[:1], ends[1:])
    made = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)])
    made.ir_version = 8
    file = tmp_path / "net.onnx"
    file.write_bytes(made.SerializeToString())
    with pytest.raises(InputError, match=said):
        matting_net.load(file)


def test_damaged_nets_end_in_one_line(tmp_path: Path) -> None:
    """Whatever is lost of a file: it works, or InputError says why."""
    good = red_finder(tmp_path / "good.onnx", (1, 3, "h", "w")).read_bytes()
    rng = np.random.default_rng(5)
    refused: list[str] = []
    for number in range(60):
        data = bytearray(good)
        for place in rng.integers(0, len(data), 1 + number % 4):
            data[place] = rng.integers(256)
        file = tmp_path / "net.onnx"
        file.write_bytes(data)
        try:
            matting_net.load(file).alpha(scene(64, 80)[0])
        except InputError as error:
            refused.append(str(error))
    assert len(refused) > 10
    assert not any("\n" in said for said in refused)


def test_without_onnxruntime_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"run: pip install 'refmatte-engine\[cutout\]'"):
        matting_net.load(tmp_path / "net.onnx")


def test_three_numbers() -> None:
    assert matting_net.triple("--cut-mean", "0.5,0.25, 0") == (0.5, 0.25, 0)
    assert matting_net.triple("--cut-mean", None) is None
    for text, where in product(("", "1,2", "a,b,c", "nan,0,0", "1,2,3,4"), ("mean", "std")):
        with pytest.raises(InputError, match="three numbers"):
            matting_net.triple(where, text)
    with pytest.raises(InputError, match="--cut-std"):
        matting_net.triple("--cut-std", "0.5,0,0.5")


def test_every_family_has_a_name() -> None:
    assert set(matting_net._NAMED.values()) == set(WAYS)
