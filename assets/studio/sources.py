"""What a picture was drawn by: its recipe's definition, and every one of the studio's that it uses.

Read from the files, so that nothing need be imported, Blender least of all. The code counts, not
its comments, docstrings and layout, nor the file that a definition stands in.
"""

from __future__ import annotations

import ast
import json
from functools import cache
from hashlib import sha256
from pathlib import Path

STUDIO = Path(__file__).parent
STAGE = "stage"  # not followed: every picture depends on it alike


def hash_of(module: str, name: str) -> str:
    """Changes when the recipe `name` of a module, or anything of the studio that it uses, does."""
    code = [json.dumps(form(statement), sort_keys=True) for statement in used_by(module, name)]
    return sha256(json.dumps(sorted(code)).encode()).hexdigest()[:16]


def used_by(module: str, name: str) -> list[ast.stmt]:
    """The statement that defines a name, those of the names it uses, and so on.

    A local name spelt like a definition counts as a use: too much does no harm.
    """
    seen: set[tuple[str, str]] = set()
    found: dict[int, ast.stmt] = {}
    ahead = [(module, name)]
    while ahead:
        place = ahead.pop()
        if place in seen:
            continue
        seen.add(place)
        match definitions(place[0]).get(place[1]):
            case tuple() as elsewhere:
                ahead.append(elsewhere)
            case ast.stmt() as statement:
                found[id(statement)] = statement
                nodes = ast.walk(statement)
                ahead += [(place[0], node.id) for node in nodes if isinstance(node, ast.Name)]
    return list(found.values())


@cache
def definitions(module: str) -> dict[str, ast.stmt | tuple[str, str]]:
    """What the names of a module are: statements, or (module, name) elsewhere in the studio."""
    known: dict[str, ast.stmt | tuple[str, str]] = {}
    for statement in ast.parse(path_of(module).with_suffix(".py").read_text("utf-8")).body:
        match statement:
            case ast.FunctionDef() | ast.ClassDef():
                known[statement.name] = statement
            case ast.Assign():
                targets = [node for target in statement.targets for node in ast.walk(target)]
                known |= {node.id: statement for node in targets if isinstance(node, ast.Name)}
            case ast.ImportFrom(module=str(origin), names=names, level=0) if (
                is_module(origin) and origin != STAGE
            ):
                known |= {alias.asname or alias.name: (origin, alias.name) for alias in names}
            case _ if not may_be_passed_over(statement):
                raise ValueError(
                    f"{module}, line {statement.lineno}: only definitions, constants and imports "
                    "of names (from module import name) can be followed"
                )
    return known


def may_be_passed_over(statement: ast.stmt) -> bool:
    """A docstring, and imports of what is not the studio's."""
    match statement:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.ImportFrom(module=str(origin), level=0):
            return not path_of(origin).is_dir()
        case ast.Import(names=names):
            ours = [alias.name for alias in names if is_module(alias.name)]
            return all(name == STAGE for name in ours)
    return False


def path_of(module: str) -> Path:
    return STUDIO.joinpath(*module.split("."))


def is_module(name: str) -> bool:
    return path_of(name).with_suffix(".py").is_file()


def form(node: object) -> object:
    """A piece of code as JSON, the same for every version of Python."""
    if isinstance(node, list):
        return [form(item) for item in node]
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = dict(ast.iter_fields(node))
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
        fields["body"] = node.body[1:]
    kept = {key: form(value) for key, value in fields.items() if value is not None and value != []}
    return [type(node).__name__, kept]
