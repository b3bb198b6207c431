"""Every command where a machine lacks something: a home, a place to write, letters, a reader, room
on the disk, time to load. It works, or says why in one line."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from refmatte_engine.cli.main import main
from refmatte_engine.cli.usage import Program
from refmatte_engine.images.image_io import encode_jpeg
from refmatte_engine.storage import cache
from tests.conftest import landscape, make_pack
from tests.support.modules import REPOSITORY

# Enough words for each command to do its work; {…} are made by `places`.
COMMANDS = {
    "generate": "{run} --out {new} --workers 1",
    "merge": "{data}",
    "verify": "{data} --workers 1",
    "stats": "{data}",
    "gallery": "{data}",
    "card": "{data} --out {new}",
    "audit": "{data} --workers 1",
    "export": "{data} --to coco --out {new} --workers 1",
    "catalog": "{pack}",
    "pack review": "{pack} --out {new} --workers 1",
    "cache": "",
    "ingest": "rgba_folder {pack}/foregrounds --out {new}",
    "cutout": "{photo} -o {new} --model {photo} --category cup",
    "schema": "run",
    "list": "",
    "doctor": "",
    "score": "oracle {data} --workers 1",
    "templates check": "english",
    "templates preview": "english --pack {pack} -n 3",
    "templates coverage": "{data}",
    "templates new": "klingon --pack {pack} --out {new}",
    "predict": "{model} {data} --out {new} --device cpu",
    "evaluate": "{model} {data} --workers 1 --device cpu",
    "matte": "{photo} mug --checkpoint {model} --as alpha -o {new}/o.png --device cpu",
    "export-model": "{model} -o {photo}",
    "train": "{recipe} --data {data} --out {new} --device cpu",
    "ablate": "{recipe} --data {data} --test {data} --out {new} --only none --device cpu",
    "compare": "{recipe} --data {data} --test {data} --out {new} --preset none --device cpu",
    "reproduce": "clipmat-b16 --refmatte {data} --rw100 {data} --out {new} --device cpu",
    "label": "{pack} --pretrained {photo}",
    "app": "{model} --host no.such.invalid",
}
# These end in a mistake here, which is told as it is anywhere.
REFUSED = {
    "ablate": "none",
    "compare": "none",
    "reproduce": "eval_index_expression.json",
    "label": "photo.jpg",
    "app": "no.such.invalid",
    "export-model": "photo.jpg: is no name for an ONNX file",
    "cutout": "is a picture, not a net",
}
MODELS = {
    "predict",
    "evaluate",
    "matte",
    "train",
    "ablate",
    "compare",
    "reproduce",
    "label",
    "app",
    "export-model",
}
# Quick ones of every sort: reading, drawing, no files at all, a pack that is scanned.
QUICK = ("stats", "catalog", "list", "templates check")


def commands() -> Iterator[str]:
    """Every command that the program has."""
    from typer.main import get_command

    for name, command in get_command(_app()).commands.items():  # type: ignore[attr-defined]
        for inner in getattr(command, "commands", {"": None}):
            yield f"{name} {inner}".strip()


def _app():  # type: ignore[no-untyped-def]
    from refmatte_engine.cli.app import app

    return app


def test_every_command_is_tried() -> None:
    assert set(COMMANDS) == set(commands())


def each(*names: str) -> list[object]:
    """The commands, those but the quick ones marked slow."""
    return [
        pytest.param(name, marks=[] if name in names else pytest.mark.slow) for name in COMMANDS
    ]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A pack, a run file, a dataset, a photograph, and what a model needs."""
    home = tmp_path_factory.mktemp("surroundings")
    made = {name: home / name for name in ("pack", "data", "model")}
    made |= {"run": home / "run.yaml", "photo": home / "photo.jpg", "recipe": home / "recipe.yaml"}
    make_pack(made["pack"])
    made["run"].write_text("packs: [pack]\nsplits: {train: 3}\nlayout: smoke\n")
    made["photo"].write_bytes(encode_jpeg(landscape(3, (50, 70))))
    made["recipe"].write_text(
        "preset: minimal\nworkers: 0\nphases: [{steps: 1, batch: 1, size: 64}]\n"
    )
    done = started(["generate", str(made["run"]), "--out", str(made["data"]), "--workers", "1"])
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def words(request: pytest.FixtureRequest, places: dict[str, Path], tmp_path: Path) -> list[str]:
    """The words of the command that is the test's first parameter."""
    name = request.node.callspec.params["command"]
    if name in MODELS and find_spec("torch") is None:
        pytest.skip("torch is not installed")
    if name in MODELS and not places["model"].exists():
        from refmatte_baselines.clipmat.config import PRESETS
        from refmatte_baselines.clipmat.model import ClipMat
        from refmatte_baselines.weights import save

        save(ClipMat(PRESETS["minimal"]), places["model"])
    new = tmp_path / "new"
    return [*name.split(), *COMMANDS[name].format(**places, new=new).split()]


