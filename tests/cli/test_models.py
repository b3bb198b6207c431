"""The model commands: what they write, what they print, and one clear line for every mistake."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from refmatte_baselines import checkpoints
from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.weights import save
from refmatte_engine.cli.main import main
from refmatte_engine.images import image_io
from tests.conftest import landscape, needs_pymatting
from tests.support.released import write_refmatte, write_rw100, write_split

torch.set_num_threads(1)

Cli = Callable[..., tuple[int, str, str]]
PICTURE = landscape(3, (50, 70))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    made = ClipMat(PRESETS["minimal"])
    with torch.no_grad():
        made.semantic_decoder.trimap.weight.mul_(20)
    return save(made, tmp_path_factory.mktemp("model"))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(image_io.encode_jpeg(PICTURE))
    return path


def test_predict_then_score_is_evaluate(cli: Cli, model: Path, tmp_path: Path) -> None:
    data, out = write_refmatte(tmp_path / "data"), tmp_path / "out"
    which = ("--split", "test", "--setting", "expression", "--kinds", "expression_1")
    code, _, err = cli("predict", model, data, "--out", out, *which, "--device", "cpu")
    assert code == 0
    assert err == f"5 mattes in {out}\n"
    code, _, err = cli("predict", model, data, "--out", out, *which)
    assert (code, err) == (0, f"0 mattes in {out}, 5 were there\n")
    code, table, _ = cli("score", out, data, *which, "--csv", "--workers", 1)
    assert code == 0
    for more in ((), ("--out", out), ("--out", tmp_path / "new")):
        code, said, _ = cli("evaluate", model, data, *which, "--csv", "--workers", 1, *more)
        assert (code, said) == (0, table)


def test_evaluate_prints_what_score_prints(cli: Cli, model: Path, tmp_path: Path) -> None:
    data = write_rw100(tmp_path / "data")
    index = ("--index", data / "eval_index_expression.json", "--workers", 1)
    page = tmp_path / "page"
    code, said, err = cli("evaluate", model, data, *index, "--references", "--html", page)
    assert code == 0
    assert said.startswith(f"{model} on {data}\n")
    assert re.search(r"^reference: oracle +0\.000 ", said, re.M)
    assert err == f"open {(page / 'index.html').as_uri()}\n"
    code, said, _ = cli("evaluate", model, data, *index, "--json", "--references")
    assert code == 0
    found = json.loads(said)
    assert found["groups"][0]["rows"] == 5
    assert [each["predictions"] for each in found["references"]][-1] == "reference: oracle"
    code, _, said = cli("evaluate", model, data, *index, "--csv", "--references")
    assert code == 2
    assert "not with --csv" in said


def test_several_datasets_are_reported_separately(
    cli: Cli, model: Path, photo: Path, tmp_path: Path
) -> None:
    data, table = write_rw100(tmp_path / "data"), tmp_path / "own.csv"
    (tmp_path / "matte.png").write_bytes(image_io.encode_png(PICTURE[..., 0]))
    lines = [
        "image,matte,text,kind",
        f"{photo.name},matte.png,mug,keyword",
        f"{photo.name},,a cat,",
    ]
    table.write_text("\n".join(lines))
    words = ("evaluate", model, data, table, "--workers", 1)
    code, said, _ = cli(*words)
    assert code == 0
    assert f"{model} on {data}\n" in said
    assert f"\n{model} on {table}\n" in said
    last = said.rstrip().splitlines()[-3:]
    assert [line.split()[0] for line in last[:1]] == ["dataset"]
    assert re.search(r" 20 ", last[1])
    assert re.search(r"own\.csv +2 ", last[2])
    code, said, _ = cli(*words, "--json")
    assert code == 0
    assert [each["dataset"] for each in json.loads(said)] == [str(data), str(table)]
    for more in (("--csv",), ("--out", tmp_path / "o"), ("--html", tmp_path / "p")):
        code, _, err = cli(*words, *more)
        assert code == 2
        assert f"{more[0]}: goes with one dataset; ask for each by itself" in err


def test_long_texts_are_told(cli: Cli, model: Path, tmp_path: Path) -> None:
    data = write_refmatte(tmp_path / "data")
    label = data / "test/refmatte_test_label.json"
    entries = json.loads(label.read_text())
    next(iter(entries.values()))["expressions"][2] = "mug " * 100
    label.write_text(json.dumps(entries))
    code, _, err = cli("predict", model, data, "--split", "test", "--out", tmp_path / "out")
    assert code == 0
    assert "1 texts are longer than the model reads; their ends are cut" in err


def read(path: Path) -> np.ndarray:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return np.asarray(pixels)


@needs_pymatting
def test_matte_in_every_form(cli: Cli, model: Path, photo: Path, tmp_path: Path) -> None:
    words = ("matte", photo, "the red mug", "--checkpoint", model)
    made = {}
    for name, more in {
        "cutout.png": (),
        "alpha.png": ("--as", "alpha"),
        "deep.png": ("--as", "alpha16"),
        "red.png": ("--on", "red"),
        "self.png": ("--as", "composite", "--on", photo),
        "self.JPG": ("--on", photo),
    }.items():
        code, said, _ = cli(*words, "-o", tmp_path / "made" / name, *more)
        assert code == 0
        assert said.startswith(str(tmp_path / "made" / name))
        made[name] = read(tmp_path / "made" / name)
    assert {name: pixels.shape[2:] for name, pixels in made.items()} == {
        "cutout.png": (4,), "alpha.png": (), "deep.png": (), "red.png": (3,), "self.png": (3,),
        "self.JPG": (3,),
    }  # fmt: skip
    assert made["deep.png"].dtype == np.uint16
    alpha = made["alpha.png"]
    assert np.array_equal(np.rint(made["deep.png"] / 257), alpha)
    assert np.array_equal(made["cutout.png"][..., 3], alpha)
    assert (made["red.png"][alpha == 0] == (0, 0, 255)).all()
    same = image_io.read_rgb(photo)[..., ::-1]
    assert (
        made["self.png"][(alpha == 0) | (alpha == 255)] == same[(alpha == 0) | (alpha == 255)]
    ).all()


@pytest.mark.parametrize("kind", ["turned", "rgba", "half clear", "grey", "16 bits"])
def test_any_picture(cli: Cli, model: Path, tmp_path: Path, kind: str) -> None:
    from PIL import Image

    path = tmp_path / "picture.png"
    if kind == "turned":
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.fromarray(PICTURE).save(path, exif=exif)
    elif kind == "half clear":
        path.write_bytes(image_io.encode_png(np.dstack((PICTURE, PICTURE[..., 0]))))
    elif kind == "16 bits":
        path.write_bytes(image_io.encode_png(PICTURE.astype(np.uint16) * 257))
    else:
        Image.fromarray(PICTURE).convert({"rgba": "RGBA", "grey": "L"}[kind]).save(path)
    out = tmp_path / "alpha.png"
    code, _, err = cli(
        "matte", path, "mug", "--keyword", "--checkpoint", model, "-o", out, "--as", "alpha"
    )
    assert code == 0
    assert (f"note: {path}: its alpha is not used" in err) == (kind == "half clear")
    assert read(out).shape == (PICTURE.shape[1::-1] if kind == "turned" else PICTURE.shape[:2])


def test_a_folder_of_pictures(cli: Cli, model: Path, photo: Path, tmp_path: Path) -> None:
    inside = tmp_path / "in"
    for name in ("a.jpg", "b.JPG", "b.png", ".hidden.jpg"):
        inside.mkdir(exist_ok=True)
        shutil.copy(photo, inside / name)
    (inside / "broken.png").write_bytes(b"no picture")
    (inside / "notes.txt").write_text("mine")
    out = tmp_path / "out"
    words = ("matte", inside, "the mug", "-o", out, "--as", "alpha", "--checkpoint", model)
    code, said, err = cli(*words)
    assert (code, said) == (1, f"{out}: 3 mattes\n")
    assert "1 other files and folders passed over: notes.txt" in err
    assert f"{inside / 'broken.png'}: is text, not a picture" in err
    assert f"error: {inside}: 1 pictures could not be read" in err
    names = {"a.png", "b.JPG.png", "b.png.png", "predictions.json"}
    assert {file.name for file in out.iterdir()} == names
    alone = tmp_path / "alone.png"
    assert cli(*words[:1], photo, *words[2:3], "-o", alone, *words[5:])[0] == 0
    assert (out / "a.png").read_bytes() == alone.read_bytes()
    (inside / "broken.png").unlink()
    (out / "a.png").unlink()
    assert cli(*words)[:2] == (0, f"{out}: 1 mattes, 2 were there\n")
    code, _, err = cli(*words[:2], "the cup", *words[3:])
    assert code == 2
    assert "holds mattes of another text" in err
    assert cli(*words[:2], "the cup", *words[3:], "--overwrite")[:2] == (0, f"{out}: 3 mattes\n")


def test_from_stdin_to_stdout(model: Path, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["matte", "-", "the mug", "-o", "-", "--as", "alpha", "--checkpoint", str(model)]
    monkeypatch.setattr(sys, "argv", ["refmatte", *words])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(photo.read_bytes())))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written := io.BytesIO()))
    with pytest.raises(SystemExit, match="0"):
        main()
    assert image_io.decode_alpha(written.getvalue(), "stdout").shape == PICTURE.shape[:2]


@pytest.mark.slow
def test_from_a_pipe_to_a_pipe(model: Path, photo: Path) -> None:
    command = [sys.executable, "-m", "refmatte_engine", "matte", "-", "the mug", "-o", "-"]
    done = subprocess.run(
        [*command, "--as", "alpha", "--checkpoint", str(model)],
        input=photo.read_bytes(),
        capture_output=True,
        check=True,
    )
    assert image_io.decode_alpha(done.stdout, "stdout").shape == PICTURE.shape[:2]


def test_what_a_checkpoint_knows_is_said(
    cli: Cli, model: Path, photo: Path, tmp_path: Path
) -> None:
    wise = Path(shutil.copytree(model, tmp_path / "wise"))
    header = json.loads((wise / "config.json").read_text())
    (wise / "config.json").write_text(json.dumps(header | {"knows": "mugs"}))
    words = ("matte", photo, "the mug", "-o", tmp_path / "o.png", "--as", "alpha")
    assert f"{wise.name} knows mugs\n" in cli(*words, "--checkpoint", wise)[2]
    assert all(checkpoints.knows(checkpoints.located(name)) for name in checkpoints.SHIPPED)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{photo}", " ", "-o", "{tmp}/o.png"], "text: is empty"),
        (["{photo}", "mug " * 99, "-o", "{tmp}/o.png"], "say it in fewer words"),
        (["{photo}", "mug", "-o", "{tmp}/o.png", "--on", "rde"], "did you mean 'red'?"),
        (["{photo}", "mug", "-o", "{photo}/o.png"], "cannot be written"),
        (["{tmp}/no.jpg", "mug", "-o", "{tmp}/o.png"], "cannot be read"),
    ],
)
def test_mistakes_are_found_before_a_model_is_loaded(
    cli: Cli,
    model: Path,
    photo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str,
) -> None:
    from refmatte_baselines import answering

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(answering, "from_pretrained", never)
    given = [word.format(photo=photo, tmp=tmp_path) for word in words]
    code, _, err = cli("matte", *given, "--checkpoint", model)
    assert code in (1, 2)
    assert said in err


def test_nothing_found_is_said(cli: Cli, photo: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    blind = ClipMat(PRESETS["minimal"])
    with torch.no_grad():
        blind.semantic_decoder.trimap.bias[0] = 99
    words = ("--checkpoint", save(blind, tmp_path / "blind"), "-o", tmp_path / "o.png")
    code, said, err = cli("matte", photo, "a unicorn", *words, "--as", "alpha")
    assert code == 0
    assert err == f"nothing in {photo} fits “a unicorn” (alpha is at most 0.00)\n"
    assert said.endswith("alpha, 0.0 % of the picture\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["matte", "{photo}", "mug", "-o", "{tmp}/o.jpg"], "o.jpg: is no file for cutout; allowed: "
         "a name ending in .png"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/o.gif", "--on", "red"], "ending in .png, .jpg"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/o.png", "--as", "composite"], "--on: goes with"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/o.png", "--as", "alpha", "--on", "red"], "--on:"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/o.png", "--on", "rde"], "did you mean 'red'?"),
        (["matte", "{photo}", "mug", "-o", "{photo}", "--on", "red"], "is the picture itself"),
        (["matte", "{photo}", "mug", "-o", "{on}", "--on", "{on}"], "is the picture itself"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/o.png", "--on", ""], "is neither a"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/{long_name}.png"], "cannot be written: File"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/o.png", "--image-tower", "x.pt"], "has its own"),
        (["matte", "{photo}", "&nbsp;", "-o", "{tmp}/o.png"], "text: is empty"),
        (["matte", "{tmp}/no.jpg", "mug", "-o", "{tmp}/o.png"], "no.jpg: cannot be read"),
        (["matte", "{tmp}", "mug", "-o", "{tmp}/o.png"], "o.png: is not a folder; name one for"),
        (["matte", "{tmp}", "mug", "-o", "{photo}"], "photo.jpg: is not a folder; name one for"),
        (["matte", "{tmp}", "mug", "-o", "{tmp}"], "is the folder of the pictures"),
        (["matte", "{tmp}", "mug", "-o", "-"], "-: takes one picture, not several"),
        (["matte", "{tmp}/page", "mug", "-o", "{tmp}/o"], "page: has no pictures directly in it"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/page/.png"], "is no file for cutout"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/page"], "page: is no file for cutout"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/o.png", "--checkpoint", "tinny"], "did you mean "
         "'tiny'?"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/o.png", "--checkpoint", "{run}"], "is the folder "
         "of a training; give its checkpoint:"),
        (["matte", "{model}/config.json", "mug", "-o", "{tmp}/o.png"], "is JSON, not a picture"),
        (["matte", "{photo}", " ", "-o", "{tmp}/o.png"], "text: is empty"),
        (["matte", "{photo}", "{long}", "-o", "{tmp}/o.png"], "say it in fewer words"),
        (["matte", "{photo}", "mug", "-o", "{photo}/o.png", "--as", "alpha"], "cannot be written"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/o.png", "--long-side", "3"], "--long-side"),
        (["matte", "{photo}", "mug", "-o", "{tmp}/o.png", "--checkpoint", "{tmp}"], "config.json: "
         "cannot be read: No such file"),
        (["predict", "{model}", "{tmp}", "--out", "{tmp}/o"], "is not a dataset folder"),
        (["predict", "{model}", "{tmp}"], "missing option '--out'"),
        (["evaluate", "{tmp}", "{data}"], "config.json: cannot be read"),
        (["evaluate", "{tmp}", "{data}", "--overwrite"], "--overwrite: recomputes what is in"),
        (["evaluate", "{tmp}", "{data}", "--json", "--csv"], "--json: does not go with --csv"),
        (["evaluate", "{tmp}", "{data}", "--references", "--csv"], "--references: goes with"),
        (["evaluate", "{tmp}", "{data}", "--html", "{photo}"], "is not a folder"),
        (["score", "zero", "{data}", "--html", "{page}"], "exists and is not a report"),
        (["evaluate", "{model}", "{data}", "--split", "tset"], "has no split 'tset'"),
        (["app", "{tmp}"], "config.json: cannot be read"),
        (["app", "{model}", "--host", "no.such.invalid"], "choose another --host"),
        (["app", "{model}", "--host", "::1"], "::1: is no name or IPv4 address"),
    ],
)  # fmt: skip
def test_mistakes_get_one_clear_line(
    cli: Cli, model: Path, photo: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    if words[0] == "app":
        pytest.importorskip("gradio", reason="gradio is not installed")
    if words[0] in ("evaluate", "score"):
        write_refmatte(tmp_path / "data")
    (tmp_path / "page").mkdir()
    (tmp_path / "page/index.html").write_text("mine")
    on = Path(shutil.copy(photo, tmp_path / "on.png"))
    if words[0] == "matte" and "--checkpoint" not in words:
        words = [*words, "--checkpoint", "{model}"]
    places = {"tmp": tmp_path, "model": model, "photo": photo, "data": tmp_path / "data"}
    places |= {"on": on, "page": tmp_path / "page", "run": tmp_path / "run"}
    shutil.copytree(model, tmp_path / "run/best")
    long = {"long": "mug " * 99, "long_name": "x" * 300}
    code, out, err = cli(*(word.format(**places, **long) for word in words))
    assert out == ""
    assert (tmp_path / "page/index.html").read_text() == "mine"
    assert on.read_bytes() == photo.read_bytes()
    assert said in " ".join(err.replace("│", " ").split())
    assert code == (1 if said.startswith("cannot be written") else 2)


def test_the_shipped_model_is_the_default(
    cli: Cli, model: Path, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(model, tmp_path / "here/tiny")
    monkeypatch.setattr(checkpoints, "HERE", tmp_path / "here")
    words = ("matte", photo, "mug", "--as", "alpha", "-o", tmp_path / "o.png")
    assert cli(*words)[0] == 0
    monkeypatch.setattr(checkpoints, "HERE", tmp_path / "gone")
    code, _, err = cli(*words)
    assert code == 2
    assert "comes without weights; run: pip install refmatte-weights" in err


MODELS = (
    ["predict", "tiny", "{data}", "--out", "o"],
    ["evaluate", "tiny", "{data}"],
    ["matte", "{photo}", "mug", "-o", "o.png"],
    ["app"],
    ["label", "pack"],
)
# Without a module, one command after the other, and what each ends with.
WITHOUT = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] == {module!r}:
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Without())
from refmatte_engine.cli.main import main
for words in {commands!r}:
    sys.argv = ['refmatte', *words]
    try:
        main()
    except SystemExit as end:
        print(end.code)
"""


