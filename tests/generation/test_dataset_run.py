"""A whole run: the same bytes however it is made, read as RefMatte's loaders read, and verified."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from refmatte_engine import parallel
from refmatte_engine.config.layout_rules import Canvas, EffectRanges, LayoutRules
from refmatte_engine.config.run import Run
from refmatte_engine.dataset import manifest, papers
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.generation import compose, dataset_run
from refmatte_engine.generation.dataset_run import generate
from refmatte_engine.generation.verify import verify
from refmatte_engine.images import image_io
from tests.conftest import BLUE, RED, landscape, make_pack, slab, write_png
from tests.support import reader

IMAGES = 6
OWN = (".lock", ".run.json", papers.README, papers.DATASHEET)


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pack(tmp_path_factory.mktemp("pack") / "tiny")


def run_of(pack: Path, **changes: Any) -> Run:
    rules = LayoutRules(
        canvas=Canvas(size=(120, 200)),
        layouts={"left_right": 2, "top_bottom": 1, "front_behind": 1},
        ground=True,
        effects=EffectRanges(shadow=(0.4, 0.6), harmonise=(0.2, 0.4), noise=(0.1, 0.2)),
    )
    given: dict[str, Any] = {"packs": [str(pack)], "splits": {"train": IMAGES}, "layout": rules}
    return Run(**{**given, "shard_size": 2, "seed": 3, **changes})


@pytest.fixture(scope="session")
def made(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset that no test changes."""
    root = tmp_path_factory.mktemp("made") / "out"
    generate(run_of(pack), root)
    return root


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A dataset to be tampered with."""
    subprocess.run(["cp", "-r", str(made), str(tmp_path / "copy")], check=True)
    return tmp_path / "copy"


def contents(root: Path) -> dict[str, str]:
    """Hashes of everything a reader sees (receipts depend on the size of shards), but for papers
    that are headed by the folder's name."""
    return {
        p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file() and ".shards" not in p.parts and p.name not in OWN
    }