def started(words: list[str], **more: object) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as a shell starts it."""
    options: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    command = [sys.executable, "-m", "refmatte_engine", *words]
    return subprocess.run(command, text=True, errors="replace", **options)  # type: ignore[call-overload, no-any-return]


def environment(**changes: str | None) -> dict[str, str]:
    changed = {**os.environ, **changes}
    return {name: value for name, value in changed.items() if value is not None}


def must_be_well(done: subprocess.CompletedProcess[str], command: str, code: int = 0) -> None:
    """The exit code, and at most one line of an error; no traceback, no complaint of Python's."""
    said = done.stderr
    assert not re.search(r"Traceback|Exception ignored|Warning|File \"", said), said
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    if command in REFUSED and not code:
        assert done.returncode == 2, said
        assert len(errors) == 1
        assert REFUSED[command] in errors[0]
    else:
        assert done.returncode == code, said
        assert len(errors) == bool(code)


@pytest.mark.parametrize("command", each("catalog", "list"))
def test_without_a_home(words: list[str], command: str) -> None:
    bare = environment(HOME=None, XDG_CACHE_HOME=None, REFMATTE_CACHE=None, NUMBA_CACHE_DIR=None)
    must_be_well(started(words, env=bare), command)


@pytest.mark.parametrize("command", each("catalog", "list"))
def test_where_nothing_can_be_remembered(words: list[str], command: str) -> None:
    """A home that cannot be written, as root may everywhere but below a file."""
    bare = environment(
        HOME="/dev/null/home", XDG_CACHE_HOME=None, REFMATTE_CACHE=None, NUMBA_CACHE_DIR=None
    )
    must_be_well(started(words, env=bare), command)


@pytest.mark.parametrize("letters", ["ascii", pytest.param("latin-1", marks=pytest.mark.slow)])
@pytest.mark.parametrize("command", each(*QUICK))
def test_on_a_terminal_of_few_letters(words: list[str], command: str, letters: str) -> None:
    done = started(words, env=environment(PYTHONIOENCODING=letters, PYTHONUTF8="0"))
    must_be_well(done, command)
    assert done.stdout.isascii() or letters == "latin-1"


