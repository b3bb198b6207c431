"""An export as a whole: its command, what is kept of an interrupted one, what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from refmatte_engine.cli.app import COMMANDS
from refmatte_engine.errors import InputError
from refmatte_engine.formats import coco, export
from refmatte_engine.records import Sample

pytestmark = pytest.mark.usefixtures("samples")


def _tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_the_command(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "export" in COMMANDS
    out = tmp_path / "out"
    code, said, _ = cli("export", tmp_path / "data", "--to", "coco", "-o", out)
    assert (code, said) == (0, f"5 images as coco in {out}\n")
    assert not (out / ".lock").exists()
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert cli("export", tmp_path / "data", "--to", "coco", "-o", out)[0] == 0
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    licences = json.loads((out / "LICENSES.json").read_text("utf-8"))
    assert licences["drawn"]["licence"] == "CC0"


@pytest.mark.parametrize("to", export.FORMATS)
def test_what_was_interrupted_goes_on(
    to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after each chunk in turn, the files are the same as of one that never was."""
    if to == "hf":
        pytest.importorskip("pyarrow")
    monkeypatch.setattr(export, "CHUNK", 1)
    export.run(tmp_path / "data", to, tmp_path / "whole", workers=1)

    for done in range(1, 6):
        with pytest.raises(KeyboardInterrupt):
            export.run(
                *(tmp_path / "data", to, tmp_path / "again"),
                workers=1,
                progress=_stop_at(done),
            )
    export.run(tmp_path / "data", to, tmp_path / "again", workers=1)
    whole, again = _tree(tmp_path / "whole"), _tree(tmp_path / "again")
    assert whole.keys() == again.keys()
    for name in whole:
        mine = again[name].replace(b"/again/", b"/whole/")  # where absolute paths are wanted
        assert mine == whole[name], name


def _stop_at(wanted: int) -> Callable[[int, int], None]:
    def stop(done: int, _: int) -> None:
        if done == wanted:
            raise KeyboardInterrupt

    return stop


# Where pictures are copied as they are, and where alphas are.
PICTURES = ("coco", "refer", "mam", "rw100", "birefnet", "him", "sdmatte", "mdetr", "odvg",
            "reasonseg", "croissant")  # fmt: skip
ALPHAS = {
    "alphas": ("coco", "refer", "mdetr", "odvg", "reasonseg", "croissant", "him"),
    "mask": ("mam", "rw100", "sdmatte"),
    "alpha_copy": ("composition1k",),
}


@pytest.mark.parametrize("to", [to for to in export.FORMATS if to != "hf"])
def test_bytes_are_kept_and_licences_go_along(
    to: str, tmp_path: Path, samples: list[Sample]
) -> None:
    """Every picture and alpha of the dataset is there as it was, and no other is."""
    out = tmp_path / "out"
    export.run(tmp_path / "data", to, out, workers=1)
    licences = json.loads((out / "LICENSES.json").read_text("utf-8"))
    assert licences == {
        "drawn": {"licence": "CC0", "source": "drawn by the tests", "credit": "nobody"}
    }
    original = {path.read_bytes() for path in (tmp_path / "data").glob("*/img/*")}
    alphas = {path.read_bytes() for path in (tmp_path / "data").glob("*/mask/*")}
    if to in PICTURES:
        assert {path.read_bytes() for path in out.rglob("*.jpg")} == original
    for folder, formats in ALPHAS.items():
        if to in formats:
            found = [p for p in out.rglob("*.png") if folder in p.relative_to(out).parts]
            assert {path.read_bytes() for path in found} == alphas
            assert len(found) == 2 * len(samples)


def test_what_is_done_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "CHUNK", 1)
    monkeypatch.setattr(coco, "join", _broken)
    with pytest.raises(RuntimeError):
        export.run(tmp_path / "data", "coco", tmp_path / "out", workers=1)
    monkeypatch.undo()
    monkeypatch.setattr(export, "CHUNK", 1)
    monkeypatch.setattr(coco, "write", _broken)
    export.run(tmp_path / "data", "coco", tmp_path / "out", workers=1)
    assert (tmp_path / "out/annotations/instances_train.json").is_file()


