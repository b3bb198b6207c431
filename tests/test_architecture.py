"""Imports point one way, from the command line down to the records; and each rule is tried."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from tests.support.modules import BASELINES, ENGINE, REPOSITORY, parsed

# From the ground up: each may import what stands before it, and its own. `formats` (out: other
# people's layouts) and `ingest` (in) have their places before they have a file.
ORDER = (
    "errors", "records", "randomness", "storage", "parallel", "cluster", "config", "images",
    "semantics", "dataset", "packs", "language", "scoring", "audit", "formats", "scene",
    "ingest", "generation", "baselines", "cli",
)  # fmt: skip
# Who must not know whom, though the order would let them.
WALLS = {
    "scoring": {"packs", "language"},
    "formats": {"packs", "language"},
    "ingest": {"language", "scene"},
    "baselines": {"scene", "language"},
}
# What models need of the makers: an endless stream, and nothing else of the wing.
STREAM = "refmatte_engine.generation.stream"
NEURAL = {"torch", "torchvision", "open_clip", "gradio", "safetensors", "accelerate"}
STAGES = {"scene.plan", "scene.layout", "scene.render", "semantics.attributes", "language.writer"}
# compose makes one sample, dataset_run and stream many; remaking repeats their steps for verify.
STAGE_MANAGERS = {"compose", "dataset_run", "stream", "remaking"}
MAX_LINES = 350

Sources = Mapping[str, str]  # the text of each module, by its dotted name


def sources() -> dict[str, str]:
    return {name: file.read_text("utf-8") for name, file in (ENGINE | BASELINES).items()}


def package_of(name: str, known: Sources) -> str:
    """The package whose members a relative import in this module is about."""
    is_package = any(other.startswith(name + ".") for other in known)
    return name if is_package else name.rpartition(".")[0]


@cache
def nodes(text: str) -> list[ast.AST]:
    """The imports and the calls of a module; every rule asks for them again."""
    wanted = (ast.Import, ast.ImportFrom, ast.Call)
    return [node for node in ast.walk(parsed(text)) if isinstance(node, wanted)]


@cache
def called(text: str) -> list[tuple[int, str]]:
    """The line and the function of each call in a module."""
    found = (node for node in nodes(text) if isinstance(node, ast.Call))
    return [(node.lineno, ast.unparse(node.func)) for node in found]


def imports(name: str, known: Sources) -> set[str]:
    """Dotted names that a module imports, anywhere in it; modules of ours as whole names."""
    found: set[str] = set()
    for node in nodes(known[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                home = package_of(name, known).split(".")
                base = ".".join([*home[: len(home) - node.level + 1], *base.split(".")]).strip(".")
            members = {f"{base}.{alias.name}" for alias in node.names}
            found |= {member if member in known else base for member in members}
    return found


def wing(name: str) -> str:
    """The wing that a module of ours belongs to; the package itself stands above all of them."""
    top, _, rest = name.partition(".")
    if top == "refmatte_baselines":
        return "baselines"
    return rest.split(".")[0]


def ours(name: str) -> bool:
    return name.split(".")[0] in ("refmatte_engine", "refmatte_baselines")


def edges(known: Sources) -> Iterator[tuple[str, str]]:
    """Who imports whom, modules of ours only, without the package's own front door."""
    for name in known:
        if wing(name) in ORDER:
            for other in imports(name, known):
                if ours(other) and wing(other) in ORDER:
                    yield name, other


def upward(known: Sources) -> Iterator[str]:
    """Imports against the order of the wings, and wings that have no place in it."""
    for name in known:
        if wing(name) not in (*ORDER, "", "__main__"):
            yield f"{name}: {wing(name)} is not in the order of wings"
    for name, other in edges(known):
        if ORDER.index(wing(other)) > ORDER.index(wing(name)):
            yield f"{name} imports {other}, which stands above it"


def through_walls(known: Sources) -> Iterator[str]:
    for name, other in edges(known):
        if wing(other) in WALLS.get(wing(name), ()):
            yield f"{name} imports {other}"
        if wing(name) == "baselines" and wing(other) == "generation" and other != STREAM:
            yield f"{name} imports {other}; of generation, models know the stream alone"


