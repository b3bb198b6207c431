"""A dataset's papers: card, datasheet and the picture in the card, written without ever touching
what a person wrote."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path

from refmatte_engine.dataset import address, attribution, card, datasheet, facts
from refmatte_engine.dataset.contact_sheet import contact_sheet
from refmatte_engine.dataset.facts import Facts
from refmatte_engine.errors import InputError
from refmatte_engine.parallel import Progress
from refmatte_engine.storage.files import disk_errors, write_whole

README, DATASHEET = "README.md", "DATASHEET.md"
FILES = (README, DATASHEET, card.PICTURE)
IMAGES = 6  # in the picture

_MARK = re.compile(r"\n<!-- made by refmatte card: ([0-9a-f]{16}) -->\n\Z")


def write(
    root: str | Path, out: str | Path | None = None, progress: Progress | None = None
) -> tuple[list[Path], list[Path]]:
    """Writes README.md, DATASHEET.md, card.jpg and, unless there is one, ATTRIBUTION.md, about the
    dataset in `root`, into it or into the folder `out`. Returns what was written, and what was kept
    as it is because a person wrote or changed it.

    The same dataset gives the same bytes. `progress` is called with (images read, images in total).
    InputError if `root` is no dataset; RefMatteError if the
    folder cannot be written.
    """
    root = address.opened(root)
    folder = root if out is None else Path(out)
    known = facts.of(root, progress=progress)
    with disk_errors(folder, "choose another folder: refmatte card DATASET -o DIR"):
        folder.mkdir(parents=True, exist_ok=True)
        written, kept = [], []
        picture = folder / card.PICTURE
        is_free = not (picture.exists() or (folder / README).exists())
        if is_free or _is_ours(folder / README):
            _draw(root, picture, known)
        told = {
            README: card.text(known, picture=picture.is_file()),
            DATASHEET: datasheet.text(known),
        }
        for name, text in told.items():
            path = folder / name
            if not path.exists() or _is_ours(path):
                write_whole(path, marked(text).encode())
                written.append(path)
            else:
                kept.append(path)
        path = folder / attribution.FILE
        if known.terms and not path.exists():
            write_whole(path, attribution.text(known.terms).encode())
            written.append(path)
    return written, kept


def marked(text: str) -> str:
    """The text with a last line, which people do not see, by which an edited one is known."""
    return f"{text}\n<!-- made by refmatte card: {_digest(text)} -->\n"


def _is_ours(path: Path) -> bool:
    """Whether a file is as it was written here: nobody changed it."""
    with suppress(OSError, UnicodeDecodeError):
        text = path.read_text("utf-8")  # line ends of any system
        if found := _MARK.search(text):
            return _digest(text[: found.start()]) == found[1]
    return False


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _draw(root: Path, path: Path, known: Facts) -> None:
    """The picture in the card, where there is something to show."""
    if known.total.sentences:
        with suppress(InputError):  # no sentence but names
            contact_sheet(root, path, IMAGES)