def test_what_is_done_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of finished chunks are passed over; the rest is read, and counted."""
    monkeypatch.setattr(export, "CHUNK", 1)
    with pytest.raises(KeyboardInterrupt):
        export.run(tmp_path / "data", "coco", tmp_path / "out", workers=1, progress=_stop_at(2))
    file = tmp_path / "data/train/samples.jsonl"
    first, _, last = file.read_text("utf-8").splitlines()
    file.write_text(f"{{}}\n{{}}\n{last}\n", "utf-8")
    told: list[tuple[int, int]] = []
    words = (tmp_path / "data", "coco", tmp_path / "out")
    export.run(*words, workers=1, progress=lambda *n: told.append(n))
    assert told == [(3, 5), (4, 5), (5, 5)]
    file.write_text(f"{first}\n{last}\n", "utf-8")
    with pytest.raises(InputError, match="has 2 samples; allowed: the manifest's 3"):
        export.run(tmp_path / "data", "coco", tmp_path / "short", workers=1)


def _broken(*_: object) -> None:
    raise RuntimeError


def test_several_processes_write_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export.run(tmp_path / "data", "coco", tmp_path / "one", workers=1)
    export.run(tmp_path / "data", "coco", tmp_path / "two", workers=2)
    assert _tree(tmp_path / "one") == _tree(tmp_path / "two")


def test_where_links_fail_copies_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, samples: list[Sample]
) -> None:
    export.run(tmp_path / "data", "coco", tmp_path / "links", workers=1)
    monkeypatch.setattr("os.link", _refused)
    export.run(tmp_path / "data", "coco", tmp_path / "copies", workers=1)
    assert _tree(tmp_path / "links") == _tree(tmp_path / "copies")
    image = f"train/{samples[0].name}.jpg"
    assert (tmp_path / "links" / image).stat().st_nlink > 1
    assert (tmp_path / "copies" / image).stat().st_nlink == 1


def _refused(*_: object, **__: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_names_and_files_that_are_not_there(tmp_path: Path, samples: list[Sample]) -> None:
    with pytest.raises(
        InputError, match=r"'coc' is not a format; allowed: coco, .*did you mean 'coco'"
    ):
        export.run(tmp_path / "data", "coc", tmp_path / "out")
    with pytest.raises(InputError, match=r"manifest\.json: no such file"):
        export.run(tmp_path, "coco", tmp_path / "out")
    (tmp_path / f"data/train/img/{samples[1].name}.jpg").unlink()
    with pytest.raises(InputError, match=rf"{samples[1].name}\.jpg: no such file"):
        export.run(tmp_path / "data", "coco", tmp_path / "out", workers=1)
    assert not (tmp_path / "out/annotations").exists()


def test_a_matte_of_another_size(tmp_path: Path, samples: list[Sample]) -> None:
    from tests.conftest import disc, write_png

    write_png(tmp_path / f"data/test/mask/{samples[4].name}_2.png", disc((1, 2, 3))[..., 3])
    with pytest.raises(
        InputError, match=r"_2\.png: has 96×96 pixels; allowed: its picture's 240×160"
    ):
        export.run(tmp_path / "data", "coco", tmp_path / "out", workers=1)


def test_a_dataset_may_move(tmp_path: Path) -> None:
    export.run(tmp_path / "data", "coco", tmp_path / "out", workers=1)
    (tmp_path / "data").rename(tmp_path / "moved")
    export.run(tmp_path / "moved", "coco", tmp_path / "out", workers=1)


@pytest.mark.parametrize("to", [to for to in export.FORMATS if to != "hf"])
def test_any_letter_may_stand_in_a_text(to: str, tmp_path: Path) -> None:
    file = tmp_path / "data/test/samples.jsonl"
    text = file.read_text("utf-8").replace("the blue ball", "the “blue”\u2028\x85球 ball")
    file.write_text(text, "utf-8")
    export.run(tmp_path / "data", to, tmp_path / "out", workers=1)
