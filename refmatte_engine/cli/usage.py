"""What is wrong with a command as it was typed, in one line like every other mistake."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from refmatte_engine.errors import InputError, RefMatteError, Stopped, listed, nearest

# typer keeps the classes of click where it likes; this one is above all of them.
_Mistake: Any = typer.BadParameter.__mro__[2]

_CHOICE = re.compile(r".*'(.*)' is not one of (.+?)\.?$", re.DOTALL)
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/([^/].*)", re.DOTALL)  # as a path has it
_WORDS = {"int_parsing": "a whole number", "float_parsing": "a number"}


class Program(TyperGroup):
    """The commands. Ctrl-C becomes an error with a line of its own before typer swallows it, and
    the help says what a value is without the names of Python's types."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        command = super().get_command(ctx, cmd_name)
        if command is not None and not isinstance(command, TyperGroup):
            command.invoke = partial(  # type: ignore[method-assign]
                _on_paths, command, command.invoke
            )
        for param in command.params if command is not None else ():
            for part in ("display_type", "_get_number_range_help_str"):
                if said := getattr(type(param), part, None):
                    setattr(param, part, partial(_in_words, said, param))
        return command

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise Stopped(stop) from None
        except OSError as error:
            raise _Passed(error) from None


def _on_paths(command: Any, invoke: Callable[[Any], Any], ctx: Any) -> Any:
    """The command, unless a URL is given where only a path can be: InputError."""
    for param in command.params:
        given = ctx.params.get(param.name)
        for each in given if isinstance(given, list | tuple) else (given,):
            if isinstance(each, Path) and (url := _URL.fullmatch(str(each))):
                name = param.opts[-1] if param.opts[0].startswith("-") else param.name.upper()
                shown = f"{url[1]}://{url[2]}"
                raise InputError(name, f"{shown} is a URL", allowed="a path of this machine")
    return invoke(ctx)


def _in_words(said: Callable[..., str | None], param: Any, *given: Any) -> str | None:
    """`<number>` for `<int range>`, `1 to 9` for `1<=x<=9`."""
    text = said(param, *given)
    if text is None:
        return None
    text = re.sub(r"list\[(.*?)\]", r"\1", text)
    text = re.sub(r"\b(?:int|float)(?: range)?\b", "number", re.sub(r"\bstr\b", "text", text))
    text = re.sub(r"^([\d.]+)<=x<=([\d.]+)$", r"\1 to \2", text)
    return re.sub(r"^x>=([\d.]+)$", r"at least \1", text)


class _Passed(Exception):
    """An OSError past typer, which would end the program over some."""


def mistake_in(error: Exception) -> RefMatteError | None:
    """The error of a wrongly typed command as one of ours; None for any other. What the system
    refused is raised again."""
    if isinstance(error, _Passed):
        raise error.args[0]
    if not isinstance(error, _Mistake):
        return None
    made: Any = error
    command = made.ctx.command_path if getattr(made, "ctx", None) is not None else "refmatte"
    param = getattr(made, "param", None)
    told = f"see: {command} --help"
    if param is not None and isinstance(error, typer.BadParameter) and made.message:
        name = param.opts[-1] if param.opts[-1].startswith("-") else param.human_readable_name
        return _value_refused(name, error, told)
    message = " ".join(made.format_message().split()).rstrip(".")
    hint = ""
    if unknown := re.match(r"No such option:? '?(-[^ '.]+)'?", message):
        names = [name for each in made.ctx.command.params for name in each.opts]
        hint, message = nearest(unknown[1], names), f"no such option {unknown[1]!r}"
    elif unknown := re.match(r"No such command '(.*?)'", message):
        names = made.ctx.command.list_commands(made.ctx)
        hint, message = nearest(unknown[1], names), f"no such command {unknown[1]!r}"
    else:
        message = message[:1].lower() + message[1:]
    return InputError("", message, todo=f"{hint}; {told}" if hint else told)


def _value_refused(name: str, error: Exception, told: str) -> InputError:
    """`--limit: 0 is not allowed; allowed: a number of at least 1`, as for values in files."""
    from pydantic import ValidationError

    from refmatte_engine.config import mistakes

    if not isinstance(error.__cause__, ValidationError):
        return InputError(name, str(error).rstrip("."), todo=told)
    first = error.__cause__.errors()[0]
    if found := _CHOICE.match(first["msg"]):
        names = re.findall(r"'([^']*)'", found[2])
        hint = nearest(found[1], names)
        return InputError(name, f"{found[1]!r} is not allowed", allowed=listed(names), todo=hint)
    allowed = _WORDS.get(first["type"]) or mistakes.by_limits(first.get("ctx", {}))
    problem = f"{str(first['input'])!r} is not allowed"
    return InputError(name, problem, allowed=allowed, todo="" if allowed else told)
