"""A run's folder: held by one run, or by the parts of one, with a description that only that run
goes on with."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from refmatte_engine.dataset.shards import clear_asides
from refmatte_engine.errors import InputError, listed
from refmatte_engine.records import is_plain
from refmatte_engine.storage import junk
from refmatte_engine.storage.files import HALF, disk_errors, held, write_new, write_whole

RUN_FILE = ".run.json"
BEGUN_WITH = ("engine", "versions")  # keys of a description that a resumed run need not share
GROWS = ("lacks",)  # goes with the splits
HERE = "here"
# Of a description, what is another where something else is, and so need not be told as well.
_CHOICE = ("run.packs", "run.seed", "run.test_share", "run.split_by", "run.allow_licences")
_FOLLOWS = {
    **dict.fromkeys(("packs", "licences", "terms", "selection"), _CHOICE),
    "catalog_digest": (*_CHOICE, "packs"),
    "templates": ("run.expressions",),
    "templates_digest": ("run.expressions", "templates"),
    "relight": ("run.relight",),
}
OnExists = Literal["resume", "overwrite", "fail"]


@contextlib.contextmanager
def run_folder(
    root: Path,
    run: Mapping[str, Any],
    on_exists: OnExists,
    here: Mapping[str, Any] | None = None,
    *,
    shared: bool = False,
) -> Iterator[dict[str, Any]]:
    """Locks `root` for one run, whose resolved description is `run`, and yields that description
    with the versions that began the folder. `here`, known only to this machine, is stored beside it
    and never compared. A folder that is `shared` is held together with other parts of the run.

    InputError if another run is writing there, or the folder contains something other than a
    dataset, or a dataset of another run (naming what differs). RefMatteError if the disk is full.
    """
    with disk_errors(root):
        if root.exists() and not root.is_dir():
            raise InputError(root, "is not a folder")
        begun = root / RUN_FILE
        there = [p.name for p in root.iterdir()] if root.is_dir() else []
        if not begun.exists() and any(map(is_strange, there)):
            raise InputError(
                root, "contains files that are not a dataset's", todo="choose an empty folder"
            )
        if begun.exists() and on_exists == "fail":
            raise InputError(
                root,
                "already contains a dataset",
                todo="choose another folder, or --on-exists resume or overwrite",
            )
        root.mkdir(parents=True, exist_ok=True)
        with held(root, shared=shared):
            yield _begun(root, run, on_exists, here, shared)


def _begun(
    root: Path,
    run: Mapping[str, Any],
    on_exists: OnExists,
    here: Mapping[str, Any] | None,
    shared: bool,
) -> dict[str, Any]:
    """The run's description, as it is in the folder from now on."""
    path, described = root / RUN_FILE, dict(run)
    if write_new(path, _written(described, here)):
        return described
    before = read_run_file(path)
    if on_exists == "overwrite":
        clear(root, before)
    else:
        _same_run(root, before, run)
        described |= {key: before[key] for key in BEGUN_WITH if key in before}
    is_known = described == {key: value for key, value in before.items() if key != HERE}
    if not (shared and is_known):  # others may read it now
        write_whole(path, _written(described, here))
    if not shared:
        clear_asides(root, described["run"]["splits"])
    return described


def _written(described: Mapping[str, Any], here: Mapping[str, Any] | None) -> bytes:
    data = {**described, HERE: here} if here else described
    return json.dumps(data, indent=1, ensure_ascii=False).encode()


def is_strange(name: str) -> bool:
    """Whether a file is none that may lie where a run has hardly begun."""
    return not (name == ".lock" or HALF.fullmatch(name) or junk.is_junk(name))


def read_run_file(path: Path) -> dict[str, Any]:
    """A run's description as `run_folder` stores it. InputError if it is not one."""
    try:
        described = json.loads(path.read_text("utf-8"))
        splits = described["run"]["splits"]
        is_one = isinstance(splits, dict) and all(is_plain(split) for split in splits)
        is_one &= isinstance(described.get(HERE, {}).get("packs", {}), dict)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        is_one = False
    if not is_one:
        raise InputError(
            path, "is not a run's description", todo="choose another folder, or empty this one"
        )
    found: dict[str, Any] = described
    return found


def clear(root: Path, run: Mapping[str, Any]) -> None:
    """Deletes what a run wrote into `root`, and nothing else."""
    for name in ("manifest.json", "ATTRIBUTION.md"):
        (root / name).unlink(missing_ok=True)
    shutil.rmtree(root / "templates", ignore_errors=True)
    for split in run["run"]["splits"]:
        folder = root / split
        for name in ("img", "mask", ".shards"):
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in ("samples.jsonl", f"refmatte_{split}_label.json"):
            (folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()


def _same_run(root: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """InputError if `now` would not resume what is in the folder. Splits may grow, and library
    versions may change."""
    todo = "choose another folder, or --on-exists overwrite"
    if before.get("format") != now.get("format"):
        raise InputError(
            root,
            f"contains a dataset that {begun_by(before)} began in format {before.get('format')}, "
            f"and this version writes format {now.get('format')}",
            todo=f"finish it with that version, {todo}",
        )
    if differs := differences(before, now):
        raise InputError(
            root,
            f"contains another run, begun by {begun_by(before)}: {listed(differs, 4)}",
            todo=todo,
        )


def differences(
    before: Mapping[str, Any], now: Mapping[str, Any], *, strictly: bool = False
) -> list[str]:
    """In what two runs' descriptions differ, in words, without what follows from what is told; what
    a person asked for comes first. Unless `strictly`, splits may grow, and library versions may
    change."""
    old, new = flat(before), flat(now)
    free = (HERE,) if strictly else (*BEGUN_WITH, *GROWS, HERE)
    differs: dict[str, str] = {}
    # How many images may be replaced is asked of the finished whole, and changes no image.
    for key in sorted((old.keys() | new.keys()) - {"run.max_replaced"}):
        a, b = old.get(key), new.get(key)
        grows = key.startswith("run.splits.") and (a is None or (b is not None and b >= a))
        if a != b and (strictly or not grows) and key.split(".")[0] not in free:
            only = ", but may only grow" if key.startswith("run.splits.") and not strictly else ""
            differs[key] = f"{key} was {a!r} and is now {b!r}{only}"
    parts = [key.split(".") for key in differs]
    told = {".".join(part[: 1 + (part[0] == "run")]) for part in parts}
    first = [key for key, part in zip(differs, parts, strict=True) if part[0] == "run"]
    rest = differs.keys() - first
    rest -= {key for key in rest if not told.isdisjoint(_FOLLOWS.get(key.split(".")[0], ()))}
    return [differs[key] for key in (*first, *sorted(rest))]


def begun_by(described: Mapping[str, Any]) -> str:
    """The version that began a run, in plain words."""
    if "engine" in described:
        return f"refmatte-engine {described['engine']}"
    return "an earlier version of refmatte-engine"


def flat(value: Any, key: str = "") -> dict[str, Any]:
    """All leaves of JSON data by their dotted keys; lists are leaves.

    >>> flat({"a": {"b": 1}, "c": [2]})
    {'a.b': 1, 'c': [2]}
    """
    if isinstance(value, Mapping) and value:
        return {
            k: v
            for name, item in value.items()
            for k, v in flat(item, f"{key}.{name}" if key else str(name)).items()
        }
    return {key: value}
