"""A CSV of pictures and texts, matted with one loaded model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.serving import texts
from refmatte_baselines.weights import save
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from tests.conftest import landscape

Cli = Callable[..., tuple[int, str, str]]
PICTURES = {"a/1.png": landscape(3, (50, 70)), "b/1.png": landscape(4, (40, 60))}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    made = ClipMat(PRESETS["minimal"])
    with torch.no_grad():
        made.semantic_decoder.trimap.weight.mul_(20)
    return save(made, tmp_path_factory.mktemp("model"))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, pixels in PICTURES.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(image_io.encode_png(pixels))
    return tmp_path


def test_every_line_is_one_matte(cli: Cli, model: Path, place: Path) -> None:
    table, out = place / "mine.csv", place / "out"
    lines = ["image,text,out,note", "a/1.png,the Mug!,,x", "b/1.png,mug,other", "a/1.png,the cat,"]
    table.write_text("\n".join(lines))
    words = ("matte", table, "-o", out, "--as", "alpha", "--checkpoint", model, "--device", "cpu")
    code, said, _ = cli(*words)
    assert (code, said) == (0, f"{out}: 3 mattes\n")
    names = {"1_the_mug.png", "other.png", "1_the_cat.png"}
    assert {file.name for file in out.iterdir()} == names | {"predictions.json", "texts.csv"}
    alone = place / "alone.png"
    assert cli("matte", place / "a/1.png", "the cat", "-o", alone, *words[4:])[0] == 0
    one, other = (image_io.read_alpha(file).astype(int) for file in (alone, out / "1_the_cat.png"))
    assert abs(one - other).max() <= 1
    # It goes on where it was, and takes more lines.
    (out / "other.png").unlink()
    table.write_text("\n".join([*lines, "b/1.png,a dog,"]))
    assert cli(*words)[:2] == (0, f"{out}: 2 mattes, 2 were there\n")
    assert len((out / "texts.csv").read_text().splitlines()) == 5
    # What is there of another text is not taken for this one's.
    table.write_text("\n".join([lines[0], "b/1.png,cup,other"]))
    code, _, err = cli(*words)
    assert code == 2
    assert "other.png: is there, and was made of b/1.png, “mug”; choose another" in err
    assert cli(*words, "--overwrite")[:2] == (0, f"{out}: 1 mattes\n")
    code, _, err = cli(*words, "--keyword")
    assert code == 2
    assert "holds mattes of another is_keyword" in err


def test_a_broken_picture_and_a_long_text_are_said(cli: Cli, model: Path, place: Path) -> None:
    table, out = place / "mine.csv", place / "out"
    (place / "broken.png").write_bytes(b"no picture")
    long = "红色的杯子在桌子上" * 9
    table.write_text(f"image,text\nbroken.png,mug\na/1.png,{long}\n", "utf-8")
    words = ("-o", out, "--as", "alpha", "--checkpoint", model, "--device", "cpu")
    code, said, err = cli("matte", table, *words)
    assert (code, said) == (1, f"{out}: 1 mattes\n")
    assert "broken.png: is text, not a picture" in err
    read = err.split("mine.csv:3: only ")[1].split(" of 81 characters are read: “")
    assert long.startswith(read[1].split("”")[0])
    assert int(read[0]) == len(read[1].split("”")[0]) < 81
    # A single text is refused, with as much.
    code, _, err = cli("matte", place / "a/1.png", long, "-o", place / "o.png", *words[2:])
    assert code == 2
    assert f"which is “{read[1].split('”')[0]}”; allowed: {read[0]} of its 81 characters" in err


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["a/1.png, "], r"mine\.csv:2: has no text; say what to matte"),
        (["a\\1.png,mug", "C:\\1.png,mug"],
         r"mine\.csv:2: no such picture: .*; lines 2, 3 are so; write / between folders"),
        (["a/1.png,mug", ",mug"], r"mine\.csv:3: has no image; name one"),
        (["a/1.png,mug", "c.png,mug", "a/1.png,b", "d.png,c"],
         r"mine\.csv:3: no such picture: \S+c\.png; lines 3, 5 are so; paths are seen from"),
        (["a/1.png,the mug", "b/1.png,The mug!"],
         r"mine\.csv:3: would be written to 1_the_mug\.png, as line 2 is; name them in a column"),
        (["a/1.png,mug,x.png", "b/1.png,mug,X"], "would be written to X.png, as line 2 is"),
        (["a/1.png,mug,x.PNG", "b/1.png,mug,x"], "would be written to x.png, as line 2 is"),
        (["a/1.png,mug,x.JPG"], r"mine\.csv:2: 'x\.JPG' is no name for a matte, which is a PNG;"),
        (["a/1.png,mug,../x"], r"mine\.csv:2: '\.\./x' is not a file name"),
    ],
)  # fmt: skip
def test_lines_that_cannot_be_asked(place: Path, lines: list[str], said: str) -> None:
    (place / "mine.csv").write_text("\n".join(["image,text,out", *lines]))
    with pytest.raises(InputError, match=said):
        texts.asked_in(place / "mine.csv")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{table}", "mug", "-o", "{tmp}/out"], "text: does not go with a CSV, which says it; le"),
        (["{table}", "-o", "-"], "-: takes one picture, not several; name a folder"),
        (["{table}", "-o", "{tmp}/o.png"], "o.png: is not a folder; name one for the mattes"),
        (["{tmp}/a/1.png", "-o", "{tmp}/o.png"], "text: is missing; say what to matte"),
        (["{tmp}/no.csv", "-o", "{tmp}/out"], "no.csv: cannot be read"),
    ],
)
def test_words_that_do_not_go_together(
    cli: Cli, model: Path, place: Path, words: list[str], said: str
) -> None:
    table = place / "mine.csv"
    table.write_text("image,text\na/1.png,mug\n")
    given = [word.format(table=table, tmp=place) for word in words]
    code, _, err = cli("matte", *given, "--checkpoint", model)
    assert code == 2
    assert said in err
    assert "config.json" not in json.dumps(err)
