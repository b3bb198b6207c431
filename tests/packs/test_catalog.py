"""Packs to records to pixels: what is kept, what is left out and said, what is remembered."""

import json
import os
import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from refmatte_engine.config.resources import STUDIO_PACK
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.packs import catalog, cutouts, estimation, listing, pixels, scan
from refmatte_engine.records import Attribute
from tests.conftest import disc, landscape, slab, write_png


def relabel(root: Path, **changes: dict) -> None:
    """Change labels of a pack by file name."""
    file = root / "labels.jsonl"
    entries = [json.loads(line) for line in file.read_text().splitlines()]
    for entry in entries:
        entry.update(changes.get(Path(entry["file"]).stem, {}))
    file.write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def said(loaded: catalog.Catalog, root: Path) -> list[str]:
    return [str(problem).replace(f"{root}/", "") for problem in loaded.problems]


def test_a_pack_becomes_records(tiny_pack):
    loaded = catalog.load([tiny_pack])
    assert not loaded.problems
    assert len(loaded.foregrounds) == 9
    assert len(loaded.backgrounds) == 3
    bottle = loaded.foregrounds["tiny/bottle/bottle"]
    assert (bottle.category, bottle.kind, bottle.split) == ("bottle", "object", "train")
    assert bottle.size_hw == (110, 40)
    assert bottle.opacity == pytest.approx(0.4, abs=0.01)
    assert bottle.softness == 1
    ring, box = (loaded.foregrounds[f"tiny/{name}/{name}"] for name in ("ring", "box"))
    assert ring.fill < box.fill <= 1
    assert bottle.licence == "CC0-1.0"
    assert Attribute("transparent", "true", "recipe") in bottle.attributes
    woman = loaded.foregrounds["tiny/woman/woman"]
    assert woman.kind == "human"
    assert Attribute("color", "red", "recipe", part="sweater") in woman.attributes
    land = loaded.backgrounds["tiny/land_0"]
    assert (land.size_hw, land.horizon_norm, land.ground_norm) == ((160, 240), 0.5, (0.55, 0.98))
    assert loaded.licences == {
        "tiny": {"licence": "CC0-1.0", "source": "drawn by the tests", "credit": "nobody"}
    }


def test_a_catalog_is_small_and_travels(tiny_pack):
    loaded = catalog.load([tiny_pack])
    sent = pickle.dumps(loaded)
    assert len(sent) < 9_000
    assert pickle.loads(sent) == loaded


def test_the_digest_is_of_content_not_of_place_or_time(tiny_pack, tmp_path):
    loaded = catalog.load([tiny_pack])
    moved = tmp_path / "elsewhere"
    shutil.copytree(tiny_pack, moved)
    os.utime(moved / "foregrounds/dog/dog.png", (1, 1))
    assert catalog.load([moved], cache=tmp_path / "another cache").digest == loaded.digest
    relabel(moved, dog={"category": "hound"})
    assert catalog.load([moved]).digest != loaded.digest
    relabel(moved, dog={"category": "dog"})
    assert catalog.load([moved]).digest == loaded.digest
    write_png(moved / "foregrounds/dog/dog.png", disc((1, 1, 1)))
    assert catalog.load([moved]).digest != loaded.digest


def test_a_lossless_file_of_another_format_is_the_same_picture(tiny_pack, pack_maker):
    other = pack_maker("other")
    rgba = image_io.read_rgba(other / "foregrounds/cat/cat.png")
    (other / "foregrounds/cat/cat.png").unlink()
    done, data = cv2.imencode(".webp", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA), [64, 101])
    assert done
    (other / "foregrounds/cat/cat.webp").write_bytes(data.tobytes())
    relabel(other, cat={"file": "foregrounds/cat/cat.webp"})
    loaded = catalog.load([tiny_pack, other])
    assert not {f.pack for f in loaded.foregrounds.values()} - {"tiny"}
    assert "other/foregrounds/cat/cat.webp: is the same picture as tiny/cat/cat" in said(
        loaded, tiny_pack.parent
    )


