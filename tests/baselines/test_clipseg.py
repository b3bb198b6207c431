"""CLIPSeg: shapes, its losses, CLIP's own projection, the released weights, and all commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from open_clip.model import CLIP
from safetensors.torch import load_file, save_file

from refmatte_baselines.clipmat.config import PRESETS as CLIPMATS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.clipseg.config import PRESETS, ClipSegConfig
from refmatte_baselines.clipseg.model import ClipSeg, taken
from refmatte_baselines.clipseg.released import SEEN_MEAN, SEEN_STD, named_as_ours, released
from refmatte_baselines.towers.context import sentence
from refmatte_baselines.towers.encoders import SMALL
from refmatte_baselines.towers.network import Output, Target
from refmatte_baselines.towers.reader import PADDING
from refmatte_baselines.training import loop as training
from refmatte_baselines.training.recipe import Recipe
from refmatte_baselines.weights import save
from refmatte_engine.config.strict_yaml import parse
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from tests.conftest import landscape, make_pack
from tests.support.released import write_refmatte

torch.set_num_threads(1)

Cli = Callable[..., tuple[int, str, str]]
MINIMAL = PRESETS["clipseg_minimal"]
RECIPE = Recipe(
    preset="clipseg_minimal",
    texts=2,
    phases=[
        {"steps": 2, "batch": 2, "size": 64, "details": False},
        {"steps": 2, "batch": 2, "size": 64, "frozen": ["image", "text"], "rate": 1e-3},
    ],
    precision="no",
    workers=0,
    validate_pictures=1,
    save_every=1,
)


def make(**changes: Any) -> ClipSeg:
    torch.manual_seed(0)
    return ClipSeg(MINIMAL.model_copy(update=changes)).eval()


@pytest.fixture(scope="module")
def model() -> ClipSeg:
    return make()


@pytest.mark.parametrize("size_hw", [(64, 64), (30, 41), (200, 70), (1, 300)])
@torch.inference_mode()
def test_any_size_and_each_text_as_if_alone(model: ClipSeg, size_hw: tuple[int, int]) -> None:
    image = torch.rand(2, 3, *size_hw)
    texts = ["cat", "the red mug on the left", "a dog", "cat"]
    tokens = model.reader.tokens(texts, "expression")
    found = model(image, tokens)
    assert found.trimap is None
    assert found.alpha.shape == (4, 1, *size_hw)
    assert found.alpha.min() >= 0
    assert found.alpha.max() <= 1
    again = model(image, tokens, model.encode(image), coarse=True)
    torch.testing.assert_close(again.alpha, found.alpha)
    for k, text in enumerate(texts):
        one = model(image[k // 2][None], model.reader.tokens([text], "expression")).alpha
        torch.testing.assert_close(one[0], found.alpha[k])
    assert not torch.allclose(found.alpha[0], found.alpha[1])


def test_tokens_are_of_three_blocks_and_none_after_these_works(model: ClipSeg) -> None:
    assert model.blocks == (1, 2, 3)
    tower = make(blocks=(0, 1, 2))
    tower(torch.rand(1, 3, 64, 64), tower.reader.tokens(["cat"], "keyword")).alpha.sum().backward()
    idle = {
        name for name, weight in tower.named_parameters() if weight.grad is None and len(weight)
    }
    assert idle
    assert all(name.startswith("visual.transformer.resblocks.3.") for name in idle)
    assert taken(ClipSegConfig(), 6) == (1, 3, 4)


def test_the_losses_are_what_they_say(model: ClipSeg) -> None:
    logits = torch.tensor([0.0, 2.0, -1.0, 3.0]).view(1, 1, 2, 2)
    alpha = torch.tensor([0.5, 1.0, 0.0, 0.25]).view(1, 1, 2, 2)
    output = Output(logits.sigmoid(), parts={"logits": logits})
    no = torch.zeros(1)
    p = logits.sigmoid()
    entropy = -(alpha * p.log() + (1 - alpha) * (1 - p).log())
    found = model.losses(output, Target(no, alpha, no), {})
    torch.testing.assert_close(found["alpha_bce"], entropy.mean())
    torch.testing.assert_close(found["alpha_l1"], (p - alpha).abs().mean())
    weight = alpha + (1 - alpha) * 0.2
    light = model.losses(output, Target(no, alpha, no, background_weight=0.2), {"alpha_l1": 0})
    assert light.keys() == {"alpha_bce"}
    torch.testing.assert_close(light["alpha_bce"], (entropy * weight).sum() / weight.sum())


def test_what_it_is_told_is_clip_s_own_embedding_of_the_sentence(tmp_path: Path) -> None:
    torch.manual_seed(7)
    clip = CLIP(**SMALL["minimal"]).eval()
    torch.nn.init.normal_(clip.ln_final.weight)
    torch.save(clip.state_dict(), tmp_path / "clip.pt")
    model = make(pretrained=str(tmp_path / "clip.pt"), frozen=("text",))
    assert not any(weight.requires_grad for weight in model.condition.parameters())
    tokens = model.reader.tokens(["the red mug", "cat"], "expression")
    padded = torch.zeros(2, 77, dtype=torch.int64)
    padded[:, : tokens.shape[1]] = tokens.clamp(min=0)
    with torch.inference_mode():
        ours = model.condition(sentence(model.prompt(tokens), tokens == PADDING))
        torch.testing.assert_close(ours, clip.encode_text(padded), atol=1e-5, rtol=1e-4)
    assert not model.first  # CLIP's weights are not kept beside the model's


def test_it_begins_with_the_encoders_of_another_kind(tmp_path: Path) -> None:
    other = ClipMat(CLIPMATS["minimal"])
    model = make(pretrained=str(save(other, tmp_path)))
    assert torch.equal(model.visual.class_embedding, other.visual.class_embedding)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"blocks": (1, 2, 9)}, r"blocks: \[1, 2, 9\]: are not in minimal.* three of 0 to 3"),
        ({"encoder": "ViT-L-14-quickgelu"}, "patch of 14 px: wants a multiple of 4 px; upsamp"),
    ],
)
def test_what_the_encoder_does_not_allow_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message), torch.device("meta"):
        make(**changes)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"width": 10}, "width must be a multiple of heads"),
        ({"width": 9, "heads": 3}, "width must be even"),
        ({"blocks": [3, 2, 9]}, "blocks must rise"),
        ({"frozen": ["trimap"]}, "frozen"),
    ],
)
def test_a_wrong_config_is_explained(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(ClipSegConfig, wrong, "model.yaml")


def test_presets_build_and_are_small_beside_their_encoders() -> None:
    with torch.device("meta"):
        b16 = ClipSeg(PRESETS["clipseg_b16"], pretrained=False)
        tiny = ClipSeg(PRESETS["clipseg_tiny"], pretrained=False)
    assert b16.blocks == (3, 6, 9)
    learn = {name.split(".")[0] for name, each in b16.named_parameters() if each.requires_grad}
    assert learn == {"decoder", "prompt"}
    assert b16.prompt.context.numel() == 0
    assert sum(each.numel() for each in b16.decoder.parameters()) == 1_127_009
    assert sum(each.numel() for each in tiny.parameters()) < 15_000_000


# --- the released weights ---


def theirs(model: ClipSeg) -> dict[str, torch.Tensor]:
    """The tensors of a model by the names of transformers, and some that play no part."""
    found = {"clip.logit_scale": torch.ones(()), "clip.visual_projection.weight": torch.ones(2, 2)}
    ends = {"class_embedding": "class_embedding", "conv1.weight": "patch_embedding.weight"}
    ends |= {"positional_embedding": "position_embedding.weight"}
    ends |= {"token_embedding.weight": "token_embedding.weight"}
    blocks = {"attn": "self_attn", "ln_1": "layer_norm1", "ln_2": "layer_norm2"}
    blocks |= {"mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2", "norm1": "layer_norm1"}
    blocks |= {"norm2": "layer_norm2", "linear1": "mlp.fc1", "linear2": "mlp.fc2"}
    for name, tensor in model.state_dict().items():
        if name == "prompt.context":
            continue
        name = name.replace("prompt.text.", "clip.text_model.").replace(
            "visual.", "clip.vision_model."
        )
        name = name.replace("condition.0.", "clip.text_model.final_layer_norm.")
        name = name.replace("condition.1.", "clip.text_projection.").replace(
            "ln_pre", "pre_layrnorm"
        )
        name = name.replace("upsampling", "transposed_convolution")
        for end, other in ends.items():
            if name.startswith("clip.") and name.endswith(f"_model.{end}"):
                name = name.removesuffix(end) + f"embeddings.{other}"
        name = name.replace("transformer.resblocks", "encoder.layers")
        for own, other in blocks.items():
            name = name.replace(f".{own}.", f".{other}.")
        if "in_proj_" in name:
            for part, third in zip("qkv", tensor.chunk(3), strict=True):
                found[name.replace("in_proj_", f"{part}_proj.")] = third.clone()
        else:
            found[name] = tensor
    return {name: tensor.contiguous() for name, tensor in found.items()}


def seen(image: torch.Tensor) -> torch.Tensor:
    """`image` as the released weights are used to it."""
    mean, std = (torch.tensor(x).view(3, 1, 1) for x in (SEEN_MEAN, SEEN_STD))
    return (image - mean) / std


@pytest.mark.parametrize("upsampling", ["single", "refined"])
def test_released_weights_are_ours_by_other_names(tmp_path: Path, upsampling: str) -> None:
    before = make(upsampling=upsampling)
    file = tmp_path / "model.safetensors"
    save_file(theirs(before), file)
    again = released(tmp_path, MINIMAL)
    assert again.config.upsampling == upsampling
    image, tokens = torch.rand(1, 3, 48, 64), before.reader.tokens(["cat"], "keyword")
    with torch.inference_mode():  # the other is given the image as the released weights want it
        wanted = before(seen(image) * before.std + before.mean, tokens).alpha
        torch.testing.assert_close(again(image, tokens).alpha, wanted, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("decoder.film_mul.weight"), "holds no CLIPSeg as transformers names it"),
        (lambda t: t.pop("clip.text_projection.weight"), r"has no condition\.1\.weight, which"),
        (lambda t: t.update({"decoder.more": torch.zeros(1)}), r"has decoder\.more, for which"),
    ],
)
def test_other_weights_are_refused(
    model: ClipSeg,
    tmp_path: Path,
    change: Callable[[dict[str, torch.Tensor]], object],
    message: str,
) -> None:
    tensors = theirs(model)
    change(tensors)
    save_file(tensors, tmp_path / "x.safetensors")
    with pytest.raises(InputError, match=message):
        released(tmp_path / "x.safetensors", MINIMAL)


def test_a_file_of_no_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_text("no")
    with pytest.raises(InputError, match=r"x\.bin: cannot be read as weights: "):
        released(tmp_path / "x.bin")
    assert named_as_ours({"strange": torch.zeros(1)}).keys() == {"strange"}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of another library
@pytest.mark.parametrize("refined", [True, False])
def test_the_logits_are_those_of_transformers(tmp_path: Path, refined: bool) -> None:
    """From weights as it stores them. At another size than the encoder's own the two resample
    positions by different cubics, and that is the only difference."""
    peer = pytest.importorskip("transformers", reason="transformers is not installed")
    shared = {"num_attention_heads": 2, "hidden_act": "gelu"}
    text = shared | {"hidden_size": 32, "intermediate_size": 128, "num_hidden_layers": 1}
    vision = shared | {"hidden_size": 64, "intermediate_size": 256, "num_hidden_layers": 4}
    config = peer.CLIPSegConfig(
        text_config=text,
        vision_config=vision | {"image_size": 64, "patch_size": 16},
        projection_dim=32,
        extract_layers=[1, 2, 3],
        reduce_dim=16,
        decoder_num_attention_heads=2,
        decoder_intermediate_size=32,
        use_complex_transposed_convolution=refined,
    )
    torch.manual_seed(0)
    other = peer.CLIPSegForImageSegmentation(config).eval()
    for weight in other.parameters():
        torch.nn.init.normal_(weight, weight.mean().item() if weight.ndim < 2 else 0.0, 0.2)
    positions = other.clip.vision_model.embeddings.position_embedding.weight
    for size in (64, 96):
        with torch.inference_mode():
            positions[1:] *= size == 64
        other.save_pretrained(tmp_path / str(size))
        model = released(tmp_path / str(size), MINIMAL)
        tokens = model.reader.tokens(["red mug", "the cat on the left"], "expression")
        image = torch.rand(2, 3, size, size)
        with torch.inference_mode():
            wanted = other(
                input_ids=tokens.clamp(min=0),
                attention_mask=(tokens != PADDING).long(),
                pixel_values=seen(image),
            ).logits
            found = model(image, tokens, long_side=size).parts["logits"][:, 0]
        torch.testing.assert_close(found, wanted, atol=1e-4, rtol=0)


# --- training and commands ---


class Killed(Exception):
    pass


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Killed in its first phase, and gone on with."""
    root = tmp_path_factory.mktemp("clipseg")
    data = root / "run.yaml"
    pack = make_pack(root / "pack")
    data.write_text(f"packs: [{pack}]\nsplits: {{train: 4}}\nlayout: refmatte\n")
    training.train(RECIPE, [str(data)], root / "straight", cpu=True)

    def kill(done: int, _steps: int, _values: object) -> None:
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        training.train(RECIPE, [str(data)], root / "out", cpu=True, progress=kill)
    training.train(RECIPE, [str(data)], root / "out", cpu=True)
    return root