def test_workers_and_shard_size_do_not_matter(
    made: Path, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = contents(made)
    with monkeypatch.context() as patch:
        patch.setattr(dataset_run, "spread", partial(parallel.spread, threads=True))
        generate(run_of(pack), tmp_path / "threads", workers=2)
    assert contents(tmp_path / "threads") == expected
    manifest = generate(run_of(pack, shard_size=5), tmp_path / "five")
    assert manifest["content_digest"] == Dataset(made).manifest["content_digest"]


@pytest.mark.slow
def test_processes_do_not_matter(made: Path, pack: Path, tmp_path: Path) -> None:
    generate(run_of(pack), tmp_path / "processes", workers=2)
    assert contents(tmp_path / "processes") == contents(made)


def test_beside_a_second_run_and_beside_verify(made: Path, pack: Path, tmp_path: Path) -> None:
    root, met = tmp_path / "out", list[int]()

    def meanwhile(done: int, total: int) -> None:
        if done == 2:
            met.append(done)
            with pytest.raises(InputError, match="another run is writing here; wait for it"):
                generate(run_of(pack), root)
            with pytest.raises(InputError, match=r"manifest.json: no such file.*was interrupted"):
                verify(root)

    generate(run_of(pack), root, progress=meanwhile)
    assert met
    assert contents(root) == contents(made)
    assert verify(root).problems == ()


def test_an_interrupted_run_resumes_to_the_same_bytes(
    made: Path, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "out"
    make_sample, calls = compose.Composer.sample, []

    def stopping(*given: Any) -> compose.Made:
        calls.append(given)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return make_sample(*given)

    monkeypatch.setattr(compose.Composer, "sample", stopping)
    with pytest.raises(KeyboardInterrupt):
        generate(run_of(pack), root)
    assert not (root / "manifest.json").exists()
    with pytest.raises(InputError, match="run the same command again to finish it"):
        Dataset(root)
    told: list[tuple[int, int]] = []
    generate(run_of(pack), root, progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 6), (4, 6), (6, 6)]
    assert contents(root) == contents(made)


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_bytes(made: Path, pack: Path, tmp_path: Path) -> None:
    root = tmp_path / "out"
    run = run_of(pack)
    code = (
        "import sys; from pathlib import Path; from refmatte_engine.config.run import Run;"
        "from refmatte_engine.generation.dataset_run import generate;"
        "generate(Run.model_validate_json(sys.argv[1]), sys.argv[2])"
    )
    process = subprocess.Popen([sys.executable, "-c", code, run.model_dump_json(), str(root)])
    receipt = root / "train/.shards/00000.jsonl"
    while not receipt.exists() and process.poll() is None:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    generate(run, root)
    assert contents(root) == contents(made)


def test_a_larger_run_extends_a_smaller_one(made: Path, pack: Path, tmp_path: Path) -> None:
    root = tmp_path / "out"
    generate(run_of(pack, splits={"train": 3}), root)
    generate(run_of(pack), root)
    assert contents(root) == contents(made)


def test_another_seed_is_another_dataset_and_is_refused_in_the_folder(
    copy: Path, pack: Path
) -> None:
    with pytest.raises(InputError, match=r"run\.seed was 3 and is now 4"):
        generate(run_of(pack, seed=4), copy)
    before = contents(copy)
    generate(run_of(pack, seed=4), copy, on_exists="overwrite")
    after = contents(copy)
    assert not {h for name, h in before.items() if name.endswith(".jpg")} & set(after.values())
    assert len(before) - 6 <= len(after)


def test_impossible_layouts_stop_with_the_reasons(pack: Path, tmp_path: Path) -> None:
    rules = LayoutRules(canvas=Canvas(size=(120, 200)), min_area=0.9, max_attempts=3)
    with pytest.raises(
        RefMatteError, match=r"train/0: no acceptable scene in 9 attempts \(too_small 9×\)"
    ):
        generate(run_of(pack, layout=rules), tmp_path / "out")


def test_scenes_that_cannot_be_had_are_replaced_and_counted(pack: Path, tmp_path: Path) -> None:
    """Three things are never large enough, two are: all is made, verified, and then refused."""
    rules = LayoutRules(
        canvas=Canvas(size=(120, 200)), layouts={"left_right": 1}, entities={3: 1},
        size=(0.8, 0.9), min_area=0.13, max_attempts=6, max_upscale=4,
    )  # fmt: skip
    root = tmp_path / "out"
    with pytest.raises(RefMatteError) as caught:
        generate(run_of(pack, layout=rules), root)
    assert caught.value.exit_code == 1
    assert re.search(r"[2-6] of 6 images were replaced by other scenes \(too_s", str(caught.value))
    assert "allowed: max_replaced: 0.02 of the images; the dataset is complete and kept" in str(
        caught.value
    )
    before = contents(root)
    assert verify(root).problems == ()
    # Whoever accepts it goes on in the same folder, and nothing is made again.
    told = generate(run_of(pack, layout=rules, max_replaced=1), root)
    assert 2 <= told["replaced"]["images"] <= told["given_up"]["entities"]
    assert told["replaced"]["reasons"]["too_small"] >= 12
    after = contents(root)
    del before["manifest.json"], after["manifest.json"]
    assert after == before
    assert verify(root).problems == ()


def test_one_replaced_image_of_a_few_is_no_failure(tmp_path: Path) -> None:
    told: Any = {"replaced": {"images": 1, "reasons": {}}, "splits": {"a": {"images": 6}}}
    dataset_run.check_replaced(tmp_path, told, 0.02)
    with pytest.raises(RefMatteError, match="1 of 6 images were replaced"):
        dataset_run.check_replaced(tmp_path, told, 0.0)
    told = {"replaced": {"images": 3, "reasons": {}}, "splits": {"a": {"images": 100}}}
    with pytest.raises(RefMatteError, match="3 of 100 images"):
        dataset_run.check_replaced(tmp_path, told, 0.02)


def test_a_split_that_cannot_be_had_stays_empty(tmp_path: Path) -> None:
    pack = make_pack(tmp_path / "tiny")
    lines = (pack / "labels.jsonl").read_text()
    for name, color in (("vase/a", RED), ("vase/b", BLUE)):
        write_png(pack / f"foregrounds/{name}.png", slab(color, (70, 40)))
        lines += json.dumps({"file": f"foregrounds/{name}.png", "split": "test"}) + "\n"
    (pack / "backgrounds/x.jpg").write_bytes(image_io.encode_jpeg(landscape(9)))
    nowhere = {"file": "backgrounds/x.jpg", "split": "test", "ground": [0.95, 1.0]}
    lines += json.dumps(nowhere) + "\n"
    (pack / "labels.jsonl").write_text(lines)
    rules = LayoutRules(canvas=Canvas(size=(120, 200)), max_attempts=4)
    run = run_of(pack, layout=rules, splits={"train": 4, "test": 3})
    told = generate(run, tmp_path / "out")
    counts = {name: each["images"] for name, each in told["splits"].items()}
    assert counts == {"train": 4, "test": 0}
    (said,) = told["lacks"]["test"]
    assert said.startswith("any image (no acceptable scene in 12 attempts (no_ground 12×); label")
    assert verify(tmp_path / "out").problems == ()
    assert generate(run, tmp_path / "out") == told


def test_one_image_that_cannot_be_had_at_all_ends_the_run_at_its_end(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sample = compose.Composer.sample

    def failing(*given: Any) -> compose.Made:
        if given[1] == 3:
            raise compose.NoScene("train/3", "no acceptable scene")
        return make_sample(*given)

    monkeypatch.setattr(compose.Composer, "sample", failing)
    with pytest.raises(RefMatteError, match="train/3: no acceptable scene"):
        generate(run_of(pack), tmp_path / "out")
    made = sorted(p.stem for p in (tmp_path / "out/train/.shards").glob("*.jsonl"))
    assert made == ["00000", "00002"]


def test_read_as_refmatte_loaders_do(made: Path) -> None:
    """Label JSON keyed by mask stem; image and mask found by name; nothing of ours imported."""
    root = made / "train"
    labels = json.loads((root / "refmatte_train_label.json").read_text())
    assert labels
    said: dict[str, dict[str, str]] = {}
    totals: dict[str, np.ndarray] = {}
    for stem, entry in labels.items():
        with Image.open(root / "img" / f"{entry['image_name']}.jpg") as image:
            assert image.mode == "RGB"
        with Image.open(root / "mask" / f"{stem}.png") as mask:
            assert (mask.mode, mask.size) == ("L", image.size)
            alpha = np.asarray(mask).astype(int)
        assert len(entry["expressions"]) == 4
        assert all(isinstance(e, str) and e for e in entry["expressions"])
        for expression in entry["expressions"]:
            owner = said.setdefault(entry["image_name"], {}).setdefault(expression, stem)
            assert owner == stem, f"{expression!r} is said of {owner} and {stem}"
        totals[entry["image_name"]] = totals.get(entry["image_name"], 0) + alpha
        x0, y0, x1, y1 = entry["bbox_xyxy"]
        rows, columns = np.nonzero(alpha >= (128 if (alpha >= 128).any() else 1))
        assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (x0, y0, x1, y1)
    assert all(total.max() <= 255 for total in totals.values())
    assert len(list((root / "mask").iterdir())) == len(labels)


def test_a_reader_of_files_alone_finds_nothing_wrong(made: Path) -> None:
    assert list(reader.problems(made / "train", "train")) == []


def test_a_dataset_iterates_as_arrays(made: Path) -> None:
    dataset = Dataset(made)
    items = list(dataset)
    assert len(items) == len(dataset) == IMAGES
    for item in items:
        assert (item.image.dtype, item.image.shape) == (np.uint8, (120, 200, 3))
        assert all(a.dtype == np.float32 and a.shape == (120, 200) for a in item.alphas)
        assert 0 < max(a.max() for a in item.alphas) <= 1
        assert np.sum(item.alphas, axis=0).max() <= 1 + 1e-6
        one = item.sample.expressions[1]
        assert np.allclose(item.alpha(one), item.alphas[one.referents[0] - 1], atol=1e-6)
        none, both = replace(one, referents=()), replace(one, referents=(1, 2))
        assert not item.alpha(none).any()
        first, second = item.alphas[:2]
        assert np.allclose(item.alpha(both), first + second, atol=1e-6)


def test_no_alpha_changes_with_effects_but_sharpness(pack: Path, tmp_path: Path) -> None:
    """A shadow belongs to the background, tint and grain to the colours."""
    plain = run_of(pack).layout.model_copy(update={"effects": EffectRanges()})
    generate(run_of(pack, layout=plain, splits={"train": 2}), tmp_path / "plain")
    generate(run_of(pack, splits={"train": 2}), tmp_path / "tuned")
    masks = sorted((tmp_path / "plain/train/mask").iterdir())
    assert masks
    for mask in masks:
        assert mask.read_bytes() == (tmp_path / "tuned/train/mask" / mask.name).read_bytes()


def test_an_untouched_dataset_verifies(made: Path) -> None:
    report = verify(made)
    assert report.problems == ()
    assert "6 images re-rendered" in report.summary


def problems_after(copy: Path, **given: Any) -> str:
    found = verify(copy, **given).problems
    assert found
    return "\n".join(found)


def test_one_pixel_of_a_mask_is_found(copy: Path) -> None:
    path = sorted((copy / "train/mask").iterdir())[0]
    with Image.open(path) as mask:
        alpha = np.asarray(mask).copy()
    alpha[0, 0] ^= 1
    Image.fromarray(alpha).save(path)
    said = problems_after(copy)
    assert f"{path}: was changed" in said
    assert "the matte is not what its scene renders to" in said


def test_one_byte_of_an_image_is_found(copy: Path) -> None:
    path = sorted((copy / "train/img").iterdir())[0]
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    assert f"{path}: was changed" in problems_after(copy, pixels=False)


def test_one_word_of_a_label_is_found(copy: Path) -> None:
    path = copy / "train/refmatte_train_label.json"
    labels = json.loads(path.read_text())
    stem = next(iter(labels))
    labels[stem]["expressions"][2] = labels[stem]["expressions"][2].replace("the", "a", 1)
    path.write_text(json.dumps(labels))
    said = problems_after(copy, pixels=False)
    assert f"{stem}: expressions.2: differs from the sample it describes" in said


def test_a_false_sentence_is_found_even_where_all_files_agree(copy: Path) -> None:
    """Someone swaps the referent of a sentence everywhere and mends every hash."""
    swapped = 0
    for path in [*sorted((copy / "train/.shards").glob("*.jsonl")), copy / "train/samples.jsonl"]:
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        for row in rows:
            for expression in row.get("sample", row).get("expressions", []):
                if expression["kind"] == "absolute":
                    expression["referents"] = [3 - min(2, expression["referents"][0])]
                    swapped += 1
        path.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))
    assert swapped
    said = problems_after(copy, pixels=False)
    assert "by its record" in said
    assert "by its mattes" in said


