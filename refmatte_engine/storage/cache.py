"""The folder where the engine and its libraries keep caches. A cache is only ever a help: nothing
fails without one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def folder() -> Path:
    """$REFMATTE_CACHE, else refmatte in the user's cache folder ($XDG_CACHE_HOME, ~/.cache); for a
    user without a home, a private folder among the temporary files."""
    if chosen := os.environ.get("REFMATTE_CACHE"):
        return Path(chosen)
    if chosen := os.environ.get("XDG_CACHE_HOME"):
        return Path(chosen) / "refmatte"
    try:
        return Path.home() / ".cache" / "refmatte"
    except RuntimeError:  # no HOME, and the system does not know the user either
        return _temporary()


def writable(path: Path) -> bool:
    """Whether the folder, created if needed, can be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return True
    except OSError:
        return False


def for_numba() -> None:
    """Points numba's cache into ours unless the user has set it: numba's default, beside its
    sources, is often read-only in an installation, and then it gives up."""
    if "NUMBA_CACHE_DIR" not in os.environ:
        place = folder() / "numba"
        os.environ["NUMBA_CACHE_DIR"] = str(place if writable(place) else _temporary() / "numba")


def _temporary() -> Path:
    """A folder into which nobody else can have put anything."""
    path = Path(tempfile.gettempdir()) / f"refmatte-{os.getuid()}"
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        if path.lstat().st_uid == os.getuid() and path.lstat().st_mode & 0o077 == 0:
            return path
    except OSError:
        pass
    return Path(os.devnull) / "refmatte"  # which cannot be written: nothing is remembered
