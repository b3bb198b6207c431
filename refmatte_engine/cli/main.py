"""The program around the commands: signals, the terminal's letters, exit codes, one line an error.

Nothing heavy is imported before Ctrl-C has a line of its own; until then it ends the program
without one, as `__main__` has it.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from refmatte_engine.errors import InputError, RefMatteError, Stopped, Terminated
from refmatte_engine.storage.stand_in import in_words

# How the engine's own typography looks where a terminal has none of it.
_PLAIN = {
    **{"×": "x", "…": "...", "–": "-", "—": "-", "−": "-", "’": "'", "‘": "'", "“": '"', "”": '"'},
    **{"·": "*", "→": "->", "≤": "<=", "≥": ">=", "±": "+-", "\u202f": " ", "\u00a0": " "},
}


def main() -> None:
    """Runs the command of `sys.argv`. Exit code 0, 1 for a failed run, 2 for bad input, 130 for
    Ctrl-C, 143 for SIGTERM; whatever the surroundings lack, one line on stderr says so."""
    _have_streams()
    _speak_plainly()
    _prefer_this_checkout()
    code = 0
    try:
        with _signals_heard():
            code = _run()
    except RefMatteError as error:
        code = _told(error)
    except KeyboardInterrupt as stop:
        code = _told(Stopped(stop))
    except BrokenPipeError:
        _leave(sys.stdout)  # the reader of our output went away (`refmatte stats | head`)
    except OSError as error:
        where = "stdout" if error.filename is None else os.fspath(error.filename)
        code = _told(RefMatteError(where, f"cannot be used: {error.strerror or error}"))
        _leave(sys.stdout)  # it may be what failed, and would again
    except MemoryError:
        todo = "run it again with fewer --workers, or where there is more"
        code = _told(RefMatteError("memory", "is not enough", todo=todo))
    code = _flushed(code)
    parallel = sys.modules.get("refmatte_engine.parallel")
    if parallel is not None and parallel.is_working():
        os._exit(code)  # Python would end the thread within what it computes, and so abort
    sys.exit(code)


@contextlib.contextmanager
def _signals_heard() -> Iterator[None]:
    """They raise inside, where they ended the program, and end it again afterwards, while Python
    puts its things away; not where a parent ignores them."""
    ways = ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, _terminated))
    ours = [way for way in ways if signal.getsignal(way[0]) == signal.SIG_DFL]
    try:
        for number, raises in ours:
            signal.signal(number, raises)
        yield
    finally:
        for number, _ in ours:
            signal.signal(number, signal.SIG_DFL)


def _run() -> int:
    from refmatte_engine.cli.app import app
    from refmatte_engine.cli.usage import mistake_in

    _stops.clear()
    try:
        code = int(app(prog_name="refmatte", standalone_mode=False) or 0)
        if code == 130:  # typer has swallowed it, before a command begins or after its end
            raise _stops[-1] if _stops else KeyboardInterrupt
        return code
    except Exception as error:
        if (mistake := mistake_in(error)) is None:
            raise
        raise mistake from None


def _prefer_this_checkout() -> None:
    """The models come from where the engine does, also where another checkout is installed."""
    beside = Path(__file__).resolve().parents[2] / "baselines"
    if (beside / "refmatte_baselines").is_dir():
        sys.path.insert(0, str(beside))


_stops: list[Terminated] = []


def _terminated(*_: object) -> None:
    _stops.append(Terminated())
    raise _stops[-1]


def _told(error: RefMatteError) -> int:
    if _is_echo(error):
        return error.exit_code
    prefix = "" if isinstance(error, Stopped) else "error: "
    try:
        print(f"{prefix}{in_words(str(error))}", file=sys.stderr)
    except (OSError, ValueError):  # stderr is full, closed or gone: the exit code remains
        _leave(sys.stderr)
    return error.exit_code


def _is_echo(error: RefMatteError) -> bool:
    """Whether the first of the processes that torchrun started on this machine says the same: of
    bad input, until they are joined."""
    follows = "TORCHELASTIC_RUN_ID" in os.environ and os.environ.get("LOCAL_RANK", "0") != "0"
    distributed = sys.modules.get("torch.distributed")
    is_joined = distributed is not None and distributed.is_initialized()
    return follows and isinstance(error, InputError) and not is_joined


def _flushed(code: int) -> int:
    """The exit code, after what was printed has been written: a disk may be full."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _leave(sys.stdout)
    except (OSError, ValueError) as error:
        _leave(sys.stdout)
        said = getattr(error, "strerror", None) or str(error)
        return _told(RefMatteError("stdout", f"cannot be used: {said}"))
    return code


def _leave(stream: object) -> None:
    """Lets what is still to be written to a stream vanish, so that nothing complains at the end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[attr-defined]


def _have_streams() -> None:
    """What we were started without leads nowhere; else the first file to be opened would be it."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))


def _speak_plainly() -> None:
    """A letter that the terminal cannot show becomes a plain one, or `\\u4e2d` as JSON has it."""
    codecs.register_error("refmatte", _replaced)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="refmatte")


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    escaped = "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
    return _PLAIN.get(letter, escaped)
