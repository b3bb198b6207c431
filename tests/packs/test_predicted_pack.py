"""`refmatte cutout`: a pack out of photographs, by a net that takes red for the foreground."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from refmatte_engine.images import image_io
from refmatte_engine.packs import catalog as catalogs
from refmatte_engine.packs import cutout_sheet
from refmatte_engine.packs.predicted_pack import JOURNAL, photographs
from tests.conftest import RED, disc, write_png
from tests.support.nets import red_finder

Cli = Callable[..., tuple[int, str, str]]


def photograph(seed: int = 0, size_hw: tuple[int, int] = (120, 180), there: bool = True) -> Any:
    """A red disc before grey noise (RGB)."""
    rng = np.random.default_rng(seed)
    picture = np.repeat(rng.integers(110, 140, (*size_hw, 1)), 3, axis=2).astype(np.float64)
    if there:
        thing = disc(RED)
        y, x = (int(rng.integers(0, side - 96)) for side in size_hw)
        share = thing[..., 3:] / 255
        near = picture[y : y + 96, x : x + 96]
        picture[y : y + 96, x : x + 96] = thing[..., :3] * share + near * (1 - share)
    return np.rint(picture).astype(np.uint8)


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Photographs in folders of two categories; one shows nothing, one is broken."""
    root = tmp_path / "album"
    for number, name in enumerate(("ball/a", "ball/b", "deep/er/cup/c")):
        write_png(root / f"{name}.png", photograph(number))
    write_png(root / "ball/empty.png", photograph(9, there=False))
    (root / "ball/broken.jpg").write_bytes(b"\xff\xd8\xff no more")
    (root / "notes.txt").write_text("mine")
    (root / ".hidden").mkdir()
    write_png(root / ".hidden/x.png", photograph(3))
    return root


@pytest.fixture
def net(tmp_path: Path) -> Path:
    return red_finder(tmp_path / "modnet.onnx", (1, 3, "h", "w"))


def files_of(root: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(p.relative_to(root)): (p.read_bytes(), p.stat().st_mtime_ns)
        for p in root.rglob("*")
        if p.is_file()
    }


def test_photographs_become_a_pack_that_says_what_it_is(
    album: Path, net: Path, tmp_path: Path, cli: Cli
) -> None:
    before, out = files_of(album), tmp_path / "pack"
    more = ("--licence", "CC0-1.0", "--credit", "me", "--workers", 1)
    code, said, err = cli("cutout", album, "-o", out, "--model", net, *more)
    assert code == 0, err
    assert files_of(album) == before
    assert "3 cut-outs" in said
    for part in ("broken.jpg: is broken", "empty.png: the net finds nothing", "notes.txt: is not"):
        assert part in said
    assert "fill in" not in said
    made = catalogs.load([out], cache=tmp_path / "cache")
    assert {f.category for f in made.foregrounds.values()} == {"ball", "cup"}
    assert {f.matte for f in made.foregrounds.values()} == {"predicted"}
    assert made.problems == ()
    # The sheet is no picture of the pack.
    assert not any("cutouts.jpg" in str(note) for note in made.notes)
    assert made.licences["pack"]["predicted"] == "3 mattes"
    _, told, _ = cli("catalog", out)
    assert "3 are what a net predicted" in told
    cut = image_io.read_rgba(out / "foregrounds/ball/a.png")
    assert cut.shape == (120, 180, 4)
    soft = (cut[..., 3] > 40) & (cut[..., 3] < 200)
    assert soft.any()
    # Colours where the photograph mixes the thing's with grey are nearer to the thing's.
    mixed = image_io.read_rgb(album / "ball/a.png")[soft].astype(int)
    own = cut[soft].astype(int)
    assert (own[:, 0] - own[:, 1]).mean() > 1.3 * (mixed[:, 0] - mixed[:, 1]).mean()
    sheet = image_io.read_rgb(out / "cutouts.jpg")
    assert sheet.shape[1] > 1500
    assert len(np.unique(sheet.reshape(-1, 3), axis=0)) > 500


