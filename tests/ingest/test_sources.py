"""Small imitations of other people's layouts: each ends in foregrounds or backgrounds to use."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.ingest import (
    aim500,
    aisegment,
    am2k,
    background_folder,
    bg20k,
    captions,
    composition1k,
    dis,
    distinctions646,
    hhm50k,
    him2k,
    magick,
    p3m10k,
    pack_writer,
    ppm100,
    recognise,
    refmatte,
    rgba_folder,
    rwp636,
    simd,
    sources,
    transparent460,
    tuxpaint,
    videomatte240k,
    youtubematte,
)
from refmatte_engine.ingest.origin import SPLITS
from refmatte_engine.packs import catalog, cutouts, pack
from tests.conftest import RED, disc, landscape, slab, write_png


@pytest.fixture(autouse=True)
def _estimates_cost_nothing(monkeypatch):
    """How colours are estimated is tested elsewhere; compiling that takes seconds."""
    monkeypatch.setattr(cutouts, "own_colors", lambda cutout: (cutout.rgba, 0.0))


def put(root, path, number):
    """A tiny picture: of its suffix; with alpha, grey or neither by what stands in its path."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    rgba = slab(RED, (40 + number, 30)) if number % 2 else disc(RED)[: 60 + number]
    if file.suffix in (".json", ".txt", ".mp4"):
        file.touch()
    elif path.endswith(".cut.png"):
        write_png(file, rgba)
    elif any(word in path.lower() for word in ("mask", "alpha", "gt/", "matte", "pha/")):
        matte = rgba[..., 3]
        if path.endswith(("/01.png", "_2.png")):  # another thing in the same image
            matte[len(matte) // 2 :] = 0
        if file.suffix == ".png":
            write_png(file, matte)
        else:
            file.write_bytes(image_io.encode_jpeg(np.dstack([matte] * 3)))
    else:
        file.write_bytes(image_io.encode_jpeg(landscape(number, rgba.shape[:2])))


# Each layout: its source, its files (a number says which shape), and what is then read: of each
# foreground category and split ("" if drawn), of backgrounds the split.
LAYOUTS: dict[str, tuple[object, dict[str, int], list[tuple[str, str]]]] = {
    "AM-2k": (
        am2k,
        {"train/original/m_1.jpg": 1, "train/mask/m_1.png": 1,
         "validation/original/m_2.jpg": 3, "validation/mask/m_2.png": 3},
        [("animal", "test"), ("animal", "train")],
    ),
    "AM-2k with fg, one folder deeper": (
        am2k,
        {"AM-2k/train/original/m_1.jpg": 1, "AM-2k/train/fg/m_1.jpg": 1,
         "AM-2k/train/mask/m_1.png": 1, "AM-2k/train/bg/m_1.jpg": 1},
        [("animal", "train")],
    ),
    "P3M-10k": (
        p3m10k,
        {"train/blurred_image/p_1.jpg": 1, "train/mask/p_1.png": 1,
         "validation/P3M-500-P/blurred_image/p_2.jpg": 3,
         "validation/P3M-500-P/mask/p_2.png": 3,
         "validation/P3M-500-NP/original_image/p_3.jpg": 5,
         "validation/P3M-500-NP/mask/p_3.png": 5},
        [("human", "test"), ("human", "test"), ("human", "train")],
    ),
    "AIM-500": (
        aim500,
        {"original/o_1.jpg": 1, "mask/o_1.png": 1, "trimap/o_1.png": 1,
         "aim_category_type.json": 0},
        [("teddy bear", "")],
    ),
    "SIMD": (
        simd,
        {"glass_ice/fg/a.jpg": 1, "glass_ice/alpha/a.png": 1, "plastic_bag/fg/b.jpg": 3,
         "plastic_bag/alpha/b.png": 3},
        [("glass", ""), ("plastic bag", "")],
    ),
    "SIMD's test set": (
        simd,
        {"test/spider_web/merged/a.jpg": 1, "test/spider_web/alpha/a.png": 1},
        [("spider web", "test")],
    ),
    "Composition-1k": (
        composition1k,
        {"Training_set/Other/fg/x.jpg": 1, "Training_set/Other/alpha/x.jpg": 1,
         "Training_set/Adobe-licensed images/fg/y.jpg": 3,
         "Training_set/Adobe-licensed images/alpha/y.jpg": 3,
         "Test_set/merged/z_0.jpg": 5, "Test_set/alpha_copy/z_0.png": 5},
        [("object", "test"), ("object", "train"), ("object", "train")],
    ),
    "Distinctions-646": (
        distinctions646,
        {"Train/FG/a.jpg": 1, "Train/GT/a.png": 1, "Test/FG/b.jpg": 3, "Test/GT/b.png": 3},
        [("object", "test"), ("object", "train")],
    ),
    "HIM2K": (
        him2k,
        {"images/natural/x.jpg": 1, "alphas/natural/x/00.png": 1, "alphas/natural/x/01.png": 1,
         "images/train/y.jpg": 3, "alphas/train/y/00.png": 3},
        [("human", ""), ("human", ""), ("human", "train")],
    ),
    "HHM50K": (
        hhm50k,
        {"HHM50K/images/x.jpg": 1, "HHM50K/alphas/x.png": 1, "HHM50K/foregrounds/x.jpg": 1,
         "HHM50K/backgrounds/x.jpg": 1},
        [("human", "")],
    ),
    "HHM2K without foregrounds": (
        hhm50k, {"images/x.jpg": 1, "alphas/x.png": 1}, [("human", "")],
    ),
    "RealWorldPortrait-636": (
        rwp636, {"image/x.jpg": 1, "alpha/x.png": 1}, [("human", "")],
    ),
    "Transparent-460": (
        transparent460,
        {"Train/fg/a.jpg": 1, "Train/alpha/a.png": 1, "Train/trimap/a.png": 1,
         "Test/fg/b.jpg": 3, "Test/alpha/b.png": 3},
        [("object", "test"), ("object", "train")],
    ),
    "AISegment": (
        aisegment,
        {"clip_img/1803/clip_00/a.jpg": 1, "matting/1803/matting_00/a.cut.png": 1},
        [("human", "")],
    ),
    "YouTubeMatte": (
        youtubematte,
        {f"youtubematte_512x288/motion/{clip}/{what}": 2 * clip + 1 for clip in (0, 1)
         for what in ("com/0.jpg", "pha/0.png", "fgr/0.jpg")},
        [("human", ""), ("human", "")],
    ),
    "RefMatte": (
        refmatte,
        {"train/img/rim_1.jpg": 1, "train/mask/rim_1_1.png": 1, "test/img/rim_2.jpg": 3,
         "test/mask/rim_2_1.png": 3},
        [("object", "test"), ("object", "train")],
    ),
    "RW100": (
        refmatte,
        {"image/p_1.jpg": 1, "mask/p_1_1.png": 1, "mask/p_1_2.png": 1},
        [("object", "test"), ("object", "test")],
    ),
    "DIS5K": (
        dis,
        {"DIS-TR/im/a.jpg": 1, "DIS-TR/gt/a.png": 1, "DIS-VD/im/b.jpg": 3, "DIS-VD/gt/b.png": 3},
        [("object", "test"), ("object", "train")],
    ),
    "UHRSD": (dis, {"UHRSD_TR_2K/image/a.jpg": 1, "UHRSD_TR_2K/mask/a.png": 1},
              [("object", "train")]),
    "PPM-100": (ppm100, {"image/x.jpg": 1, "matte/x.jpg": 1}, [("human", "")]),
    "VideoMatte240K": (
        videomatte240k,
        {"train/fgr/0000/00000.jpg": 1, "train/pha/0000/00000.jpg": 1,
         "test/fgr/0000/00001.jpg": 3, "test/pha/0000/00001.jpg": 3},
        [("human", "test"), ("human", "train")],
    ),
    "BG-20k": (bg20k, {"train/h_1.jpg": 1, "testval/h_2.jpg": 2}, [("", "test"), ("", "train")]),
    "Tux Paint": (
        tuxpaint,
        {"animals/birds/a.cut.png": 1, "animals/birds/b.cut.png": 3, "descriptions.json": 0},
        [("bird", ""), ("crowned crane", "")],
    ),
    "MAGICK": (magick, {"000/a.cut.png": 1, "000/b.cut.png": 3, "captions.json": 0},
               [("object", ""), ("red vase", "")]),
    "RGBA": (rgba_folder, {"mug/a.cut.png": 1}, [("mug", "")]),
    "backgrounds": (background_folder, {"a.jpg": 1, "more/b.jpg": 2}, [("", ""), ("", "")]),
}  # fmt: skip
TEXTS = {
    "aim_category_type.json": {"o_1": {"type": "SO", "category": "teddy bear"}},
    "descriptions.json": {"animals/birds/a.cut.png": "A crowned crane.", "x.png": "Two cherries."},
    "captions.json": {"000/a.cut": "a photo of a red vase with tulips", "000/b.cut": "glass"},
}


def imitate(root, files):
    for path, number in files.items():
        put(root, path, number)
        if path in TEXTS:
            (root / path).write_text(json.dumps(TEXTS[path]))
    return root


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_ends_in_pictures_to_use(tmp_path, name):
    module, files, expected = LAYOUTS[name]
    root = imitate(tmp_path / "data", files)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    made = pack_writer.ingest(module.ORIGIN, root, tmp_path / "pack")
    found = [(p.label.category or "", p.label.split or "") for p in made.pack.pictures]
    loaded = catalog.load([tmp_path / "pack"], cache=tmp_path / "cache")
    assert not loaded.problems
    used = [*loaded.foregrounds.values(), *loaded.backgrounds.values()]
    assert len(used) == len(expected) == len(found)
    # The split that is given is the one that is had; others are drawn.
    told = dict(zip((p.id for p in made.pack.pictures), (split for _, split in found), strict=True))
    read = [(getattr(asset, "category", ""), told[asset.id]) for asset in used]
    assert sorted(read) == expected
    assert all(asset.split == told[asset.id] for asset in used if told[asset.id])
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
    likely = recognise.guess(root, sources.SOURCES)
    assert module.ORIGIN.name in [origin.name for origin, _, _ in likely][:2]
    # A source's own folders are no other source, though each may be laid out like one.
    assert len({where for _, where, _ in likely}) == 1


def test_a_source_beside_another_is_one_of_its_own(tmp_path):
    whole = {"train/original/m_1.jpg": 1, "train/mask/m_1.png": 1, "train/fg/m_1.jpg": 1}
    beside = {"P3M-10k/train/blurred_image/p_1.jpg": 3, "P3M-10k/train/mask/p_1.png": 3}
    for files, names in ((whole, ["am2k"]), (whole | beside, ["am2k", "p3m10k"])):
        found = recognise.guess(imitate(tmp_path, files), sources.SOURCES)
        assert [origin.name for origin, _, _ in found] == names


def test_own_colours_are_said_so(tmp_path):
    for name in (
        *("AM-2k with fg, one folder deeper", "Distinctions-646", "VideoMatte240K", "HHM50K"),
        *("Transparent-460", "YouTubeMatte"),
    ):
        module, files, _ = LAYOUTS[name]
        root = imitate(tmp_path / name, files)
        made = pack_writer.ingest(module.ORIGIN, root, tmp_path / f"{name} pack")
        assert all(picture.own_colors for picture in made.pack.foregrounds), name


def test_a_pack_beside_its_pictures_needs_no_root_and_may_be_written_again(tmp_path):
    root = imitate(tmp_path, LAYOUTS["AM-2k"][1])
    made = pack_writer.ingest(am2k.ORIGIN, root, root)
    assert made.pack.about.root is None
    assert made.splits == {"train": 1, "test": 1}
    assert made.remarks[0] == "2 of the 2,000 that were published"
    (root / "labels.yaml").write_text("m_1: {category: cat}\n")
    assert pack_writer.ingest(am2k.ORIGIN, root, root).pack.foregrounds[0].label.category == "cat"
    (root / "pack.yaml").write_text("name: mine\n")
    with pytest.raises(InputError, match=r"pack\.yaml: is there already, and differs; choose"):
        pack_writer.ingest(am2k.ORIGIN, root, root)


@pytest.mark.parametrize("origin", [videomatte240k.ORIGIN, youtubematte.ORIGIN, am2k.ORIGIN])
def test_videos_are_refused_by_name(tmp_path, origin):
    imitate(tmp_path, {"train/fgr/0000.mp4": 0, "train/pha/0000.mp4": 0})
    for refuse in (
        lambda: pack_writer.ingest(origin, tmp_path, tmp_path / "pack"),
        lambda: recognise.guess(tmp_path, sources.SOURCES),
    ):
        with pytest.raises(InputError, match=r"holds videos \(0000\.mp4\), which are"):
            refuse()


def test_labels_of_refmatte_name_each_matte(tmp_path):
    files = {"test/img/r.jpg": 1, "test/mask/r_1.png": 1, "test/mask/r_2.png": 1}
    root = imitate(tmp_path, files)
    entries = {"r_1": {"image_name": "r", "category": "cat"}, "r_2": {"keyword": "dog"}, "x_1": {}}
    (root / "test/refmatte_test_label.json").write_text(json.dumps(entries))
    made = pack_writer.ingest(refmatte.ORIGIN, root, root / "pack")
    assert [picture.label.category for picture in made.pack.foregrounds] == ["cat", "dog"]
    assert "train: is not there (train/img)" in made.remarks


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"train/image/a.jpg": 1}, r"is not AM-2k as it is published: train/fg \+ train/mask, .* "
         r"are not there; found there: train/; 1 pictures in all"),
        ({"train/original/a.jpg": 1}, "is not AM-2k as it is published"),
        ({"train/clip.mp4": 1}, r"holds videos \(clip.mp4\), which are not read; extract"),
        ({"a/train/original/x.jpg": 1, "a/train/mask/x.png": 1, "b/train/original/x.jpg": 1,
          "b/train/mask/x.png": 1}, "holds AM-2k several times; say which"),
    ],
)  # fmt: skip
def test_other_layouts_are_refused_and_nothing_is_written(tmp_path, files, message):
    imitate(tmp_path / "data", files)
    with pytest.raises(InputError, match=message):
        pack_writer.ingest(am2k.ORIGIN, tmp_path / "data", tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_hostile_folders_are_refused(tmp_path):
    imitate(tmp_path / "out", LAYOUTS["AM-2k"][1])
    (tmp_path / "data").mkdir()
    (tmp_path / "data/train").symlink_to(tmp_path / "out/train")
    for where in (tmp_path / "data", tmp_path / "gone", Path("a\0b"), tmp_path / ("x" * 300)):
        with pytest.raises(InputError):
            pack_writer.ingest(am2k.ORIGIN, where, tmp_path / "pack")
        with pytest.raises(InputError):
            recognise.guess(where, {"am2k": am2k.ORIGIN})
    (tmp_path / "file").touch()
    for out in (tmp_path / "file", Path("a\0b")):
        with pytest.raises(InputError):
            pack_writer.ingest(am2k.ORIGIN, tmp_path / "out", out)
    imitate(tmp_path / "odd", {"two\nlines/fg/a.jpg": 1, "two\nlines/alpha/a.png": 1})
    with pytest.raises(InputError, match="is not SIMD as it is published"):
        pack_writer.ingest(simd.ORIGIN, tmp_path / "odd", tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_stamps_are_of_the_kind_that_their_folder_says(tmp_path):
    files = {f"{name}.cut.png": 1 for name in ("animals/birds/a", "animals/toys/b", "space/c")}
    root = imitate(tmp_path, files | {"descriptions.json": 0})
    made = pack_writer.ingest(tuxpaint.ORIGIN, root, root / "pack")
    said = [(p.label.category, p.label.kind) for p in made.pack.foregrounds]
    assert said == [("crowned crane", "animal"), (None, "object"), ("object", "object")]


def test_a_stamp_that_its_authors_mirrored_is_there_once_and_is_not_mirrored(tmp_path):
    pictures = ("plants/tape", "plants/tape_mirror", "plants/tape_mirror_flip", "plants/a_flip")
    root = imitate(tmp_path / "stamps", {f"{name}.png": n for n, name in enumerate(pictures)})
    made = pack_writer.ingest(tuxpaint.ORIGIN, root, tmp_path / "pack")
    said = [(p.path, p.label.flippable) for p in made.pack.foregrounds]
    assert said == [("plants/a_flip.png", True), ("plants/tape.png", False)]
    assert not made.pack.problems
    assert "2 not used, as they show what others show" in made.remarks
    (root / "plants/tape_mirror.png").unlink()
    (problem,) = pack.read(tmp_path / "pack").problems
    assert problem.message == "there is no file 'plants/tape_mirror.png'"


def test_nothing_known_is_said_so(tmp_path):
    (tmp_path / "notes").mkdir()
    with pytest.raises(InputError, match=r"is laid out as no known source; allowed: .*; found"):
        recognise.guess(tmp_path, sources.SOURCES)


def test_sources_are_found_by_name():
    assert sources.named("AM-2k") is am2k.ORIGIN
    assert sources.named("rgba-folder") is rgba_folder.ORIGIN
    with pytest.raises(InputError, match=r"'?am3k.* is not a source; allowed: am2k, .*am2k"):
        sources.named("am3k")


def test_a_source_is_a_table_that_says_whose_it_is():
    for name, origin in sources.SOURCES.items():
        assert name == origin.name
        assert origin.licence
        assert origin.credit
        for part in origin.parts:
            assert bool(part.foregrounds) != bool(part.backgrounds)
            assert part.split in ("", *SPLITS.values())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("A frog.", "frog"), ("The tuba, a horn.", "tuba"), ("a photo of a red mug", "red mug")),
        *(
            ("A bunch of grapes.", ""),
            ("Two cherries.", ""),
            ("frog", ""),
            ("", ""),
            ("A very large and old thing.", ""),
        ),
        *(("An albino peahen (a peacock).", "albino peahen"), ("A 747.", ""), ("The frogs.", "")),
        *(("The chick hatched.", "chick"), ("A very poisonous lionfish", "poisonous lionfish")),
        *(("A Sumatran tiger!", "Sumatran tiger"), ("a UK post box", "UK post box")),
    ],
)
def test_a_description_names_one_thing_or_none(text, name):
    assert captions.thing(text) == name


REAL = {
    "am2k": (am2k, 12), "p3m10k": (p3m10k, 11), "aim500": (aim500, 3), "stamps": (tuxpaint, 213),
    "backgrounds": (background_folder, 17),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_real_samples_are_described(tmp_path, shared_data, name):
    module, count = REAL[name]
    made = pack_writer.ingest(module.ORIGIN, shared_data / name, tmp_path)
    assert len(pack.read(tmp_path).pictures) == count
    assert not made.pack.problems
    (origin, *_), *_ = recognise.guess(shared_data / name, sources.SOURCES)
    assert origin is module.ORIGIN
