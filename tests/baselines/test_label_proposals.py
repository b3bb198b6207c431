"""Proposing labels: real open_clip code with a tiny random model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from refmatte_engine.config import resources
from refmatte_engine.config.strict_yaml import load
from refmatte_engine.errors import InputError
from refmatte_engine.packs import catalog
from tests.conftest import make_pack

open_clip = pytest.importorskip("open_clip", reason="open_clip is not installed")
torch = pytest.importorskip("torch")

TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {
        "context_length": 77, "vocab_size": 49408, "width": 64, "heads": 1, "layers": 1,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    (folder / "refmatte-tiny.json").write_text(json.dumps(TINY))
    open_clip.add_model_config(folder / "refmatte-tiny.json")
    torch.manual_seed(0)
    path = folder / "tiny.pt"
    torch.save(open_clip.create_model("refmatte-tiny").state_dict(), path)
    return path


def questions(min_score: float = 0.0):  # type: ignore[no-untyped-def]
    from refmatte_baselines.label_proposals import Questions

    found = load(Questions, resources.template("labels", "questions"))
    return found.model_copy(update={"min_score": min_score})


def test_only_what_nobody_said_is_proposed(tmp_path: Path, checkpoint: Path) -> None:
    from refmatte_baselines.label_proposals import propose

    root = make_pack(tmp_path / "tiny")
    labels = (root / "labels.jsonl").read_text()
    path = propose(root, questions(), model="refmatte-tiny", pretrained=str(checkpoint))
    assert (root / "labels.jsonl").read_text() == labels
    lines = {row["file"]: row for row in map(json.loads, path.read_text().splitlines())}
    woman = lines["foregrounds/woman/woman.png"]
    assert woman["source"] == "predicted"
    assert woman["recipe"]["model"] == "refmatte-tiny"
    assert set(woman["attributes"]) == {"age"}  # gender is labelled, material is for objects
    assert 0 < woman["attributes"]["age"]["score"] <= 1
    assert "category" not in woman
    assert "pattern" not in lines["foregrounds/box/box.png"]["attributes"]  # labelled
    # A person takes a line over; the catalog then knows that it was predicted.
    kept = [row for row in map(json.loads, labels.splitlines()) if row["file"] != woman["file"]]
    kept.append({**woman, "category": "human", "kind": "human"})
    (root / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in kept))
    loaded = catalog.load([root])
    assert not loaded.problems
    (age,) = loaded.foregrounds["tiny/woman/woman"].attributes
    assert (age.name, age.source, age.score) == (
        "age", "predicted", woman["attributes"]["age"]["score"],
    )  # fmt: skip


def test_unsure_answers_are_not_written(tmp_path: Path, checkpoint: Path) -> None:
    from refmatte_baselines.label_proposals import propose

    root = make_pack(tmp_path / "tiny")
    path = propose(root, questions(0.999), model="refmatte-tiny", pretrained=str(checkpoint))
    assert path.read_text() == ""


def test_errors(tmp_path: Path, checkpoint: Path) -> None:
    from refmatte_baselines.label_proposals import propose

    root = make_pack(tmp_path / "tiny")
    with pytest.raises(InputError, match=r"ViT-B-61: is no open_clip model.*ViT-B"):
        propose(root, questions(), model="ViT-B-61", pretrained=str(checkpoint))
    with pytest.raises(InputError, match="cannot be loaded into refmatte-tiny"):
        propose(root, questions(), model="refmatte-tiny", pretrained="nothing.pt")
    (root / "labels.predicted.jsonl").write_text("mine")
    with pytest.raises(InputError, match="is there already; review and move it"):
        propose(root, questions(), model="refmatte-tiny", pretrained=str(checkpoint))
    assert (root / "labels.predicted.jsonl").read_text() == "mine"
