"""JSON from other tools: a byte order mark and UTF-16 are accepted; a syntax error is reported with
its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from refmatte_engine.errors import InputError
from refmatte_engine.storage import files

# Windows' editors and PowerShell put a byte order mark before UTF-8; this encoding skips one.
TEXT = "utf-8-sig"


def read(path: Path) -> Any:
    """The value in the file. InputError, with the line, if it cannot be read or is not valid
    JSON."""
    data = files.read_bytes(path)
    try:
        return json.loads(data)  # bytes: their encoding and mark are seen to
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}", f"is not valid JSON: {error.msg}") from None
    except UnicodeDecodeError:
        raise InputError(path, "is not text", todo="save it as UTF-8") from None
    except RecursionError:
        raise InputError(path, "is nested too deeply") from None
    except ValueError as error:
        raise InputError(path, f"is not valid JSON: {error}") from None
