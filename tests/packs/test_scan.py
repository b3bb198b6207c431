"""What is remembered of pictures never changes what a catalog says: a warm cache equals a cold one,
whatever was cataloged before and whatever the same files were used for then."""

import itertools
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.packs import catalog, scan
from tests.conftest import disc, landscape, write_png

# Small, since each pair's own colours are estimated.
RED, BLUE = disc((200, 20, 20))[::2, ::2], disc((20, 20, 200))[::2, ::2]
MATTE = RED[..., 3]
AS_SHAPE = np.dstack([np.full((*MATTE.shape, 3), 255, np.uint8), MATTE])
PHOTO = landscape(1, MATTE.shape)
# Each file of a pack by its content: the same few contents in every part a file can play.
PACKS: dict[str, tuple[str, dict[str, np.ndarray]]] = {
    "cutouts": ("", {"foregrounds/ball/a.png": RED, "foregrounds/ball/b.png": BLUE}),
    "mattes": ("", {"foregrounds/ball/a.png": MATTE, "foregrounds/ball/b.png": RED}),
    "shapes": ("", {"foregrounds/ball/a.png": AS_SHAPE}),
    "pairs": ("", {"foregrounds/ball/a.png": PHOTO, "alphas/ball/a.png": MATTE}),
    "itself": ("", {"foregrounds/ball/a.png": MATTE, "alphas/ball/a.png": MATTE}),
    "reversed": ("", {"foregrounds/ball/a.png": MATTE, "alphas/ball/a.png": PHOTO}),
    "places": ("", {"backgrounds/a.png": PHOTO, "backgrounds/b.png": MATTE}),
    "cut out places": ("", {"backgrounds/a.png": RED, "foregrounds/ball/a.png": RED}),
    "beside": ("", {"foregrounds/ball/a.png": PHOTO, "foregrounds/ball/a_alpha.png": AS_SHAPE}),
    "nested": (
        "foregrounds: .\nalphas: masks\n",
        {"ball/a.png": PHOTO, "masks/ball/a.png": MATTE, "backgrounds/a.png": PHOTO},
    ),
}


@pytest.fixture(scope="module")
def packs(tmp_path_factory):
    root = tmp_path_factory.mktemp("packs")
    for name, (more, files) in PACKS.items():
        for file, pixels in files.items():
            write_png(root / name / file, pixels)
        head = f"name: {name.replace(' ', '-')}\nlicence: x\nsource: x\ncredit: x\n"
        (root / name / "pack.yaml").write_text(head + more)
    return root


@pytest.fixture(scope="module")
def cold(packs, tmp_path_factory):
    """The catalog of some packs by a cache that knows nothing else; each is made once."""
    known = {}

    def load(names):
        if names not in known:
            cache = tmp_path_factory.mktemp("cold")
            known[names] = catalog.load([packs / name for name in names], cache=cache)
        return known[names]

    return load


orders = st.lists(
    st.lists(st.sampled_from(sorted(PACKS)), min_size=1, max_size=2, unique=True).map(tuple),
    min_size=1,
    max_size=6,
)


@given(orders)
@settings(max_examples=30, deadline=None)
def test_a_warm_cache_says_what_a_cold_one_says(packs, cold, tmp_path_factory, sequence):
    cache = tmp_path_factory.mktemp("warm")
    for names in sequence:
        warm = catalog.load([packs / name for name in names], cache=cache)
        assert replace(warm, cache=Path()) == replace(cold(names), cache=Path())


def test_the_parts_that_files_play_are_told_apart(cold):
    """Which contents are believed in which part, so that the law above is of something."""
    kept = {name: len(cold((name,)).foregrounds) for name in PACKS}
    assert kept == {
        "cutouts": 2,
        "mattes": 1,
        "shapes": 1,
        "pairs": 1,
        "itself": 0,
        "reversed": 0,
        "places": 0,
        "cut out places": 1,
        "beside": 0,
        "nested": 1,
    }
    assert "is also the source picture of the foreground" in str(cold(("nested",)).notes)
    assert "shows a white or black shape" in str(cold(("shapes",)).notes)
    assert "is identical to its alpha file" in str(cold(("itself",)).problems)
    assert "looks like the alpha of foregrounds/ball/a.png" in str(cold(("beside",)).problems)


@given(st.permutations(["red", "blue", "matte"]), st.booleans())
@settings(max_examples=12, deadline=None)
def test_files_that_change_places_are_looked_at_again(tmp_path_factory, order, by_link):
    root, caches = tmp_path_factory.mktemp("moving"), tmp_path_factory.mktemp("caches")
    contents = {"red": RED, "blue": BLUE, "matte": MATTE}
    for name, pixels in contents.items():
        write_png(root / "store" / f"{name}.png", pixels)
    home = root / "foregrounds/ball"
    home.mkdir(parents=True)
    (root / "pack.yaml").write_text("name: p\nlicence: x\nsource: x\ncredit: x\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_SETTLED_NS", -(10**18))  # every stamp is trusted
        for turn in (sorted(contents), order):
            for place, name in zip("abc", turn, strict=True):
                target = home / f"{place}.png"
                target.unlink(missing_ok=True)
                source = root / "store" / f"{name}.png"
                if by_link:
                    target.symlink_to(os.path.relpath(source, home))
                else:
                    shutil.copy2(source, target)
            warm = catalog.load([root], cache=caches / "warm")
            cold = catalog.load([root], cache=caches / f"cold {turn}")
            assert replace(warm, cache=Path()) == replace(cold, cache=Path())
            assert len(warm.foregrounds) == 2


def test_the_order_of_packs_changes_no_scan(packs, tmp_path):
    one, other = packs / "cutouts", packs / "mattes"
    for number, order in enumerate(itertools.permutations([one, other])):
        warm = catalog.load(order, cache=tmp_path / "warm")
        cold = catalog.load(order, cache=tmp_path / str(number))
        assert (warm.digest, warm.problems) == (cold.digest, cold.problems)
