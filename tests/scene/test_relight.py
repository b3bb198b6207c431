"""Functions of users that relight: what they get and may give, and what is said of others."""

from __future__ import annotations

import importlib
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_engine.config.run import Run
from refmatte_engine.config.strict_yaml import parse
from refmatte_engine.errors import InputError
from refmatte_engine.records import Effects, Placement, Scene
from refmatte_engine.scene import relight
from refmatte_engine.scene.render import render

CODE = """
import numpy as np
def same(layer, background): return layer[..., :3]
def dim(layer, background):
    return np.rint(layer[..., :3] * (background.mean() / 255)).astype(np.uint8)
def meddling(layer, background):
    layer[..., 3] = background[:] = 0
    return layer[..., :3]
def alpha(layer, background): return layer
def smaller(layer, background): return layer[:-1, :, :3]
def floats(layer, background): return layer[..., :3] / 255
def nan(layer, background): return layer[..., :3] * np.nan
def nothing(layer, background): pass
def broken(layer, background): raise ValueError("no light")
def ends(layer, background): raise SystemExit(3)
def sends(layer, background): return layer[..., :3].tolist()
number = 3
"""
SCENE = Scene(
    (40, 60), "b", (0, 0, 60, 40), False, "left_right",
    (Placement("p/0", (5, 5, 30, 38)), Placement("p/1", (20, 4, 50, 39), rotation_deg=8.0)),
    Effects(0.4, 0.5, 0.5, 0.7),
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def lights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("lights")
    (folder / "some_lights.py").write_text(CODE, "utf-8")
    (folder / "wrong_lights.py").write_text("import no_such_thing", "utf-8")
    (folder / "ending_lights.py").write_text("import sys\nsys.exit('no\\nGPU')", "utf-8")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    sys.modules.pop("some_lights", None)


def drawn(name: str | None) -> tuple[np.ndarray, list[np.ndarray]]:
    rng = np.random.default_rng(3)
    background = rng.integers(40, 200, (40, 60, 3)).astype(np.uint8)
    cutouts = [cv2.blur(rng.integers(0, 256, (50, 40, 4)).astype(np.uint8), (9, 9))] * 2
    found = render(SCENE, background, cutouts, name)
    return found.image, [layer.visible for layer in found.layers]


def test_what_is_left_as_it_was_is_the_same_to_the_byte() -> None:
    image, mattes = drawn(None)
    again, kept = drawn("some_lights:same")
    assert (again == image).all()
    assert all((a == b).all() for a, b in zip(kept, mattes, strict=True))


@pytest.mark.parametrize("name", ["dim", "meddling"])
def test_alphas_stay_what_they_are(name: str) -> None:
    image, mattes = drawn(None)
    again, kept = drawn(f"some_lights:{name}")
    assert all((a == b).all() for a, b in zip(kept, mattes, strict=True))
    assert (again != image).any() == (name == "dim")
    outside = sum(m.sum() for m in mattes) and np.ones(image.shape[:2], bool)
    for placement in SCENE.placements:
        x0, y0, x1, y1 = placement.box_xyxy
        outside[max(0, y0 - 8) : y1 + 8, max(0, x0 - 8) : x1 + 8] = False
    assert (again[outside] == image[outside]).all()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("some_lights:alpha", "gave an alpha, too"),
        ("some_lights:smaller", "changed the shape: gave 39 × 60 × 3 for 40 × 60 × 3"),
        ("some_lights:floats", "gave float64; allowed"),
        ("some_lights:nan", "gave float64 with NaN"),
        ("some_lights:nothing", "gave NoneType"),
        ("some_lights:sends", "gave list"),
        ("some_lights:broken", "raised ValueError: no light"),
        ("some_lights:ends", "raised SystemExit: 3; mend the function"),
        ("some_lights:absent", "the module 'some_lights' has no 'absent'"),
        ("some_lights:number", "'number' is no function"),
        ("no_lights:dim", "there is no module 'no_lights'"),
        ("wrong_lights:dim", "its module cannot be imported: No module named 'no_such_thing'"),
        ("ending_lights:dim", "its module cannot be imported: SystemExit: no GPU"),
    ],
)
def test_what_is_no_function_to_relight_with_is_said(name: str, said: str) -> None:
    with pytest.raises(relight.Unfit) as error:
        drawn(name)
    assert f"relight {name}: {said}" in str(error.value)
    assert "\n" not in str(error.value)
    assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)


def test_what_is_loaded_anew_is_what_draws(lights: Path) -> None:
    """Who edits a function and reloads it sees what it does now, as its digest says."""
    (lights / "edited_lights.py").write_text("def f(layer, _): return layer[..., :3]", "utf-8")
    before, _ = drawn("edited_lights:f")
    then = relight.described("edited_lights:f")
    (lights / "edited_lights.py").write_text("def f(layer, _): return layer[..., :3] // 2", "utf-8")
    sys.modules.pop("edited_lights")
    importlib.invalidate_caches()
    after, _ = drawn("edited_lights:f")
    assert (before != after).any()
    assert relight.described("edited_lights:f") != then


def test_a_function_goes_by_its_name() -> None:
    found = relight.function("some_lights:dim")
    assert Run(splits={"train": 1}, relight=found).relight == "some_lights:dim"
    assert relight.described("some_lights:dim").keys() == {"function", "digest"}
    for wrong in (lambda layer, background: layer, "dim", "../x:dim", "a:b:c"):
        with pytest.raises(InputError, match="relight"):
            parse(Run, {"splits": {"train": 1}, "relight": wrong}, "run")
