"""What several tests need: a small pack drawn here, and real data where it is at hand."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import weakref
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, settings

from refmatte_engine.cli import progress
from refmatte_engine.cli.main import main
from refmatte_engine.images import image_io

Bytes = npt.NDArray[np.uint8]

# No clock decides a test, and the same code is tested with the same examples everywhere; a longer
# search is started by hand: pytest --hypothesis-profile search.
_patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("tests", _patient, derandomize=True, database=None)
settings.register_profile("search", _patient, max_examples=2000)
settings.load_profile("tests")

# A shell that starts something in the background ignores Ctrl-C for it. Tests press it, and so do
# the programs that they start, which inherit this.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# `make test-engine`: without torch, what imports the baselines is left out.
if find_spec("torch") is None:
    needs_torch = re.compile(r"^(?:import torch|from refmatte_baselines)", re.MULTILINE)
    collect_ignore = [
        str(file)
        for file in Path(__file__).parent.rglob("test_*.py")
        if needs_torch.search(file.read_text("utf-8"))
    ]

# Looked for, not loaded: importing the package compiles all that it has, most of a minute.
needs_pymatting = pytest.mark.skipif(
    find_spec("pymatting") is None, reason="pymatting is not installed"
)

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RED, GREEN, BLUE = (214, 48, 49), (46, 160, 67), (52, 101, 214)
YELLOW, BROWN, GRAY = (240, 200, 40), (121, 78, 46), (128, 128, 128)


# Those that take longest come first, so that no core waits for one of them at the end.
LONGEST = ("test_readme", "test_verify", "test_training", "test_surroundings", "test_models")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the order of files that `make test` keeps to (`--no-loadscope-reorder`)."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


_loops: weakref.WeakSet[asyncio.BaseEventLoop] = weakref.WeakSet()
_begin_loop = asyncio.BaseEventLoop.__init__


def _begun(loop: asyncio.BaseEventLoop) -> None:
    _begin_loop(loop)
    _loops.add(loop)


asyncio.BaseEventLoop.__init__ = _begun  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """No test leaves an event loop open: whichever comes next when it is collected would fail."""
    yield
    left = [loop for loop in _loops if not (loop.is_running() or loop.is_closed())]
    for loop in left:
        loop.close()
    assert not left, f"{item.nodeid}, or what it has first used, leaves event loops open: {left}"


@pytest.fixture(autouse=True, scope="session")
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """No test reads or fills the user's cache. What numba compiles is the same for all processes of
    a run, and takes each of them seconds."""
    base = tmp_path_factory.getbasetemp()
    of_all = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REFMATTE_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("NUMBA_CACHE_DIR", str(of_all / "numba"))
        yield
    assert "pymatting.laplacian" not in sys.modules, "a test loaded the whole of pymatting"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photographs with mattes; the test is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no real data beside the checkout (../shared/data)")
    return SHARED_DATA


def disc(color: tuple[int, int, int], soft: float = 6.0, hole: float = 0.0) -> Bytes:
    """A shaded disc (RGBA 96×96) with an edge `soft` px wide and a hole of relative radius."""
    y, x = np.mgrid[:96, :96] - 47.5
    distance = np.hypot(x, y)
    alpha = np.clip((42 - distance) / soft + 0.5, 0, 1)
    if hole:
        alpha *= np.clip((distance - 42 * hole) / soft + 0.5, 0, 1)
    return _shaded(color, alpha, 0.7 + 0.3 * np.clip((x + y + 60) / 120, 0, 1))


def slab(color: tuple[int, int, int], size_hw: tuple[int, int], opacity: float = 1.0) -> Bytes:
    """An upright box (RGBA) with hard edges, 4 clear pixels around it."""
    alpha = np.zeros((size_hw[0] + 8, size_hw[1] + 8))
    alpha[4:-4, 4:-4] = opacity
    shade = np.linspace(1, 0.8, alpha.shape[0])[:, None] * np.ones_like(alpha)
    return _shaded(color, alpha, shade)


def figure(color: tuple[int, int, int], legs: int) -> Bytes:
    """A head, a body and two or four legs (RGBA, 120 px high)."""
    alpha = np.zeros((120, 96), np.uint8)
    cv2.circle(alpha, (48, 20), 14, 255, -1, cv2.LINE_AA)
    cv2.ellipse(alpha, (48, 62), (20 if legs == 2 else 34, 28), 0, 0, 360, 255, -1, cv2.LINE_AA)
    for x in np.linspace(38, 58, 2) if legs == 2 else np.linspace(22, 74, 4):
        cv2.line(alpha, (round(x), 76), (round(x), 112), 255, 7, cv2.LINE_AA)
    shade = np.linspace(1, 0.75, 120)[:, None] * np.ones(alpha.shape)
    return _shaded(color, alpha / 255, shade)


def _shaded(color: tuple[int, int, int], alpha: npt.NDArray[Any], shade: npt.NDArray[Any]) -> Bytes:
    pixels = np.dstack((shade[..., None] * np.array(color), alpha * 255))
    return np.rint(pixels).astype(np.uint8)


def landscape(seed: int, size_hw: tuple[int, int] = (160, 240)) -> Bytes:
    """A sky over a ground with some texture (RGB)."""
    rng = np.random.default_rng(seed)
    height, width = size_hw
    top, bottom = rng.integers(120, 230, 3), rng.integers(60, 160, 3)
    down = np.linspace(0, 1, height)[:, None, None]
    picture = np.where(down < 0.5, top * (1 - 0.3 * down), bottom * (0.7 + 0.4 * down))
    noise = cv2.GaussianBlur(rng.normal(0, 20, (height, width, 3)), (0, 0), 2)
    return np.rint(np.clip(picture + noise, 0, 255)).astype(np.uint8)


THINGS: dict[str, tuple[Bytes, dict[str, Any]]] = {
    "ball/ball_red": (disc(RED), {"color": "red", "material": "rubber"}),
    "ball/ball_blue": (disc(BLUE), {"color": "blue", "material": "rubber"}),
    "ring/ring": (disc(YELLOW, 3, 0.6), {"color": "yellow", "material": "metal"}),
    "box/box": (slab(BROWN, (70, 100)), {"color": "brown", "pattern": "plain"}),
    "bottle/bottle": (slab(GREEN, (110, 40), 0.4), {"color": "green", "transparent": True}),
    "dog/dog": (figure(BROWN, 4), {"color": ["brown"]}),
    "cat/cat": (figure(GRAY, 4), {"color": ["gray"]}),
    "woman/woman": (
        figure(RED, 2),
        {"gender": "female", "clothes": [{"type": "sweater", "color": "red"}]},
    ),
    "man/man": (
        figure(BLUE, 2),
        {"gender": "male", "clothes": [{"type": "coat", "color": "blue", "pattern": "plain"}]},
    ),
}
KINDS = {"dog": "animal", "cat": "animal", "woman": "human", "man": "human"}


def make_pack(root: Path, name: str = "tiny") -> Path:
    """A pack with nine drawn foregrounds of eight categories, all in the split train, and three
    backgrounds of 240×160 px."""
    lines = []
    for stem, (rgba, attributes) in THINGS.items():
        file = root / "foregrounds" / f"{stem}.png"
        write_png(file, rgba)
        category = stem.split("/")[0]
        label = {
            "file": f"foregrounds/{stem}.png",
            "category": category,
            "kind": KINDS.get(category, "object"),
            "split": "train",
            "attributes": attributes,
            "source": "recipe",
        }
        lines.append(json.dumps(label))
    for seed in range(3):
        file = root / "backgrounds" / f"land_{seed}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(image_io.encode_jpeg(landscape(seed)))
        place = {"file": f"backgrounds/land_{seed}.jpg", "split": "train"}
        lines.append(json.dumps(place | {"horizon": 0.5, "ground": [0.55, 0.98]}))
    (root / "labels.jsonl").write_text("\n".join(lines) + "\n")
    (root / "pack.yaml").write_text(
        f"name: {name}\nlicence: CC0-1.0\nsource: drawn by the tests\ncredit: nobody\n"
    )
    return root


def write_png(file: Path, pixels: Bytes) -> None:
    """Write grey, RGB or RGBA pixels as PNG, folders included."""
    file.parent.mkdir(parents=True, exist_ok=True)
    order = {4: cv2.COLOR_RGBA2BGRA, 3: cv2.COLOR_RGB2BGR}.get(pixels.shape[-1])
    stored = cv2.cvtColor(pixels, order) if pixels.ndim == 3 and order else pixels
    assert cv2.imwrite(str(file), stored)


@pytest.fixture
def tiny_pack(tmp_path: Path) -> Path:
    """A small valid pack in the test's own folder (see `make_pack`)."""
    return make_pack(tmp_path / "tiny")


@pytest.fixture
def pack_maker(tmp_path: Path) -> Callable[[str], Path]:
    """Make further packs like `tiny_pack`, by name."""
    return lambda name: make_pack(tmp_path / name, name)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Runs a command in this process; returns exit code, output and errors. What is long on a busy
    machine is not told: a clock would decide what is said."""
    monkeypatch.setattr(progress, "EVERY_S", float("inf"))

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["refmatte", *(str(word) for word in words)])
        with pytest.raises(SystemExit) as caught:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return int(caught.value.code or 0), said.out, said.err

    return run