def test_a_second_run_goes_on_and_keeps_what_is_there(
    album: Path, net: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "pack"
    command = ("cutout", album, "-o", out, "--model", net, "--workers", 1)
    assert cli(*command)[0] == 0
    first = files_of(out)
    (out / "foregrounds/ball/b.png").unlink()
    with (out / JOURNAL).open("a") as journal:
        journal.write('{"target": "foregrounds/ba')  # as a crash leaves it
    edited = (out / "pack.yaml").read_text().replace("not stated", "CC0-1.0")
    (out / "pack.yaml").write_text(edited)
    write_png(album / "cup/new.png", photograph(5))
    code, said, err = cli(*command, "--licence", "MIT")
    assert code == 0, err
    assert "4 cut-outs" in said
    assert "pack.yaml was there and is as it was" in said
    assert (out / "pack.yaml").read_text() == edited
    again = files_of(out)
    assert again["foregrounds/ball/a.png"] == first["foregrounds/ball/a.png"]
    assert again["foregrounds/ball/b.png"][0] == first["foregrounds/ball/b.png"][0]
    # Another photograph of the same name, or one that has changed, overwrites nothing.
    write_png(album / "ball/a.png", photograph(7))
    code, said, _ = cli(*command)
    assert code == 0
    assert "of another photograph or of this one before it changed" in said
    assert files_of(out)["foregrounds/ball/a.png"] == first["foregrounds/ball/a.png"]


@pytest.mark.slow
def test_any_number_of_workers_cuts_out_the_same(
    album: Path, net: Path, tmp_path: Path, cli: Cli
) -> None:
    made = []
    for workers in (1, 2):
        out = tmp_path / f"pack{workers}"
        assert cli("cutout", album, "-o", out, "--model", net, "--workers", workers)[0] == 0
        made.append({k: v[0] for k, v in files_of(out / "foregrounds").items()})
    assert made[0] == made[1]


def test_foreign_folders_and_other_nets_are_refused(
    album: Path, net: Path, tmp_path: Path, cli: Cli
) -> None:
    out = tmp_path / "pack"
    other = red_finder(tmp_path / "other.onnx", (1, 3, 64, 64))
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign/letter.txt").write_text("keep me")
    assert cli("cutout", album, "-o", out, "--model", net)[0] == 0
    before = files_of(tmp_path)
    for words, said in (
        ((album, "-o", tmp_path / "foreign", "--model", net), "holds other files: letter.txt"),
        ((album, "-o", tmp_path / "foreign/letter.txt", "--model", net), "is not a folder"),
        ((album, "-o", album / "pack", "--model", net), "lies among the photographs"),
        ((album, "-o", album, "--model", net), "lies among the photographs"),
        ((album, "-o", out, "--model", other), "holds cut-outs that modnet.onnx made"),
        ((album, "-o", out, "--model", net, "--cut-mean", "0,0,0"), "another mean or std"),
        ((album, "-o", out, "--model", net, "--cut-std", "1"), "--cut-std: '1' is not allowed"),
        ((album / "nowhere", "-o", out, "--model", net), "no such file or folder"),
        ((album / ".hidden", "-o", out, "--model", net), "has no category; say --category"),
        ((album, "-o", out, "--model", album / "ball/a.png"), "is a picture, not a net"),
        ((album, "-o", out, "--model", net, "--category", "../up"), "--category: '../up' is not"),
        ((album, "-o", out, "--model", net, "--category", "12"), "is not a word"),
    ):
        code, _, err = cli("cutout", *words)
        assert (code, len(err.splitlines())) == (2, 1), err
        assert said in err
    assert files_of(tmp_path) == before


def test_one_category_for_all(album: Path) -> None:
    found, _ = photographs(album, "Teddy Bear")
    targets = [one.target for one in found]
    assert "foregrounds/Teddy Bear/deep-er-cup-c.png" in targets
    assert len(set(targets)) == len(targets) == 5
    found, refused = photographs(album / "ball/a.png", "ball")
    assert ([one.target for one in found], refused) == (["foregrounds/ball/a.png"], [])
    write_png(album / "ball/a.webp", photograph(1))
    _, refused = photographs(album, None)
    assert any("has the name of" in remark.message for remark in refused)


def test_photographs_stand_upright(net: Path, tmp_path: Path, cli: Cli) -> None:
    """A camera held upright stores its picture lying, and says so in EXIF."""
    from PIL import Image

    folder = tmp_path / "cup"
    folder.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(photograph(4, (120, 200))).save(folder / "x.jpg", exif=exif)
    code, _, err = cli("cutout", folder, "-o", tmp_path / "p", "--model", net, "--category", "cup")
    assert code == 0, err
    cut = image_io.read_rgba(tmp_path / "p/foregrounds/cup/x.png")
    assert cut.shape == (200, 120, 4)
    seen = image_io.read_rgb(folder / "x.jpg")
    red = seen[..., 0].astype(int) - seen[..., 1] > 60
    assert np.mean(red == (cut[..., 3] > 127)) > 0.97


def test_the_sheet_shows_doubtful_ones_first(
    album: Path, net: Path, tmp_path: Path, cli: Cli
) -> None:
    out = tmp_path / "pack"
    assert cli("cutout", album, "-o", out, "--model", net)[0] == 0
    rows = [json.loads(line) for line in (out / JOURNAL).read_text().splitlines()]
    assert [row["target"] for row in rows] == [
        f"foregrounds/{name}.png" for name in ("ball/a", "ball/b", "deep/er/cup/c")
    ]
    assert cv2.imread(str(out / "cutouts.jpg")).shape[0] < 2 * cutout_sheet.PANEL_HW[0]
