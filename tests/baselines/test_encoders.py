"""The encoders against open_clip's own."""

from __future__ import annotations

import open_clip
import pytest
import torch
from open_clip.model import CLIP, CustomTextCLIP, resize_pos_embed

from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.towers.encoders import SMALL, encode_image, positions

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


def test_the_image_encoder_is_open_clip_s(model: ClipMat) -> None:
    image = torch.rand(2, 3, 64, 64)
    groups = encode_image(model.visual, image)
    assert [tuple(g.shape) for g in groups] == [(2, 17, 64)] * 4
    torch.testing.assert_close(groups[-1][:, 0], model.visual(image))


def test_the_text_encoder_is_open_clip_s() -> None:
    config = PRESETS["minimal"].model_copy(update={"context_tokens": 0})
    model = ClipMat(config).eval()
    texts = ["a photo of a cat", "two"]
    ours = model.prompt(model.reader.tokens(texts, "expression"))
    theirs = model.prompt.text(open_clip.SimpleTokenizer()(texts))
    torch.testing.assert_close(ours[0, 6], theirs[0])
    torch.testing.assert_close(ours[1, 2], theirs[1])


def test_groups_of_unequal_depth() -> None:
    clip = CustomTextCLIP(
        **{**SMALL["minimal"], "vision_cfg": {**SMALL["minimal"]["vision_cfg"], "layers": 6}}
    )
    image = torch.rand(1, 3, 64, 64)
    every = clip.visual.transformer.forward_intermediates(clip.visual._embeds(image))[1]
    found = encode_image(clip.visual, image)
    for group, last in zip(found, (1, 2, 4, 5), strict=True):
        assert torch.equal(group, every[last])
