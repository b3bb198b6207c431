"""A model as an ONNX file: the same mattes, for any size and number of texts, and without torch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from refmatte_baselines import Matter, checkpoints, models, onnx_export, onnx_file
from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.kinds import network, presets
from refmatte_baselines.onnx_export import CONSTANTS, SEEN, Joined
from refmatte_baselines.onnx_file import ABOUT, MERGES, OnnxPredictor
from refmatte_baselines.predictor import CutWith, Options
from refmatte_baselines.towers.tokenizer import clip_tokenizer
from refmatte_baselines.weights import save
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from tests.conftest import landscape
from tests.support.nets import odd

torch.set_num_threads(1)
Cli = Callable[..., tuple[int, str, str]]
LENGTH = 77


def alike(path: Path, *, props: bool = True) -> Path:
    """A file that says of itself what an exported model does, and answers zeros of 9×7 px."""
    odd(path, {"image": (1, 3, "H", "W"), "tokens": ("K", LENGTH)}, {"alpha": (1, 1, 9, 7)})
    made = onnx.load(path)
    made.graph.input[1].type.tensor_type.elem_type = onnx.TensorProto.INT64
    about = onnx_file.About(
        kind="clipmat", knows="", size=64, template="the {}", context_tokens=2,
        context_length=LENGTH, vocabulary=49408,
    )  # fmt: skip
    said = {ABOUT: about.model_dump_json(), MERGES: "\n".join(clip_tokenizer().merges)}
    onnx.helper.set_model_props(made, said if props else {})
    onnx.save(made, path)
    return path


@pytest.mark.parametrize(
    "size_hw", [(40, 64), (63, 64), (200, 90), (1, 300), (65, 66), (777, 1000)]
)
def test_a_picture_is_prepared_as_torch_does_it(size_hw: tuple[int, int]) -> None:
    """The sizes are equal to the pixel, and the colours to what a level is."""
    model = ClipMat(PRESETS["minimal"])
    joined = Joined(size=np.float64(model.config.size), patch=np.array([model.patch] * 2))
    seen, inner_hw, _ = joined.write(SEEN, "image")
    made = onnx.helper.make_model(
        onnx.helper.make_graph(
            joined.nodes,
            "prepared",
            [onnx.helper.make_tensor_value_info("image", 1, (1, 3, "H", "W"))],
            [
                onnx.helper.make_tensor_value_info(seen, 1, (1, 3, "h", "w")),
                onnx.helper.make_tensor_value_info(inner_hw, 7, (2,)),
            ],
            joined.weights,
        ),
        opset_imports=[onnx.helper.make_opsetid("", onnx_export.OPSET)],
        ir_version=onnx_export.IR,
    )
    onnx.checker.check_model(made)
    image = torch.rand(1, 3, *size_hw)
    expected = model.prepared(image)
    session = onnxruntime.InferenceSession(made.SerializeToString())
    found, found_hw = session.run(None, {"image": image.numpy()})
    assert tuple(found_hw) == expected.inner_hw
    np.testing.assert_allclose(found, expected.image, atol=1e-4)
    assert set(CONSTANTS) >= {"mean", "std"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preset", "changes"),
    [
        ("minimal", {}),
        ("minimal", {"details": False, "popup": False}),
        (
            "minimal",
            {
                "refiner": True, "refiner_mean": True, "presence": True, "affinity": True,
                "stem": "convolutions", "guided_details": True, "visual_residual": True,
            },
        ),
        ("clipseg_minimal", {"refiner": True}),
    ],
)  # fmt: skip
def test_an_exported_model_says_what_the_checkpoint_says(
    preset: str, changes: dict[str, Any], tmp_path: Path
) -> None:
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    torch.manual_seed(0)
    config = presets()[preset].model_copy(update=changes)
    model = network(config, pretrained=False).eval()
    if isinstance(model, ClipMat):
        with torch.no_grad():
            model.semantic_decoder.trimap.weight.mul_(20)
    save(model, tmp_path / "model")
    onnx_export.export(model, tmp_path / "model.onnx")
    by_torch, by_onnx = (models.load(tmp_path / name) for name in ("model", "model.onnx"))
    for size_hw, texts in (((50, 70), ["mug"]), ((97, 61), ["the red mug", "a", "b c"]),
                           ((31, 900), ["x", "it"])):  # fmt: skip
        picture = landscape(3, size_hw)
        for form in ("keyword", "expression"):
            pairs = zip(
                by_torch.answers(picture, texts, form),  # type: ignore[arg-type]
                by_onnx.answers(picture, texts, form),  # type: ignore[arg-type]
                strict=True,
            )
            for one, other in pairs:
                assert one.alpha.shape == other.alpha.shape
                apart = np.abs(one.alpha - other.alpha)
                assert apart.mean() < 1e-3
                assert (apart > 0.01).mean() < 0.01
                assert (one.trimap != other.trimap).mean() < 0.01
                assert one.presence == pytest.approx(other.presence, abs=1e-3)


def test_no_torch_is_needed_to_ask_it(tmp_path: Path) -> None:
    file = alike(tmp_path / "m.onnx")
    (tmp_path / "photo.png").write_bytes(image_io.encode_png(landscape(3, (9, 7))))
    code = f"""
