"""Imports point one way: from the run to its parts, never back."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "refmatte_engine"
BASELINES = PACKAGE.parent / "baselines"


def imports(file: Path) -> set[str]:
    """Names of the modules of this project that `file` imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def modules() -> dict[str, set[str]]:
    prefix = "refmatte_engine."
    names = {file.stem for file in PACKAGE.glob("*.py")}
    return {
        file.stem: {
            m.removeprefix(prefix).split(".")[0] for m in imports(file) if m.startswith(prefix)
        }
        & names
        for file in PACKAGE.glob("*.py")
    }


def test_no_cycles() -> None:
    graph = modules()
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " → ".join((*path, name))
        if name not in done:
            for other in graph[name]:
                visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_only_compose_knows_the_order_of_the_stages() -> None:
    stages = {"plan", "layout", "render", "attributes", "expressions"}
    # remaking repeats the run's steps through compose, render's effects are part of rendering.
    for name, used in modules().items():
        if name not in {"compose", "pipeline", "stream", "remaking", "cli", "cli_templates"}:
            assert len(used & stages) <= 1, f"{name} imports {sorted(used & stages)}"


def test_what_reads_a_dataset_knows_only_files() -> None:
    makers = {"plan", "layout", "render", "pipeline", "compose", "catalog", "effects", "shards"}
    for name in ("dataset", "stats", "gallery", "rows", "metrics", "score", "summary", "report"):
        if name in modules():
            assert not modules()[name] & makers, name


def test_the_engine_knows_neither_torch_nor_the_baselines() -> None:
    for file in PACKAGE.rglob("*.py"):
        if file.stem.startswith("cli"):
            continue
        for module in imports(file):
            assert module.split(".")[0] not in {"torch", "open_clip", "baselines"}, file


def test_baselines_know_only_the_engine_s_files_and_stream() -> None:
    for file in BASELINES.rglob("*.py"):
        for module in imports(file):
            assert not module.startswith(
                tuple(f"refmatte_engine.{m}" for m in ("layout", "render", "expressions"))
            ), f"{file} imports {module}"


def test_only_the_command_line_prints() -> None:
    for file in PACKAGE.rglob("*.py"):
        if file.stem.startswith("cli") or file.stem == "entry":
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            printing = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
            assert not printing, f"{file}:{getattr(node, 'lineno', 0)} prints"


def test_modules_can_be_read_at_once() -> None:
    for file in [*PACKAGE.rglob("*.py"), *BASELINES.rglob("*.py")]:
        lines = len(file.read_text("utf-8").splitlines())
        assert lines <= 350, f"{file} has {lines} lines"


def test_no_global_randomness() -> None:
    """Generators are made from a key and handed on; the libraries' own are never drawn from."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called = ast.unparse(node.func)
                for library in ("random.", "np.random."):
                    if called.startswith(library):
                        made = called.removeprefix(library)
                        assert made in {"Random", "Generator", "PCG64", "SeedSequence"}, (
                            f"{file}:{node.lineno} calls {called}"
                        )
