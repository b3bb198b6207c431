"""The one family of errors: where, what is wrong, what is allowed, what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class RefMatteError(Exception):
    """A failed run (exit code 1). Prints as one line: where, problem, allowed, what to do."""

    exit_code = 1

    def __init__(self, where: object, problem: str, *, allowed: str = "", todo: str = "") -> None:
        self.where, self.problem, self.allowed, self.todo = str(where), problem, allowed, todo
        super().__init__(self.where, problem, allowed, todo)

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.problem}" if self.where else self.problem]
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.todo:
            parts.append(self.todo)
        line = "; ".join(_shortened(" ".join(part.split())) for part in parts)
        # Half of a surrogate pair, as JSON may hold, cannot be printed.
        return line.encode("utf-8", "backslashreplace").decode()

    def __reduce__(self) -> tuple[object, ...]:
        # Workers send errors to the parent by pickle; keyword arguments need help.
        return _rebuild, (type(self), self.where, self.problem, self.allowed, self.todo)


class InputError(RefMatteError):
    """Input from the user that cannot be used (exit code 2)."""

    exit_code = 2


class Terminated(KeyboardInterrupt):
    """SIGTERM: handled as Ctrl-C, with its own exit code."""


class Stopped(RefMatteError):
    """Ctrl-C (exit code 130) or SIGTERM (143); `todo` says what is kept and how to go on."""

    def __init__(self, stop: KeyboardInterrupt, todo: str = "") -> None:
        super().__init__("", "stopped", todo=todo)
        self.exit_code = 143 if isinstance(stop, Terminated) else 130


# The optional parts of an installation, and the modules that each brings; the first one shows that
# it is there.
EXTRAS = {
    "pairs": ("pymatting",),
    "plots": ("matplotlib",),
    "hf": ("pyarrow",),
    "audit": ("sklearn",),
    "remote": ("s3fs", "fsspec"),
    "dask": ("distributed", "dask"),
    "ray": ("ray",),
    "clipmat": ("torch", "torchvision", "open_clip", "safetensors", "accelerate", "tensorboard"),
    "app": ("gradio",),
    "cutout": ("onnxruntime",),
    "vitmatte": ("transformers",),
    "onnx": ("onnx", "onnxscript", "onnxruntime", "ftfy", "regex"),
}


class MissingExtra(InputError):
    """A missing optional library; the message gives the install command."""

    def __init__(self, module: str, extra: str, purpose: str) -> None:
        super().__init__(
            module,
            f"is needed to {purpose} and is not installed",
            todo=f"run: pip install 'refmatte-engine[{extra}]'",
        )

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (InputError, self.where, self.problem, self.allowed, self.todo)


class Rejected(Exception):
    """A draw that cannot become a sample; `reason`, in snake_case, is counted in the manifest."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Indescribable(Rejected):
    """No sentence of a required kind is true and unique."""


@contextmanager
def needs(extra: str, purpose: str) -> Iterator[None]:
    """Guards the imports of one of `EXTRAS`: MissingExtra, naming the purpose (`draw plots`), if
    its modules are not installed. Any other ImportError passes through."""
    try:
        yield
    except ImportError as error:
        module = (error.name or "").split(".")[0]
        if module not in EXTRAS[extra]:
            raise
        raise MissingExtra(module, extra, purpose) from None


def _shortened(text: str, most: int = 500) -> str:
    """The text with its middle cut out, so that an invalid value of a thousand letters does not
    bury the message."""
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def _rebuild(
    kind: type[RefMatteError], where: str, problem: str, allowed: str, todo: str
) -> RefMatteError:
    return kind(where, problem, allowed=allowed, todo=todo)


def listed(names: Iterable[object], most: int = 12) -> str:
    """The names joined for an error message, cut after `most`."""
    all_names = [str(name) for name in names]
    more = f" … ({len(all_names)} in all)" if len(all_names) > most else ""
    return ", ".join(all_names[:most]) + more


def nearest(name: object, valid: Iterable[object], alike: float = 0.6) -> str:
    """`did you mean …?` for a misspelt name, or an empty string. Capitals do not matter."""
    known = {str(v).casefold(): str(v) for v in valid}
    close = difflib.get_close_matches(str(name).casefold(), known, n=1, cutoff=alike)
    return f"did you mean {known[close[0]]!r}?" if close else ""
