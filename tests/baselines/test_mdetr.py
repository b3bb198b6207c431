"""MDETR: its parts against others' and against plain words, and the model as any other is used."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torchvision.ops import box_convert, generalized_box_iou

from refmatte_baselines.mdetr import loss
from refmatte_baselines.mdetr.config import LOSSES, PRESETS
from refmatte_baselines.mdetr.loss import corners, giou, matched, tight
from refmatte_baselines.mdetr.mask_head import AttentionMaps, MaskHead
from refmatte_baselines.mdetr.model import Mdetr
from refmatte_baselines.mdetr.transformer import positions
from refmatte_baselines.towers.encoders import read_weights
from refmatte_baselines.towers.network import Output, Target
from refmatte_baselines.training import loop as training
from refmatte_baselines.training.recipe import Recipe
from refmatte_engine.errors import InputError
from tests.support.released import write_refmatte

torch.set_num_threads(1)

Cli = Callable[..., tuple[int, str, str]]
MINIMAL = PRESETS["mdetr_minimal"]
RECIPE = Recipe(
    preset="mdetr_minimal",
    texts=2,
    rate=3e-3,
    warm_up=1,
    ema=0.5,
    crop=0,
    phases=[
        {"steps": 2, "batch": 2, "size": 64, "details": False},
        {"steps": 2, "batch": 2, "size": 64},
    ],
    precision="no",
    workers=0,
    validate_every=2,
    validate_pictures=2,
    save_every=1,
)


def model(seed: int = 0, **changes: Any) -> Mdetr:
    torch.manual_seed(seed)
    return Mdetr(MINIMAL.model_copy(update=changes)).eval()


def random_boxes(*shape: int, seed: int = 0) -> Tensor:
    """…×4: centre and size, some of them beyond the image."""
    drawn = torch.Generator().manual_seed(seed)
    return torch.rand(*shape, 4, generator=drawn).clamp(min=0.01)


def target(alpha: Tensor) -> Target:
    texts, _, height, width = alpha.shape
    nothing = torch.zeros(texts, height, width, dtype=torch.int64)
    return Target(torch.rand(texts, 3, height, width), alpha, nothing)


@pytest.mark.parametrize("seed", range(3))
def test_giou_is_torchvision_s(seed: int) -> None:
    a, b = random_boxes(20, seed=seed), random_boxes(20, seed=seed + 100)
    theirs = generalized_box_iou(*(box_convert(each, "cxcywh", "xyxy") for each in (a, b)))
    torch.testing.assert_close(giou(a[:, None], b[None]), theirs)
    torch.testing.assert_close(giou(a, a), torch.ones(20))
    torch.testing.assert_close(corners(a), box_convert(a, "cxcywh", "xyxy"))


@pytest.mark.parametrize("seed", range(3))
def test_the_box_of_an_alpha_is_tight(seed: int) -> None:
    """Round one thing or several; round what is strongest of a faint thing; round nothing, none."""
    drawn = np.random.default_rng(seed)
    alphas = torch.zeros(4, 1, 40, 60)
    for alpha, opacity in zip(alphas, (1.0, 0.6, 0.3, 0.0), strict=True):
        for _ in range(2):
            y, x = drawn.integers(0, 30), drawn.integers(0, 50)
            alpha[0, y : y + drawn.integers(1, 10), x : x + drawn.integers(1, 10)] = opacity
    boxes, there = tight(alphas)
    assert there.tolist() == [True, True, True, False]
    for alpha, box in list(zip(alphas[:, 0], boxes, strict=True))[:3]:
        y, x = np.nonzero(alpha.numpy())
        wanted = [x.min() / 60, y.min() / 40, (x.max() + 1) / 60, (y.max() + 1) / 40]
        torch.testing.assert_close(corners(box), torch.tensor(wanted, dtype=torch.float32))
    faint = torch.full((1, 1, 8, 8), 0.2)
    faint[..., 3:5, 2:4] = 0.4
    assert tight(faint)[0].tolist() == [[3 / 8, 4 / 8, 2 / 8, 2 / 8]]


@pytest.mark.parametrize("seed", range(5))
def test_the_matcher_is_the_hungarian_one(seed: int) -> None:
    boxes, truth = random_boxes(3, 2, 9, seed=seed), random_boxes(3, 2, seed=seed + 100)
    logits = torch.randn(3, 2, 9, generator=torch.Generator().manual_seed(seed))
    found = matched(boxes, logits, truth)
    for text, layer in np.ndindex(3, 2):
        own, wanted = (
            box_convert(each, "cxcywh", "xyxy")
            for each in (boxes[text, layer], truth[text, layer][None])
        )
        cost = (
            5 * torch.cdist(boxes[text, layer], truth[text, layer][None], p=1)
            - 2 * generalized_box_iou(own, wanted)
            - torch.stack([torch.zeros(9), logits[text, layer]], 1).softmax(1)[:, 1:]
        )
        assert linear_sum_assignment(cost.numpy())[0].tolist() == [int(found[text, layer])]


def test_positions_know_places_and_nothing_of_the_padding() -> None:
    like = torch.zeros(1, 32)
    whole = positions((4, 6), (1.0, 1.0), like)
    assert whole.shape == (24, 32)
    assert len(whole.unique(dim=0)) == 24
    padded = positions((5, 8), (4 / 5, 6 / 8), like).unflatten(0, (5, 8))
    torch.testing.assert_close(padded[:4, :6].flatten(0, 1), whole)


@pytest.mark.parametrize("native", [True, False])
def test_the_mask_head_grows_three_times(native: bool) -> None:
    """With levels of their own sizes, as a ResNet has them, and with a ViT's, which are of one."""
    torch.manual_seed(0)
    config = MINIMAL.model_copy(update={"width": 64, "heads": 4})
    head, maps = MaskHead(config, (5, 6, 7)), AttentionMaps(config)
    sizes = ((5, 7), (9, 13), (18, 25)) if native else ((3, 4),) * 3
    levels = [torch.rand(2, c, *hw) for c, hw in zip((5, 6, 7), sizes, strict=True)]
    looked = maps(torch.rand(4, 64), torch.rand(4, 12, 64))
    torch.testing.assert_close(looked.sum((1, 2)), torch.ones(4))
    found = head(torch.rand(4, 64, 3, 4), looked.unflatten(-1, (3, 4)), levels)
    assert found.shape == (4, 1, *((18, 25) if native else (24, 32)))