def test_a_killed_training_goes_on_to_the_same_weights(trained: Path) -> None:
    whole, resumed = (
        load_file(trained / name / "last/model.safetensors") for name in ("straight", "out")
    )
    assert all(torch.equal(tensor, resumed[name]) for name, tensor in whole.items())
    assert json.loads((trained / "out/last/config.json").read_text())["kind"] == "clipseg"


def test_a_checkpoint_of_another_kind_is_refused(trained: Path, tmp_path: Path) -> None:
    other = RECIPE.model_copy(update={"preset": "minimal"})
    data = [str(trained / "run.yaml")]
    start = trained / "out/last"
    message = "is a model of the kind clipseg, and preset minimal is a clipmat; begin with its enc"
    with pytest.raises(InputError, match=message):
        training.train(other, data, tmp_path / "x", cpu=True, start_from=start)
    assert not (tmp_path / "x").exists()
    with pytest.raises(InputError, match="whose preset was 'clipseg_minimal' and is now the defau"):
        training.train(
            RECIPE.model_copy(update={"preset": "tiny"}), data, trained / "out", cpu=True
        )
    with pytest.raises(ValueError, match="'trimap' is none of alpha_bce, alpha_l1"):
        Recipe.model_validate(RECIPE.model_dump() | {"losses": {"trimap": 1}})


def test_commands_take_it_as_any_model(trained: Path, tmp_path: Path, cli: Cli) -> None:
    checkpoint, photo = trained / "out/last", tmp_path / "photo.jpg"
    photo.write_bytes(image_io.encode_jpeg(landscape(3, (50, 70))))
    options = ("--checkpoint", checkpoint, "--device", "cpu")
    code, _, err = cli(
        "matte", photo, "the mug", "-o", tmp_path / "mug.png", "--as", "alpha", *options
    )
    assert (code, (tmp_path / "mug.png").is_file()) == (0, True), err
    data = write_refmatte(tmp_path / "data")
    which = ("--split", "test", "--setting", "expression", "--csv", "--device", "cpu")
    code, table, err = cli("evaluate", checkpoint, data, *which)
    assert (code, len(table.splitlines()) > 1) == (0, True), err
    code, out, _ = cli("list", "presets")
    assert code == 0
    assert all(name in out for name in PRESETS)
