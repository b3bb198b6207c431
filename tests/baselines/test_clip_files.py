"""CLIP's weights as others store them, each made here with random ones."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import open_clip
import pytest
import torch
from open_clip.model import CLIP
from safetensors.torch import save_file

from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.towers import clip_files
from refmatte_baselines.towers.encoders import SMALL
from refmatte_engine.errors import InputError

torch.set_num_threads(1)
# Torch says that TorchScript is old; OpenAI's files are.
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning", "ignore:.*torch.jit")


@pytest.fixture(scope="module")
def clip() -> CLIP:
    torch.manual_seed(3)
    return CLIP(**SMALL["minimal"]).eval()


class Scripted(torch.nn.Module):
    """As OpenAI's archives: a scripted module with CLIP's names, and three numbers among them."""

    def __init__(self, clip: CLIP) -> None:
        super().__init__()
        for name, tensor in clip.state_dict().items():
            *path, last = name.split(".")
            at: torch.nn.Module = self
            for part in path:
                if not hasattr(at, part):
                    at.add_module(part, torch.nn.Module())
                at = getattr(at, part)
            at.register_buffer(last, tensor.half())
        self.register_buffer("input_resolution", torch.tensor(64))
        self.register_buffer("context_length", torch.tensor(77))
        self.register_buffer("vocab_size", torch.tensor(49408))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def as_hugging_face(clip: CLIP) -> dict[str, torch.Tensor]:
    """The same CLIP by the names that transformers' CLIPModel has, written out anew."""
    state, found = clip.state_dict(), {}
    for tower, prefix in (("vision_model", "visual."), ("text_model", "")):
        for name, tensor in state.items():
            if not name.startswith(f"{prefix}transformer.resblocks."):
                continue
            number, rest = name.removeprefix(f"{prefix}transformer.resblocks.").split(".", 1)
            layer = f"{tower}.encoder.layers.{number}."
            if "in_proj" in rest:
                kind = rest.rsplit("_", 1)[1]
                for part, third in zip("qkv", tensor.chunk(3), strict=True):
                    found[f"{layer}self_attn.{part}_proj.{kind}"] = third.clone()
            else:
                for ours, theirs in (
                    ("attn.out_proj", "self_attn.out_proj"),
                    ("ln_1", "layer_norm1"),
                    ("ln_2", "layer_norm2"),
                    ("mlp.c_fc", "mlp.fc1"),
                    ("mlp.c_proj", "mlp.fc2"),
                ):
                    rest = rest.replace(ours, theirs)
                found[layer + rest] = tensor.clone()
    for theirs, ours in {
        "vision_model.embeddings.class_embedding": "visual.class_embedding",
        "vision_model.embeddings.patch_embedding.weight": "visual.conv1.weight",
        "vision_model.embeddings.position_embedding.weight": "visual.positional_embedding",
        "vision_model.pre_layrnorm.weight": "visual.ln_pre.weight",
        "vision_model.pre_layrnorm.bias": "visual.ln_pre.bias",
        "vision_model.post_layernorm.weight": "visual.ln_post.weight",
        "vision_model.post_layernorm.bias": "visual.ln_post.bias",
        "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
        "text_model.embeddings.position_embedding.weight": "positional_embedding",
        "text_model.final_layer_norm.weight": "ln_final.weight",
        "text_model.final_layer_norm.bias": "ln_final.bias",
        "logit_scale": "logit_scale",
    }.items():
        found[theirs] = state[ours].clone()
    found["visual_projection.weight"] = state["visual.proj"].T.contiguous()
    found["text_model.embeddings.position_ids"] = torch.arange(77)[None]
    return found


def openai(clip: CLIP, folder: Path) -> Path:
    file = folder / "ViT-B-16.pt"
    torch.jit.script(Scripted(clip)).save(str(file))
    return file


def hugging_face(clip: CLIP, folder: Path) -> Path:
    save_file(as_hugging_face(clip), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"model_type": "clip"}))
    return folder


def hugging_face_bin(clip: CLIP, folder: Path) -> Path:
    torch.save(as_hugging_face(clip), folder / "pytorch_model.bin")
    return folder


def open_clip_file(clip: CLIP, folder: Path) -> Path:
    torch.save({"state_dict": {f"module.{k}": v for k, v in clip.state_dict().items()}},
               folder / "epoch_1.pt")  # fmt: skip
    return folder / "epoch_1.pt"


@pytest.mark.parametrize("write", [openai, hugging_face, hugging_face_bin, open_clip_file])
def test_every_door_leads_to_the_same_encoders(
    clip: CLIP, tmp_path: Path, write: Callable[[CLIP, Path], Path]
) -> None:
    source = write(clip, tmp_path)
    model = ClipMat(PRESETS["minimal"].model_copy(update={"pretrained": str(source)}))
    near = {"atol": 2e-3, "rtol": 0.0} if write is openai else {"atol": 0.0, "rtol": 0.0}
    for name, tensor in model.visual.state_dict().items():
        torch.testing.assert_close(tensor, clip.visual.state_dict()[name], **near)
    for name, tensor in model.prompt.text.state_dict().items():
        torch.testing.assert_close(tensor, clip.state_dict()[name], **near)


def test_hugging_face_s_names_are_transformers_own(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    small = {"hidden_size": 32, "intermediate_size": 128, "num_hidden_layers": 2,
             "num_attention_heads": 2}  # fmt: skip
    config = transformers.CLIPConfig(
        text_config=small, vision_config={**small, "image_size": 32, "patch_size": 16}
    )
    transformers.CLIPModel(config).save_pretrained(tmp_path)
    found = clip_files.read(tmp_path / "model.safetensors")
    assert found["visual.transformer.resblocks.1.attn.in_proj_weight"].shape == (96, 32)
    assert found["text.token_embedding.weight"].shape[1] == 32


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "holds no weights: it is a PNG"),
        (b"<!DOCTYPE html><html>", "holds no weights: it is a web page"),
        (b"version https://git-lfs.github.com/spec/v1", "it is a pointer of Git LFS"),
        (b"", "is empty"),
        (pickle.dumps(Path("x")), "is not read: it holds Python objects"),
        (bytes(range(200)), "holds no weights"),
    ],
)
def test_a_wrong_file_says_what_it_is(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x.pt").write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        clip_files.read(tmp_path / "x.pt")
    assert len(str(caught.value).splitlines()) == 1
    assert "weights_only" not in str(caught.value)
    assert "folder of Hugging Face's CLIPModel" in str(caught.value)


def test_another_archive_of_torchscript_is_no_clip(tmp_path: Path) -> None:
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(tmp_path / "x.pt"))
    with pytest.raises(InputError, match=r"has no visual\.class_embedding"):
        ClipMat(PRESETS["minimal"].model_copy(update={"pretrained": str(tmp_path / "x.pt")}))


def test_a_tag_is_still_a_tag() -> None:
    assert clip_files.located(Path("openai")) is None
    assert "openai" in open_clip.list_pretrained_tags_by_model("ViT-B-16-quickgelu")