@pytest.mark.slow
def test_matcher_and_mask_head_are_those_of_transformers() -> None:
    """With its weights; one that is not here is skipped."""
    detr = pytest.importorskip("transformers.models.detr.modeling_detr")
    of_detection = pytest.importorskip("transformers.loss.loss_for_object_detection")
    torch.manual_seed(0)
    config = MINIMAL.model_copy(update={"width": 64, "heads": 8})
    theirs, ours = detr.DetrMaskHeadSmallConv(72, [5, 6, 7], 64), MaskHead(config, (5, 6, 7))
    state = list(theirs.state_dict().values())
    # Theirs go conv by conv, stage by stage; ours list the levels apart from the blocks.
    names = [*(n for n in ours.state_dict() if n.startswith("first."))]
    for i in range(3):
        names += [n for n in ours.state_dict() if n.startswith((f"levels.{i}.", f"blocks.{i}."))]
    names += ["mask.weight", "mask.bias"]
    ours.load_state_dict(dict(zip(names, state, strict=True)))
    levels = [torch.rand(2, c, *s) for c, s in ((5, (6, 8)), (6, (12, 16)), (7, (24, 32)))]
    features, query, memory = torch.rand(2, 64, 3, 4), torch.rand(2, 64), torch.rand(2, 64, 3, 4)
    looks, our_looks = detr.DetrMHAttentionMap(64, 8).eval(), AttentionMaps(config)
    our_looks.query.load_state_dict(looks.q_proj.state_dict())
    our_looks.key.load_state_dict(looks.k_proj.state_dict())
    seen = looks(query[:, None], memory)  # 2×1×8×3×4
    found = our_looks(query, memory.flatten(2).transpose(1, 2)).unflatten(-1, (3, 4))
    torch.testing.assert_close(found, seen[:, 0])
    torch.testing.assert_close(ours(features, found, levels), theirs(features, seen, levels))
    matcher = of_detection.HungarianMatcher(1, 5, 2)
    boxes, truth, logits = random_boxes(6, 9), random_boxes(6, seed=1), torch.randn(6, 9)
    said = {"logits": torch.stack([logits, torch.zeros(6, 9)], -1), "pred_boxes": boxes}
    wanted = [{"class_labels": torch.tensor([0]), "boxes": box[None]} for box in truth]
    pairs = matcher(said, wanted)
    assert matched(boxes, logits, truth).tolist() == [int(query) for query, _ in pairs]


def answer_to(alpha: Tensor) -> Output:
    """The best that can be said of an alpha."""
    (truth, there), texts = tight(alpha), len(alpha)
    boxes = truth[:, None, None].repeat(1, 2, 3, 1)
    boxes[:, :, 1:] = 0.9
    referent = torch.full((texts, 2, 3), -20.0)
    referent[there, :, 0] = 20
    mask = torch.logit(alpha, 1e-6)
    return Output(alpha, parts={"boxes": boxes, "referent": referent, "mask": mask})