@pytest.mark.parametrize("victim", ["img", "mask", ".shards"])
def test_a_missing_file_is_found(copy: Path, victim: str) -> None:
    path = sorted(p for p in (copy / "train" / victim).iterdir() if p.is_file())[0]
    path.unlink()
    assert problems_after(copy, pixels=False)


def test_a_stray_file_is_found(copy: Path) -> None:
    (copy / "train/img/extra.jpg").write_bytes(b"x")
    assert "extra.jpg: does not belong to the dataset" in problems_after(copy, pixels=False)


def test_a_pack_that_has_moved_is_found_by_its_name(copy: Path, pack: Path, tmp_path: Path) -> None:
    """Neither verifying nor resuming minds where it lies, as long as it is the same."""
    moved = tmp_path / "elsewhere" / "pack"
    shutil.copytree(pack, moved)
    described = json.loads((copy / ".run.json").read_text())
    assert described["here"] == {"packs": {"tiny": str(pack)}}
    described["here"]["packs"]["tiny"] = str(tmp_path / "gone")
    (copy / ".run.json").write_text(json.dumps(described))
    said = problems_after(copy)
    assert f"cannot render again: {tmp_path / 'gone'}: the pack 'tiny' was not found" in said
    assert "give its folder with --pack" in said
    report = verify(copy, packs=[moved])
    assert report.problems == ()
    assert "6 images re-rendered" in report.summary
    with pytest.raises(
        InputError, match=r"is the pack 'other', which the dataset is not made from"
    ):
        verify(copy, packs=[make_pack(tmp_path / "other", "other")])
    before = contents(copy)
    generate(run_of(moved), copy)
    assert contents(copy) == before
    assert str(pack) not in (copy / "manifest.json").read_text()