def test_packs_combine_and_names_must_differ(tiny_pack, pack_maker):
    other = pack_maker("other")
    write_png(other / "foregrounds/vase/vase.png", slab((9, 9, 200), (90, 30)))
    relabel(other, ball_red={"split": "test"})
    loaded = catalog.load([tiny_pack, other])
    assert set(loaded.foregrounds) == set(catalog.load([tiny_pack]).foregrounds) | {
        "other/vase/vase"
    }
    # The copy that another label wanted in another split is out; the first stays where it was.
    assert loaded.foregrounds["tiny/ball/ball_red"].split == "train"
    assert len(loaded.problems) == 12
    with pytest.raises(InputError, match="two packs have the name 'tiny'; rename one"):
        catalog.load([tiny_pack, tiny_pack])


def test_everything_wrong_is_said_and_left_out(tiny_pack):
    things = tiny_pack / "foregrounds"
    write_png(things / "odd/clear.png", np.zeros((40, 40, 4), np.uint8))
    write_png(things / "odd/full.png", np.full((40, 40, 4), 255, np.uint8))
    write_png(things / "odd/flat.png", landscape(3))
    write_png(things / "nowhere.png", disc((5, 6, 7)))
    (things / "odd/text.png").write_text("hello")
    whole = (things / "dog/dog.png").read_bytes()
    (things / "odd/half.png").write_bytes(whole[: len(whole) // 2])
    write_png(things / "odd/pair.png", landscape(4))
    write_png(tiny_pack / "alphas/odd/pair.png", disc((0, 0, 0))[..., 3])
    write_png(tiny_pack / "backgrounds/dot.png", landscape(5, (9, 9)))
    loaded = catalog.load([tiny_pack])
    assert len(loaded.foregrounds) == 9
    assert len(loaded.backgrounds) == 3
    expected = [
        "foregrounds/nowhere.png: has no category; put it in a folder named after what it ",
        "foregrounds/odd/clear.png: shows nothing: its alpha is empty",
        "foregrounds/odd/flat.png: has no alpha channel; ",
        "foregrounds/odd/full.png: is opaque everywhere, so nothing is cut out",
        "foregrounds/odd/half.png: is broken or truncated",
        "foregrounds/odd/pair.png: has 240×160 pixels, its alpha 96×96",
        "foregrounds/odd/text.png: is text, not a picture",
        "backgrounds/dot.png: is only 9×9 pixels",
    ]
    found = said(loaded, tiny_pack)
    assert len(found) == len(expected)
    for problem, start in zip(found, expected, strict=True):
        assert problem.startswith(start)
    with pytest.raises(InputError, match=r"nowhere\.png: has no category"):
        catalog.load([tiny_pack], strict=True)
    (things / "nowhere.png").unlink()
    with pytest.raises(InputError, match=r"clear\.png: shows .* \(and 6 more problems\)"):
        catalog.load([tiny_pack], strict=True)


def test_nothing_is_decoded_twice(tiny_pack, monkeypatch):
    seen = []
    first = catalog.load([tiny_pack], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i + 1, 12) for i in range(12)]
    pixels.of_foreground(first.foregrounds["tiny/dog/dog"], first, (10, 10))
    before = [p.stat() for p in sorted(tiny_pack.rglob("*.png"))]

    def fail(*_: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr(cutouts, "decode", fail)
    monkeypatch.setattr(image_io, "decode_rgb", fail)
    assert catalog.load([tiny_pack]) == first
    # Once the files have settled, they are not even read again.
    monkeypatch.setattr(scan, "_SETTLED_NS", 0)
    assert catalog.load([tiny_pack]) == first
    monkeypatch.setattr(image_io, "read_bytes", fail)
    assert catalog.load([tiny_pack]) == first
    assert [p.stat().st_mtime_ns for p in sorted(tiny_pack.rglob("*.png"))] == [
        state.st_mtime_ns for state in before
    ]
    monkeypatch.setattr(pixels, "_recent", pixels._Recent(1))
    dog = first.foregrounds["tiny/dog/dog"]
    assert pixels.of_foreground(dog, first, (10, 10)).shape[2] == 4


def test_a_file_changed_in_place_is_noticed(tiny_pack):
    cache = tiny_pack.parent / "cache"
    file = tiny_pack / "foregrounds/dog/dog.png"
    write_png(file, disc((9, 8, 7)))  # pixels that no other test has asked for
    first = catalog.load([tiny_pack], cache=cache)
    state = file.stat()
    write_png(file, disc((7, 7, 7)))
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    second = catalog.load([tiny_pack], cache=cache)
    assert second.foregrounds["tiny/dog/dog"].digest != first.foregrounds["tiny/dog/dog"].digest
    with pytest.raises(InputError, match=r"dog\.png: has changed since the catalog was loaded"):
        pixels.of_foreground(first.foregrounds["tiny/dog/dog"], first, (999, 999))
    file.unlink()
    with pytest.raises(InputError, match=r"dog\.png: cannot be read: No such file"):
        pixels.of_foreground(second.foregrounds["tiny/dog/dog"], second, (999, 999))


def test_pixels_come_at_the_size_that_is_needed(tiny_pack):
    loaded = catalog.load([tiny_pack])
    ball = loaded.foregrounds["tiny/ball/ball_red"]
    whole = pixels.of_foreground(ball, loaded, (90, 10))
    assert whole.shape == (*ball.size_hw, 4) == (90, 90, 4)
    assert whole[..., 3].max() == 255
    assert not whole[whole[..., 3] == 0].any()
    assert pixels.of_foreground(ball, loaded, (45, 45)).shape == (45, 45, 4)
    assert pixels.of_foreground(ball, loaded, (65, 1)).shape == (90, 90, 4)
    assert pixels.of_foreground(ball, loaded, (9.5, 11)).shape == (11, 11, 4)
    with pytest.raises(ValueError, match="read-only"):
        whole[0, 0, 0] = 1


def test_a_cache_that_cannot_be_written_is_done_without(tiny_pack, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    loaded = catalog.load([tiny_pack], cache=tmp_path / "file")
    ball = loaded.foregrounds["tiny/ball/ball_red"]
    usual = catalog.load([tiny_pack])
    assert loaded.digest == usual.digest
    monkeypatch.setattr(pixels, "_recent", pixels._Recent(10**8))
    alone = pixels.of_foreground(ball, loaded, (20, 20))
    monkeypatch.setattr(pixels, "_recent", pixels._Recent(10**8))
    assert np.array_equal(alone, pixels.of_foreground(ball, usual, (20, 20)))


def test_a_damaged_cache_is_made_anew(tiny_pack, tmp_path):
    cache = tmp_path / "cache"
    first = catalog.load([tiny_pack], cache=cache)
    for file in [p for p in cache.rglob("*") if p.is_file()]:
        file.write_bytes(b"{ broken")
    assert catalog.load([tiny_pack], cache=cache) == first


def test_backgrounds_are_decoded_once_and_checked(tiny_pack, monkeypatch):
    loaded = catalog.load([tiny_pack])
    land = loaded.backgrounds["tiny/land_0"]
    picture = pixels.of_background(land, loaded)
    assert np.array_equal(picture, image_io.read_rgb(tiny_pack / land.path))
    assert pixels.of_background(land, loaded) is picture
    monkeypatch.setattr(pixels, "_recent", pixels._Recent(10**8))
    (tiny_pack / land.path).write_bytes(image_io.encode_jpeg(landscape(9, (150, 240))))
    with pytest.raises(InputError, match=r"land_0\.jpg: has changed"):
        pixels.of_background(land, loaded)


def test_a_crop_of_a_small_background_is_that_of_the_whole(tiny_pack, tmp_path):
    loaded = catalog.load([tiny_pack], cache=tmp_path / "cache")
    land, rng = loaded.backgrounds["tiny/land_0"], np.random.default_rng(3)
    whole = pixels.of_background(land, loaded)
    for _ in range(12):
        (x0, y0), canvas_hw = rng.integers(0, 40, 2), tuple(rng.integers(20, 150, 2))
        box = (x0, y0, land.size_hw[1] - y0, land.size_hw[0] - x0)
        small, (left, top, right, bottom) = pixels.of_crop(land, loaded, box, canvas_hw)
        assert bottom - top + 1 >= min(canvas_hw[0], box[3] - box[1])
        assert right - left + 1 >= min(canvas_hw[1], box[2] - box[0])
        one, other = (
            cv2.resize(each, (16, 16), interpolation=cv2.INTER_AREA).astype(int)
            for each in (whole[box[1] : box[3], box[0] : box[2]], small[top:bottom, left:right])
        )
        assert np.abs(one - other).mean() < 4


def test_the_latest_pictures_are_held_within_bounds():
    recent = pixels._Recent(1000)

    def picture() -> np.ndarray:
        return np.zeros(400, np.uint8)

    a = recent.get("a", picture)
    b = recent.get("b", picture)
    assert recent.get("a", picture) is a
    recent.get("c", picture)
    assert recent.get("a", picture) is a
    assert recent.get("b", picture) is not b
    with ThreadPoolExecutor(8) as pool:
        held = list(pool.map(lambda i: recent.get(str(i % 5), picture), range(200)))
    assert len(held) == 200
    assert recent._bytes == sum(p.nbytes for p in recent._held.values()) <= 1000


def test_splits_are_drawn_where_no_label_gives_one(tiny_pack):
    relabel(tiny_pack, **{name: {"split": None} for name in ("dog", "cat", "box", "ring", "man")})
    whole = catalog.load([tiny_pack], test_share=1.0)
    assert {f.category for f in whole.foregrounds.values() if f.split == "test"} == {
        "dog",
        "cat",
        "box",
        "ring",
        "man",
    }
    some = {catalog.load([tiny_pack], split_seed=s, test_share=0.5).digest for s in range(4)}
    assert len(some) > 1


def test_labels_may_say_what_was_measured_wrong(tiny_pack):
    relabel(tiny_pack, box={"cut_edges": ["bottom"], "licence": "CC-BY-4.0", "stands": False})
    box = catalog.load([tiny_pack]).foregrounds["tiny/box/box"]
    assert (box.cut_edges, box.licence, box.stands) == (("bottom",), "CC-BY-4.0", False)


def test_the_listing_tells_it_all(tiny_pack):
    write_png(tiny_pack / "foregrounds/odd/clear.png", np.zeros((40, 40, 4), np.uint8))
    relabel(
        tiny_pack,
        box={"cut_edges": ["left", "bottom"]},
        ring={"cut_edges": ["top"], "hangs": True},
    )
    write_png(tiny_pack / "backgrounds/dot.png", landscape(5, (33, 40)))
    listed = listing.listing(catalog.load([tiny_pack]))
    assert json.loads(json.dumps(listed)) == listed
    assert listed["categories"]["object"] == {"ball": 2, "bottle": 1, "box": 1, "ring": 1}
    assert listed["packs"][0]["foregrounds"]["splits"] == {"train": 9}
    assert listed["packs"][0]["backgrounds"]["long_side_px"]["max"] == 240
    text = listing.as_text(listed)
    for part in (
        "animal (2): cat 1, dog 1",
        "licence      CC0-1.0",
        "9 train",
        "softness",
        "cut off      1 at the bottom and left, 1 at the top of their photographs",
        "hanging      1: on a ground, where sizes are real, nothing holds them",
        "dot.png: is only 40×33 pixels: images before it are enlarged",
        "odd/clear.png: shows nothing: its alpha is empty",
        "problems (1), left out:",
    ):
        assert part in text


@pytest.mark.parametrize("side", [30, scan.TINY_PX - 1, scan.TINY_PX, 90])
def test_what_is_too_small_to_be_seen_is_noted(tiny_pack, side):
    thing = np.full((side, side, 4), 255, np.uint8)
    thing[0, :, 3] = thing[-1, :, 3] = 120
    write_png(tiny_pack / "foregrounds/box/small.png", np.pad(thing, ((4, 4), (4, 4), (0, 0))))
    notes = [note.message for note in catalog.load([tiny_pack]).notes]
    assert any("too small for most layouts" in note for note in notes) == (side < scan.TINY_PX)


def test_who_says_where_things_can_stand_is_counted(tmp_path):
    """Labelled or accepted; else estimated, unknown, or refused."""
    places = STUDIO_PACK / "backgrounds"
    named = {
        "meadow": "meadow_00",
        "snow": "snow_hills_00",
        "beach": "beach_00",
        "paper": "studio_paper_00",
    }
    pack = tmp_path / "p"
    (pack / "backgrounds").mkdir(parents=True)
    for name, stem in named.items():
        shutil.copy(places / f"{stem}.jpg", pack / f"backgrounds/{name}.jpg")
    sky = image_io.read_rgb(places / "beach_00.jpg")[: round(0.36 * 960)]
    (pack / "backgrounds/sky.jpg").write_bytes(image_io.encode_jpeg(sky))
    (pack / "pack.yaml").write_text("name: p\nlicence: CC0-1.0\nsource: drawn\ncredit: nobody\n")
    (pack / "labels.yaml").write_text(
        "meadow: {ground: [0.6, 0.9]}\nsnow: {ground: [0.5, 0.9], ground_from: accepted}\n"
    )
    loaded = catalog.load([pack])
    found = {Path(b.path).stem: b.ground_from for b in loaded.backgrounds.values()}
    assert found == {"meadow": "labelled", "snow": "accepted", "beach": "estimated",
                     "paper": "unknown", "sky": "refused"}  # fmt: skip
    assert loaded.backgrounds["p/beach"].ground_norm is not None
    text = listing.as_text(listing.listing(loaded))
    assert "1 labelled, 1 accepted, 1 estimated, 1 unknown, 1 refused as sky" in text
    assert "with `ground: true` 2 of 5 are used" in text


def test_a_note_is_said_of_a_picture_that_is_used(tiny_pack, monkeypatch, cli):
    measure = scan._measure

    def doubting(picture, contents):
        return replace(measure(picture, contents), notes=("is somehow odd",))

    monkeypatch.setattr(scan, "_measure", doubting)
    shutil.copy(tiny_pack / "foregrounds/dog/dog.png", tiny_pack / "foregrounds/dog/twin.png")
    cache = tiny_pack.parent / "cache"  # of its own: another test may know these pictures
    loaded = catalog.load([tiny_pack], cache=cache)
    assert len(loaded.notes) == 12
    assert [str(n) for n in loaded.notes if "dog" in n.file] == [
        f"{tiny_pack}/foregrounds/dog/dog.png: is somehow odd"
    ]
    monkeypatch.setattr(scan, "_measure", measure)
    assert catalog.load([tiny_pack], cache=cache) == loaded
    (tiny_pack / "foregrounds/dog/twin.png").unlink()
    assert len(catalog.load([tiny_pack], cache=cache, strict=True).notes) == 12
    monkeypatch.setenv("REFMATTE_CACHE", str(cache))
    status, out, _ = cli("catalog", tiny_pack, "--strict")
    assert status == 0
    assert "notes (12), used despite a doubt:\n" in out
    _, out, _ = cli("catalog", tiny_pack, "--json")
    assert {note["message"] for note in json.loads(out)["notes"]} == {"is somehow odd"}


def test_catalog_says_what_the_embedded_runs_would_lack(tiny_pack, cli):
    status, out, _ = cli("catalog", tiny_pack, "--json")
    runs = json.loads(out)["runs"]
    assert status == 0
    assert runs["benchmark"] == [
        "test without any image: no background for split 'test' (3 in train)"
    ]
    assert "level" in " ".join(runs["hard"])
    _, out, _ = cli("catalog", tiny_pack)
    assert "test without any image: no background for split 'test' (3 in train)\n" in out
    _, out, _ = cli("catalog", "studio", tiny_pack)
    assert "demo" in out.partition("(`refmatte generate` says why):\n")[2].splitlines()[0]
    shutil.rmtree(tiny_pack / "backgrounds")
    _, out, _ = cli("catalog", tiny_pack)
    assert "no bundled run works with this alone: it has no backgrounds (studio has some)" in out


def test_nothing_usable_is_a_failure_and_the_last_line_says_so(tiny_pack, cli):
    for file in (tiny_pack / "foregrounds").rglob("*.png"):
        file.write_text("<html>not found</html>")
    status, out, err = cli("catalog", tiny_pack)
    assert status == 1
    assert "problems (9), left out:" in out
    assert err.splitlines()[-1] == (
        f"error: {tiny_pack}: none of its 9 foregrounds can be used; see the problems"
    )
    assert out.count("is a web page") <= 1  # what is said of many files is said once
    shutil.rmtree(tiny_pack / "foregrounds")
    (tiny_pack / "labels.jsonl").unlink()
    assert cli("catalog", tiny_pack)[0] == 0  # a pack of backgrounds is one


def real_packs(data: Path, root: Path) -> list[Path]:
    """Packs around copies of the real data, as a user would write them."""

    def label(known: dict[str, str]) -> dict[str, object]:
        attributes: dict[str, object] = {k: known[k] for k in ("gender", "age") if k in known}
        if "clothes" in known:
            clothes = {"type": known["clothes"]}
            if "clothes_pattern" in known:
                clothes["pattern"] = known["clothes_pattern"]
            attributes["clothes"] = [clothes]
        return {"category": known["category"], "attributes": attributes}

    known = json.loads((data / "labels.json").read_text())
    known |= json.loads((data / "aim500/aim_category_type.json").read_text())
    for name, kind, images, alphas in (
        ("am2k", "animal", "train/original", "train/mask"),
        ("p3m10k", "human", "train/blurred_image", "train/mask"),
        ("aim500", "object", "original", "mask"),
    ):
        for folder in (images, alphas):
            shutil.copytree(data / name / folder, root / name / folder)
        (root / name / "pack.yaml").write_text(
            f"name: {name}\nlicence: research use\nsource: {name}\ncredit: its authors\n"
            f"foregrounds: {images}\nalphas: {alphas}\ndefaults: {{kind: {kind}}}\n"
        )
        stems = sorted(file.stem for file in (root / name / images).iterdir())
        labels = {stem: label(known[stem]) for stem in stems}
        (root / name / "labels.yaml").write_text(yaml.safe_dump(labels))
    shutil.copytree(data / "stamps", root / "stamps" / "foregrounds")
    shutil.copytree(data / "backgrounds", root / "stamps" / "backgrounds")
    (root / "stamps" / "pack.yaml").write_text(
        "name: stamps\nlicence: GPL-2\nsource: Tux Paint\ncredit: Tux Paint's artists\n"
    )
    return [root / name for name in ("am2k", "p3m10k", "aim500", "stamps")]


@pytest.mark.slow
def test_real_mattes(shared_data, tmp_path, monkeypatch):
    packs = real_packs(shared_data, tmp_path)
    loaded = catalog.load(packs, cache=tmp_path / "cache")
    assert said(loaded, tmp_path) == [
        "stamps/foregrounds/people/fireman240a.png: is the same picture as "
        "stamps/military/fireman240a"
    ]
    assert len(loaded.foregrounds) == 12 + 11 + 3 + 215
    assert len(loaded.backgrounds) == 17
    loaded = estimation.estimated(loaded)
    pairs = [f for f in loaded.foregrounds.values() if f.alpha_path]
    errors = [f.recomposition_error for f in pairs if f.recomposition_error is not None]
    assert len(errors) == len(pairs) == 26
    assert np.median(errors) < 4
    assert max(errors) < 15
    lying = [f for f in pairs if f.pack == "p3m10k" and "bottom" in f.cut_edges]
    assert len(lying) == 9
    monkeypatch.setattr(scan, "_measure", None)  # nothing is measured a second time
    assert catalog.load(packs, cache=tmp_path / "cache") == loaded
    for foreground in pairs:
        assert pixels.of_foreground(foreground, loaded, (300, 300)).shape[2] == 4