@pytest.mark.parametrize("command", each(*QUICK))
def test_into_a_pipe_that_nobody_reads(words: list[str], command: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = started(words, stdout=writer)
    os.close(writer)
    must_be_well(done, command)


@pytest.mark.parametrize("command", each(*QUICK))
def test_onto_a_full_disk(words: list[str], command: str, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w") as full:
        done = started(words, stdout=full)
    if done.returncode == 1:
        must_be_well(done, command, 1)
        assert "stdout: cannot be used: No space left on device" in done.stderr
    else:  # it prints nothing
        must_be_well(done, command)
        shutil.rmtree(tmp_path / "new", ignore_errors=True)
        assert started(words).stdout == ""


@pytest.mark.parametrize("command", each("stats", "list"))
def test_without_stdout_and_stderr(words: list[str], command: str) -> None:
    def close() -> None:
        os.close(1)
        os.close(2)

    done = started(words, stdout=None, stderr=None, preexec_fn=close)
    assert done.returncode in (0, 2)


INTERRUPTED = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Interrupting())
from refmatte_engine.cli.main import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("module", ["typer", "refmatte_engine.cli.training", "numpy", "cv2"])
def test_while_modules_load(places: dict[str, Path], module: str, number: signal.Signals) -> None:
    code = INTERRUPTED.format(module=module, number=int(number))
    done = subprocess.run(
        [sys.executable, "-c", code, "stats", str(places["data"])], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr, done.stdout) == (128 + number, "stopped\n", "")


# Python reads this before any program. What it is given is a module; without one, it is the first
# that is asked for once ours are found.
STARTING = """
import os, sys
class Interrupting:
    has_begun = False
    def find_spec(self, name, path=None, target=None):
        is_first = name in ("refmatte_engine", "refmatte_engine.__main__")
        wanted = os.environ["INTERRUPTED"]
        if name == wanted or (not wanted and self.has_begun and not is_first):
            os.kill(os.getpid(), 2)
        self.has_begun |= is_first
sys.meta_path.insert(0, Interrupting())
"""


def program() -> list[str]:
    """What the script `refmatte` does, as an installation writes it."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, function = project["scripts"]["refmatte"].partition(":")
    return ["-c", f"import sys; from {module} import {function}; sys.exit({function}())"]


@pytest.mark.parametrize("started", [["-m", "refmatte_engine"], program()], ids=["-m", "script"])
@pytest.mark.parametrize("module", ["", "refmatte_engine.errors", "refmatte_engine.storage.cache"])
def test_while_the_program_itself_loads(started: list[str], module: str, tmp_path: Path) -> None:
    """Ctrl-C ends it as a shell expects it, and Python says nothing; if a parent ignores it, so
    does the program."""
    (tmp_path / "sitecustomize.py").write_text(STARTING)
    seam = environment(PYTHONPATH=f"{tmp_path}:{REPOSITORY}", INTERRUPTED=module)
    words = [sys.executable, *started, "--version"]
    done = subprocess.run(words, capture_output=True, text=True, env=seam)
    assert (done.returncode, done.stderr, done.stdout) == (-signal.SIGINT, "", "")

    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    done = subprocess.run(words, capture_output=True, text=True, env=seam, preexec_fn=ignore)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_once_all_is_done(number: signal.Signals, tmp_path: Path) -> None:
    """While Python puts its things away, which takes a moment where much was loaded."""
    ending = f"import atexit, os; atexit.register(os.kill, os.getpid(), {int(number)})"
    (tmp_path / "sitecustomize.py").write_text(ending)
    done = started(["--version"], env=environment(PYTHONPATH=f"{tmp_path}:{REPOSITORY}"))
    assert (done.returncode, done.stderr) == (-number, "")
    assert done.stdout.startswith("refmatte ")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_before_a_command_begins(
    cli: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    code: int,
) -> None:
    """Where typer would end the program, and say nothing."""
    monkeypatch.setattr(Program, "make_context", lambda *_, **__: os.kill(os.getpid(), number))
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        assert cli("list") == (code, "", "stopped\n")
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_user_whom_nobody_knows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No HOME, and no entry in the list of users: a container started with a number."""

    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("REFMATTE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", unknown)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    made = cache.folder()
    assert made.parent == tmp_path
    assert cache.writable(made)
    made.chmod(0o777)  # where others may write, they may have
    assert not cache.writable(cache.folder())


def test_letters_are_replaced_by_what_is_read_alike(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["refmatte", "--version"])
    with pytest.raises(SystemExit):
        main()
    assert "96×72 … 中 🦊".encode("ascii", "refmatte") == rb"96x72 ... \u4e2d \ud83e\udd8a"