def test_packs_that_changed_are_said(copy: Path, pack: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(pack, changed)
    labels = changed / "labels.jsonl"
    labels.write_text(labels.read_text().replace('"rubber"', '"leather"'))
    said = "\n".join(verify(copy, packs=[changed]).problems)
    assert f"{changed}: the pack 'tiny' has changed since the dataset was made" in said


def test_a_run_that_another_version_goes_on_with_says_so(
    made: Path, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "out"
    generate(run_of(pack, splits={"train": 3}), root)
    other = {"engine": "9.9", "versions": {"numpy": "9", "opencv": "9", "pillow": "9"}}
    for module in (dataset_run, manifest):
        monkeypatch.setattr(module, "made_with", lambda: other)
    about = generate(run_of(pack), root)
    assert about["engine"] != "9.9"
    assert about["also_made_with"] == [{**other, "images": 4}]
    assert about["content_digest"] == Dataset(made).manifest["content_digest"]
    assert verify(root).problems == ()
    receipt = root / "train/.shards/00001.jsonl"
    receipt.write_text(receipt.read_text().replace('"9.9"', '"9.8"', 1))
    assert "manifest.json: also_made_with: " in problems_after(root, pixels=False)


def test_a_split_cannot_have_the_name_of_a_folder_beside_it(pack: Path, tmp_path: Path) -> None:
    for name in ("templates", "gallery"):
        with pytest.raises(InputError, match=rf"splits.{name}: '{name}' is not a split name"):
            generate(run_of(pack, splits={name: 0, "train": 1}), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_relit_dataset_is_rendered_again_by_its_own_function_alone(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function of the user's own, in the folder where the command runs, for all workers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "two_lights.py").write_text(
        "import os\nimport numpy as np\n"
        "def dim(layer, background): return layer[..., :3] // 2\n"
        "def dice(layer, background):\n"
        "    noise = np.frombuffer(os.urandom(background.size), np.uint8)\n"
        "    return noise.reshape(background.shape)\n"
    )
    run = run_of(pack, splits={"train": 3}, relight="two_lights:dim")
    generate(run, tmp_path / "dim")
    generate(run, tmp_path / "again", workers=2)
    assert contents(tmp_path / "dim") == contents(tmp_path / "again")
    told = json.loads((tmp_path / "dim" / "manifest.json").read_text("utf-8"))["relight"]
    assert told["function"] == "two_lights:dim"
    report = verify(tmp_path / "dim", relight="two_lights:dim")
    assert (report.count, "3 images re-rendered" in report.summary) == (0, True)
    report = verify(tmp_path / "dim")
    assert (report.count, "3 images not re-rendered" in report.summary) == (0, True)
    assert "were relit by two_lights:dim, code that runs only with --relight" in report.summary
    (other,) = verify(tmp_path / "dim", relight="two_lights:dice").problems
    assert "'two_lights:dice' is not what relit the dataset; allowed: two_lights:dim" in other

    generate(run_of(pack, splits={"train": 3}, relight="two_lights:dice"), tmp_path / "dice")
    report = verify(tmp_path / "dice", relight="two_lights:dice")
    assert "two_lights:dice gives other colours each time it is asked" in str(report.problems)
    with (tmp_path / "two_lights.py").open("a") as file:
        file.write("# changed\n")
    (changed,) = verify(tmp_path / "dim", relight="two_lights:dim").problems
    assert "has changed since the dataset was made" in changed