def test_losses_are_least_at_the_truth() -> None:
    alpha = torch.zeros(3, 1, 32, 48)
    alpha[0, 0, 4:12, 10:30] = 1
    alpha[1, 0, 4:12, 10:30] = 0.6
    output = answer_to(alpha)
    found = Mdetr.losses(model(), output, target(alpha), {})
    assert found.keys() == {name for name, weight in LOSSES.items() if weight}
    for name, value in found.items():
        assert value == pytest.approx(0, abs=1e-3), name
    for name, part in (
        ("box_l1", "boxes"),
        ("box_giou", "boxes"),
        ("referent", "referent"),
        ("mask_focal", "mask"),
        ("mask_dice", "mask"),
        ("alpha_l1", "mask"),
    ):
        # With all queries wrong in the same way, none is nearer.
        worse = {**output.parts, part: torch.full_like(output.parts[part], 0.7)}
        wrong = loss.losses(output._replace(parts=worse), target(alpha))
        assert wrong[name]() > found[name] + 0.01
    assert "mask_dice" not in model().losses(output, target(alpha), {"mask_dice": 0})
    coarse = model().losses(output._replace(coarse=True), target(alpha), {})
    assert set(coarse) == {"box_l1", "box_giou", "referent"}


def test_of_what_is_not_there_only_the_decision_is_learnt() -> None:
    output = answer_to(torch.zeros(2, 1, 32, 32))
    parts = {**output.parts, "boxes": random_boxes(2, 2, 3), "mask": torch.randn(2, 1, 32, 32)}
    parts["referent"] = torch.full((2, 2, 3), -1.0)
    found = model().losses(output._replace(parts=parts), target(output.alpha), {})
    assert {name for name, value in found.items() if value} == {"referent"}
    parts["referent"] = torch.ones(2, 2, 3)
    worse = model().losses(output._replace(parts=parts), target(output.alpha), {})
    assert worse["referent"] > found["referent"]


def test_several_texts_at_once_are_answered_as_one_by_one() -> None:
    net, image = model(), torch.rand(2, 3, 50, 70)
    with torch.no_grad():
        net.decoder.referent.bias.fill_(3)
        tokens = net.reader.tokens(["cat", "the red mug on the left"] * 2, "expression")
        together = net(image, tokens)
        for k in range(4):
            alone = net(
                image[k // 2 : k // 2 + 1],
                net.reader.tokens([["cat", "the red mug on the left"][k % 2]], "expression"),
            )
            torch.testing.assert_close(alone.alpha[0], together.alpha[k], atol=1e-5, rtol=1e-4)
    assert together.alpha.shape == (4, 1, 50, 70)
    assert together.alpha.dtype == torch.float32
    assert not torch.allclose(together.alpha[0], together.alpha[1])
    assert together.parts["boxes"].shape == (4, 2, 4, 4)
    torch.testing.assert_close(net(image, tokens, net.encode(image)).alpha, together.alpha)


def test_what_is_likelier_to_be_nothing_has_no_alpha() -> None:
    net, image = model(), torch.rand(1, 3, 64, 64)
    tokens = net.reader.tokens(["cat"], "expression")
    for bias, some in ((9.0, True), (-9.0, False)):
        with torch.no_grad():
            net.decoder.referent.bias.fill_(bias)
            for coarse in (True, False):
                output = net(image, tokens, coarse=coarse)
                assert bool(output.alpha.any()) == some
                assert ("mask" in output.parts) != coarse
            assert bool(output.parts["score"] > 0) == some


def test_it_learns_one_picture() -> None:
    net = model(dropout=0.0).train()
    alpha = torch.zeros(2, 1, 64, 64)
    alpha[0, 0, 8:32, 4:28] = 1
    truth, image = target(alpha), torch.rand(1, 3, 64, 64)
    tokens = net.reader.tokens(["cat", "dog"], "expression")
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3)
    for _ in range(60):
        found = net.losses(net(image, tokens), truth, LOSSES)
        optimizer.zero_grad()
        torch.stack([LOSSES[name] * value for name, value in found.items()]).sum().backward()
        optimizer.step()
    unused = [n for n, p in net.named_parameters() if p.grad is None and p.numel()]
    assert not [n for n in unused if not n.startswith("prompt.text")]
    output = net.eval()(image, tokens)
    assert giou(output.parts["box"], tight(alpha)[0])[0] > 0.5
    assert output.parts["score"][0] > 0 > output.parts["score"][1]
    assert (output.alpha - alpha).abs().mean() < 0.15


