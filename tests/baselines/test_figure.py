"""The paper's figure, walked: which part there is, what goes into it, and of what shape."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from refmatte_baselines.clipmat.config import FORMAT_1, PRESETS, ClipMatConfig
from refmatte_baselines.clipmat.model import ClipMat, fuse
from refmatte_baselines.towers.config import TEMPLATES
from refmatte_baselines.towers.encoders import encode_image, patch
from refmatte_baselines.towers.layers import as_map
from refmatte_baselines.towers.network import MEAN, STD
from refmatte_baselines.towers.reader import PADDING

# Of the figure and of CLIP: D_v, D_t, P, blocks, and the side that this project trains at.
SIZES = {"b16": (768, 512, 16, 12, 512), "l14": (1024, 768, 14, 24, 518)}


def shapes_of(model: ClipMat, image: Tensor, tokens: Tensor) -> dict[str, tuple[int, ...]]:
    """The shape of what each named part puts out, without the batch."""
    found: dict[str, tuple[int, ...]] = {}

    def note(name: str):  # type: ignore[no-untyped-def]
        def hook(_module: object, _given: object, made: object) -> None:
            made = made[0] if isinstance(made, tuple) and isinstance(made[0], Tensor) else made
            if isinstance(made, Tensor):
                found[name] = tuple(made.shape[1:])

        return hook

    hooks = [part.register_forward_hook(note(name)) for name, part in model.named_modules()]
    model(image, tokens)
    for hook in hooks:
        hook.remove()
    return found


@pytest.mark.parametrize("name", SIZES)
def test_every_part_has_the_figure_s_shape(name: str) -> None:
    d_v, d_t, p, blocks, side = SIZES[name]
    config, length = PRESETS[name], 20
    assert (config.size, patch(config)) == (side, p)
    with torch.device("meta"):
        model = ClipMat(config, pretrained=False)
        found = shapes_of(
            model, torch.rand(1, 3, side, side), torch.zeros(1, length, dtype=torch.int64)
        )
    grid, d = side // p, config.popup_width
    n = grid * grid
    assert len(model.visual.transformer.resblocks) == blocks
    # TSP: both are normed and projected to one width; all L tokens of the text are read.
    assert found["prompt"] == (length, d_t)
    assert found["popup.visual.0"] == (n + 1, d_v)
    assert found["popup.visual"] == (n + 1, d)
    assert found["popup.text"] == (length, d)
    assert found["popup.blocks.0.cross_attention"] == (n + 1, d)
    assert found["popup.blocks.0.self_attention"] == (n + 1, d)
    assert found["popup.blocks.0.norm"] == (n + 1, d)
    assert found["popup.blocks.0.mlp"] == (n + 1, d)
    assert found["popup"] == (n, d)  # the class token is dropped
    # The semantic decoder: C2, C1, a trimap.
    c2, c1 = config.semantic_widths
    assert found["semantic_decoder.blocks.0"] == (c2, 2 * grid, 2 * grid)
    assert found["semantic_decoder.blocks.1"] == (c1, 4 * grid, 4 * grid)
    assert found["semantic_decoder.trimap"] == (3, 4 * grid, 4 * grid)
    # MDE: four levels, half of the channels from the features and half from the image.
    for i, d_i in enumerate(config.detail_widths, 1):
        level = -(-side // 2**i)
        assert found[f"extractor.norms.{i - 1}"] == (n, d_v)
        assert found[f"extractor.reduce.{i - 1}"] == (d_v // 2, grid, grid)
        assert found[f"extractor.image.{i - 1}"] == (d_v // 2, side, side)
        assert model.extractor.merge[i - 1][0].in_channels == d_v
        assert found[f"extractor.merge.{i - 1}"] == (d_i, level, level)
    # The details decoder: C4 to C1, a level in each.
    for block, i in enumerate((4, 3, 2, 1)):
        level, below = -(-side // 2**i), (*config.detail_widths, 0)[i]
        d_i = config.detail_widths[i - 1]
        assert model.details_decoder.blocks[block][0].in_channels == below + d_i
        assert found[f"details_decoder.blocks.{block}"] == (d_i, level, level)
    assert model.details_decoder.alpha.kernel_size == (1, 1)
    assert found["details_decoder"] == (1, side, side)


def test_every_part_does_what_the_figure_says() -> None:
    """By hand, from the parts alone, what the whole must answer."""
    torch.manual_seed(0)
    model = ClipMat(PRESETS["minimal"]).eval().requires_grad_(False)
    for part in model.modules():  # as after a training: no norm stands at its beginning
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_mean.uniform_(-0.1, 0.1)  # type: ignore[union-attr]
            part.running_var.uniform_(0.5, 2)  # type: ignore[union-attr]
    image, tokens = torch.rand(1, 3, 64, 48), model.reader.tokens(["a cat"], "keyword")
    seen = (image - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
    groups = encode_image(model.visual, seen)
    text = model.popup.text(model.prompt(tokens))
    visual = model.popup.visual(groups[-1])
    block = model.popup.blocks[0]
    f = block.cross_attention(visual, text, text, key_padding_mask=tokens == PADDING)[0]
    f = f + block.self_attention(f, f, f)[0]
    popped = as_map(block.mlp(block.norm(f))[:, 1:], (4, 3))
    up = torch.nn.Upsample(scale_factor=2, mode="bilinear")
    c2 = model.semantic_decoder.blocks[0](up(popped))
    c1 = model.semantic_decoder.blocks[1](up(c2))
    trimap = F.interpolate(model.semantic_decoder.trimap(c1), (64, 48), mode="bilinear")
    mde, levels = model.extractor, []
    for i in range(4):
        size = 64 // 2 ** (i + 1), 48 // 2 ** (i + 1)
        v = mde.reduce[i](as_map(mde.norms[i](groups[i][:, 1:]), (4, 3)))
        m = F.max_pool2d(mde.image[i](seen), 2 ** (i + 1))
        v = F.interpolate(v, size, mode="bilinear")
        levels.append(mde.merge[i](torch.cat([v, m], 1)))
    decoder = model.details_decoder
    c = decoder.blocks[0](levels[3])
    for number, i in enumerate((2, 1, 0), 1):
        c = decoder.blocks[number](torch.cat([up(c), levels[i]], 1))
    details = decoder.alpha(up(c)).sigmoid()
    found = model(image, tokens)
    torch.testing.assert_close(found.trimap, trimap, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(found.parts["details"], details, atol=1e-4, rtol=1e-4)
    assert torch.equal(found.alpha, fuse(found.trimap, found.parts["details"]))


def test_the_paper_s_presets_have_nothing_beyond_it() -> None:
    plain = ClipMatConfig().model_dump()
    for name in SIZES:
        config = PRESETS[name].model_dump()
        sizes = {"encoder", "pretrained", "size", "popup_width", "popup_heads"}
        assert {key for key in plain if config[key] != plain[key]} <= sizes
    assert plain["drawn_templates"] == TEMPLATES
    assert plain["template"] == TEMPLATES[1]
    assert not any(plain[key] == old for key, old in FORMAT_1.items())