import sys
for name in ("torch", "open_clip", "torchvision", "safetensors"):
    sys.modules[name] = None
from refmatte_baselines import Matter
alpha, present, score = Matter({str(file)!r})({str(tmp_path / "photo.png")!r}, "the red mug")
assert (alpha.shape, present, score) == ((9, 7), False, 0)
sys.argv = ["refmatte", "matte", {str(tmp_path / "photo.png")!r}, "the mug", "-o",
            {str(tmp_path / "o.png")!r}, "--as", "alpha", "--checkpoint", {str(file)!r}]
from refmatte_engine.cli.main import main
main()
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "o.png").exists()


def test_a_file_reads_as_its_model_did(tmp_path: Path) -> None:
    found = OnnxPredictor(alike(tmp_path / "m.onnx"))
    assert found.reader.rows(["red mug"], "keyword")[0][1:-3] == list(
        clip_tokenizer().encode("the red mug")
    )
    assert found.readable("mug " * 99, "expression").count("mug") == LENGTH - 4
    with pytest.raises(InputError, match="text: is empty"):
        Matter(tmp_path / "m.onnx")(landscape(3, (9, 7)), " ")
    assert "cut with" not in found.receipt


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda file: odd(file, {"a": (1, 3, 8, 8)}, {"o": (1, 1, 8, 8)}),
         r"takes a and answers o; allowed: image and tokens → alpha.*--cut-with"),
        (lambda file: alike(file, props=False), "takes image, tokens and answers alpha; allowed"),
        (lambda file: file.write_bytes(b"\x89PNG" + bytes(99)), "is a picture, not a net"),
        (lambda file: file.write_bytes(b"\x08" * 99), "as ONNX: it is something else, or only a"),
        (lambda file: None, "is not there"),
    ],
)  # fmt: skip
def test_a_wrong_file_says_what_it_is(
    make: Callable[[Path], object], message: str, tmp_path: Path
) -> None:
    make(tmp_path / "m.onnx")
    with pytest.raises(InputError, match=message) as caught:
        models.load(tmp_path / "m.onnx")
    assert len(str(caught.value).splitlines()) == 1


def test_what_is_decided_at_the_export(tmp_path: Path, cli: Cli) -> None:
    file = alike(tmp_path / "m.onnx")
    for options, name in (
        (Options(dtype="bf16"), "--dtype"),
        (Options(long_side=99), "--long-side"),
        (Options(looks="as-trained"), "--looks"),
        (Options(deterministic=True), "--deterministic"),
        (Options(image_tower="x"), "--image-tower"),
    ):
        with pytest.raises(InputError, match=f"{name}: is not for ONNX files"):
            models.load(file, options)
    with pytest.raises(InputError, match="only answers; allowed: the folder of a checkpoint"):
        checkpoints.read_header(file)
    net = CutWith(file)
    with pytest.raises(InputError, match="takes 2 inputs"):
        models.load(file, Options(cut=net))
    code, _, err = cli("export-model", file, "-o", tmp_path / "other.onnx")
    assert code == 2
    assert "only answers" in err
    mdetr = save(network(presets()["mdetr_minimal"], pretrained=False), tmp_path / "mdetr")
    code, _, err = cli("export-model", mdetr, "-o", tmp_path / "other.onnx")
    assert code == 2
    assert "is of the kind mdetr, which cannot be exported; allowed: clipmat, clipseg" in err
