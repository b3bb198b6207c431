"""A frozen catalog is the catalog, without a look at the packs; and what has changed is named."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from refmatte_engine.config.run import Run
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.packs import catalog, frozen, pack, run_catalog, scan
from refmatte_engine.storage import cache, files
from tests.conftest import landscape, make_pack


@pytest.fixture(scope="module")
def frozen_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two packs, one with all that may be wrong, and their frozen catalog."""
    home = tmp_path_factory.mktemp("home")
    one, two = make_pack(home / "one", "one"), make_pack(home / "two", "two")
    (one / "foregrounds/broken.png").write_bytes(b"no picture")
    (one / "foregrounds/numbers").mkdir()
    shutil.copy(one / "foregrounds/ball/ball_red.png", one / "foregrounds/numbers/0001.png")
    shutil.rmtree(two / "foregrounds/man")
    shutil.copytree(two / "foregrounds", two / "alphas")
    (two / "pack.yaml").write_text(
        f"{(two / 'pack.yaml').read_text()}defaults: {{licence: CC-BY-4.0}}\nfix: [dust]\n"
    )
    with (two / "labels.jsonl").open("a") as lines:
        lines.write('{"file": "foregrounds/nobody.png"}\n')
    for n in range(9):
        (two / f"backgrounds/more_{n}.jpg").write_bytes(image_io.encode_jpeg(landscape(10 + n)))
    frozen.write(home / "packs.catalog", [two, one], cache.folder())
    return home


@pytest.fixture
def home(frozen_home: Path, tmp_path: Path) -> Path:
    """The same, to be tampered with: moved, so frozen again."""
    shutil.copytree(frozen_home, tmp_path / "home")
    home = tmp_path / "home"
    frozen.write(home / "packs.catalog", [home / "two", home / "one"], cache.folder())
    return home


def test_it_is_the_catalog(frozen_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packs = [frozen_home / "one", frozen_home / "two"]
    rules: dict[str, Any] = {
        "splits": {"train": 1, "test": 1},
        "split_by": {"unseen": ["dog"], "shots": 1},
        "allow_licences": ["CC0", "CC-BY"],
    }
    both = [str(each) for each in packs]
    runs = [Run(packs=some, splits={"train": 1}) for some in (both, both[:1])]
    runs.append(Run(packs=both, seed=5, test_share=0.4, **rules))
    expected = [run_catalog.of_run(run) for run in runs]
    for module, name in ((pack, "read"), (scan, "scan")):
        monkeypatch.setattr(module, name, None)
    for run, made in zip(runs, expected, strict=True):
        assert run_catalog.of_run(run, frozen=frozen_home / "packs.catalog") == made
    assert expected[0].problems
    assert expected[0].notes


@pytest.mark.parametrize(
    "name", ["one/foregrounds/dog/dog.png", "two/alphas/cat/cat.png", "one/backgrounds/land_0.jpg",
             "two/labels.jsonl", "one/pack.yaml"],
)  # fmt: skip
@pytest.mark.parametrize("how", ["changed", "gone", "touched"])
def test_what_has_changed_is_named(home: Path, name: str, how: str) -> None:
    file, at = home / name, home / "packs.catalog"
    if how == "touched":  # as a copy has another time
        os.utime(file, (1, 1))
        frozen.read(at)
        return
    if how == "gone":
        file.unlink()
    else:
        data = bytearray(file.read_bytes())
        data[-1] ^= 1
        file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        frozen.read(at)
    gone = " (gone)" if how == "gone" else ""
    told = f"{at}: {file}{gone} has changed since it was frozen; freeze it again"
    assert str(caught.value).startswith(told)


def test_many_are_counted(home: Path) -> None:
    shutil.rmtree(home / "two/backgrounds")
    with pytest.raises(InputError, match=r"land_2.jpg \(gone\) and 9 more have changed"):
        frozen.read(home / "packs.catalog")


def test_what_is_none(frozen_home: Path, tmp_path: Path) -> None:
    at, good = (
        tmp_path / "x",
        (frozen_home / "packs.catalog").read_bytes().splitlines(keepends=True),
    )
    with pytest.raises(InputError, match="x: cannot be read: No such file"):
        frozen.read(at)
    for data in (b"", b"{}", b"[1]", b"{half", b"\xff", good[0] + b"{}\n", good[0] + b"[]\n"):
        at.write_bytes(data)
        with pytest.raises(InputError, match="x: is not a frozen catalog; allowed: what `refmatte"):
            frozen.read(at)
    at.write_bytes(good[0].replace(b'"scans":"', b'"scans":"0') + good[1])
    with pytest.raises(InputError, match="was frozen by a version that reads pictures otherwise"):
        frozen.read(at)
    at.write_bytes(files.jsonl([]) + b"".join(good))
    with pytest.raises(InputError, match=r"x: does not hold the pack studio; allowed: \S+/two/p"):
        catalog.load(["studio"], frozen=frozen.read(at))


def test_by_the_command_line(cli, tiny_pack: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run, at = tmp_path / "run.yaml", tmp_path / "tiny.catalog"
    run.write_text("packs: [tiny]\nsplits: {train: 2}\nlayout: smoke\n")
    code, _, said = cli("catalog", tiny_pack, "--freeze", at)
    assert (code, f"frozen: {at}" in said) == (0, True)
    words = ("generate", run, "--workers", 1, "--catalog", at, "--out")
    assert cli(*words, tmp_path / "out")[0] == 0
    (tiny_pack / "backgrounds/land_0.jpg").unlink()
    code, _, said = cli(*words, tmp_path / "other")
    assert code == 2
    assert "land_0.jpg (gone) has changed since it was frozen" in said
    told = f"error: --freeze: {tmp_path} is a folder; allowed: a file\n"
    assert cli("catalog", tiny_pack, "--freeze", tmp_path) == (2, "", told)