@pytest.mark.parametrize(
    ("module", "commands", "extra"),
    [
        ("torch", MODELS, "clipmat"),
        pytest.param("gradio", [["app"]], "app", marks=pytest.mark.slow),
    ],
)
def test_what_is_not_installed_is_named(
    photo: Path, tmp_path: Path, module: str, commands: Sequence[list[str]], extra: str
) -> None:
    data = write_refmatte(tmp_path / "data")
    given = [[word.format(data=data, photo=photo) for word in words] for words in commands]
    code = WITHOUT.format(module=module, commands=given)
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout == "2\n" * len(given)
    said = found.stderr.splitlines()
    assert len(said) == len(given), found.stderr
    for line in said:
        assert f"{module}: is needed to " in line
        assert f"run: pip install 'refmatte-engine[{extra}]'" in line


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stop_while_threads_ask_the_model_is_one_line(
    number: signal.Signals, code: int, model: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    stems = [f"rim_train_{i:08x}" for i in range(4)]
    write_split(data / "train", "refmatte_train_label.json", stems)
    for file in (data / "train").glob("*/*.[jp][pn]g"):
        size = cv2.resize(cv2.imread(str(file), cv2.IMREAD_UNCHANGED), (1600, 1200))
        cv2.imwrite(str(file), size)
    command = [sys.executable, "-m", "refmatte_engine", "evaluate", model, data, "--split", "train"]
    process = subprocess.Popen(
        [*map(str, command), "--workers", "2"], stderr=subprocess.PIPE, start_new_session=True
    )
    said = b""
    assert process.stderr is not None
    while b"1/4" not in said and (more := process.stderr.read1(4096)):
        said += more
    process.send_signal(number)
    said = process.communicate()[1]
    assert process.returncode == code
    assert said.split(b"\r")[-1].strip().splitlines()[-1:] == [b"stopped"], said


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(model: Path, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    write_refmatte(data)
    big = image_io.encode_jpeg(landscape(0, (1200, 1600)))
    for image in (data / "train/img").iterdir():
        image.write_bytes(big)
    command = [sys.executable, "-m", "refmatte_engine", "predict", model, data, "--out", out]
    process = subprocess.Popen(
        [*map(str, command)], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while process.poll() is None and not list(out.glob("*.png")):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "finished mattes are kept: run the same command again to resume" in err
    assert "Traceback" not in err
    first = {file.name: file.read_bytes() for file in out.glob("*.png")}
    assert 0 < len(first) < 40
    assert not list(out.glob("*.part"))
    subprocess.run([*map(str, command)], check=True, capture_output=True)
    assert len(list(out.glob("*.png"))) == 40
    assert all((out / name).read_bytes() == before for name, before in first.items())
