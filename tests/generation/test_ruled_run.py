"""A run with rules for splits and licences: recorded, verified, resumed, and told in its card."""

from __future__ import annotations

import json
from pathlib import Path

from refmatte_engine.config.run import Run
from refmatte_engine.dataset.manifest import own_digest
from refmatte_engine.generation.dataset_run import generate
from refmatte_engine.generation.verify import verify
from tests.conftest import THINGS, disc, make_pack, write_png


def test_what_went_where_is_recorded_and_verified(tmp_path: Path) -> None:
    pack, out = make_pack(tmp_path / "tiny"), tmp_path / "out"
    for number in range(3):
        file = pack / f"backgrounds/test_{number}.png"
        write_png(file, disc((40 * number, 90, 20))[..., :3].copy())
    labels = (pack / "labels.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in labels]
    told[0] |= {"licence": "CC BY-NC 4.0"}
    told[1] |= {"credit": "Ann"}
    told += [{"file": f"backgrounds/test_{n}.png", "split": "test"} for n in range(3)]
    (pack / "labels.jsonl").write_text("".join(json.dumps(one) + "\n" for one in told))
    run = Run(
        packs=[str(pack)],
        splits={"train": 2, "test": 2},
        split_by={"unseen": ["cat", "dog"], "shots": 1},  # type: ignore[arg-type]
        allow_licences=["CC0"],
        shard_size=1,
        layout={"canvas": {"size": (120, 200)}},  # type: ignore[arg-type]
        max_replaced=1,
    )
    made = generate(run, out)
    selection = made["selection"]
    assert selection["unseen"] == ["cat", "dog"]
    assert selection["foregrounds"]["test"] == {"cat": 1, "dog": 1}
    assert selection["left_out"] == {"under 'CC BY-NC 4.0', which is not allowed": 1}
    assert selection["shots"]["ball"] == ["tiny/ball/ball_blue"]
    assert made["terms"][0]["credit"] == "Ann"
    assert made["used"]["tiny"]["foregrounds"] <= len(THINGS) - 1
    assert verify(out).problems == ()
    card = (out / "README.md").read_text("utf-8")
    assert "2 categories only in test: cat, dog" in card
    assert "license: cc0-1.0" in card
    # What a person writes is kept by a run that goes on, and verification lets it be.
    (out / "README.md").write_text("Mine.\n")
    (out / "train/.shards/00001.jsonl").unlink()
    assert generate(run, out) == made
    assert (out / "README.md").read_text() == "Mine.\n"
    assert verify(out, pixels=False).problems == ()
    # The attribution is covered, and so is what went where.
    attributed = (out / "ATTRIBUTION.md").read_bytes()
    (out / "ATTRIBUTION.md").write_bytes(attributed.replace(b"CC0", b"MIT"))
    (problem,) = verify(out, pixels=False).problems
    assert "attribution: is not the digest of" in problem
    (out / "ATTRIBUTION.md").write_bytes(attributed)
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["selection"]["unseen"] = ["cat"]
    manifest["digest"] = own_digest(manifest)
    (out / "manifest.json").write_text(json.dumps(manifest))
    problems = verify(out).problems
    assert any("selection" in problem for problem in problems)
