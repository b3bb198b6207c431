"""Whether a text means anything: decided beside the alphas, which learn of other texts alone."""

from __future__ import annotations

import pytest
import torch

from refmatte_baselines import kinds
from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.towers.network import Network, Target
from refmatte_baselines.towers.presence import Presence
from refmatte_baselines.training.recipe import Recipe

TEXTS = ["the red mug", "the cat on the left"]
SMALL = {"clipmat": "minimal", "clipseg": "clipseg_minimal", "mdetr": "mdetr_minimal"}


def model(kind: str, *, presence: bool = True) -> Network:
    torch.manual_seed(3)
    config = kinds.presets()[SMALL[kind]].model_copy(update={"presence": presence})
    return kinds.network(config, pretrained=False)


def target(net: Network, there: list[bool]) -> Target:
    alpha = torch.rand(len(there), 1, 64, 64) * torch.tensor(there)[:, None, None, None]
    return Target(torch.rand(len(there), 3, 64, 64), alpha, (alpha[:, 0] > 0.5).long() * 2)


@pytest.mark.parametrize("kind", SMALL)
def test_every_model_can_decide_on_presence(kind: str) -> None:
    net = model(kind).eval()
    tokens = net.reader.tokens(TEXTS * 2, "expression")
    image = torch.rand(2, 3, 64, 64)
    output = net(image, tokens)
    assert output.presence is not None
    assert output.presence.shape == (4,)
    alone = net(image[1:], tokens[2:])
    assert alone.presence is not None
    assert torch.allclose(alone.presence, output.presence[2:], atol=1e-4)
    assert model(kind, presence=False)(image, tokens).presence is None


@pytest.mark.parametrize("kind", SMALL)
def test_absent_texts_move_no_alpha(kind: str) -> None:
    """The losses of alphas, and so their gradients, are those of the other texts alone."""
    net = model(kind).eval()
    image, there = torch.rand(2, 3, 64, 64), [True, False, True, True]
    tokens = net.reader.tokens(TEXTS * 2, "expression")
    truth = target(net, there)
    output = net(image, tokens)
    output.alpha.retain_grad()
    found = net.losses(output, truth, {})
    assert found["presence"] > 0
    torch.stack([x for name, x in found.items() if name != "presence"]).sum().backward()
    if output.alpha.grad is not None:
        assert not output.alpha.grad[1].any()
    changed = output._replace(
        alpha=output.alpha.detach() * torch.tensor([1, 0, 1, 1])[:, None, None, None]
    )
    again = net.losses(changed, truth, {})
    for name, value in found.items():
        assert torch.allclose(value, again[name])
    nothing = net.losses(net(image, tokens), target(net, [False] * 4), {})
    assert set(nothing) == {"presence"}
    net.zero_grad()
    nothing["presence"].backward()
    learns = {name.split(".")[0] for name, x in net.named_parameters() if x.grad is not None}
    assert learns == {"presence"}


def test_a_text_is_decided_apart_from_the_others() -> None:
    """The order of a picture's places and the other texts change nothing."""
    torch.manual_seed(0)
    head, places, asked = Presence(16, 24), torch.randn(2, 5, 16), torch.randn(6, 24)
    whole = head(places, asked)
    for number, one in enumerate(asked):
        alone = head(places[number // 3 : number // 3 + 1].flip(1), one[None])
        assert torch.allclose(alone, whole[number : number + 1], atol=1e-5)
    own = head(places.repeat_interleave(3, 0), asked)  # places as each text sees them
    assert torch.allclose(own, whole, atol=1e-5)


def test_a_decision_is_added_to_a_model_that_has_none() -> None:
    net = model("clipmat", presence=False)
    before = {name: x.clone() for name, x in net.state_dict().items()}
    net.restart(net.config.model_copy(update={"presence": True, "frozen": ("image", "alphas")}))
    assert net.config.presence
    assert all(torch.equal(x, net.state_dict()[name]) for name, x in before.items())
    learn = {name.split(".")[0] for name, x in net.named_parameters() if x.requires_grad}
    assert learn == {"prompt", "presence"}
    assert not any(part.training for part in net.train().parts()["alphas"])
    net.restart(net.config.model_copy(update={"presence": False}))
    assert net.config.presence  # what is there stays


def test_absent_texts_want_a_model_that_decides() -> None:
    phases = [{"steps": 1}]
    with pytest.raises(ValueError, match=r"absent: wants .*presence: true"):
        Recipe(preset="minimal", phases=phases, absent=0.1)
    made = Recipe(preset="minimal", phases=phases, absent=0.1, model={"presence": True})
    assert made.weights()["presence"] == 1
    assert not PRESETS["b16"].presence
