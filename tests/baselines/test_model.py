"""The network: shapes, gradients, fusion, precision, and what it learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch._subclasses.fake_tensor import FakeTensorMode

from refmatte_baselines.clipmat.config import PRESETS, ClipMatConfig
from refmatte_baselines.clipmat.model import ClipMat, fuse
from refmatte_baselines.data.trimaps import trimap_truth
from refmatte_baselines.towers.config import TextTower
from refmatte_baselines.towers.network import Output, Target
from refmatte_baselines.training.parameter_groups import parameter_groups
from refmatte_engine.config.strict_yaml import parse
from refmatte_engine.errors import InputError

torch.set_num_threads(1)

MINIMAL = PRESETS["minimal"]
VARIANTS = {
    "the paper's": {},
    "image tower frozen": {"frozen": ("image",)},
    "both towers frozen": {"frozen": ("image", "text")},
    "without prompt": {"context_tokens": 0, "template": "{}"},
    "without pop-up": {"popup": False},
    "without details": {"details": False},
    "repeated": {"popup_blocks": 2, "visual_residual": True},
    "convolutions": {"stem": "convolutions"},
    "affinity": {"affinity": True, "visual_residual": True},
    "guided": {"guided_details": True},
    "refined": {"refiner": True},
    "only the refiner learns": {"refiner": True, "frozen": ("coarse",)},
    "only details learn": {"frozen": ("trimap",), "guided_details": True},
    "details and the refiner learn": {"frozen": ("trimap",), "refiner": True},
    "another text tower": {"text": TextTower(width=48, heads=3, layers=2)},
}


def make(**changes: Any) -> ClipMat:
    torch.manual_seed(0)
    return ClipMat(MINIMAL.model_copy(update=changes))


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def tensor(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255


def total(model: ClipMat, found: Output, truth: torch.Tensor, trimap: torch.Tensor) -> torch.Tensor:
    target = Target(torch.zeros_like(truth).expand(-1, 3, -1, -1), truth, trimap)
    return torch.stack(list(model.losses(found, target, {}).values())).sum()


def learn(
    model: ClipMat,
    image: torch.Tensor,
    tokens: torch.Tensor,
    truth: torch.Tensor,
    trimap: torch.Tensor,
) -> torch.Tensor:
    return total(model, model(image, tokens), truth, trimap)


@pytest.fixture(scope="module")
def model() -> ClipMat:
    return make().eval().requires_grad_(False)


@settings(max_examples=25)
@given(st.integers(1, 150), st.integers(1, 150))
def test_any_size_and_aspect(model: ClipMat, height: int, width: int) -> None:
    found = model(torch.rand(2, 3, height, width), model.reader.tokens(["cat", "it"], "keyword"))
    assert found.trimap.shape == (2, 3, height, width)
    assert found.parts["details"].shape == found.alpha.shape == (2, 1, height, width)
    for x in (found.parts["details"], found.alpha):
        assert x.dtype == torch.float32
        assert x.min() >= 0
        assert x.max() <= 1


@pytest.mark.parametrize("name", VARIANTS)
def test_gradients_reach_what_learns_and_nothing_else(name: str) -> None:
    model = make(**VARIANTS[name])
    with torch.no_grad():  # the fused alpha and the refiner learn where something is unknown
        model.semantic_decoder.trimap.bias[1] = 1.0
    tokens = model.reader.tokens(["the red mug", "a bear"], "expression")
    truth, trimap = torch.rand(2, 1, 64, 64), torch.randint(0, 3, (2, 64, 64))
    learn(model, torch.rand(2, 3, 64, 64), tokens, truth, trimap).backward()
    for at, parameter in model.named_parameters():
        part = {"visual": "image", "prompt.text": "text"}.get(
            next((p for p in ("visual", "prompt.text") if at.startswith(p)), "")
        )
        if "coarse" in model.config.frozen and not at.startswith("refiner."):
            part = "coarse"
        ends = at.startswith(("extractor.", "details_decoder.", "refiner."))
        if "trimap" in model.config.frozen and not ends:
            part = "trimap"
        if part in model.config.frozen:
            assert parameter.grad is None, at
        elif parameter.numel():
            assert parameter.grad is not None, at
            assert parameter.grad.abs().sum() > 0, at


def test_names_are_looked_for_everywhere() -> None:
    model = make(affinity=True).eval()
    image = torch.rand(2, 3, 48, 64)
    texts = model.reader.tokens(["the red mug", "a bear"], "expression")
    names = model.reader.tokens(["mug", "bear", "cat"], "keyword")
    found = model(image, texts, None, names)
    vocabulary = found.parts["vocabulary"]
    assert vocabulary.shape == (2, 3, 3, 4)
    # A name matches as well as it does where it is the text that is asked about.
    for place in range(3):
        alone = model(image, names[[place, place]])
        assert torch.allclose(alone.parts["affinity"][:, 0], vocabulary[:, place], atol=1e-4)
    assert "vocabulary" not in model(image, texts).parts
    assert "vocabulary" not in make(popup=False)(image, texts, None, names).parts


def test_fusion_by_hand() -> None:
    said = torch.tensor([[0, 1, 2], [2, 1, 0]])
    trimap = torch.nn.functional.one_hot(said, 3).permute(2, 0, 1)[None].float()
    details = torch.tensor([[0.9, 0.25, 0.1], [0.5, 0.75, 0.5]])[None, None]
    wanted = torch.tensor([[0.0, 0.25, 1.0], [1.0, 0.75, 0.0]])[None, None]
    assert torch.equal(fuse(trimap, details), wanted)


def test_alpha_is_the_fusion_of_the_other_two(model: ClipMat) -> None:
    found = model(torch.rand(1, 3, 48, 80), model.reader.tokens(["a cat"], "keyword"))
    assert torch.equal(found.alpha, fuse(found.trimap, found.parts["details"]))


@pytest.mark.parametrize("part", ["trimap", "coarse"])
def test_where_the_trimap_is_frozen_statistics_are_too(part: str) -> None:
    model = make(refiner=True, frozen=(part,), stem="convolutions").train()
    before = {name: each.clone() for name, each in model.named_buffers()}
    model(torch.rand(2, 3, 64, 64), model.reader.tokens(["a cat", "a dog"], "keyword"))
    for name, now in model.named_buffers():
        moves = name.startswith("refiner.") and not name.endswith("tracked")
        assert torch.equal(before[name], now) != moves or name.endswith("tracked"), name
    assert not model.eval().refiner.training  # type: ignore[union-attr]
    model.freeze(())
    assert all(part.training for part in model.train().modules())


def test_each_text_is_answered_as_if_alone(model: ClipMat) -> None:
    texts = ["the mug", "the dark green and salient bottle to the left of the brown teddy bear"]
    image = torch.rand(1, 3, 64, 64)
    together = model(image.expand(2, -1, -1, -1), model.reader.tokens(texts, "expression"))
    for i, text in enumerate(texts):
        alone = model(image, model.reader.tokens([text], "expression", length=77))
        torch.testing.assert_close(together.trimap[i : i + 1], alone.trimap, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(together.trimap[0], together.trimap[1])


def test_an_encoded_image_can_be_asked_again(model: ClipMat) -> None:
    image, tokens = torch.rand(1, 3, 70, 90), model.reader.tokens(["a cat"], "keyword")
    again = model(image, tokens, model.encode(image))
    assert torch.equal(model(image, tokens).trimap, again.trimap)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_says_nearly_the_same(dtype: torch.dtype) -> None:
    full, half = make().eval(), make().eval().to(dtype)
    image, tokens = torch.rand(1, 3, 64, 96), full.reader.tokens(["a cat"], "keyword")
    a, b = full(image, tokens), half(image, tokens)
    assert b.alpha.dtype == torch.float32
    torch.testing.assert_close(a.trimap, b.trimap, atol=0.03, rtol=0.05)
    torch.testing.assert_close(a.parts["details"], b.parts["details"], atol=0.03, rtol=0.05)


def test_it_runs_under_autocast() -> None:
    model, image = make().train(), torch.rand(2, 3, 64, 64)
    with torch.autocast("cpu", torch.bfloat16):
        found = model(image, model.reader.tokens(["a", "b"], "keyword"))
    assert found.trimap.dtype == torch.float32
    total(model, found, found.alpha.detach(), found.trimap.argmax(1)).backward()


def test_deterministic() -> None:
    def gradients() -> list[torch.Tensor]:
        model = make()
        tokens = model.reader.tokens(["the red mug"], "expression")
        generator = torch.Generator().manual_seed(1)
        image = torch.rand(1, 3, 80, 112, generator=generator)
        found = model(image, tokens)
        truth = torch.rand(1, 1, 80, 112, generator=generator)
        total(model, found, truth, (truth[:, 0] * 3).long()).backward()
        return [p.grad for p in model.parameters() if p.grad is not None]

    torch.use_deterministic_algorithms(True)
    try:
        assert all(torch.equal(a, b) for a, b in zip(gradients(), gradients(), strict=True))
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("size_hw", [(33, 47), (64, 64), (200, 90)])
def test_matte(model: ClipMat, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    alpha = model.matte(image, "the red mug to the left of the bear")
    assert alpha.shape == size_hw
    assert alpha.dtype == np.float32
    tokens = model.reader.tokens(["the red mug to the left of the bear"], "expression")
    np.testing.assert_allclose(alpha, model(tensor(image), tokens).alpha[0, 0].detach(), atol=1e-4)


def test_matte_evaluates_and_leaves_the_mode_as_it_was() -> None:
    model = make().train()
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    model.matte(picture(64, 64), "cat", "keyword")
    assert model.training
    assert all(torch.equal(before[name], buffer) for name, buffer in model.named_buffers())


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)]
)
def test_matte_refuses_other_arrays(model: ClipMat, image: Any) -> None:
    with pytest.raises(InputError, match="cannot be matted; allowed: uint8 H×W×3, RGB"):
        model.matte(image, "cat")


def test_a_mean_with_nothing_refined_is_refused() -> None:
    with pytest.raises(InputError, match="no refined alpha"):
        parse(ClipMatConfig, {"refiner_mean": True}, "x.json")


def test_a_refined_alpha_may_be_a_mean() -> None:
    model = make(refiner=True, refiner_mean=True).eval()
    tokens, image = model.reader.tokens(["cat"], "expression"), tensor(picture(60, 64))
    with torch.inference_mode():
        found = model(image, tokens)
        fused = fuse(found.trimap, found.parts["details"])
        torch.testing.assert_close(found.alpha, (fused * model.refiner(image, fused)).sqrt())  # type: ignore[misc]


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_all_is_on_the_model_s_device(changes: dict[str, Any]) -> None:
    """Without a GPU: its tensors are pretended, and an operation on two devices is refused."""
    model = make(**changes)
    tokens = model.reader.tokens(["cat", "the cat"], "expression")
    with FakeTensorMode(allow_non_fake_inputs=True):
        model, image = model.to("cuda").eval(), torch.rand(1, 3, 64, 48, device="cuda")
        output = model(image, tokens.to("cuda"), names=tokens.to("cuda"))
        alpha, trimap = torch.rand_like(output.alpha), output.trimap.argmax(1)
        found = model.losses(output, Target(image, alpha, trimap), {})
        assert {each.device for each in found.values()} == {image.device}


def test_tiny_is_small() -> None:
    model = ClipMat(PRESETS["tiny"])
    assert sum(p.numel() for p in model.parameters()) < 15_000_000


# What open_clip's CLIP has, and what is left out of it here: the heads of the contrastive loss
# (ln_post, proj, ln_final, text_projection, logit_scale).
CLIP_SIZES = {
    "b16": (149_620_737, 2 * 768 + 768 * 512 + 2 * 512 + 512 * 512 + 1),
    "l14": (427_616_513, 2 * 1024 + 1024 * 768 + 2 * 768 + 768 * 768 + 1),
}


@pytest.mark.parametrize("name", CLIP_SIZES)
def test_the_paper_s_encoders_count_as_clip_s(name: str) -> None:
    clip, heads = CLIP_SIZES[name]
    with torch.device("meta"):
        model = ClipMat(PRESETS[name], pretrained=False)
        towers = [*model.visual.parameters(), *model.prompt.text.parameters()]
        assert sum(p.numel() for p in towers) == clip - heads
        tokens = torch.zeros(1, 20, dtype=torch.int64)
        found = model(torch.rand(1, 3, 384, 512), tokens)
        assert found.alpha.shape == (1, 1, 384, 512)
        (found.trimap.sum() + found.parts["details"].sum()).backward()
    assert all(p.grad is not None for p in model.parameters())


@pytest.mark.slow
def test_b16_runs_forward_and_backward() -> None:
    model = ClipMat(PRESETS["b16"], pretrained=False)
    found = model(torch.rand(1, 3, 64, 96), model.reader.tokens(["a cat"], "keyword"))
    (found.trimap.mean() + found.parts["details"].mean()).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_parameter_groups() -> None:
    model = make(frozen=("image",))
    groups = parameter_groups(model, rate=1e-4, encoder_rate=1e-5, weight_decay=0.1)
    listed = [id(p) for group in groups for p in group["params"]]
    assert len(listed) == len(set(listed))
    assert set(listed) == {id(p) for p in model.parameters() if p.requires_grad}
    assert {(g["lr"], g["weight_decay"]) for g in groups} == {
        (1e-4, 0.1),
        (1e-4, 0.0),
        (1e-5, 0.1),
        (1e-5, 0.0),
    }
    decayed = [p for g in groups if g["weight_decay"] for p in g["params"]]
    assert all(p.ndim >= 2 for p in decayed)
    assert id(model.prompt.context) not in {id(p) for p in decayed}
    torch.optim.AdamW(groups)


def test_overfits_one_batch() -> None:
    model = make(frozen=("text",))
    rows, columns = np.mgrid[:64, :64]
    left = np.clip((12 - np.hypot(rows - 30, columns - 15)) / 4 + 0.5, 0, 1)
    stored = np.rint(255 * np.stack([left, left[:, ::-1]])).astype(np.uint8)
    truth = torch.from_numpy(stored)[:, None] / 255
    trimap = torch.from_numpy(np.stack([trimap_truth(alpha, 9) for alpha in stored])).long()
    red, blue = torch.tensor([0.8, 0.1, 0.1]), torch.tensor([0.1, 0.2, 0.9])
    image = truth[:1] * red.view(3, 1, 1) + truth[1:] * blue.view(3, 1, 1)
    image = image.expand(2, -1, -1, -1)  # one image, two texts: what tells them apart is the text
    tokens = model.reader.tokens(["the red ball", "the blue ball"], "expression")
    learnt = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.Adam(learnt)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=200)
    for _ in range(200):
        optimiser.zero_grad()
        learn(model, image, tokens, truth, trimap).backward()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimiser.step()
        schedule.step()
    assert (model(image, tokens).alpha - truth).abs().mean() < 0.005


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder": "ViT-B-16-quickgel"}, "did you mean 'ViT-B-16-quickgelu'"),
        ({"encoder": "RN50"}, "RN50: is not a ViT as CLIP has it"),
        ({"pretrained": "nowhere.pt"}, "nowhere.pt: is neither a file nor a tag of minimal"),
    ],
)
def test_what_cannot_be_built(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(**changes)


def test_a_tag_trained_with_another_activation_is_refused() -> None:
    config = ClipMatConfig(encoder="ViT-B-16", pretrained="openai")
    with torch.device("meta"), pytest.raises(InputError, match="encoder: ViT-B-16-quickgelu"):
        ClipMat(config)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"template": "the red one"}, "write {} once"),
        ({"popup_width": 30}, "must be a multiple of popup_heads"),
        ({"text": {"width": 30, "heads": 4, "layers": 1}}, "must be a multiple of its heads"),
        ({"popop": True}, "unknown key 'popop'.*did you mean 'popup'"),
    ],
)
def test_what_a_config_may_not_say(data: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(ClipMatConfig, data, "model.yaml")


@pytest.mark.parametrize("name", VARIANTS)
def test_several_texts_of_an_image_are_as_each_alone(name: str) -> None:
    model = make(**VARIANTS[name]).eval()
    image = torch.rand(2, 3, 48, 64)
    tokens = model.reader.tokens(["a cat", "the red mug", "two", "a dog on the left"], "expression")
    with torch.inference_mode():
        together = model(image, tokens)
        for number in range(4):
            alone = model(image[number // 2][None], tokens[number][None])
            torch.testing.assert_close(
                together.trimap[number], alone.trimap[0], atol=1e-4, rtol=1e-4
            )
            torch.testing.assert_close(
                together.parts["details"][number], alone.parts["details"][0], atol=1e-4, rtol=1e-4
            )


def test_without_its_details_a_model_is_the_ablation() -> None:
    whole, without = make().eval(), make(details=False).eval()
    without.load_state_dict(whole.state_dict(), strict=False)
    image, tokens = torch.rand(1, 3, 64, 64), whole.reader.tokens(["a cat"], "keyword")
    with torch.inference_mode():
        assert torch.equal(whole(image, tokens, coarse=True).alpha, without(image, tokens).alpha)
