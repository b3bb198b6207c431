"""A run is checked wherever it comes from: a file, flags, or a manifest."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from refmatte_engine.config import resources
from refmatte_engine.config.run import changed, from_manifest, load_run
from refmatte_engine.errors import InputError
from tests.support.modules import BASELINES, ENGINE

EMBEDDED = sorted(file.stem for file in (resources.TEMPLATES / "runs").glob("*.yaml"))
# One value for each key of a run that no run may have.
WRONG: dict[str, Any] = {
    "name": "../x",
    "seed": 99999999999999999999,
    "packs": [],
    "test_share": 1.5,
    "splits": {"train": 10**20},
    "kinds": {"people": 1},
    "groups": {"images": {}},
    "layout": {"canvas": {"size": 512}},
    "expressions": [],
    "also": ["all"],
    "max_replaced": 2,
    "image": {"format": "gif"},
    "shard_size": 0,
    "siblings": 1,
    "relight": "no name",
    "split_by": {"shots": 0},
    "allow_licences": [],
}


@pytest.mark.parametrize("name", EMBEDDED)
def test_an_embedded_run_is_read_back_from_its_manifest(name: str) -> None:
    run = load_run(name)
    written = json.loads(json.dumps(run.model_dump(mode="json")))
    assert from_manifest(written, "manifest.json") == run


@pytest.mark.parametrize("key", WRONG)
def test_changes_and_manifests_are_checked_as_files_are(key: str) -> None:
    run = load_run("smoke")
    with pytest.raises(InputError, match=rf"^the command line: .*\b{key}\b") as caught:
        changed(run, {key: WRONG[key]})
    assert "\n" not in str(caught.value)
    written = {**run.model_dump(mode="json"), key: WRONG[key]}
    with pytest.raises(InputError, match=rf"^out/manifest\.json: .*\b{key}\b"):
        from_manifest(written, "out/manifest.json")


def test_every_key_of_a_run_has_a_wrong_value() -> None:
    assert set(WRONG) == set(type(load_run("smoke")).model_fields)


@pytest.mark.parametrize("data", [None, [], "run", 3, {}, {"splits": None}, {"colour": 1}])
def test_what_is_no_run_is_said(data: Any) -> None:
    with pytest.raises(InputError, match=r"^out/manifest\.json: "):
        from_manifest(data, "out/manifest.json")


@pytest.mark.parametrize(
    "flag",
    [
        ("--seed", "99999999999999999999"), ("--seed", "-1"), ("--seed", "x"),
        ("--limit", "99999999999999999999"), ("--limit", "0"),
        ("--shard-size", "99999999999"), ("--shard-size", "0"),
        ("--workers", "-1"),
    ],
)  # fmt: skip
def test_flags_are_checked_as_files_are(flag: tuple[str, str], cli: Any, tmp_path: Path) -> None:
    code, _, said = cli("generate", "smoke", "--out", tmp_path / "out", *flag)
    assert code == 2
    assert flag[0] in said or re.search(r"the command line: \w+(\.\w+)?: ", said)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("splits: {train: 3}\n\nlayout: demoo\n", "run.yaml:3: layout: demoo: no such file; "
         "allowed: a path, or one of clipmat, demo, "),
        ("expressions: xx\nsplits: {train: 3}\n", "run.yaml:1: expressions: xx: no such file"),
        ("splits: {train: 3}\ngroups:\n  images: {train: 3}\n  count: {}\n",
         "run.yaml:4: groups.count: the split 'train' is missing"),
        ("- 3\n", "run.yaml:1: must be"),
    ],
)  # fmt: skip
def test_mistakes_are_said_where_they_stand(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "run.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        load_run(tmp_path / "run.yaml")
    assert message in str(caught.value)


@pytest.mark.parametrize("images", [-1, 0, 2.5, "3", None, True])
def test_a_limit_is_a_number_of_images(images: Any) -> None:
    with pytest.raises(InputError, match=rf"{images!r} is not a number of them; allowed: 1 and"):
        load_run("smoke").limited(images)


def test_a_run_is_changed_in_one_place_only() -> None:
    """`model_copy` checks nothing: whoever changes a run builds it anew."""
    for file in (*ENGINE.values(), *BASELINES.values()):
        for line in file.read_text("utf-8").splitlines():
            assert not re.search(r"\brun\b.*\.model_copy\(", line), f"{file}: {line}"
