"""Whatever is altered in a finished dataset is found, and named by file and field."""

from __future__ import annotations

import copy as copies
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from refmatte_engine.dataset import sample_file
from refmatte_engine.dataset.manifest import FIXED, FORMAT, run_digest
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.generation import remaking, statements
from refmatte_engine.generation import verify as verifier
from refmatte_engine.generation.inventory import Inventory, changed
from refmatte_engine.generation.verify import verify
from refmatte_engine.images import image_io
from refmatte_engine.records import Sample as Sample_
from refmatte_engine.records import from_json, to_json
from refmatte_engine.storage.files import digest, files_below, jsonl
from tests.support import forged
from tests.support.forged import Sample, forge, records, write_manifest


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset that no test changes."""
    return forged.make_dataset(tmp_path_factory.mktemp("forged"))


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """A dataset to be tampered with."""
    return Path(shutil.copytree(made, tmp_path / "out"))


def said_of(root: Path, **given: Any) -> str:
    """What verify says; of a manifest that cannot be read, the one line of the error."""
    try:
        found = list(verify(root, **given).problems)
    except RefMatteError as error:
        found = [str(error)]
    assert all("\n" not in line for line in found)
    return "\n".join(found)


def said_of_files(root: Path) -> str:
    """The part of it that is about files, receipts and the manifest."""
    try:
        dataset = Dataset(root)
        inventory = Inventory(dataset, dataset.run, partial(files_below, root))
        found = list(inventory.about())
        for piece in (piece for split in dataset.splits for piece in inventory.pieces(split)):
            found += [*piece.problems, *changed(root, piece)]
        return "\n".join([*found, *inventory.rest()])
    except RefMatteError as error:
        return str(error)


def test_there_is_something_to_alter(made: Path) -> None:
    report = verify(made)
    assert report.problems == ()
    assert "28 images re-rendered" in report.summary
    assert "grounded and told again: all agree" in report.summary
    samples = [sample for _, sample in records(made)]
    assert {s.get("change", "") for s in samples} == {"", "exchanged", "recoloured"}
    kinds = {e["kind"] for s in samples for e in s["expressions"]}
    assert {"group", "none", "minimal", "overspecified"} <= kinds


# --- files as such, each altered alone


def images(root: Path, split: str = "train") -> list[Path]:
    return sorted((root / split / "img").iterdir())


def masks(root: Path) -> list[Path]:
    return sorted((root / "train" / "mask").iterdir())


def one_level(root: Path) -> None:
    for mask in masks(root):
        alpha = image_io.read_alpha(mask).copy()
        if (soft := np.argwhere((alpha > 100) & (alpha < 255))).size:
            alpha[tuple(soft[0])] += 1
            Image.fromarray(alpha).save(mask)
            return


def one_outside(root: Path) -> None:
    alpha = image_io.read_alpha(masks(root)[0]).copy()
    row, column = np.argwhere(alpha == 0)[0]
    alpha[row, column] = 1
    Image.fromarray(alpha).save(masks(root)[0])


def jpeg_again(root: Path) -> None:
    Image.open(images(root)[0]).save(images(root)[0], quality=95)


def mirrored(root: Path) -> None:
    pixels = image_io.read_rgb(images(root)[0])[:, ::-1]
    images(root)[0].write_bytes(image_io.encode_jpeg(np.ascontiguousarray(pixels)))


def commented(root: Path) -> None:
    data = images(root)[0].read_bytes()
    images(root)[0].write_bytes(data[:2] + b"\xff\xfe\x00\x03x" + data[2:])


def flipped(root: Path) -> None:
    data = bytearray(images(root)[0].read_bytes())
    data[len(data) // 2] ^= 1
    images(root)[0].write_bytes(data)


def exchange(one: Path, other: Path) -> None:
    mine, theirs = one.read_bytes(), other.read_bytes()
    one.write_bytes(theirs)
    other.write_bytes(mine)


def labels(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = root / "train" / "refmatte_train_label.json"
    data = json.loads(path.read_text("utf-8"))
    change(data)
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")


def two_expressions(data: dict[str, Any]) -> None:
    said = data[min(data)]["expressions"]
    said[0], said[1] = said[1], said[0]


def not_unique(data: dict[str, Any]) -> None:
    data[min(data)]["keyword_unique"] = not data[min(data)]["keyword_unique"]


def lines(root: Path, change: Callable[[list[str]], object]) -> None:
    path = root / "train" / "samples.jsonl"
    found = path.read_text("utf-8").splitlines(keepends=True)
    change(found)
    path.write_text("".join(found), "utf-8")


def first_line(root: Path, change: Callable[[Sample], object]) -> None:
    def changed(found: list[str]) -> None:
        sample = json.loads(found[0])
        change(sample)
        found[0] = jsonl([sample]).decode()

    lines(root, changed)


def a_box(sample: Sample) -> None:
    sample["entities"][0]["box_xyxy"][0] += 1


def an_attribute(sample: Sample) -> None:
    sample["entities"][0]["attributes"][0]["value"] = "odd"


def one_word(sample: Sample) -> None:
    text = next(e for e in sample["expressions"] if e["kind"] == "absolute")
    text["text"] += "!"


def to_the_test_split(root: Path, keep: bool) -> None:
    moved = images(root)[0]
    shutil.copy(moved, root / "test" / "img")
    if not keep:
        moved.unlink()


def receipt(root: Path) -> Path:
    return sorted((root / "train" / ".shards").glob("*.jsonl"))[1]


def header(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    about, *rows = map(json.loads, path.read_text("utf-8").splitlines())
    change(about)
    path.write_bytes(jsonl([about, *rows]))


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


ALONE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a mask, one pixel": (one_level, ".png: was changed"),
    "a mask, one outside": (one_outside, "_1.png: was changed"),
    "a mask in another stream": (
        lambda r: forged.recompressed(masks(r)[0]),
        "_1.png: was changed after it was written (with the same pixels)",
    ),
    "an image encoded again": (jpeg_again, ".jpg: was changed"),
    "an image mirrored": (mirrored, "the image is not what its scene renders to"),
    "an image with a comment": (commented, ".jpg: was changed"),
    "an image with one other bit": (flipped, ".jpg: was changed"),
    "labels: two expressions exchanged": (
        lambda r: labels(r, two_expressions),
        "_label.json: rim_train_",
    ),
    "labels: keyword_unique": (lambda r: labels(r, not_unique), ": keyword_unique: differs from"),
    "labels: an entry deleted": (lambda r: labels(r, lambda d: d.pop(min(d))), ": is missing"),
    "labels: another form": (lambda r: labels(r, lambda d: None), "it says the same"),
    "samples: a word": (
        lambda r: first_line(r, one_word),
        "samples.jsonl:1: expressions.2.text differs from",
    ),
    "samples: a box": (
        lambda r: first_line(r, a_box),
        "samples.jsonl:1: entities.0.box_xyxy.0 differs from",
    ),
    "samples: an attribute": (
        lambda r: first_line(r, an_attribute),
        "samples.jsonl:1: entities.0.attributes.0.value differs from",
    ),
    "samples: a line deleted": (lambda r: lines(r, lambda f: f.pop(3)), "samples.jsonl:4: "),
    "samples: a line doubled": (
        lambda r: lines(r, lambda f: f.insert(3, f[3])),
        "samples.jsonl:21: is in no shard's receipt",
    ),
    "samples: a line moved": (
        lambda r: lines(r, lambda f: f.append(f.pop(3))),
        "samples.jsonl:20: ",
    ),
    "an image moved": (lambda r: to_the_test_split(r, keep=False), ".jpg: is missing"),
    "an image copied": (lambda r: to_the_test_split(r, keep=True), ".jpg: does not belong"),
    "two images exchanged": (lambda r: exchange(*images(r)[:2]), ".jpg: was changed"),
    "two masks exchanged": (lambda r: exchange(*masks(r)[:2]), ".png: was changed"),
    "a receipt deleted": (
        lambda r: receipt(r).unlink(),
        "00002.jsonl: holds images 16 to 19 in 4 lines; the receipt before it ends at 7",
    ),
    "a receipt edited": (
        lambda r: edited(receipt(r), '"index":8,', '"index":9,'),
        "samples.jsonl:9: index differs from the shard's receipt",
    ),
    "a receipt of another run": (
        lambda r: edited(receipt(r), '"run":"', '"run":"0'),
        "00001.jsonl: run: its images were made for another run",
    ),
    "a receipt's reasons": (
        lambda r: header(receipt(r), lambda h: h["rejections"].update(odd=1)),
        "manifest.json: rejections.odd: nothing, but the receipts and files give 1",
    ),
    "a receipt's pixels": (
        lambda r: edited(receipt(r), '"pixels":{"mask/', '"pixels":{"musk/'),
        "00001.jsonl:2: pixels: are not those of",
    ),
    "a stray file in a split": (
        lambda r: (r / "train" / "img" / "x.jpg").write_bytes(b"x"),
        "train/img/x.jpg: does not belong to the dataset",
    ),
    "a stray file among the receipts": (
        lambda r: (r / "train" / ".shards" / "x.txt").write_bytes(b"x"),
        ".shards/x.txt: does not belong to the dataset",
    ),
    "a stray link": (
        lambda r: (r / "val").symlink_to(r / "test"),
        "val: does not belong to the dataset",
    ),
    "a template": (
        lambda r: edited(r / "templates" / "expressions.yaml", "keyword:", "keyword :"),
        "expressions.yaml: was changed",
    ),
    "a vocabulary that is gone": (
        lambda r: (r / "templates" / "vocabulary.yaml").unlink(),
        "vocabulary.yaml: is missing",
    ),
    "the run's description": (
        lambda r: edited(r / ".run.json", '"seed": 777', '"seed": 778'),
        "manifest.json: run.seed: 777, but .run.json says 778",
    ),
    "the run's description, gone": (lambda r: (r / ".run.json").unlink(), ".run.json"),
    # 1 to 10 of those that were missed once
    "seed": (lambda r: leaf(r, ["run", "seed"], 778), "run.seed: 778, but .run.json says 777"),
    "rejections": (lambda r: leaf(r, ["rejections"], {}), "manifest.json: rejections."),
    "entities": (
        lambda r: leaf(r, ["splits", "train", "entities"], 1),
        "splits.train.entities: 1, but the receipts and files give",
    ),
    "expressions": (
        lambda r: leaf(r, ["splits", "test", "expressions"], 1),
        "splits.test.expressions: 1, but the receipts and files give",
    ),
    "images": (
        lambda r: leaf(r, ["splits", "train", "images"], 19),
        "splits.train.images: 19, but the receipts and files give 20",
    ),
    "licence": (
        lambda r: leaf(r, ["licences", "forge", "licence"], "CC-BY-NC"),
        'licences.forge.licence: "CC-BY-NC", but .run.json says "CC0-1.0"',
    ),
    "a key of the layout": (
        lambda r: leaf(r, ["run", "layout", "margin"], 0.03),
        "run.layout.margin: 0.03, but .run.json says 0.02",
    ),
    "templates_digest": (lambda r: leaf(r, ["templates_digest"], "0"), "templates_digest: "),
    "engine": (lambda r: leaf(r, ["engine"], "9.9"), 'engine: "9.9", but .run.json says'),
    "versions": (lambda r: leaf(r, ["versions", "numpy"], "9"), 'versions.numpy: "9", but'),
    "a stray file beside the splits": (
        lambda r: (r / "x.txt").write_bytes(b"x"),
        "x.txt: does not belong to the dataset",
    ),
}


def leaf(root: Path, keys: list[str], value: object, mend: bool = True) -> None:
    """One value of the manifest, whose own digest is mended."""
    about = json.loads((root / "manifest.json").read_text("utf-8"))
    inner = about
    for key in keys[:-1]:
        inner = inner[key]
    assert inner[keys[-1]] != value
    inner[keys[-1]] = value
    if mend:
        write_manifest(root, about)
    else:
        (root / "manifest.json").write_text(json.dumps(about), "utf-8")


@pytest.mark.parametrize("name", ALONE)
def test_what_is_altered_alone_is_found(out: Path, name: str) -> None:
    alter, told = ALONE[name]
    alter(out)
    assert told in said_of(out, pixels=name == "an image mirrored")


# --- forged consistently: receipts, samples, labels and digests agree with each other


def first(
    fits: Callable[[dict[str, Any]], object], change: Callable[[dict[str, Any]], object]
) -> Callable[[Sample], object]:
    """Changes the first expression that fits, and no other."""
    done: list[int] = []

    def changed(sample: Sample) -> None:
        for expression in sample["expressions"]:
            if not done and fits(expression):
                change(expression)
                done.append(1)

    return changed


def word(old: str, new: str) -> Callable[[Sample], object]:
    """A word of one text. The spans move with it, as a careful forger's would."""

    def change(expression: dict[str, Any]) -> None:
        at = expression["text"].index(old)
        expression["text"] = expression["text"].replace(old, new, 1)

        def moved(clauses: list[dict[str, Any]]) -> None:
            for clause in clauses:
                for span in clause.get("spans", ()):
                    span[0] += (len(new) - len(old)) * (span[0] > at)
                    span[1] += (len(new) - len(old)) * (span[1] > at)
                for target in clause.get("targets", ()):
                    moved(target)

        moved(expression["program"])

    return first(lambda e: f" {old}" in f" {e['text']}", change)


