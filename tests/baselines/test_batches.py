"""What a model is trained on: pictures whose texts stay true, and batches that are only numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_baselines.data import augment
from refmatte_baselines.data.batches import Batch, Batches, loader
from refmatte_baselines.data.pictures import (
    Composed,
    Text,
    TrainingPicture,
    Wanted,
    described,
    source,
)
from refmatte_baselines.ranks import Place
from refmatte_baselines.towers.reader import Reader
from refmatte_baselines.training.recipe import Recipe
from refmatte_engine.config.run import Run
from refmatte_engine.dataset.reader import seen
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.packs import own_colors
from refmatte_engine.records import Attribute, Entity, Expression
from refmatte_engine.semantics.ground import refuted
from tests.conftest import make_pack
from tests.support.released import write_refmatte, write_rw100

RECIPE = Recipe(
    preset="minimal",
    texts=3,
    crop=0.5,
    phases=[{"steps": 3, "batch": 2, "size": 96}, {"steps": 2, "batch": 2, "size": 64}],
)
READER = Reader("the foreground of the {}", 2, 77, 49408)


@pytest.fixture(scope="module")
def run_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("stream")
    pack = make_pack(root / "pack")
    file = root / "run.yaml"
    file.write_text(f"packs: [{pack}]\nsplits: {{train: 4}}\nlayout: refmatte\n")
    return file


@pytest.fixture(scope="module")
def pictures(run_file: Path) -> list[TrainingPicture]:
    composed = source(str(run_file), 0)
    return [composed.picture(index, 128) for index in range(12)]


def said_again(picture: TrainingPicture) -> list[str]:
    """Texts that do not mean their referents by what is to be seen."""
    entities = tuple(
        seen(entity, alpha) for entity, alpha in zip(picture.entities, picture.alphas, strict=True)
    )
    return [
        one.text
        for one in picture.texts
        if one.kind != "keyword"
        and one.program is not None
        and refuted(
            Expression(
                one.text, one.kind, one.program, tuple(entities[r].index for r in one.referents)
            ),
            entities,
            picture.image.shape[:2],
        )
    ]


@given(st.integers(0, 11), st.data())
@settings(max_examples=60)
def test_what_is_said_of_a_crop_is_true_there(
    pictures: list[TrainingPicture], index: int, data: st.DataObject
) -> None:
    picture = pictures[index]
    height, width = picture.image.shape[:2]
    x0, x1 = sorted(data.draw(st.tuples(*[st.integers(0, width)] * 2)))
    y0, y1 = sorted(data.draw(st.tuples(*[st.integers(0, height)] * 2)))
    found = augment.cropped(picture, (x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)))
    if found is not None:
        assert found.texts
        assert not said_again(found)
        assert all(one in [s.text for s in picture.texts] for one in (s.text for s in found.texts))


def test_a_crop_drops_what_is_no_longer_true(pictures: list[TrainingPicture]) -> None:
    kept = dropped = 0
    for picture in pictures:
        for entity in picture.entities:
            x0, y0, x1, y1 = entity.box_xyxy
            height, width = picture.image.shape[:2]
            window = max(0, x0 - 6), max(0, y0 - 6), min(width, x1 + 6), min(height, y1 + 6)
            found = augment.cropped(picture, window)
            if found is not None and len(found.alphas) == 1:
                kept += len(found.texts)
                dropped += len(picture.texts) - len(found.texts)
                # Nothing that names another thing is left.
                assert all(one.referents == (0,) for one in found.texts)
    assert kept
    assert dropped


def test_a_crop_has_the_shape_that_is_asked(pictures: list[TrainingPicture]) -> None:
    square = 0
    for number, picture in enumerate(pictures):
        for aspect, seed in product((1.0, 0.5, 1.5), range(3)):
            rng = np.random.default_rng((number, seed))
            height, width = augment.random_crop(picture, 0.7, rng, aspect).image.shape[:2]
            is_whole = (height, width) == picture.image.shape[:2]
            assert is_whole or abs(height - width * aspect) <= 1.5
            square += aspect == 1 and not is_whole
    assert square > 2


def test_of_a_crop_without_programs_only_what_names_no_place_is_said(
    pictures: list[TrainingPicture],
) -> None:
    bare = replace(
        pictures[0],
        texts=tuple(
            Text(text, "expression", (0,), None)
            for text in ("the red mug", "the leftmost mug", "the mug at the bottom")
        ),
    )
    height, width = bare.image.shape[:2]
    whole = augment.cropped(bare, (0, 0, width, height))
    assert whole is not None
    assert [one.text for one in whole.texts] == ["the red mug"]
    x0, _, x1, _ = bare.entities[0].box_xyxy
    assert augment.cropped(bare, (0, 0, (x0 + x1) // 2, height)) is None


def test_a_mirror_image_is_mirrored_in_words(pictures: list[TrainingPicture]) -> None:
    changed = 0
    for picture in pictures:
        turned = augment.mirrored(picture)
        before = {one.text for one in picture.texts}
        changed += any(one.text not in before for one in turned.texts)
        assert np.array_equal(turned.image[:, ::-1], picture.image)
        again = augment.mirrored(turned)
        assert {one.text for one in again.texts} <= before
    assert changed > 3


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("the mug to the left of the bear", "the mug to the right of the bear"),
        ("the second mug from the right", "the second mug from the left"),
        ("the bright mug", "the bright mug"),
        ("the flower at the leftmost edge", "the flower at the rightmost edge"),
        ("Left of the bear", "Right of the bear"),
        ("the leftovers", "the leftovers"),
        ("the mug in the upper left corner", "the mug in the upper right corner"),
    ],
)
def test_words_of_a_released_dataset(text: str, turned: str) -> None:
    blank = np.zeros((4, 6, 3), np.uint8)
    picture = TrainingPicture("one", blank, (blank[..., 0],), (Text(text, "absolute", (0,)),))
    assert augment.mirrored(picture).texts[0].text == turned


def test_sides_in_another_language_are_dropped(pictures: list[TrainingPicture]) -> None:
    picture = pictures[0]
    sided = next(
        one for p in pictures for one in p.texts if one.program and augment._has_sides(one.program)
    )
    foreign = replace(sided, text="der Becher links im Bild", referents=(0,))
    plain = Text("Becher", "keyword", (0,), ())
    turned = augment.mirrored(replace(picture, texts=(foreign, plain)))
    assert [one.text for one in turned.texts] == ["Becher"]


def test_texts_ask_for_different_things(pictures: list[TrainingPicture]) -> None:
    for number, picture in enumerate(pictures):
        rng = np.random.default_rng(number)
        found = augment.chosen(picture.texts, 4, None, rng)
        groups = {one.referents for one in picture.texts}
        assert len({one.referents for one in found}) == min(4, len(groups))
        keywords = augment.chosen(picture.texts, 4, {"keyword": 1.0}, rng)
        assert {one.kind for one in keywords} == {"keyword"}


def same(a: Batch, b: Batch) -> bool:
    tensors = all(torch.equal(x, y) for x, y in zip(a[:7], b[:7], strict=True))
    return tensors and a[7:] == b[7:]


def test_a_batch_is_its_number(run_file: Path) -> None:
    made = [Batches([source(str(run_file), 0)], RECIPE, Place(), 16, READER) for _ in range(2)]
    straight = list(loader(made[0], 0, 5, 0))
    assert [batch.image.shape[0] for batch in straight] == [2] * 5
    assert [max(batch.image.shape[2:]) for batch in straight] == [96, 96, 96, 64, 64]
    assert all(len(batch.texts) == len(batch.alpha) == 6 for batch in straight)
    assert all(same(a, b) for a, b in zip(straight[2:], loader(made[1], 2, 5, 1), strict=True))


def test_a_stream_writes_what_a_step_asks_for(run_file: Path) -> None:
    """Kinds that its templates do not know, as released datasets have them, are left out."""
    composed = source(str(run_file), 0)
    for kinds in ((("basic", 1.0), ("expression_0", 2.0)), (("expression_0", 2.0),), None):
        said = composed.picture(0, 96, Wanted(2, kinds)).texts
        assert 1 <= len(said) <= 2
        assert not kinds or kinds[0][0] != "basic" or {one.kind for one in said} == {"basic"}
    crops = Batches([composed], RECIPE, Place(), 16, READER)
    assert crops.wanted(RECIPE.phases[0]).texts == RECIPE.texts * (2 if RECIPE.crop else 1)


@pytest.mark.parametrize("number", [0, 1])
def test_shares_say_whose_a_place_is(run_file: Path, number: int) -> None:
    """By category in every other batch, and in the others more finely."""
    recipe = RECIPE.model_copy(update={"crop": 0.0, "relight": False})
    composed = source(str(run_file), 0)
    made = Batches([composed], recipe, Place(), 16, READER)
    batch = made[number]
    height, width = batch.image.shape[2:]
    assert batch.shares.shape == (2, len(batch.vocabulary), height // 16, width // 16)
    for index in range(2):
        picture = composed.picture(2 * number + index, 96, made.wanted(recipe.phases[0]))
        picture = augment.resized(picture, (height, width))
        for at, name in enumerate(batch.vocabulary):
            named = zip(picture.alphas, picture.names, strict=True)
            own = [alpha for alpha, names in named if names[number] == name]
            total = sum((a.astype(float) / 255 for a in own), np.zeros((height, width)))
            wanted = total.reshape(height // 16, 16, width // 16, 16).mean((1, 3)).clip(max=1)
            assert np.allclose(batch.shares[index, at], wanted, atol=0.01)


def test_things_are_described_by_what_is_known_of_them() -> None:
    def entity(kind: str, category: str, *facts: tuple[str, str, str]) -> Entity:
        known = tuple(Attribute(name, value, "labelled", part) for name, value, part in facts)
        nowhere = (0, 0, 1, 1)
        return Entity(1, "x", category, kind, nowhere, (0, 0), 1.0, 1.0, attributes=known)  # type: ignore[arg-type]

    red, girl = ("color", "red", ""), (("gender", "female", ""), ("age", "child", ""))
    worn = (("clothes", "coat", ""), ("clothes", "shoes", ""), ("color", "yellow", "coat"))
    assert described(entity("object", "mug", red, ("color", "blue", ""))) == "red mug"
    assert described(entity("object", "mug")) == "mug"
    assert described(entity("human", "human", *girl, *worn)) == "girl in yellow coat"
    assert described(entity("human", "human", *worn[:2])) == "person in coat"
    assert described(entity("human", "human")) == "human"


@pytest.mark.parametrize(("known", "most"), [(True, 0.006), (False, 0.02)])
def test_colors_compose_the_image_again(
    run_file: Path, known: bool, most: float, tmp_path: Path
) -> None:
    """Those that a stream knows, and estimates, through all augmentation."""
    recipe = RECIPE.model_copy(
        update={"losses": {"composition": 1.0}, "flip": 0.5, "crop": 0.5, "relight": known}
    )
    data = run_file if known else write_refmatte(tmp_path)
    drawn = source(str(data), 0, colors=True)
    for number in range(3):
        batch = Batches([drawn], recipe, Place(), 16, READER)[number]
        assert batch.colors.shape == (6, 6, *batch.image.shape[2:])
        front, back = (batch.colors.float() / 255).chunk(2, 1)
        alpha = batch.alpha.float() / 255
        again = alpha * front + (1 - alpha) * back
        image = batch.image.repeat_interleave(3, 0).float() / 255
        assert (again - image).abs().mean() < most
    assert not Batches([drawn], RECIPE, Place(), 16, READER)[0].colors.numel()


def test_colors_of_a_dataset_are_estimated_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFMATTE_CACHE", str(tmp_path / "cache"))
    asked = source(str(write_refmatte(tmp_path / "data")), 0, colors=True)
    first = asked.picture(0, 64).colors
    assert any(color.any() for color in first)
    with monkeypatch.context() as patched:
        patched.setattr(own_colors.foreground_color, "unmixed", None)
        again = asked.picture(0, 64).colors
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    (kept, *_) = (tmp_path / "cache" / own_colors.FOLDER).glob("*/*.z")
    kept.write_bytes(b"broken")
    third = asked.picture(0, 64).colors
    assert all(np.array_equal(a, b) for a, b in zip(first, third, strict=True))


def test_a_stream_s_colors_are_what_was_drawn(run_file: Path) -> None:
    """Seen through a half-transparent edge, too, where estimates are off."""
    picture = source(str(run_file), 0, colors=True).picture(0, 128)
    assert len(picture.colors) == len(picture.alphas)
    assert not source(str(run_file), 0).picture(0, 128).colors
    for text in picture.texts:
        color, alpha = picture.color(text), picture.alpha(text)
        assert color is not None
        whole = alpha == 255
        near = np.abs(color[whole].astype(int) - picture.image[whole])
        assert not whole.any() or near.mean() < 1.5


def test_processes_and_parts_share_a_batch_out(run_file: Path) -> None:
    """A step has the same pictures, however many work on it, and however many at once."""
    composed = source(str(run_file), 0)

    def steps(world: int, at_once: int | None) -> list[set[str]]:
        phases = [{**p.model_dump(), "batch": 4, "at_once": at_once} for p in RECIPE.phases]
        recipe = Recipe.model_validate(RECIPE.model_dump() | {"phases": phases})
        found: list[set[str]] = [set() for _ in range(recipe.steps)]
        for rank in range(world):
            made = Batches([composed], recipe, Place(rank, world), 16, READER)
            assert len(made) == recipe.steps * 4 // (world * (at_once or 4 // world))
            for number in range(len(made)):
                step, part = made.step(number)
                assert number == made.number(step) + part
                names = made[number].names
                assert len(names) == (at_once or 4 // world)
                assert found[step].isdisjoint(names)
                found[step] |= set(names)
        return found

    alone = steps(1, None)
    assert all(len(names) == 4 for names in alone)
    assert steps(2, None) == steps(2, 1) == steps(1, 2) == alone


def test_a_batch_that_cannot_be_shared_is_refused(run_file: Path) -> None:
    with pytest.raises(InputError, match="cannot be shared by 3 processes; choose a batch"):
        Batches([source(str(run_file), 0)], RECIPE, Place(0, 3), 16, READER)
    with pytest.raises(ValueError, match="a batch of 8 is no multiple of 3"):
        Recipe.model_validate({"phases": [{"steps": 1, "at_once": 3}]})


def test_keywords_are_put_into_a_template_drawn_for_each(run_file: Path) -> None:
    drawn = [f"{word} of the {{}}" for word in ("mask", "picture", "matte")]
    keywords = [{"steps": 8, "batch": 4, "size": 64, "kinds": {"keyword": 1}}]
    recipe = Recipe.model_validate(RECIPE.model_dump() | {"phases": keywords, "crop": 0})
    recipe = recipe.model_copy(update={"model": {"drawn_templates": drawn}})
    made = Batches([source(str(run_file), 0)], recipe, Place(), 16, READER)
    texts = [text for number in range(8) for text in made[number].texts]
    assert {text.split(" ")[0] for text in texts} == {"mask", "picture", "matte"}
    plain = Batches([source(str(run_file), 0)], RECIPE, Place(), 16, READER)
    said = {
        t
        for n in range(5)
        for t, k in zip(plain[n].texts, plain[n].kinds, strict=True)
        if k == "keyword"
    }
    assert all(text.startswith("the foreground of the ") for text in said)


def test_a_matte_has_the_size_of_its_image(tmp_path: Path) -> None:
    root = write_refmatte(tmp_path)
    (mask, *_) = sorted((root / "train/mask").iterdir())
    mask.write_bytes(image_io.encode_png(np.zeros((10, 12), np.uint8)))
    released = source(str(root), 0)
    with pytest.raises(InputError, match="and a matte has 12×10; allowed: mattes of the image's"):
        [released.picture(number, 64) for number in range(2)]
    for label in root.glob("*/refmatte_*_label.json"):
        label.write_text("{}")
    with pytest.raises(InputError, match="has no"):
        source(str(root), 0)


def test_another_seed_draws_other_scenes_of_the_same_assets(tmp_path: Path) -> None:
    """So that nothing of the test split is trained on, whatever the recipe's seed."""
    labels = make_pack(tmp_path / "pack") / "labels.jsonl"
    labels.write_text(labels.read_text().replace('"split": "train", ', ""))
    run = Run(packs=[str(tmp_path / "pack")], splits={"train": 1}, test_share=0.5, seed=5)

    def of(seed: int, split: str) -> tuple[str, set[str], bytes]:
        drawn = Composed(run, seed, split)
        pictures = [drawn.picture(number, 96) for number in range(6)]
        things = {entity.foreground for each in pictures for entity in each.entities}
        return drawn.digest, things, pictures[0].image.tobytes()

    digest, in_test, _ = of(0, "test")
    scenes = set()
    for seed in (0, 1, 2, 1_000_003):
        same, in_train, scene = of(seed, "train")
        assert same == digest
        assert not in_train & in_test
        scenes.add(scene)
    assert len(scenes) == 4