@pytest.mark.parametrize(
    "changes", [{"width": 40}, {"heads": 5}, {"queries": 0}, {"frozen": ["boxes"]}]
)
def test_a_config_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Recipe(preset="mdetr_minimal", model=changes, phases=[{"steps": 1}]).architecture()


@pytest.mark.parametrize("name", sorted(PRESETS.keys() - {"mdetr_r101"}))
def test_the_presets_on_the_meta_device(name: str) -> None:
    config = PRESETS[name]
    with torch.device("meta"):
        net = Mdetr(config, pretrained=False)
        image, tokens = torch.empty(1, 3, 96, 128), torch.zeros(2, 7, dtype=torch.int64)
        output = net(image, tokens)
    assert output.alpha.shape == (2, 1, 96, 128)
    assert output.parts["boxes"].shape == (2, config.decoder_layers, config.queries, 4)


@pytest.mark.slow
def test_the_full_configuration_is_built_and_takes_a_step() -> None:
    """ResNet-101 and RoBERTa base in all their size on the meta device; a step of all that learns
    with few and narrow layers behind them."""
    pytest.importorskip("transformers")
    full = PRESETS["mdetr_r101"]
    with torch.device("meta"):
        whole = Mdetr(full, pretrained=False)
    sizes = {name: sum(p.numel() for p in m.parameters()) for name, m in whole.named_children()}
    assert sizes["visual"] == 42_500_160  # torchvision's, without its classifier
    assert sizes["prompt"] == 124_055_040  # roberta-base without its pooling
    small = {"width": 32, "heads": 2, "encoder_layers": 1, "decoder_layers": 1, "queries": 3}
    net = Mdetr(full.model_copy(update={**small, "feedforward": 32}), pretrained=False).train()
    alpha = torch.zeros(2, 1, 64, 96)
    alpha[0, 0, 8:32, 4:28] = 1
    tokens = net.reader.tokens(["cat", "the red mug on the left"], "expression")
    output = net(torch.rand(1, 3, 64, 96), tokens)
    assert output.alpha.shape == alpha.shape
    optimizer = torch.optim.AdamW(net.parameters(), 1e-4)
    before = [p.detach().clone() for p in net.parameters()]
    torch.stack(list(net.losses(output, target(alpha), {}).values())).sum().backward()
    optimizer.step()
    still = [
        n for (n, p), was in zip(net.named_parameters(), before, strict=True) if torch.equal(p, was)
    ]
    assert not [name for name in still if "token_type" not in name and name != "prompt.context"]


@pytest.mark.parametrize("source", ["openai", "ViT-B-16.pt", "tiny"])
def test_its_own_encoders_begin_from_random_weights(source: str) -> None:
    with pytest.raises(InputError, match=f"{source}: has no weights for the encoder resnet101"):
        read_weights("resnet101", source)


class Killed(Exception):
    pass


def test_it_is_trained_gone_on_with_and_asked_as_any_model(cli: Cli, tmp_path: Path) -> None:
    data = write_refmatte(tmp_path / "data")
    train = partial(training.train, RECIPE, [str(data)], cpu=True)

    def kill(done: int, _total: int, _values: object) -> None:
        if done == 3:
            raise Killed

    whole = train(tmp_path / "whole")
    with pytest.raises(Killed):
        train(tmp_path / "killed", progress=kill)
    train(tmp_path / "killed")
    straight, resumed = (
        load_file(tmp_path / name / "last/model.safetensors") for name in ("whole", "killed")
    )
    assert all(torch.equal(tensor, resumed[name]) for name, tensor in straight.items())
    assert json.loads((whole / "config.json").read_text())["kind"] == "mdetr"
    photo, out = tmp_path / "photo.png", tmp_path / "alpha.png"
    Image.new("RGB", (70, 50), "gray").save(photo)
    asked = ("--checkpoint", whole, "--out", out, "--as", "alpha", "--device", "cpu")
    code, _, err = cli("matte", photo, "the mug", *asked)
    assert code == 0, err
    with Image.open(out) as alpha:
        assert alpha.size == (70, 50)
    few = ("--split", "test", "--setting", "expression", "--kinds", "expression_1")
    code, said, err = cli("evaluate", whole, data, *few, "--csv", "--workers", 1, "--device", "cpu")
    assert code == 0, err
    assert "sad" in said.lower()
    code, said, _ = cli("list", "presets")
    assert all(name in said for name in PRESETS)