def has(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda e: e["kind"] != "keyword" and any(key in c for c in e["program"])


def in_clause(key: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], object]:
    def changed(expression: dict[str, Any]) -> None:
        clause = next(c for c in expression["program"] if key in c)
        clause[key] = change(clause[key])

    return changed


def if_twin(change: Callable[[Sample], object]) -> Callable[[Sample], object]:
    def changed(sample: Sample) -> None:
        if sample.get("twin"):
            change(sample)

    return changed


def a_relation(key: str, value: object) -> Callable[[Sample], object]:
    def changed(sample: Sample) -> None:
        if sample["relations"]:
            sample["relations"][0][key] = value

    return changed


def no_twin(sample: Sample) -> None:
    sample.pop("twin", None)
    sample.pop("change", None)


def other_kind(expression: dict[str, Any]) -> None:
    expression["kind"] = "absolute"


def other_template(expression: dict[str, Any]) -> None:
    expression["template"] = expression["template"].replace("position", "relation")


def not_needed(expression: dict[str, Any]) -> None:
    expression["program"][0]["necessary"] = False


def nobody(expression: dict[str, Any]) -> None:
    expression["referents"] = []


FORGED: dict[str, tuple[Callable[[Sample], object], str]] = {
    "left → right": (
        word("on the left", "on the right"),
        "is not what its template says of its program: 'the",
    ),
    "red → purple": (word("red", "purple"), "is not what its template says of its program: 'the"),
    "a garment": (word("sweater", "coat"), "is not what its template says of its program: 'the"),
    "a noun": (word("ball", "box"), "is not what its template says of its program:"),
    "one letter": (word("the", "teh"), "is not what its template says of its program: 'the"),
    "a text in capitals": (
        first(lambda e: e["kind"] == "basic", lambda e: e.update(text=e["text"].upper())),
        "is not what its template says of its program: 'the",
    ),
    "a margin": (
        first(has("margin"), in_clause("margin", lambda m: round(m + 0.2, 4))),
        ".margin 0.",
    ),
    "left_after": (
        first(has("left_after"), in_clause("left_after", lambda left: [1] if left != [1] else [2])),
        ".left_after [",
    ),
    "necessary": (
        first(lambda e: e["kind"] == "basic", not_needed),
        "program.0.necessary False is not what its program gives",
    ),
    "a span": (
        first(has("spans"), in_clause("spans", lambda s: [[s[0][0] + 1, s[0][1]]])),
        "has clauses that are said elsewhere than they say (spans)",
    ),
    "no spans": (
        first(has("spans"), in_clause("spans", lambda s: [])),
        "has clauses that are said elsewhere than they say (spans)",
    ),
    "a twin's name": (
        if_twin(lambda s: s.update(twin=s["twin"][:-1] + "g")),
        "twin: 'rim_train_",
    ),
    "one twin's name, gone": (
        if_twin(lambda s: no_twin(s) if s["index"] % 2 else None),
        "twin: '', and its neighbour's is 'rim_",
    ),
    "a twin's change": (
        if_twin(lambda s: s.update(change="traded")),
        "change: 'traded', but the scenes show '",
    ),
    "a relation's predicate": (
        a_relation("predicate", "behind"),
        "samples.jsonl: rim_train_",
    ),
    "a relation's margin": (a_relation("margin", 0.9), "by 0.9 is not so"),
    "a relation that is gone": (
        lambda s: s["relations"].clear(),
        "is missing",
    ),
    "the level": (
        lambda s: s.update(level={"plain": "twins", "twins": "plain"}[s["level"]]),
        "level: 'twins' is not one for ",
    ),
    "a level that the run has not": (
        lambda s: s.update(level="odd"),
        "level: the run has none called 'odd'",
    ),
    "a kind": (
        first(lambda e: e["kind"] == "basic", other_kind),
        "is absolute, and its template basic",
    ),
    "a template's path": (
        first(lambda e: "position" in e["template"], other_template),
        "does not say",
    ),
    "a name": (
        lambda s: s.update(name=s["name"].replace("rim", "rom")),
        "name: 'rom_train_",
    ),
    "an index": (lambda s: s.update(index=s["index"] + 1), "index: 1, but it is image 0"),
    "a program without sense": (
        first(
            has("name"), lambda e: e["program"].append({"op": "order", "name": "x", "value": "y"})
        ),
        "has a program that says nothing (program)",
    ),
    "a relation to nothing": (
        first(has("targets"), in_clause("targets", lambda targets: [])),
        "samples.jsonl: rim_train_",
    ),
    "a referent": (
        first(lambda e: e["kind"] == "basic", nobody),
        "by its record, it means [1], not []",
    ),
    "an attribute": (
        lambda s: s["entities"][0]["attributes"][0].update(value="odd"),
        "_1: attributes: is not that of the picture",
    ),
    "a category": (
        lambda s: s["entities"][0].update(category="gizmo"),
        "_1: category: is not that of the picture",
    ),
    "what is visible": (
        lambda s: s["entities"][0].update(visible_share=0.5),
        "_1: visible_share: is not that of the picture",
    ),
    "an attempt": (lambda s: s.update(attempt=s["attempt"] + 2), ", but the run plans "),
    "both twins' names, gone": (no_twin, ", but the run plans "),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_is_forged_in_every_file_is_found(out: Path, name: str) -> None:
    change, told = FORGED[name]
    before = (out / "train" / "samples.jsonl").read_bytes()
    forge(out, change)
    assert (out / "train" / "samples.jsonl").read_bytes() != before
    said = said_of(out, pixels=False)  # most forgeries are found without rendering anything again
    if told not in said:
        said = said_of(out)
    assert told in said
    assert "samples.jsonl" in said


def test_a_forger_who_changes_nothing_is_not_found(out: Path) -> None:
    """The forging above leaves no traces of its own."""
    forge(out, lambda sample: None)
    assert said_of(out) == ""


# --- every leaf of the manifest


def leaves(value: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, (dict, list)) and value:
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in inside:
            yield from leaves(inner, (*keys, key))
    else:
        yield keys


def another(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return [*value, "x"] if isinstance(value, list) else {"x": 1} if value == {} else f"{value}x"


def altered(about: Any, keys: tuple[Any, ...]) -> Any:
    changed = copies.deepcopy(about)
    inner = changed
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = another(inner[keys[-1]])
    return changed


@pytest.mark.parametrize("mend", [False, True])
def test_every_leaf_of_the_manifest_is_covered(out: Path, mend: bool) -> None:
    """Altered alone; and with the manifest's own digest mended, and then named by its key."""
    path = out / "manifest.json"
    about = json.loads(path.read_text("utf-8"))
    found = [keys for keys in leaves(about) if keys != ("digest",) or not mend]
    assert len(found) > 60
    for keys in found:
        changed = altered(about, keys)
        if mend:
            write_manifest(out, changed)
        else:
            path.write_text(json.dumps(changed), "utf-8")
        said = said_of_files(out)
        dotted = ".".join(key for key in keys if isinstance(key, str))
        assert "manifest.json" in said, keys
        # What cannot be a run at all is said in one line, as of a run file: "run: layout: …".
        assert dotted in said or (": run: " in said and str(keys[1]) in said), (keys, said)


def test_a_key_that_is_added_or_gone_is_found(out: Path) -> None:
    about = json.loads((out / "manifest.json").read_text("utf-8"))
    write_manifest(out, about | {"note": "mine"})
    assert "manifest.json: note: is not a manifest key" in said_of(out, pixels=False)
    for key in [key for key in about if key != "digest"]:
        write_manifest(out, {k: v for k, v in about.items() if k != key})
        assert "manifest.json" in said_of_files(out), key


def test_the_manifest_and_the_run_forged_together_are_found_by_the_receipts(out: Path) -> None:
    for name in ("manifest.json", ".run.json"):
        about = json.loads((out / name).read_text("utf-8"))
        about["licences"]["forge"]["licence"] = "CC-BY-NC-4.0"
        if name == "manifest.json":
            write_manifest(out, about)
        else:
            (out / name).write_text(json.dumps(about), "utf-8")
    said = said_of(out, pixels=False)
    assert "00000.jsonl: run: its images were made for another run, packs, templates, lic" in said
    assert ".run.json says" not in said
    assert "licences: are not those of the packs" in said_of(out)


def test_nothing_of_this_machine_is_hashed(made: Path) -> None:
    about = json.loads((made / "manifest.json").read_text("utf-8"))
    assert str(made.parent) not in json.dumps(about)
    assert about["run"]["packs"] == ["forge"]
    assert about["run"]["expressions"] == "own words"
    of_some = {"terms", "selection", "relight"}  # which are of runs that have some
    assert set(FIXED) - of_some <= about.keys()
    header = json.loads((made / "test/.shards/00000.jsonl").read_text("utf-8").splitlines()[0])
    assert header["run"] == run_digest(about)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        (
            "seed",
            99999999999999999999,
            "manifest.json: run: seed: 99999999999999999999 is not allowed",
        ),
        ("seed", "x", "manifest.json: run: seed: 'x' is not allowed"),
        ("splits", {"../x": 1}, "manifest.json: run: the key 'splits.../x' is not allowed"),
        ("packs", [], "manifest.json: run: packs: "),
        ("layout", {"margin": 7}, "manifest.json: run: layout.margin: 7 is not allowed"),
        ("image", {"format": "gif"}, "manifest.json: run.image.format: 'gif' is not allowed"),
        ("odd", 1, "manifest.json: run: unknown key 'odd'"),
    ],
)
def test_a_run_that_cannot_be_is_one_clear_line(
    out: Path, key: str, value: object, told: str
) -> None:
    about = json.loads((out / "manifest.json").read_text("utf-8"))
    about["run"][key] = value
    write_manifest(out, about)
    said = said_of(out)
    assert told in said
    assert len(said.splitlines()) == 1


