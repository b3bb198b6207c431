"""A stranger's pack: whatever lies in it, each file is either used or spoken of, never passed over.

Packs are put together from wrong and unusual pieces. Afterwards each file on disk has to be a
foreground, the alpha of one, a background, a file that the engine reads, a document, systems' junk,
or named in a problem or a note, by itself or with its folder.
"""

import ast
import contextlib
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.packs import catalog, pack
from refmatte_engine.storage.junk import is_junk
from tests.conftest import disc, landscape, write_png

HEAD = "name: p\nlicence: x\nsource: x\ncredit: x\n"
RED = disc((200, 20, 20))[::2, ::2]
MATTE = RED[..., 3]
WHITE = np.dstack([np.full((*MATTE.shape, 3), 255, np.uint8), MATTE])
PHOTO = landscape(1, MATTE.shape)
READ = ("pack.yaml", "labels.yaml", "labels.jsonl")
DOCUMENTS = (".md", ".txt", ".pdf", ".cff")


def put(root: Path, path: str, content: object) -> None:
    """Writes pixels, bytes or text; a tuple of one text becomes a link."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, np.ndarray):
        if file.suffix.lower() in (".jpg", ".jpeg"):
            file.write_bytes(image_io.encode_jpeg(content))
        else:
            write_png(file.with_suffix(".png"), content)
            file.with_suffix(".png").rename(file)
    elif isinstance(content, tuple):
        file.symlink_to(content[0])
    else:
        file.write_bytes(content if isinstance(content, bytes) else str(content).encode())


def unaccounted(root: Path, loaded: catalog.Catalog) -> list[str]:
    """The files of a pack that nothing was said of."""
    used = {f.path for f in loaded.foregrounds.values()}
    used |= {f.alpha_path for f in loaded.foregrounds.values()}
    used |= {b.path for b in loaded.backgrounds.values()}
    used = {os.path.realpath(root / path) for path in used if path}
    named = set()
    words = " ".join(
        remark.message for remark in loaded.problems if "is left out" in remark.message
    )
    for remark in loaded.problems + loaded.notes:
        # Without the line of a label file; what cannot be printed is escaped.
        name = remark.file.rpartition(":")[0] if remark.file[-1].isdigit() else remark.file
        named.add(Path(ast.literal_eval(name) if name.startswith("'") else name))
    left = []
    for folder, folders, files in os.walk(root):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in (*files, *links):
            file = Path(folder) / name
            path, real = file.relative_to(root).as_posix(), os.path.realpath(file)
            # Of what lies in the pack's own folder, kinds may be spoken of together.
            said = any(up in named for up in (file, *file.parents) if up != root)
            said = said or (root in named and file.parent == root)
            known = path in READ or is_junk(path) or name.lower().endswith(DOCUMENTS)
            said = said or f" {path} is left out" in words
            # One of several alphas is named itself; whose it is shows in its name.
            of_alpha = str(root / path.replace("foregrounds", "alphas", 1)).rpartition(".")[0]
            said = said or any(re.match(rf"{re.escape(of_alpha)}[_/]\d", str(up)) for up in named)
            known = known or name.lower().startswith("readme")
            if not (real in used or any(u.startswith(f"{real}/") for u in used) or said or known):
                left.append(path)
    return left


# Pieces of packs by what a person did: files to write, and more lines for pack.yaml.
PIECES: dict[str, tuple[dict[str, object], str]] = {
    "as it should be": ({"foregrounds/mug/a.png": RED}, ""),
    "a pair": ({"foregrounds/dog/x.jpg": PHOTO, "alphas/dog/x.png": MATTE}, ""),
    "an alpha beside": ({"foregrounds/cat/x.jpg": PHOTO, "foregrounds/cat/x_alpha.png": MATTE}, ""),
    "a white alpha beside": (
        {"foregrounds/cow/x.png": PHOTO, "foregrounds/cow/x-mask.png": WHITE},
        "",
    ),
    "an alpha of another name": (
        {"foregrounds/hen/b.jpg": PHOTO, "alphas/hen/b_matte.png": MATTE},
        "",
    ),
    "an alpha of other letters": ({"foregrounds/fox/B.jpg": PHOTO, "alphas/fox/b.png": MATTE}, ""),
    "an alpha with two suffixes": (
        {"foregrounds/ox/b.jpg": PHOTO, "alphas/ox/b.jpg.png": MATTE},
        "",
    ),
    "several alphas": (
        {"foregrounds/elk/b.jpg": PHOTO, "alphas/elk/b/0.png": MATTE, "alphas/elk/b/1.png": MATTE},
        "",
    ),
    "numbered alphas": (
        {"foregrounds/bat/b.jpg": PHOTO, "alphas/bat/b_1.png": MATTE, "alphas/bat/b_2.png": MATTE},
        "",
    ),
    "a lonely alpha": ({"alphas/c.png": MATTE}, ""),
    "a matte as picture": ({"foregrounds/pig/m.png": MATTE, "foregrounds/pig/n.png": WHITE}, ""),
    "a flat folder": ({"foregrounds/a.png": RED[::-1]}, ""),
    "numbers": ({"foregrounds/0000/00000.png": RED[:, ::-1]}, ""),
    "serials": ({"foregrounds/n02084071/a.png": RED[::-1, ::-1]}, ""),
    "a layout's word": ({"foregrounds/images/a.png": RED[:40]}, ""),
    "plurals": ({"foregrounds/Dogs/a.png": RED[:, :40]}, ""),
    "other formats": ({"foregrounds/mug/a.tif": b"II", "foregrounds/mug/b.BMP": b"BM"}, ""),
    "no pictures": ({"foregrounds/mug/empty.png": b"", "foregrounds/mug/page.jpg": "<html>"}, ""),
    "captions": ({"foregrounds/mug/a.caption": "a mug", "foregrounds/mug/a.json": "{}"}, ""),
    "junk": (
        {"foregrounds/mug/@eaDir/a.png/T.png": RED, "__MACOSX/._a.png": b"", "Thumbs.db": b""},
        "",
    ),
    "hidden": ({"foregrounds/mug/.b.png": RED, "foregrounds/.old/a.png": RED}, ""),
    "labels of other names": ({"labels.yml": "a: {}", "Labels.csv": "a", "label.json": "[]"}, ""),
    "labels in a folder": ({"foregrounds/labels.yaml": "a: {}"}, ""),
    "other files": ({"aim_category_type.json": "{}", "notes.txt": "x", "README": "x"}, ""),
    "a folder not read": ({"trimap/a.png": MATTE}, ""),
    "a folder in capitals": ({"Backgrounds/a.jpg": PHOTO}, ""),
    "loose pictures": ({"preview.png": RED}, ""),
    "twice by suffix": ({"foregrounds/mug/c.webp": b"", "foregrounds/mug/c.png": RED[:44]}, ""),
    "a copy": ({"foregrounds/cup/a.png": RED}, ""),
    "a link to a picture": ({"foregrounds/pot/a.png": ("../mug/a.png",)}, ""),
    "a link to a folder": ({"foregrounds/alias": ("mug",)}, ""),
    "a link to a store": ({"store/jar/a.png": RED[3:], "foregrounds/jar": ("../store/jar",)}, ""),
    "a link out": ({"foregrounds/out": ("/usr",), "foregrounds/etc.png": ("/etc/hosts",)}, ""),
    "a link to nothing": ({"foregrounds/none.png": ("nowhere.png",)}, ""),
    "a circle": ({"foregrounds/round": ("round",), "foregrounds/up": ("..",)}, ""),
    "names": (
        {
            "foregrounds/mug/at 9.41.00\u202fAM.png": RED[4:],
            "foregrounds/mug/caf\u0065\u0301.png": RED[5:],
            "foregrounds/mug/\u200eWhatsApp.png": RED[6:],
            "foregrounds/mug/two\nlines.png": RED[7:],
        },
        "",
    ),
    "wrong labels": (
        {
            "foregrounds/key/a.png": RED[10:],
            "foregrounds/key/b.png": RED[11:],
            "labels.jsonl": '{"file": "key/a", "categroy": "x"}\n{"file": "b/c"}\n',
        },
        "",
    ),
    "places": ({"backgrounds/b.jpg": PHOTO}, ""),
    "everything in one": ({"w.png": RED[8:]}, "foregrounds: .\n"),
    "alphas inside": (
        {"img/owl/x.jpg": PHOTO, "img/mask/owl/x.png": MATTE},
        "foregrounds: img\nalphas: img/mask\n",
    ),
}  # fmt: skip


def build(root: Path, names: list[str]) -> None:
    """The pieces together; lines of pack.yaml come from the first that has any."""
    for name in names:
        for path, content in PIECES[name][0].items():
            if not os.path.lexists(root / path):
                put(root, path, content)
    more = next((PIECES[name][1] for name in names if PIECES[name][1]), "")
    put(root, "pack.yaml", HEAD + more)


def _has_pictures(root: Path) -> bool:
    with contextlib.suppress(InputError):
        pack.read(root)
        return True
    return False


def check(root: Path) -> None:
    cache = root.parent / f"{root.name} cache"
    if not _has_pictures(root):
        with pytest.raises(InputError, match=r"has no pictures in its folders .*; "):
            catalog.load([root], cache=cache)
        return
    loaded = catalog.load([root], cache=cache)
    assert unaccounted(root, loaded) == []
    # The categories are words that a picture can show.
    for foreground in loaded.foregrounds.values():
        assert any(c.isalpha() for c in foreground.category)
        assert "." not in foreground.category


@pytest.mark.parametrize("piece", PIECES)
def test_no_piece_is_passed_over(tmp_path, piece):
    build(tmp_path / "p", ["as it should be", piece])
    check(tmp_path / "p")
    shutil.rmtree(tmp_path / "p")
    build(tmp_path / "p", [piece])
    check(tmp_path / "p")


@given(st.lists(st.sampled_from(sorted(PIECES)), min_size=2, max_size=12, unique=True))
@settings(max_examples=40, deadline=None)
def test_no_mixture_is_passed_over(tmp_path_factory, names):
    root = tmp_path_factory.mktemp("strange") / "p"
    build(root, names)
    check(root)


def test_the_law_notices_what_is_passed_over(tmp_path):
    build(tmp_path / "p", ["as it should be", "places"])
    loaded = catalog.load([tmp_path / "p"], cache=tmp_path / "cache")
    assert unaccounted(tmp_path / "p", loaded) == []
    put(tmp_path / "p", "foregrounds/mug/later.png", RED[9:])
    assert unaccounted(tmp_path / "p", loaded) == ["foregrounds/mug/later.png"]


@pytest.mark.parametrize(
    ("names", "used"),
    [
        (["a pair", "places"], ["dog"]),
        (["an alpha beside"], []),
        (["as it should be", "a white alpha beside"], ["mug"]),
        (["as it should be", "junk"], ["mug"]),
        (["as it should be", "a link to a folder", "a link to a picture"], ["mug"]),
        (["a link to a store"], ["jar"]),
        (["plurals", "numbers", "serials", "a layout's word"], ["dog"]),
        (["names"], ["mug", "mug", "mug"]),
        (["alphas inside"], ["owl"]),
    ],
)
def test_what_is_used_of_it(tmp_path, names, used):
    build(tmp_path / "p", names)
    loaded = catalog.load([tmp_path / "p"], cache=tmp_path / "cache")
    assert sorted(f.category for f in loaded.foregrounds.values()) == used


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("foregrounds: a\nalphas: a\n", "alphas: 'a' is already the folder of foregrounds; keep"),
        (
            "foregrounds: a\nbackgrounds: a\n",
            "backgrounds: 'a' is already the folder of foregrounds",
        ),
        ("alphas: a\nbackgrounds: a\n", "backgrounds: 'a' is already the folder of alphas"),
        ("foregrounds: a\nalphas: link\n", "alphas: 'link' is already the folder of foregrounds"),
        ("foregrounds: a\nalphas: ./a/\n", "alphas: './a/' is already the folder of foregrounds"),
        ("foregrounds: alphas\n", "alphas: 'alphas' is already the folder of foregrounds"),
        ("foregrounds: A\n", "there is no folder 'A'; did you mean 'a'?"),
    ],
)
def test_a_folder_has_one_use(tmp_path, lines, said):
    put(tmp_path, "a/x.png", RED)
    put(tmp_path, "alphas/x.png", MATTE)
    put(tmp_path, "link", ("a",))
    put(tmp_path, "pack.yaml", HEAD + lines)
    with pytest.raises(InputError) as caught:
        catalog.load([tmp_path], cache=tmp_path / "cache")
    assert said in str(caught.value)


def test_labels_that_no_picture_can_have_are_said(tmp_path):
    build(tmp_path / "p", ["as it should be", "other formats"])
    lines = [{"file": "mug/a.tif"}, {"file": "MUG\\A.PNG", "category": "cup"}]
    put(tmp_path / "p", "labels.jsonl", "\ufeff" + "\n".join(map(json.dumps, lines)))
    loaded = catalog.load([tmp_path / "p"], cache=tmp_path / "cache")
    (cup,) = loaded.foregrounds.values()
    assert cup.category == "cup"
    said = [p.message for p in loaded.problems if "labels" in p.message]
    assert len(said) == 1
    assert said[0].startswith("labels 'mug/a.tif', which is not read as a picture")
