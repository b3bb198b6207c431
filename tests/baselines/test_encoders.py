"""The encoders against open_clip's own."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy

import open_clip
import pytest
import torch
from open_clip.model import CLIP, CustomTextCLIP, resize_pos_embed

from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.towers import encoders
from refmatte_baselines.towers.clip import VisionTransformer
from refmatte_baselines.towers.context import ContextPrompt
from refmatte_baselines.towers.encoders import SMALL, encode_image, positions
from refmatte_baselines.towers.reader import Reader

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def model() -> ClipMat:
    torch.manual_seed(0)
    return ClipMat(PRESETS["minimal"]).eval().requires_grad_(False)


def test_positions_at_the_native_grid_are_the_table(model: ClipMat) -> None:
    assert positions(model.visual, 4, 4) is model.visual.positional_embedding


@pytest.mark.parametrize("grid_hw", [(3, 5), (8, 8), (2, 9)])
def test_positions_as_open_clip_resizes_them(model: ClipMat, grid_hw: tuple[int, int]) -> None:
    height, width = grid_hw
    other = {**SMALL["minimal"]["vision_cfg"], "image_size": (16 * height, 16 * width)}
    clip = CLIP(**{**SMALL["minimal"], "vision_cfg": other})
    state = {"visual.positional_embedding": model.visual.positional_embedding.detach()}
    resize_pos_embed(state, clip)
    found = positions(model.visual, height, width)
    torch.testing.assert_close(found, state["visual.positional_embedding"], atol=1e-5, rtol=1e-5)


SETTINGS = {
    **SMALL,
    "ViT-B-16-quickgelu": {**open_clip.get_model_config("ViT-B-16-quickgelu"), "embed_dim": 8},
}
SETTINGS["ViT-B-16-quickgelu"]["vision_cfg"] |= {"layers": 2, "width": 128, "image_size": 48}
SETTINGS["ViT-B-16-quickgelu"]["text_cfg"] |= {"layers": 1, "width": 64}


@pytest.mark.parametrize("encoder", SETTINGS)
def test_the_encoders_are_open_clip_s(encoder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the same seed the same weights, the same generator after them, and the same tokens."""
    monkeypatch.setattr(encoders, "_settings", lambda name: deepcopy(SETTINGS[name]))
    torch.manual_seed(4)
    theirs = CustomTextCLIP(**deepcopy(SETTINGS[encoder])).eval()
    after = torch.rand(1)
    torch.manual_seed(4)
    visual, text = encoders.build(PRESETS["b16"].model_copy(update={"encoder": encoder}))
    assert torch.equal(torch.rand(1), after)
    for tower, whole in ((visual, theirs.visual), (text, theirs.text)):
        known = whole.state_dict()
        heads = {"ln_post", "proj", "ln_final", "text_projection"}
        assert known.keys() - tower.state_dict().keys() == {
            k for k in known if k.split(".")[0] in heads
        }
        assert all(torch.equal(value, known[name]) for name, value in tower.state_dict().items())
    side = SETTINGS[encoder]["vision_cfg"]["image_size"]
    image = torch.rand(2, 3, side, side)
    theirs.visual.ln_post, theirs.visual.proj = torch.nn.Identity(), None
    groups = encode_image(visual, image)
    torch.testing.assert_close(groups[-1][:, 0], theirs.visual(image))
    theirs.text.ln_final, theirs.text.text_projection = torch.nn.Identity(), None
    texts = ["a photo of a cat", "two"]
    tokens = Reader("{}", 0, 77, 49408).tokens(texts, "expression")
    ours = ContextPrompt(text.eval(), 0)(tokens)
    expected = theirs.text(open_clip.SimpleTokenizer()(texts))
    torch.testing.assert_close(ours[0, 6], expected[0])
    torch.testing.assert_close(ours[1, 2], expected[1])


def test_groups_of_unequal_depth() -> None:
    settings = {**SMALL["minimal"]["vision_cfg"], "layers": 6}
    visual = VisionTransformer(32, torch.nn.GELU, **settings).eval()
    torch.manual_seed(4)
    theirs = CustomTextCLIP(**{**SMALL["minimal"], "vision_cfg": settings}).eval().visual
    visual.load_state_dict({name: theirs.state_dict()[name] for name in visual.state_dict()})
    image = torch.rand(1, 3, 64, 64)
    every = theirs.transformer.forward_intermediates(theirs._embeds(image))[1]
    found = encode_image(visual, image)
    for group, last in zip(found, (1, 2, 4, 5), strict=True):
        torch.testing.assert_close(group, every[last])


def test_a_model_is_loaded_without_what_open_clip_needs() -> None:
    """Torchvision and timm, which open_clip loads, take twice as long as torch."""
    code = (
        "import sys; from refmatte_baselines.models import check_text, load; load('tiny');"
        "check_text('tiny', 'the mug', 'keyword');"
        "print(*{'open_clip', 'torchvision', 'timm', 'transformers'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