def as_format_3(root: Path) -> None:
    """What the version before left: digests of all pixels of a mask."""
    about = json.loads((root / "manifest.json").read_text("utf-8"))
    begun = json.loads((root / ".run.json").read_text("utf-8"))
    about["format"] = begun["format"] = 3
    for split in forged.SPLITS:
        for path in sorted((root / split / ".shards").glob("*.jsonl")):
            header, *rows = map(json.loads, path.read_text("utf-8").splitlines())
            header["run"] = run_digest(about)
            for row in rows:
                for name in row["pixels"]:
                    mask = np.asarray(Image.open(root / split / name))
                    row["pixels"][name] = digest(str(mask.shape).encode() + mask.tobytes())
            path.write_bytes(jsonl([header, *rows]))
    write_manifest(root, about)
    (root / ".run.json").write_text(json.dumps(begun), "utf-8")
    forge(root, lambda sample: None)


def test_format_3_is_verified_by_its_own_digests_of_pixels(out: Path) -> None:
    as_format_3(out)
    assert verify(out).problems == ()
    mask = next((out / "train" / "mask").glob("*.png"))
    mask.write_bytes(image_io.encode_alpha_png(np.asarray(Image.open(mask)) // 2))
    found = [problem for problem in verify(out).problems if problem.startswith(f"{mask}: ")]
    assert [problem.removeprefix(f"{mask}: ") for problem in found] == [
        "was changed after it was written",
        "its pixels are not those that its shard's receipt has",
    ]


def test_a_newer_format_and_an_unfinished_extension_say_what_to_do(out: Path) -> None:
    begun = json.loads((out / ".run.json").read_text("utf-8"))
    begun["run"]["splits"]["train"] = 40
    (out / ".run.json").write_text(json.dumps(begun), "utf-8")
    assert f"{out}: is being extended to 48 images and not finished; run" in said_of_files(out)
    leaf(out, ["format"], FORMAT + 1)
    assert f"has format {FORMAT + 1}, which a newer version of the engine writes" in said_of(out)
    assert f", {FORMAT}; update refmatte-engine" in said_of(out)


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a/b", "a\\b", "", "..", "a.b", "é"])
def test_no_path_is_made_of_a_name_in_a_record(out: Path, name: str) -> None:
    """verify, and whoever else reads the samples: gallery, stats, score."""
    changes = {
        "name": lambda s: s.update(name=name),
        "split": lambda s: s.update(split=name),
        "twin": lambda s: s.update(twin=name) if name else s.update(name=name),
    }
    for change in changes.values():
        first_line(out, change)
        with pytest.raises(InputError, match=r"jsonl:1: .*(is not an image name|says split)"):
            list(Dataset(out).samples())
        assert "samples.jsonl:1: " in said_of(out, pixels=False)


# --- what is no fault


@pytest.mark.parametrize(
    "name",
    [
        ".DS_Store", "@eaDir/x.jpg", "train/Thumbs.db", "train/img/@eaDir/x/THUMB_M.png",
        "train/.shards/._00000.jsonl", "templates/desktop.ini", "gallery/index.html",
        "plots/kinds.png",
    ],
)  # fmt: skip
def test_what_systems_and_other_commands_leave_is_no_stray(out: Path, name: str) -> None:
    (out / name).parent.mkdir(parents=True, exist_ok=True)
    (out / name).write_bytes(b"x")
    assert said_of(out, pixels=False) == ""


def test_the_content_digest_does_not_depend_on_how_pixels_are_compressed(made: Path) -> None:
    """Another processor's deflate gives other bytes; only the hashes of files change with them."""
    hashes = {}
    for split in forged.SPLITS:
        for path in sorted((made / split).rglob("*")):
            name = path.relative_to(made).as_posix()
            if path.suffix == ".png":
                hashes[name] = _pixels(path)
            elif path.suffix == ".jpg" or path.name == "samples.jsonl":
                hashes[name] = digest(path.read_bytes())
    assert forged.content_digest(hashes) == Dataset(made).manifest["content_digest"]


def _pixels(path: Path) -> str:
    """The digest of a mask's pixels, as anybody would take it: shape, the box of what is not 0 as
    left, top, width and height, and the bytes in it."""
    with Image.open(path) as mask:
        alpha = np.asarray(mask)
    (rows, columns), (height, width) = np.nonzero(alpha), alpha.shape
    y, x = rows.min(), columns.min()
    part = alpha[y : rows.max() + 1, x : columns.max() + 1]
    head = f"({height}, {width}, {x}, {y}, {part.shape[1]}, {part.shape[0]})"
    return digest(head.encode() + part.tobytes())


def as_format_1(root: Path) -> None:
    """What an earlier version would have left: no digests of pixels, no spans, packs by path."""
    about = json.loads((root / "manifest.json").read_text("utf-8"))
    begun = json.loads((root / ".run.json").read_text("utf-8"))
    hashes: dict[str, str] = {}

    def bare(program: list[dict[str, Any]]) -> None:
        for clause in program:
            clause.pop("spans", None)
            for target in clause.get("targets", ()):
                bare(target)

    def changed(sample: Sample) -> None:
        for expression in sample["expressions"]:
            bare(expression["program"])

    forge(root, changed)
    for split in forged.SPLITS:
        for path in sorted((root / split / ".shards").glob("*.jsonl")):
            header, *rows = map(json.loads, path.read_text("utf-8").splitlines())
            del header["run"]
            for row in rows:
                del row["pixels"]
            path.write_bytes(jsonl([header, *rows]))
        for path in (root / split).rglob("*"):
            if path.is_file() and ".shards" not in path.parts:
                hashes[path.relative_to(root).as_posix()] = digest(path.read_bytes())
    for old in (about, begun):
        old["format"] = 1
        old["run"]["packs"] = list(begun["here"]["packs"].values())
        for key in ("packs", "templates", "digest"):
            old.pop(key, None)
    about["content_digest"] = forged.content_digest(hashes)
    for key in ("here", "engine", "versions", "licences"):
        begun.pop(key, None)
    shutil.rmtree(root / "templates")
    (root / "manifest.json").write_text(json.dumps(about), "utf-8")
    (root / ".run.json").write_text(json.dumps(begun), "utf-8")


def test_format_1_is_read_and_verified_as_far_as_it_goes(out: Path) -> None:
    as_format_1(out)
    report = verify(out)
    assert report.problems == ()
    assert "28 images not re-rendered" in report.summary
    assert "drawn as earlier versions draw them, so they are not rendered again" in report.summary
    assert "texts are not told again, and nothing covers the manifest" in report.summary
    assert len(list(Dataset(out).samples())) == 28
    recompressed = masks(out)[0]
    forged.recompressed(recompressed)
    assert f"{recompressed}: was changed after it was written" in said_of(out, pixels=False)


def test_what_a_record_rounds_away_decides_nothing(made: Path) -> None:
    """A sentence near a limit is judged by the numbers by which it was certified, unless the matte
    is somewhere else."""
    entity = next(Dataset(made).samples("train")).entities[0]
    (x, y), area = entity.centroid_xy, entity.area_px
    near = replace(entity, centroid_xy=(x + 0.005, y - 0.005), area_px=area + 0.05)
    assert verifier._judged(entity, near) is entity
    for other in (
        replace(entity, centroid_xy=(x + 0.01, y)),
        replace(entity, area_px=area - 0.1),
        replace(entity, box_xyxy=(0, *entity.box_xyxy[1:3], entity.box_xyxy[3] + 1)),
    ):
        assert verifier._judged(entity, other) is other


@pytest.mark.parametrize(
    ("which", "every"),
    [
        ("twin", 5),
        pytest.param("twin", 1, marks=pytest.mark.slow),
        pytest.param("alone", 1, marks=pytest.mark.slow),
    ],
)
def test_every_leaf_of_a_record_is_covered(made: Path, which: str, every: int) -> None:
    """Whatever is altered in a sample's record, its receipt with it, something else tells: the
    mattes, a new rendering, the plan, the templates, the neighbour, or the names of the fields.
    Each leaf costs an image, so that only every fifth is altered where there is little time."""
    dataset = Dataset(made)
    run, words = dataset.run, verifier._templates(dataset)
    assets = remaking.assets(dataset, run, {})
    samples = list(dataset.samples("train"))
    second = next(i for i, s in enumerate(samples) if i % 2 and s.twin)
    alone = next(i for i, s in enumerate(samples) if not s.twin)
    missed = []
    place = second if which == "twin" else alone
    for keys in list(leaves(record := to_json(samples[place])))[::every]:
        try:
            again = from_json(Sample_, altered(record, keys))
            sample_file.check(again, "train", "samples.jsonl:1")
        except (RefMatteError, ValueError):
            continue
        before = samples[place - 1] if place else None
        found = list(statements.misplaced(dataset, run, again, place, before))
        found += verifier.check_sample(dataset, run, again, words, {}, assets)
        if not found:
            missed.append(keys)
    assert missed == []
