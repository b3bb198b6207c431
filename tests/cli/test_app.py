"""The command line: help, exit codes, and one clear line for every mistake."""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import typing
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from typer.main import get_command

import refmatte_engine
from refmatte_engine import errors
from refmatte_engine.cli import options
from refmatte_engine.cli.app import app
from refmatte_engine.config.run import load_run
from tests.conftest import make_pack
from tests.support.modules import ENGINE, parsed


def _commands() -> list[str]:
    """Every command that there is, those in groups by both names."""
    found = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        found += [name, *(f"{name} {inner}" for inner in getattr(command, "commands", ()))]
    return found


COMMANDS = _commands()


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pack(tmp_path_factory.mktemp("pack") / "tiny")


@pytest.fixture(scope="module")
def run_file(pack: Path) -> Path:
    path = pack.parent / "run.yaml"
    path.write_text("packs: [tiny]\nsplits: {train: 3}\nlayout: smoke\nshard_size: 1\n")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(cli, command: str) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = cli(*command.split(), "--help")
    assert code == 0
    assert f"Example: refmatte {command}" in " ".join(out.split())
    assert cli(*command.split(), "-h") == (0, out, "")


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_in_a_narrow_window(  # type: ignore[no-untyped-def]
    cli, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of options and commands whole, no cut sentences, no names of Python's types."""
    monkeypatch.setenv("COLUMNS", "40")
    _, out, _ = cli(*command.split(), "-h")
    found = get_command(app)
    for word in command.split():
        found = found.commands[word]  # type: ignore[attr-defined]
    for param in found.params:
        if param.param_type_name == "option":
            assert all(name in out.replace("/", " ").split() for name in param.opts), param.opts
    assert all(name in out.split() for name in getattr(found, "commands", ()))
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = cli(*command.split(), "-h")
    assert not re.search(r"\w\.\.\.$", out, re.MULTILINE)
    assert not re.search(r"\b(?:str|int|float|bool|list\[|tuple|None)\b|x>=|<=x", out)


def _functions() -> list[Callable[..., None]]:
    groups = [app, *(info.typer_instance for info in app.registered_groups)]
    commands = [info for group in groups if group for info in group.registered_commands]
    return [info.callback for info in commands if info.callback is not None]


@pytest.mark.parametrize("function", _functions(), ids=lambda function: function.__name__)
def test_every_option_has_help_and_is_read(function: Callable[..., None]) -> None:
    body = parsed(inspect.getsource(function))
    read = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
    assert set(inspect.signature(function).parameters) <= read
    for name, kind in typing.get_type_hints(function, include_extras=True).items():
        if name != "return":
            (said,) = kind.__metadata__
            assert said.help, name


def test_options_are_said_once_and_used() -> None:
    """Commands say which of the options they have; none is made anywhere else, or for nobody."""
    folder = Path(options.__file__).parent
    sources = {file.stem: file.read_text("utf-8") for file in folder.glob("*.py")}
    makers = {name for name, text in sources.items() if "typer.Option(" in text}
    homes = {"options", "model_options"}
    assert makers == {"app", *homes}  # the program's own --version
    assert {name for name, text in sources.items() if "typer.Argument(" in text} == homes
    named = {n for home in homes for n in re.findall(r"(?m)^(\w+) = Annotated", sources[home])}
    assert named == set(re.findall(r"options\.(\w+)", "".join(sources.values())))


def test_the_version(cli) -> None:  # type: ignore[no-untyped-def]
    assert cli("--version") == (0, f"refmatte {refmatte_engine.__version__}\n", "")


def test_what_there_is_to_name(cli) -> None:  # type: ignore[no-untyped-def]
    """Each with a line of its own, and all of them known to the commands that ask for them."""
    code, out, _ = cli("list")
    assert code == 0
    kinds = re.findall(r"(?m)^(\w+):$", out)
    for kind in kinds:
        code, said, _ = cli("list", kind)
        assert code == 0
        assert said in out
        for line in said.splitlines():
            assert re.fullmatch(r"  [\w-]+ +\S.*", line), line
    for name in re.findall(r"(?m)^  (\w+) ", cli("list", "runs")[1]):
        assert load_run(name)
    assert "tiny" in cli("list", "checkpoints")[1]
    code, _, err = cli("list", "layuots")
    assert (code, err) == (2, f"error: layuots: is not listed; allowed: {', '.join(kinds)}; "
                           "did you mean 'layouts'?\n")  # fmt: skip


def test_the_doctor_tells_what_is_missing(  # type: ignore[no-untyped-def]
    cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(errors.EXTRAS, "plots", ("no_such_module",))
    monkeypatch.setenv("REFMATTE_CACHE", str(tmp_path / "here"))
    code, out, _ = cli("doctor")
    assert code == 0
    assert f"cache        {tmp_path / 'here'}: 0 MB of packs (refmatte cache); set" in out
    assert "not installed (stats --plots); run: pip install 'refmatte-engine[plots]'" in out
    assert f"refmatte     {refmatte_engine.__version__}" in out
    monkeypatch.setenv("REFMATTE_CACHE", "/dev/null/here")
    assert "/dev/null/here: cannot be written: nothing is kept" in cli("doctor")[1]
    monkeypatch.setenv("REFMATTE_WORDNET", "/nowhere")
    assert "/nowhere: has no data.noun and index.noun of WordNet; name" in cli("doctor")[1]


SETTINGS = {
    "REFMATTE_CACHE_GB": ("abc", "'abc' is not a size; allowed: gigabytes, such as 20"),
    "LOKY_MAX_CPU_COUNT": ("abc", "'abc' is not a number; allowed: how many to use"),
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("command", ["generate", "catalog", "review", "doctor"])
def test_a_wrong_setting_is_told_before_anything_is_made(  # type: ignore[no-untyped-def]
    cli, pack: Path, run_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    command: str, name: str,
) -> None:  # fmt: skip
    """Not as a fault of each image, and also where everything needed is in the cache."""
    assert cli("catalog", str(pack))[0] == 0
    value, told = SETTINGS[name]
    monkeypatch.setenv(name, value)
    asked = {
        "generate": ["generate", str(run_file), "--out", str(tmp_path / "out"), "--limit", "1"],
        "catalog": ["catalog", str(pack)],
        "review": ["pack", "review", str(pack), "-o", str(tmp_path / "out")],
        "doctor": ["doctor"],
    }
    code, out, err = cli(*asked[command])
    assert told in out + err
    assert (code, "images could not be made" in err) == (0 if command == "doctor" else 2, False)
    assert not (tmp_path / "out").exists()


def test_commands_to_paste_are_quoted(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """A path has spaces, and more, on many machines."""
    there, pack = make_pack(tmp_path / "it's my data"), tmp_path / "$HOME & pack"
    said = cli("ingest", "--detect", there)[1] + cli("ingest", "rgba-folder", there, "-o", pack)[1]
    said += cli("catalog", there, "--no-colors", "--freeze", tmp_path / "a b.catalog")[2]
    lines = re.findall(r"(?m)refmatte (\w.*?)(?: -o …|\)?$)", said)
    found = [shlex.split(line) for line in lines]
    assert any(words[::2] == ["ingest", str(there)] for words in found)
    assert ["catalog", str(pack)] in found
    assert ["generate", "--catalog", str(tmp_path / "a b.catalog")] in found


def test_no_command_to_paste_is_put_together_by_hand() -> None:
    """What quotes them is `output.command`."""
    for name, file in ENGINE.items():
        for node in ast.walk(parsed(file.read_text("utf-8"))):
            for before, after in itertools.pairwise(getattr(node, "values", ())):
                text = getattr(before, "value", None) if isinstance(node, ast.JoinedStr) else None
                if isinstance(text, str) and re.search(r"refmatte [a-z]+( [^`;)]*)? $", text):
                    assert ast.unparse(after) in ("{origin.name}",), name


HELP = """
from refmatte_engine.cli.main import main
sys.argv = ['refmatte', '--help']
try: main()
except SystemExit: pass
"""


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        (HELP, {"numpy", "cv2", "PIL", "yaml", "joblib", "torch", "gradio", "refmatte_baselines"}),
        ("import refmatte_engine.generation.dataset_run", {"joblib", "torch", "pymatting", "scipy",
         "matplotlib", "typer"}),
        ("from refmatte_baselines import models, kinds; kinds.presets()", {"torch", "scipy",
         "matplotlib", "typer"}),
    ],
    ids=["the help", "a worker", "what models there are"],
)  # fmt: skip
def test_nothing_is_loaded_that_is_not_needed(code: str, unwanted: set[str]) -> None:
    code = f"import sys\n{code}\nassert not {unwanted} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_dry_run_tells_and_makes_nothing(cli, run_file: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Of a run that no disk could hold, in an instant."""
    before = sorted(tmp_path.rglob("*"))
    code, said, _ = cli("generate", run_file, "--dry-run", "--limit", 90_000_000, "--workers", 3)
    assert code == 0
    assert re.search(r"^run: 90,000,000 images; nothing is written$", said, re.M), said
    assert re.search(r"^images +90,000,000$", said, re.M)
    assert re.search(r"^time: about [\d.]+ (hours|days) on 3 cores, \d+ ms an image", said, re.M)
    assert re.search(r"^on disk: about [\d.]+ [GT]B in [\d,]+ files, .+: not enough$", said, re.M)
    code, _, told = cli("generate", run_file, "--dry-run", "--shards", "2/4")
    assert (code, told.count("each of 4 jobs")) == (2, 1)
    assert sorted(tmp_path.rglob("*")) == before


def test_from_generating_to_looking(cli, run_file: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "out"
    code, said, _ = cli("generate", run_file, "--out", out, "--workers", 1, "--seed", 5)
    assert code == 0
    assert said.startswith("3 images, ")
    code, said, _ = cli("verify", out, "--workers", 1)
    assert (code, said.strip().endswith("all agree")) == (0, True), said
    code, said, _ = cli("stats", out, "--json")
    assert code == 0
    assert json.loads(said)
    code, said, _ = cli("gallery", out)
    assert code == 0
    assert Path(url2pathname(urlsplit(said.removeprefix("open ").strip()).path)).is_file()
    code, said, _ = cli("templates", "coverage", out)
    assert code == 0
    assert "basic.1              {thing}\n" in said
    rows = [int(line.split()[0]) for line in said.splitlines()[:-1]]
    assert rows == sorted(rows)
    assert said.endswith(f"{rows.count(0)} never used\n")
    code, said, _ = cli("score", "oracle", out, "--workers", 1, "--setting", "expression", "--csv")
    assert code == 0
    assert said.count("\n") > 20
    (sorted((out / "train/mask").iterdir())[0]).write_bytes(b"no png")
    code, said, _ = cli("verify", out, "--workers", 1, "--no-pixels")
    assert code == 1
    assert "was changed after it was written" in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["generate", "dmeo", "--out", "{tmp}/o"], 2, "dmeo: no such file; allowed: a path, or one "
         "of benchmark, clipmat, demo, hard, refmatte, smoke; did you mean 'demo'?"),
        (["generate", "{run}", "--out", "{run}"], 2, "is not a folder"),
        (["generate", "{run}", "--out", "{pack}"], 2, "contains files that are not a dataset's; "
         "choose an empty folder"),
        (["generate", "{run}", "--out", "{tmp}/o", "--pack", "{tmp}"], 2, "is not a pack: it has "
         "no pack.yaml; allowed: a folder with a pack.yaml, such a file, or the word studio"),
        (["generate", "{run}", "--out", "{tmp}/o", "--limit", "0"], 2, "--limit: '0' is not "
         "allowed; allowed: a number of at least 1"),
        (["generate", "{run}", "--out", "{tmp}/o", "--on-exists", "maybe"], 2, "--on-exists: "
         "'maybe' is not allowed; allowed: resume, overwrite, fail"),
        (["generate", "{run}"], 2, "--out: is not given; say in which folder the dataset is to be"),
        (["verify", "{tmp}"], 2, "manifest.json: no such file; allowed: the folder of a finished"),
        (["stats", "{tmp}/nothing"], 2, "no such file"),
        (["gallery", "{run}"], 2, "no such file"),
        (["catalog", "{tmp}/nothing"], 2, "there is no such folder"),
        (["templates", "check", "nothing"], 2, "nothing: no such file; allowed: a path, or one of "
         "english, german, refmatte"),
        (["genrate"], 2, "no such command 'genrate'; did you mean 'generate'?"),
        (["generate", "--otu", "x"], 2, "no such option '--otu'; did you mean '--out'?"),
    ],
)  # fmt: skip
def test_mistakes_get_one_clear_line(  # type: ignore[no-untyped-def]
    cli, run_file: Path, pack: Path, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    given = [w.format(tmp=tmp_path, run=run_file, pack=pack) for w in words]
    found, _, err = cli(*given)
    assert found == code
    assert said in " ".join(err.replace("│", " ").split())


def test_broken_assets_are_named_and_left_out(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    root = make_pack(tmp_path / "tiny")
    (root / "foregrounds/ring/ring.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    (tmp_path / "run.yaml").write_text("packs: [tiny]\nsplits: {train: 1}\nlayout: smoke\n")
    code, _, err = cli("generate", tmp_path / "run.yaml", "--out", tmp_path / "o", "--workers", 1)
    assert code == 0
    assert "left out: " in err
    assert "ring.png" in err
    code, _, err = cli("generate", tmp_path / "run.yaml", "--out", tmp_path / "p", "--strict")
    assert code == 2
    assert "ring.png" in err
    code, out, _ = cli("catalog", root)
    assert code == 0
    assert "ring.png" in out


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_is_clean_and_says_how_to_resume(
    run_file: Path, tmp_path: Path, number: signal.Signals
) -> None:
    words = ["generate", run_file, "--out", tmp_path / "out", "--limit", "60", "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "refmatte_engine", *map(str, words)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    receipts = tmp_path / "out/train/.shards"
    while process.poll() is None and len(list(receipts.glob("*.jsonl"))) < 2:
        time.sleep(0.05)
    os.killpg(process.pid, number)
    _, err = process.communicate()
    assert process.returncode == 128 + number
    assert err.splitlines()[-1] == (
        "stopped; finished shards are kept: run the same command again to resume"
    )
    assert "Traceback" not in err
    done = len(list(receipts.glob("*.jsonl")))
    assert 2 <= done < 60
    subprocess.run(
        [sys.executable, "-m", "refmatte_engine", *map(str, words)],
        check=True, capture_output=True,
    )  # fmt: skip
    assert len(list((tmp_path / "out/train/img").iterdir())) == 60
