"""The refiner, behind any model: what it changes, and how it learns."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from refmatte_baselines import kinds
from refmatte_baselines.towers.config import ALPHA_LOSSES
from refmatte_baselines.towers.network import Network, Target
from refmatte_baselines.towers.refiner import LONG_PX, REACH_PX, Refiner, perturbed
from refmatte_baselines.weights import from_pretrained, save

torch.set_num_threads(1)
SMALL = {"clipmat": "minimal", "clipseg": "clipseg_minimal", "mdetr": "mdetr_minimal"}


def model(kind: str, frozen: tuple[str, ...] = ()) -> tuple[Network, Tensor]:
    """One that refines, and has something to refine; and tokens of two texts."""
    torch.manual_seed(3)
    changes = {"refiner": True, "frozen": frozen}
    net = kinds.network(kinds.presets()[SMALL[kind]].model_copy(update=changes), pretrained=False)
    decides = {"clipmat": "semantic_decoder.trimap", "mdetr": "decoder.referent"}.get(kind)
    if decides is not None:
        with torch.no_grad():
            net.get_parameter(f"{decides}.bias")[-2:][:1] += 3
    return net, net.reader.tokens(["the red mug", "a cat"], "expression")


def refined(net: Network, image: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """The alphas with the refiner and, as it waits for its turn, without."""
    whole = net(image, tokens).alpha
    net.freeze(("refiner",))
    before = net(image, tokens).alpha
    net.freeze(())
    return whole, before


@pytest.mark.parametrize("kind", SMALL)
def test_every_model_can_be_refined(kind: str, tmp_path: Path) -> None:
    net, tokens = model(kind)
    net.eval()
    image = torch.rand(1, 3, 60, 80)
    with torch.inference_mode():
        whole, before = refined(net, image, tokens)
        assert not torch.allclose(whole, before)
        found = net.answer(image, tokens, net.encode(image))
        torch.testing.assert_close(found.alpha, before, atol=1e-4, rtol=0)
        torch.testing.assert_close(net.finished(image, found.alpha), whole, atol=1e-4, rtol=0)
        again = from_pretrained(save(net, tmp_path))
        torch.testing.assert_close(again(image, tokens).alpha, whole, atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", SMALL)
def test_a_refiner_learns_alone(kind: str) -> None:
    net, tokens = model(kind, ("coarse",))
    net.train()
    assert [each.training for each in net.children()] == [
        name == "refiner" for name, _ in net.named_children()
    ]
    image, alpha = torch.rand(1, 3, 64, 64), torch.rand(2, 1, 64, 64)
    colors = torch.rand(2, 6, 64, 64)
    target = Target(image.expand(2, -1, -1, -1), alpha, torch.ones(2, 64, 64).long(), None, colors)
    found = net.losses(net(image, tokens), target, dict.fromkeys(ALPHA_LOSSES, 1.0))
    assert found.keys() == ALPHA_LOSSES.keys()
    torch.stack([*found.values()]).sum().backward()
    learnt = {name for name, each in net.named_parameters() if each.grad is not None}
    assert learnt == {name for name, _ in net.named_parameters() if name.startswith("refiner.")}


def test_what_is_1_but_for_rounding_is_left_alone() -> None:
    """As where a picture is shrunk: on one runtime or another it is 1, or just below."""
    torch.manual_seed(0)
    refiner = Refiner((8, 8, 8, 8, 8), 4).eval().requires_grad_(False)
    large, image = (LONG_PX + 131, 80), torch.rand(1, 3, LONG_PX + 131, 80)
    for alpha in (torch.ones(1, 1, *large), torch.full((1, 1, *large), 1 - 2e-7)):
        assert torch.equal(refiner(image, alpha), alpha)
    edge = torch.ones(1, 1, *large)
    edge[..., 40:] = 0
    below = edge * (1 - 2e-7)
    torch.testing.assert_close(refiner(image, edge), refiner(image, below), atol=1e-4, rtol=0)
    small = F.interpolate(edge, (LONG_PX, 68), mode="bilinear", antialias=True)
    assert (refiner(image, edge) != edge).any() == bool(((small > 0) & (small < 1 - 1e-6)).any())


def test_the_refiner_leaves_the_certain_alone() -> None:
    refiner = Refiner().eval()
    image, alpha = torch.rand(1, 3, 40, 90), torch.zeros(1, 1, 40, 90)
    alpha[..., 40:] = 1
    alpha[..., 40] = 0.5
    changed = (refiner(image, alpha) != alpha).any(2).flatten().nonzero().flatten()
    assert changed.min() >= 40 - REACH_PX
    assert changed.max() <= 40 + REACH_PX
    assert len(changed) > 5
    large = torch.rand(1, 3, 600, 1600), torch.nn.functional.interpolate(alpha, (600, 1600))
    assert refiner(*large).shape == (1, 1, 600, 1600)
    assert torch.equal(refiner(*large)[..., :400], large[1][..., :400])
    assert refiner(image, alpha).min() >= 0
    assert refiner(image, alpha).max() <= 1


def test_a_refiner_learns_from_alphas_with_mistakes() -> None:
    alpha = torch.zeros(200, 1, 64, 64)
    alpha[..., 16:48, 16:48] = 1
    torch.manual_seed(0)
    given = perturbed(alpha, torch.rand(200, 3, 64, 64))
    assert given.shape == alpha.shape
    assert 0 <= given.min() < given.max() <= 1
    assert 0.05 < (given - alpha).abs().mean() < 0.15
    corner = given[..., 56:, 56:].amax((1, 2, 3)) > 0.3
    assert 0 < corner.float().mean() < 0.1  # a place that is wrong
    assert (given[..., 28:36, 28:36] > 0.9).all((1, 2, 3)).float().mean() > 0.7
    assert len(given.unique(dim=0)) > 100