def test_a_released_dataset_s_keywords_may_be_called_something_else(tmp_path: Path) -> None:
    root = write_refmatte(tmp_path, [{"name": each} for each in ("mug", "bear", "hat")])
    plain, named = (source(str(root), 0, keyword_field=field) for field in (None, "name"))
    assert plain.digest != named.digest
    texts = ({each.text for each in of.picture(0, 64).texts} for of in (plain, named))
    assert {"mug", "bear"} <= next(texts) ^ next(texts)


@pytest.mark.parametrize("write", [write_refmatte, write_rw100])
@pytest.mark.parametrize("split", ["train", "test"])
def test_a_released_dataset_is_a_source(
    tmp_path: Path, write: Callable[[Path], Path], split: str
) -> None:
    root = write(tmp_path)
    released = source(str(root), 0, split)
    assert released.name.endswith("/rw100" if write is write_rw100 else f"/{split}")
    count = len(released)  # type: ignore[arg-type]
    epochs = [{released.picture(e * count + i, 64).name for i in range(count)} for e in range(2)]
    assert epochs[0] == epochs[1]
    assert len(epochs[0]) == count
    batch = Batches([released], RECIPE, Place(), 16, READER)[0]
    assert batch.alpha.shape[0] == 6
    assert batch.vocabulary == ()  # the released label files name none
