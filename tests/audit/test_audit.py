"""The audit as a whole: the probe's figure, photographs of every sort, the page, and what cannot be
audited."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from refmatte_engine.audit import page, pictures, probe, report
from refmatte_engine.audit.examination import examine
from refmatte_engine.errors import InputError, MissingExtra
from refmatte_engine.images import image_io
from tests.audit.test_measures import disc, surface, with_thing
from tests.support.drawn import drawn_dataset

COUNT = 10


def pairs(folder: Path, pasted: bool, count: int = COUNT) -> Path:
    """A pack of image + alpha pairs: discs that are of their surroundings, or brighter and of finer
    grain."""
    (folder / "foregrounds").mkdir(parents=True)
    (folder / "alphas").mkdir()
    for seed in range(count):
        thing = np.clip(surface(seed + 50).astype(int) + 25, 0, 255).astype(np.uint8)
        image = with_thing(thing, seed) if pasted else surface(seed)
        (folder / "foregrounds" / f"x{seed}.jpg").write_bytes(image_io.encode_jpeg(image, 92))
        (folder / "alphas" / f"x{seed}.png").write_bytes(image_io.encode_alpha_png(disc()))
    (folder / "pack.yaml").write_text(
        "name: pairs\nlicence: CC0\ncredit: tests\nsource: drawn\ndefaults: {category: mug}\n"
    )
    return folder


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pairs(tmp_path_factory.mktemp("audit") / "photographs", pasted=False)


def told(one: Path, other: Path) -> probe.Told:
    sides = [pictures.read(path, 100) for path in (one, other)]
    return probe.probe(
        *(examine(side, pictures.AS_IT_IS, patches=report.PATCHES) for side in sides)
    )


@pytest.mark.parametrize("pasted", [True, False])
def test_a_paste_is_told_and_what_is_none_is_not(
    photographs: Path, tmp_path: Path, pasted: bool
) -> None:
    pytest.importorskip("sklearn")
    found = told(pairs(tmp_path / "other", pasted), photographs)
    assert found.low <= found.auc <= found.high
    if pasted:
        assert found.low > 0.9
        assert found.by["lightness"] + found.by["white point"] + found.by["contrast"] > 0.3
    else:
        assert found.auc < 0.7


def test_the_area_is_that_of_a_peer() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    for seed in range(20):
        dice = np.random.default_rng(seed)
        scores, positive = dice.integers(0, 9, 60) / 9, dice.random(60) < 0.4
        times = dice.integers(0, 3, 60).astype(float)
        for weights in (None, times):
            peer = metrics.roc_auc_score(positive, scores, sample_weight=weights)
            assert probe.auc(scores, positive, weights) == pytest.approx(peer)


def test_one_dataset_beside_another_by_the_same_photographs() -> None:
    dice = np.random.default_rng(0)
    pasted = np.arange(400) < 200
    pictures_ = np.where(pasted, np.arange(400) // 5, -1 - np.arange(400) // 5)

    def judged(shift: float) -> probe.Told:
        # Photographs differ from one another; which are drawn moves both figures alike.
        scores = dice.normal(size=400) + shift * pasted + dice.normal(size=81)[pictures_]
        area = probe.auc(scores, pasted)
        return probe.Told(
            area, area, area, {}, {"edge": 1.0}, (200, 200), (scores, pasted, pictures_)
        )

    plain, odd = judged(0.0), judged(3.0)
    assert probe.more(plain, plain) == (0, 0, 0)
    change, low, high = probe.more(odd, plain)
    assert change == odd.auc - plain.auc
    assert 0 < low <= change <= high
    empty = report.Examined((), ())
    both = [report.Audited(Path(n), empty, empty, told=t) for n, t in (("a", plain), ("b", odd))]
    (line,) = report.beside(both)
    assert line.startswith(f"b beside a: AUC +{change:.3f} (95 %: +{low:.3f} to +{high:.3f}; ")
    assert not [*report.beside([report.Audited(Path("a"), empty)] * 2)]


def test_a_dataset_alone_and_against_photographs(
    photographs: Path, tmp_path: Path, cli: Callable[..., tuple[int, str, str]]
) -> None:
    pytest.importorskip("sklearn")
    data = tmp_path / "drawn"
    drawn_dataset(data, {"train": 9, "test": 3})
    code, out, _ = cli("audit", data, "--workers", 1, "--html", tmp_path / "page")
    assert code == 0
    assert "24 things in 12 pictures" in out
    text = (tmp_path / "page" / "index.html").read_text("utf-8")
    assert text.count("<img") > 0
    assert "@" not in text.partition("<header>")[2]
    asked = ("audit", data, "--against", photographs, "--workers", 1)
    (found,) = json.loads(cli(*asked, "--json")[1])
    assert 0.5 < found["auc_95"][0] <= found["auc"] <= 1
    assert set(found["apart"]) == set(found["composites"])
    assert "AUC of" in cli(*asked, "--limit", 11)[1]


def test_photographs_of_every_sort_are_the_same(photographs: Path, tmp_path: Path) -> None:
    rows = [
        f"{photographs}/foregrounds/x{n}.jpg,{photographs}/alphas/x{n}.png,a" for n in range(COUNT)
    ]
    table = tmp_path / "photographs.csv"
    table.write_text("\n".join(["image,matte,text", *rows]))
    both = [pictures.read(path, 100) for path in (table, photographs)]
    found = [
        sorted((s.image.name, [m.name for m in s.mattes]) for s in sources) for sources in both
    ]
    assert found[0] == found[1]


def test_so_many_are_read_evenly_spread(tmp_path: Path) -> None:
    data = tmp_path / "drawn"
    drawn_dataset(data, {"train": 9, "test": 3})
    for limit in (1, 3, 5, 11, 12, 100):
        found = [source.image for source in pictures.read(data, limit)]
        assert len(set(found)) == len(found) == min(limit, 12)


def test_photographs_are_treated_as_composites_were(photographs: Path) -> None:
    source = pictures.read(photographs, 1)[0]
    image, (matte,) = pictures.load(source, pictures.Treatment(160, 50))
    assert (image.shape, matte.shape) == ((160, 160, 3), (160, 160))
    assert len(image_io.encode_jpeg(image, 95)) < len(image_io.encode_jpeg(surface(0), 95))


def test_what_cannot_be_audited_is_said(photographs: Path, tmp_path: Path) -> None:
    data = tmp_path / "drawn"
    drawn_dataset(data, {"train": 12})
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="empty"):
        report.audit(data, [empty])
    with pytest.raises(InputError, match="empty"):
        report.audit(empty)
    shapes = tmp_path / "cutouts"
    (shapes / "foregrounds" / "mug").mkdir(parents=True)
    rgba = np.dstack((surface(1), disc()))
    (shapes / "pack.yaml").write_text("name: a\nlicence: CC0\ncredit: a\nsource: a\n")
    (shapes / "foregrounds" / "mug" / "a.png").write_bytes(image_io.encode_png(rgba))
    with pytest.raises(InputError, match=r"has no pictures with mattes.*image \+ alpha pairs"):
        report.audit(data, [shapes])
    with pytest.raises(InputError, match=r"only 5 photographs.*10 or more"):
        report.audit(data, [pairs(tmp_path / "few", pasted=False, count=5)])
    other = pairs(tmp_path / "other", pasted=False)
    (other / "alphas" / "x3.png").write_bytes(image_io.encode_alpha_png(disc()[:200]))
    with pytest.raises(InputError, match=r"x3.png: has 320×200 pixels.*its picture's 320×320"):
        report.audit(data, [other])
    (empty / "index.html").write_text("mine")
    with pytest.raises(InputError, match="is not an audit"):
        page.check(empty)


def test_without_the_extra_it_is_named_before_anything_is_measured(
    photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    data = tmp_path / "drawn"
    drawn_dataset(data, {"train": 12})
    with pytest.raises(MissingExtra, match="audit"):
        report.audit(data, [photographs])
    assert report.audit(data).told is None