def circles(known: Sources) -> Iterator[str]:
    graph: dict[str, set[str]] = {name: set() for name in known}
    for name, other in edges(known):
        if other in known and other != name:
            graph[name].add(other)
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> Iterator[str]:
        if name in path:
            yield " → ".join((*path[path.index(name) :], name))
        elif name not in done:
            for other in sorted(graph[name]):
                yield from visit(other, (*path, name))
            done.add(name)

    for name in graph:
        yield from visit(name, ())


def several_stages(known: Sources) -> Iterator[str]:
    """One module alone knows the order of the stages."""
    for name in known:
        used = {other.removeprefix("refmatte_engine.") for other in imports(name, known)} & STAGES
        if len(used) > 1 and name.rpartition(".")[2] not in STAGE_MANAGERS:
            yield f"{name} imports {', '.join(sorted(used))}"


def neural(known: Sources) -> Iterator[str]:
    for name in known:
        found = {other.split(".")[0] for other in imports(name, known)} & NEURAL
        if found and wing(name) not in ("baselines", "cli"):
            yield f"{name} imports {', '.join(sorted(found))}"


def calls(known: Sources) -> Iterator[tuple[str, int, str]]:
    for name, text in known.items():
        for line, function in called(text):
            yield name, line, function


def printing(known: Sources) -> Iterator[str]:
    """Only the command line prints."""
    for name, line, function in calls(known):
        if function == "print" and wing(name) != "cli":
            yield f"{name}:{line} prints"


def global_randomness(known: Sources) -> Iterator[str]:
    """Generators are made from a key and handed on; the libraries' own are never drawn from."""
    made = {"Random", "Generator", "PCG64", "SeedSequence"}
    for name, line, function in calls(known):
        library, _, last = function.rpartition(".")
        if library in ("random", "np.random", "numpy.random") and last not in made:
            yield f"{name}:{line} calls {function}"


def too_long(known: Sources) -> Iterator[str]:
    for name, text in known.items():
        if (lines := len(text.splitlines())) > MAX_LINES:
            yield f"{name} has {lines} lines"


def wide_doors(known: Sources) -> Iterator[str]:
    """A wing's own file is one docstring: whoever wants a thing says in which module it is."""
    for name, text in known.items():
        is_wing = wing(name) in ORDER and name.count(".") == 1 and package_of(name, known) == name
        if is_wing and wing(name) != "baselines" and len(parsed(text).body) != 1:
            yield f"{name} holds more than its docstring"


def shadows(known: Sources) -> Iterator[str]:
    """`from refmatte_engine import generate` is the function, whatever has been imported before."""
    for name in known:
        if name in {f"refmatte_engine.{public}" for public in ("Dataset", "generate", "load_run")}:
            yield f"{name} shadows a public name"


RULES = (
    upward, through_walls, circles, several_stages, neural, printing, global_randomness, too_long,
    wide_doors, shadows,
)  # fmt: skip
# For each rule, what would break it: the module that is changed or added, and what it then says.
PLANTED = (
    (upward, "refmatte_engine.scene.render", "from refmatte_engine.generation import compose"),
    (upward, "refmatte_engine.scene.render", "from ..generation.compose import Made"),
    (upward, "refmatte_engine.generation.compose", "import refmatte_baselines.checkpoints"),
    (upward, "refmatte_engine.semantics.ground", "from refmatte_engine.language import grammar"),
    (upward, "refmatte_engine.dataset.reader", "def f():\n    from ..packs import catalog"),
    (upward, "refmatte_engine.tools.text", "import json"),
    (through_walls, "refmatte_engine.scoring.rows", "from ..packs.catalog import Catalog"),
    (through_walls, "refmatte_engine.formats.coco", "from ..language import templates"),
    (through_walls, "refmatte_engine.ingest.am2k", "from refmatte_engine.scene import plan"),
    (through_walls, "refmatte_baselines.data.pictures", "import refmatte_engine.scene.render"),
    (through_walls, "refmatte_baselines.clipmat.model",
     "from refmatte_engine.generation import compose, stream"),
    (circles, "refmatte_engine.images.png", "from .image_io import read_rgb"),
    (several_stages, "refmatte_engine.generation.verify",
     "from refmatte_engine.scene import plan\nfrom ..language.writer import express"),
    (neural, "refmatte_engine.images.alphas", "import torch.nn"),
    (printing, "refmatte_engine.packs.scan", "print('here')"),
    (global_randomness, "refmatte_baselines.data.augment", "import random\nrandom.shuffle([])"),
    (global_randomness, "refmatte_engine.scene.plan", "import numpy as np\nnp.random.rand()"),
    (too_long, "refmatte_engine.scene.plan", "\n" * MAX_LINES),
    (wide_doors, "refmatte_engine.scene", "from refmatte_engine.scene.plan import Plan"),
    (shadows, "refmatte_engine.generate", '"""A wing."""'),
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule: type[object]) -> None:
    assert list(rule(sources())) == []  # type: ignore[call-overload]


