"""What systems leave behind is known by name, anywhere in a path; what a person made is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.storage.junk import is_junk

JUNK = [
    *("@eaDir", "#recycle", "__MACOSX", ".DS_Store", "Thumbs.db", "thumbs.db", ".AppleDouble"),
    *("._a.png", "lost+found", "$RECYCLE.BIN", "System Volume Information", "desktop.ini"),
    *(".Trash-1000", ".nfs0000001", ".git", "a.png~", "IMG_0001.AAE", "a.xmp", "~$notes.docx"),
    *("a.png:Zone.Identifier", ".ipynb_checkpoints", "@Recycle", ".@__thumb", "Icon\r"),
]


@pytest.mark.parametrize("name", JUNK)
def test_junk_is_known_at_any_depth(name):
    assert is_junk(name)
    assert is_junk(f"mug/{name}")
    assert is_junk(f"mug/{name}/red/a.png")


@given(st.lists(st.text("abcXYZ019 -#@$", min_size=1, max_size=9), min_size=1, max_size=4))
def test_plain_names_are_no_junk(parts):
    path = "/".join(part.strip() or "a" for part in parts)
    assert is_junk(path) == any(
        name.casefold() == part.casefold() for name in JUNK for part in path.split("/")
    )


@pytest.mark.parametrize(
    "path", ["mug/a.png", "recycle bin/a.png", "lost/found.png", "trash/a.png", "macosx/a.png"]
)
def test_what_people_name_is_read(path):
    assert not is_junk(path)
