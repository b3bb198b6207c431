"""What tells one dataset from another, wherever it lies and whatever its folder is called."""

from __future__ import annotations

import hashlib
from pathlib import Path

from refmatte_engine.dataset import photographs
from refmatte_engine.dataset.address import MANIFEST, opened
from refmatte_engine.dataset.reader import read_manifest
from refmatte_engine.dataset.refmatte_layout import IMAGES, label_files
from refmatte_engine.storage import csv_file
from refmatte_engine.storage.files import digest


def identity(where: str | Path) -> str:
    """The content digest of one of ours (of an old one without it, its manifest's); of a released
    dataset, or a CSV of photographs, a digest of its labels, and of the names and sizes of its
    images and mattes. InputError if there is no dataset."""
    root = opened(where)
    if csv_file.is_csv(root):
        return photographs.identity(root)
    if (root / MANIFEST).is_file():
        known = read_manifest(root).get("content_digest")
        return str(known or digest((root / MANIFEST).read_bytes()))
    content = hashlib.blake2b(digest_size=16)
    for labels in label_files(root).values():
        content.update(labels.read_bytes())
        files = (file for name in (*IMAGES, "mask") for file in (labels.parent / name).glob("*"))
        for file in sorted(files):
            content.update(f"{file.name} {file.stat().st_size}\n".encode())
    return content.hexdigest()