@pytest.mark.parametrize(("rule", "name", "text"), PLANTED)
def test_the_rule_finds_what_breaks_it(rule: type[object], name: str, text: str) -> None:
    known = sources()
    known[name] = f"{known.get(name, '')}\n{text}\n"
    assert list(rule(known)) != []  # type: ignore[call-overload]


def test_every_rule_is_tried() -> None:
    assert {rule for rule, _, _ in PLANTED} == set(RULES)


def test_every_folder_is_a_package_that_the_wheel_takes() -> None:
    for file in (ENGINE | BASELINES).values():
        for folder in file.relative_to(REPOSITORY).parents:
            if folder.parts and folder.parts != ("baselines",):
                assert (REPOSITORY / folder / "__init__.py").is_file(), folder


# Modules that no test of their wing imports, and what tests them instead. The command line's are
# run as commands, all of them.
TESTED_ELSEWHERE = {
    "refmatte_engine.scene.effects": "scene/test_render: each effect, in a picture",
    "refmatte_engine.dataset.manifest": "generation/test_verify: each field altered, and found",
    "refmatte_engine.dataset.refmatte_layout": "scoring/test_rows and generation/test_verify",
    "refmatte_engine.formats.weak_label_sheet": "formats/test_weak_labels: the sheet is opened",
    "refmatte_engine.generation.sample_files": "generation/test_dataset_run: the files themselves",
    "refmatte_engine.images.foreground_color": "packs/test_cutouts, test_scan: pairs' own colours",
    "refmatte_engine.images.signatures": "images/test_image_io: what is no picture is told apart",
    "refmatte_engine.language.fillers": "language/test_writer, by what is said",
    "refmatte_engine.language.pattern_check": "language/test_review: a table of faulty files",
    "refmatte_engine.language.faults": "language/test_review, by the lines that are named",
    "refmatte_engine.language.template_check": "language/test_review",
    "refmatte_engine.language.template_file": "language/test_review",
    "refmatte_engine.language.vocabulary_check": "language/test_review",
    "refmatte_engine.scene.arrangements": "scene/test_layout: each arrangement keeps its promise",
    "refmatte_engine.scene.prospects": "packs/test_catalog, by what the command lists",
    "refmatte_engine.semantics.looks": "semantics/test_attributes and scene/test_lacks",
    "refmatte_baselines.clipmat.details": "baselines/test_model",
    "refmatte_baselines.clipmat.popup": "baselines/test_model",
    "refmatte_baselines.towers.convolutional": "baselines/test_mdetr: the full configuration",
    "refmatte_baselines.training.features": "baselines/test_training: each picture seen once",
    "refmatte_baselines.training.step": "baselines/test_training, step by step",
    "refmatte_baselines.serving.photographs": "cli/test_models: folders of pictures",
}


def with_a_test() -> set[str]:
    """Modules that a test of their wing imports, or one that is of no wing; also through a
    package that hands them on."""
    found: set[str] = set()
    known = sources()
    for file in (REPOSITORY / "tests").rglob("test_*.py"):
        home = file.relative_to(REPOSITORY / "tests").parts[0]
        direct = imports("tests", {**known, "tests": file.read_text("utf-8")})
        handed_on = {m for n in direct & known.keys() if package_of(n, known) == n
                     for m in imports(n, known)}  # fmt: skip
        found |= {m for m in direct | handed_on if home in (wing(m), file.name)}
    return found


def test_every_module_has_a_test_in_its_wing_or_a_reason() -> None:
    known, have = sources(), with_a_test()
    modules = {name for name in known if package_of(name, known) != name and wing(name) != "cli"}
    assert modules - have == TESTED_ELSEWHERE.keys()
