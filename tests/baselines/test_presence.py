"""Whether a text means anything: decided beside the alphas, which learn of other texts alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from refmatte_baselines import kinds
from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.data.batches import Batches
from refmatte_baselines.data.pictures import source
from refmatte_baselines.models import load
from refmatte_baselines.predictor import Options, Precision
from refmatte_baselines.ranks import Place
from refmatte_baselines.towers.network import Network, Target
from refmatte_baselines.towers.presence import Glance, Presence, Seen, Standard
from refmatte_baselines.training.decisions import Decisions
from refmatte_baselines.training.recipe import Recipe
from refmatte_baselines.weights import from_pretrained, save

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


@pytest.mark.parametrize("dtype", ["bf16", "fp16"])
@pytest.mark.parametrize("by", ["words", "sentence"])
@pytest.mark.parametrize("kind", SMALL)
def test_it_is_decided_in_half_precision_too(
    tmp_path: Path, kind: str, by: str, dtype: Precision
) -> None:
    config = kinds.presets()[SMALL[kind]].model_copy(update={"presence": True, "presence_by": by})
    torch.manual_seed(3)
    save(kinds.network(config, pretrained=False), tmp_path / "m")
    picture = np.full((64, 64, 3), 90, np.uint8)
    full, half = (
        load(tmp_path / "m", Options("cpu", each)).answer(picture, "the red mug").presence
        for each in ("fp32", dtype)
    )
    assert half == pytest.approx(full, abs=0.05)


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


def seen(images: int, texts: int) -> Seen:
    """Of 2×3 places and 4 words, the last of which is silent in every other text."""
    silent = torch.zeros(images * texts, 4, dtype=torch.bool)
    silent[::2, 3] = True
    words = torch.randn(images * texts, 4, 24)
    return Seen(torch.randn(images, 6, 16), (2, 3), torch.rand(images * texts, 6), words, silent)


def part(whole: Seen, texts: int, number: int) -> Seen:
    """One text, alone."""
    image, one = slice(number // texts, number // texts + 1), slice(number, number + 1)
    return Seen(
        *(whole.visual[image], whole.grid_hw),
        *(each[one] for each in (whole.chosen, whole.words, whole.silent)),
    )


def test_a_text_is_decided_apart_from_the_others() -> None:
    """The other texts and images change nothing, nor does what is written where no word is."""
    torch.manual_seed(0)
    head, all_of_it = Presence(16, 12).eval(), seen(2, 3)
    whole = head(all_of_it)
    written = torch.where(all_of_it.silent[..., None], 9.0, all_of_it.words)
    assert torch.allclose(head(all_of_it._replace(words=written)), whole, atol=1e-5)
    for number in range(6):
        assert torch.allclose(head(part(all_of_it, 3, number)), whole[number], atol=1e-5)


def test_a_decision_depends_on_all_there_is() -> None:
    """On each word, on each place, on what was chosen, and on where the places lie."""
    torch.manual_seed(0)
    head, one = Presence(16, 12).eval(), seen(1, 1)
    given = [each.requires_grad_() for each in (one.visual, one.words, one.chosen)]
    head(one).sum().backward()
    assert all(each.grad is None for each in given)  # nothing else learns from it
    before = head(one)
    for change in (
        {"chosen": one.chosen.flip(1)},
        {"visual": one.visual.flip(1)},
        {"grid_hw": (3, 2)},
        *({"words": one.words.index_fill(1, torch.tensor([n]), 0.0)} for n in range(3)),
    ):
        assert not torch.allclose(head(one._replace(**change)), before, atol=1e-6)


def test_numbers_are_measured_while_it_learns_and_then_stay() -> None:
    torch.manual_seed(0)
    standard, given = Standard(3), torch.randn(500, 4, 3) * torch.tensor([1.0, 20.0, 0.1]) + 70
    silent = torch.zeros(500, 4, dtype=torch.bool)
    silent[:, 3], given[:, 3] = True, -1e3
    for some, none in zip(given.split(50), silent.split(50), strict=True):
        standard(some, none)
    made = standard.eval()(given, silent)[:, :3]
    assert torch.allclose(made.mean((0, 1)), torch.zeros(3), atol=0.2)
    assert torch.allclose(made.std((0, 1)), torch.ones(3), atol=0.2)
    assert torch.equal(standard(given, silent)[:, :3], made)


@pytest.mark.parametrize("kind", SMALL)
def test_what_was_stored_before_decides_as_it_did(kind: str, tmp_path: Path) -> None:
    """A config of format 2 says nothing of how presence is decided: by the sentence."""
    config = kinds.presets()[SMALL[kind]].model_copy(
        update={"presence": True, "presence_by": "sentence"}
    )
    torch.manual_seed(3)
    net = kinds.network(config, pretrained=False).eval()
    header = tmp_path / "config.json"
    save(net, tmp_path)
    stored = json.loads(header.read_text())
    stored["format"] = 2
    del stored["model"]["presence_by"]
    header.write_text(json.dumps(stored))
    again = from_pretrained(tmp_path)
    assert isinstance(again.presence, Glance)
    tokens, image = net.reader.tokens(TEXTS, "expression"), torch.rand(1, 3, 64, 64)
    assert torch.equal(again(image, tokens).presence, net(image, tokens).presence)


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


def test_what_a_decision_is_made_by_is_computed_once(tmp_path: Path) -> None:
    net = model("clipmat").eval()
    tokens, image = net.reader.tokens(TEXTS, "expression"), torch.rand(1, 3, 64, 64)
    asked: list[int] = []

    def ask() -> None:
        asked.append(1)
        net(image, tokens, coarse=True)

    decisions = Decisions(tmp_path / "features")
    logits = [decisions(net, 7, tokens, ask) for _ in range(2)]
    assert len(asked) == 1
    logits[1].sum().backward()
    learns = {name.split(".")[0] for name, x in net.named_parameters() if x.grad is not None}
    assert learns == {"presence"}
    found = net(image, tokens, coarse=True).presence
    assert found is not None
    assert torch.allclose(decisions(net, 7, tokens, ask), found, atol=1e-2)  # float16
    decisions(net, 8, tokens, ask)
    decisions(net, 7, tokens.flip(0), ask)
    assert len(asked) == 3


def test_pictures_that_come_again_come_in_the_same_batches() -> None:
    recipe = Recipe(
        preset="minimal",
        texts=2,
        crop=0,
        phases=[{"steps": 2, "batch": 2, "size": 64}, {"steps": 9, "batch": 2, "pictures": 6}],
    )
    net = model("clipmat")
    batches = Batches([source("demo", 5)], recipe, Place(0, 1), net.patch, net.reader)
    again = [batches.again(step) for step in range(11)]
    assert again[:5] == [0, 1, 2, 3, 4]
    for first in (2, 5, 8):
        assert sorted(again[first : first + 3]) == [2, 3, 4]
    with pytest.raises(ValueError, match="no multiple of a batch of 4"):
        Recipe(preset="minimal", phases=[{"steps": 9, "batch": 4, "pictures": 6}])


def test_only_a_decision_alone_is_remembered() -> None:
    """Where alphas learn as well, all of a batch is asked anew."""
    phase = {"steps": 1, "details": False}
    decides = {"presence": True, "affinity": True}
    none = dict.fromkeys(("affinity", "vocabulary", "trimap"), 0)
    made = Recipe(preset="minimal", phases=[phase], absent=0.5, model=decides, losses=none)
    assert made.decides_alone(made.phases[0])
    learns = made.model_copy(update={"losses": {**none, "trimap": 1.0}})
    assert not learns.decides_alone(learns.phases[0])
