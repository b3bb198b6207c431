"""A folder of a model's mattes, and the receipt of what made them."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from refmatte_engine.errors import InputError
from refmatte_engine.storage.files import write_whole

RECEIPT = "predictions.json"


def claim(folder: Path, receipt: dict[str, Any], anew: Collection[str] | None) -> None:
    """Makes the folder one of this receipt's mattes, without those that are to be made `anew`, or
    refuses; whatever else it holds goes if there are any to be made anew."""
    if folder.exists() and not folder.is_dir():
        raise InputError(folder, "is not a folder")
    path = folder / RECEIPT
    if not path.exists():
        if folder.is_dir() and any(folder.iterdir()):
            raise InputError(
                folder, "holds files that are not a model's mattes", todo="choose an empty folder"
            )
    elif anew is not None:
        is_same = _read(path) == receipt
        for file in folder.glob("*.png"):
            if not is_same or file.stem in anew:
                file.unlink()
    elif (before := _read(path)) != receipt:
        differs = [key for key in receipt if before.get(key) != receipt[key]]
        raise InputError(
            folder,
            f"holds mattes of another {' and '.join(differs)}",
            todo="choose another folder, or replace them with --overwrite",
        )
    write_whole(path, f"{json.dumps(receipt, indent=2)}\n".encode())


def _read(path: Path) -> dict[str, Any]:
    try:
        receipt = json.loads(path.read_bytes())
    except ValueError:
        receipt = None
    return receipt if isinstance(receipt, dict) else {}
