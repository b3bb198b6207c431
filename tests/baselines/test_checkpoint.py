"""Models on disk: what is written is read again, and what does not fit is said."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from open_clip.model import CLIP
from safetensors.torch import load_file, save_file

from refmatte_baselines.clipmat.config import PRESETS, ClipMatConfig
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.onnx_export import export
from refmatte_baselines.towers.config import TextTower
from refmatte_baselines.towers.encoders import SMALL, encode_image
from refmatte_baselines.weights import from_pretrained, save
from refmatte_engine.errors import InputError, RefMatteError

torch.set_num_threads(1)

MINIMAL = PRESETS["minimal"]
PICTURE = np.random.default_rng(0).integers(0, 256, (50, 70, 3), dtype=np.uint8)


def make(seed: int = 0, **changes: Any) -> ClipMat:
    torch.manual_seed(seed)
    return ClipMat(MINIMAL.model_copy(update=changes)).eval()


def same(a: ClipMat, b: ClipMat) -> bool:
    ours, theirs = a.state_dict(), b.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours)


@pytest.mark.parametrize("changes", [{}, {"refiner": True}, {"popup": False, "details": False}])
def test_what_is_saved_is_loaded(tmp_path: Path, changes: dict[str, Any]) -> None:
    model = make(**changes)
    folder = save(model, tmp_path / "model", about={"steps": 60})
    again = from_pretrained(folder)
    assert same(model, again)
    assert again.config == model.config
    assert not again.training
    assert np.array_equal(model.matte(PICTURE, "cat"), again.matte(PICTURE, "cat"))
    assert json.loads((folder / "config.json").read_text())["about"] == {"steps": 60}


def test_half_precision_takes_half_the_room(tmp_path: Path) -> None:
    model = make()
    whole, half = save(model, tmp_path / "a"), save(model, tmp_path / "b", dtype=torch.float16)
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (whole, half)]
    assert sizes[1] < 0.51 * sizes[0]
    again = from_pretrained(half)
    assert next(again.parameters()).dtype == torch.float32
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], tensor, atol=1e-3, rtol=1e-3)


def test_tiny_in_half_precision_fits_in_30_megabytes(tmp_path: Path) -> None:
    save(ClipMat(PRESETS["tiny"]), tmp_path, dtype=torch.float16)
    assert (tmp_path / "model.safetensors").stat().st_size < 30_000_000


def clip_file(folder: Path, encoder: str = "minimal", towers: str = "") -> tuple[CLIP, Path]:
    """A CLIP with random weights and its checkpoint, as open_clip writes it."""
    torch.manual_seed(7)
    clip = CLIP(**(SMALL.get(encoder) or open_clip.get_model_config(encoder)))
    file = folder / f"{encoder}.pt"
    torch.save({k: v for k, v in clip.state_dict().items() if k.startswith(towers)}, file)
    return clip, file


def test_encoders_from_a_local_file(tmp_path: Path) -> None:
    clip, file = clip_file(tmp_path)
    model = make(pretrained=str(file))
    for name, tensor in model.visual.state_dict().items():
        assert torch.equal(tensor, clip.visual.state_dict()[name])
    assert torch.equal(model.prompt.text.token_embedding.weight, clip.token_embedding.weight)
    folder = save(model, tmp_path / "model")
    file.unlink()
    assert same(from_pretrained(folder), model)  # complete: the file is no longer needed
    assert str(tmp_path) not in (folder / "config.json").read_text()


def test_encoders_of_another_clipmat(tmp_path: Path) -> None:
    before = make(popup=False)
    for parameter in before.parameters():
        torch.nn.init.normal_(parameter)
    model = make(pretrained=str(save(before, tmp_path)))
    for part in ("visual", "prompt.text"):
        found, wanted = (m.get_submodule(part).state_dict() for m in (model, before))
        assert all(torch.equal(found[name], tensor) for name, tensor in wanted.items())
    assert not torch.equal(model.prompt.context, before.prompt.context)
    tiny = ClipMat(PRESETS["tiny"].model_copy(update={"pretrained": "tiny"}))
    assert torch.equal(tiny.visual.class_embedding, from_pretrained("tiny").visual.class_embedding)


def test_an_image_tower_alone_goes_with_a_text_tower_of_one_s_own(tmp_path: Path) -> None:
    clip, file = clip_file(tmp_path, towers="visual.")
    with pytest.raises(InputError, match=r"has no text\."):
        make(pretrained=str(file))
    model = make(pretrained=str(file), text=TextTower(width=16, heads=2, layers=1))
    assert torch.equal(model.visual.conv1.weight, clip.visual.conv1.weight)


def test_a_frozen_image_tower_need_not_be_stored(tmp_path: Path) -> None:
    _, file = clip_file(tmp_path)
    model = make(pretrained=str(file), frozen=("image",))
    folder = save(model, tmp_path / "model", completed_by=str(file))
    assert not any(k.startswith("visual.") for k in load_file(folder / "model.safetensors"))
    assert same(from_pretrained(folder), model)
    moved = file.rename(tmp_path / "elsewhere.pt")
    with pytest.raises(InputError, match="is neither a file nor a tag of minimal"):
        from_pretrained(folder)
    assert same(from_pretrained(folder, image_tower=str(moved)), model)


def test_what_has_learnt_must_be_stored(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a frozen image tower; this one has learnt"):
        save(make(), tmp_path, completed_by="openai")


def test_weights_of_another_encoder(tmp_path: Path) -> None:
    _, file = clip_file(tmp_path)
    with pytest.raises(
        InputError, match=r"has 64 for visual.class_embedding, which must be 192; give"
    ):
        ClipMat(PRESETS["tiny"].model_copy(update={"pretrained": str(file)}))


def test_a_pickle_with_code_is_not_run(tmp_path: Path) -> None:
    file = tmp_path / "bad.pt"
    torch.save({"x": Path.unlink}, file)
    with pytest.raises(InputError, match=r"bad\.pt: is not read: it holds Python objects"):
        make(pretrained=str(file))


def changed(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda f: (f / "config.json").unlink(), "config.json: cannot be read: No such"),
    "no JSON": (lambda f: (f / "config.json").write_text("{"), "config.json: is not JSON; give"),
    "no config of ours": (
        lambda f: (f / "config.json").write_text("[1]"),
        "is not the config of a model; allowed: formats 1 to 3; give the folder of a checkpoint, ",
    ),
    "an unknown key": (
        lambda f: (f / "config.json").write_text('{"format": 1, "model": {"heads": 3}}'),
        "unknown key 'heads'",
    ),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), "safetensors: cannot be read"),
    "cut short": (
        lambda f: (f / "model.safetensors").write_bytes(
            (f / "model.safetensors").read_bytes()[:-100]
        ),
        "safetensors: cannot be read",
    ),
    "one missing": (
        lambda f: changed(f, lambda t: t.pop("prompt.context")),
        "has no prompt.context, which must be 2×32",
    ),
    "one too many": (
        lambda f: changed(f, lambda t: t.update(more=torch.zeros(1))),
        "has more, which its config.json has no place for",
    ),
    "not finite": (
        lambda f: changed(f, lambda t: t["prompt.context"].fill_(torch.nan)),
        "prompt.context has values that are not finite",
    ),
}


def test_a_model_that_is_not_finite_is_not_kept(tmp_path: Path) -> None:
    save(make(), tmp_path)
    before = (tmp_path / "model.safetensors").read_bytes()
    broken = make()
    with torch.no_grad():
        broken.prompt.context[0, 0] = torch.inf
    with pytest.raises(
        RefMatteError, match=r"not written: prompt\.context has values that are not"
    ):
        save(broken, tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == before


def test_what_a_header_has_no_place_for(tmp_path: Path) -> None:
    save(make(), tmp_path)
    header = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(header | {"looks": [96]}))
    with pytest.raises(
        InputError, match="unknown key 'looks'; allowed: format, kind, completed_by"
    ):
        from_pretrained(tmp_path)
    (tmp_path / "config.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="is not JSON"):
        from_pretrained(tmp_path)


@pytest.mark.parametrize("damage", DAMAGE)
def test_bad_files(tmp_path: Path, damage: str) -> None:
    save(make(), tmp_path)
    harm, message = DAMAGE[damage]
    harm(tmp_path)
    with pytest.raises(InputError, match=message):
        from_pretrained(tmp_path)


def test_without_onnx_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InputError, match="run: pip install 'refmatte-engine\\[onnx\\]'"):
        export(make(), tmp_path / "model.onnx")


@pytest.mark.slow
def test_b16_from_a_local_open_clip_checkpoint(tmp_path: Path) -> None:
    clip, file = clip_file(tmp_path, "ViT-B-16-quickgelu")
    model = ClipMat(ClipMatConfig(pretrained=str(file), size=224)).eval()
    image = torch.rand(1, 3, 224, 224)
    with torch.inference_mode():
        theirs = clip.visual.ln_post(encode_image(model.visual, image)[-1][:, 0]) @ clip.visual.proj
        torch.testing.assert_close(theirs, clip.visual(image), atol=1e-4, rtol=1e-4)
    alpha = model.matte(PICTURE, "cat", "keyword")
    assert alpha.shape == (50, 70)
    assert np.isfinite(alpha).all()
