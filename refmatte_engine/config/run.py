"""The run file: which dataset to generate, from which packs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from refmatte_engine.config import resources, split_rules, strict_yaml
from refmatte_engine.config.layout_rules import Count, LayoutRules, Name, Share, Weight
from refmatte_engine.config.split_rules import SplitRules, Word
from refmatte_engine.config.strict_yaml import Lines, Strict
from refmatte_engine.errors import InputError
from refmatte_engine.randomness import sample_hex
from refmatte_engine.records import KindOfThing


class Groups(Strict):
    """RefMatte's balancing: each group has so many foregrounds of each kind, repeating scarce ones,
    and gives `images` images; images past `count` groups draw from everything."""

    human: Annotated[int, Field(ge=0, le=100)] = 5
    animal: Annotated[int, Field(ge=0, le=100)] = 1
    object: Annotated[int, Field(ge=0, le=100)] = 1
    images: dict[str, Annotated[int, Field(ge=1)]]
    count: dict[str, Count]

    def of(self, kind: KindOfThing) -> int:
        """How many foregrounds of `kind` a group has."""
        return int(getattr(self, kind))


class ImageFormat(Strict):
    """The encoding of images; alphas are always 8-bit PNG."""

    format: Literal["jpg", "png"] = "jpg"
    quality: Annotated[int, Field(ge=1, le=100)] = 95


def _named_function(value: Any) -> Any:
    """A function by its name, by which workers import it."""
    if not callable(value):
        return value
    name = f"{value.__module__}:{getattr(value, '__qualname__', '<no name>')}"
    if "<" in name or name.startswith("__main__:"):
        raise ValueError(f"{name} cannot be imported by workers: put it in a module of its own")
    return name


Function = Annotated[
    str,
    BeforeValidator(_named_function),
    Field(
        pattern=r"^[A-Za-z_]\w*(\.\w+)*:[A-Za-z_]\w*(\.\w+)*$",
        json_schema_extra={"allowed": "module:function, such as my_lights:relight"},
    ),
]
NOT_BOTH = (
    "siblings: the layout makes counterfactual pairs, and no image can be both; leave siblings "
    "out, or write `counterfactual: 0` into a copy of the layout"
)
UNNAMED = "rim"  # what a run is called that has no name; its samples are too


class Run(Strict):
    """templates/runs/*.yaml. `layout` and `expressions` name template files; `packs` names folders,
    or "studio" for the bundled pack. `also` asks for more kinds of sentences (None: those of the
    template file); `max_replaced` is the share of images that may be replaced by other scenes, or
    omitted, before the finished run counts as failed. `split_by` says what else decides what is in
    which split; of packs only what has one of `allow_licences` is used (None: all). `relight` is a
    function of yours that gives things the background's light, by its name or itself. Of so many
    images each, `siblings`, the things, their places and the sentences are the same (None: of no
    two)."""

    name: Name = UNNAMED
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    packs: Annotated[list[str], Field(min_length=1)] = [resources.STUDIO]
    test_share: Share = 0.1
    splits: Annotated[dict[Name, Count], Field(min_length=1)]
    kinds: dict[KindOfThing, Weight] | None = None
    groups: Groups | None = None
    layout: LayoutRules = LayoutRules()
    expressions: str = "english"
    image: ImageFormat = ImageFormat()
    also: tuple[Literal["group", "none"], ...] | None = None
    shard_size: Annotated[int, Field(ge=1, le=100_000)] = 16
    siblings: Annotated[int, Field(ge=2, le=1000)] | None = None
    max_replaced: Share = 0.02
    split_by: SplitRules | None = None
    allow_licences: Annotated[list[Word], Field(min_length=1)] | None = None
    relight: Function | None = None

    @field_validator("splits")
    @classmethod
    def _some_image(cls, splits: dict[str, int]) -> dict[str, int]:
        if not any(splits.values()):
            raise ValueError("splits need a number of images above 0")
        return splits

    @field_validator("kinds")
    @classmethod
    def _some_kind(cls, kinds: dict[KindOfThing, float] | None) -> dict[KindOfThing, float] | None:
        if kinds is not None and not any(kinds.values()):
            raise ValueError("kinds need a weight above 0")
        return kinds

    @model_validator(mode="after")
    def _splits_are_there(self) -> Run:
        if self.split_by and (problem := self.split_by.problem(self.splits)):
            raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _one_kind_of_group(self) -> Run:
        if self.siblings and isinstance(self.layout, LayoutRules) and self.layout.counterfactual:
            raise ValueError(NOT_BOTH)
        return self

    @property
    def shard_images(self) -> int:
        """How many images a shard has: `shard_size`, or as many as whole groups of siblings are."""
        each = self.siblings or 1
        return max(each, self.shard_size - self.shard_size % each)

    def sample_name(self, split: str, index: int) -> str:
        """The name of image `index` of a split: the stem of its files."""
        return f"{self.name}_{split}_{sample_hex(self.seed, split, index)}"

    def described(self) -> dict[str, Any]:
        """The run as JSON values. Keys that not every version knows are left out where they say
        nothing, so that a dataset begun by an earlier one goes on."""
        newer = ("split_by", "allow_licences", "relight", "siblings")
        silent = {key for key in newer if getattr(self, key) is None}
        return self.model_dump(mode="json", exclude=silent)

    @property
    def expressions_file(self) -> Path:
        """The template file of the expressions. InputError if it does not exist."""
        return resources.template(self.expressions, "expressions")

    def without(self, split: str) -> str:
        """How to make the run without `split`, as the end of an advice; nothing if no other split
        has images."""
        others = any(images for name, images in self.splits.items() if name != split)
        said = f", or write `splits: {{{split}: 0}}` into a copy of the run file"
        return said if others else ""

    def limited(self, images: int) -> Run:
        """The same run with `images` images in total, splits in proportion (largest remainder).
        InputError unless that is a whole number above 0.

        Samples keep their content: sample i does not depend on the number of samples.
        """
        if not isinstance(images, int) or isinstance(images, bool) or images < 1:
            raise InputError("images", f"{images!r} is not a number of them", allowed="1 and more")
        total = sum(self.splits.values())
        exact = {split: images * count / total for split, count in self.splits.items()}
        given = {split: int(value) for split, value in exact.items()}
        by_rest = sorted(exact, key=lambda split: given[split] - exact[split])
        for split in by_rest[: images - sum(given.values())]:
            given[split] += 1
        return changed(self, {"splits": given})


class _RunFile(Run):
    """The run as written: `layout` is the name of a layout template."""

    layout: str = "refmatte"  # type: ignore[assignment]


def load_run(path: str | Path) -> Run:
    """The run in a YAML file, with its layout template loaded.

    `path` is a file or the name of a bundled run ("demo"). Pack folders are relative to the file.
    InputError names file:line, the value and what is allowed.
    """
    file = resources.template(path, "runs")
    data, lines = strict_yaml.read_mapping(file)
    written = strict_yaml.parse(_RunFile, data, file, lines)
    for split in written.splits if written.groups else ():
        for key in ("images", "count"):
            if split not in getattr(written.groups, key):
                raise InputError(
                    _at(file, lines, "groups", key), f"groups.{key}: the split {split!r} is missing"
                )
    found = {
        key: _template(getattr(written, key), folder, file, lines, key)
        for key, folder in (("layout", "layouts"), ("expressions", "expressions"))
    }
    layout = strict_yaml.load(LayoutRules, found["layout"])
    if written.siblings and layout.counterfactual:
        raise InputError(_at(file, lines, "siblings"), NOT_BOTH)
    return Run(
        **written.model_dump(exclude={"layout", "expressions", "packs", "split_by"}),
        split_by=_with_file(written, file, lines),
        packs=[resources.pack_name(pack, file.parent) for pack in written.packs],
        layout=layout,
        expressions=_named(found["expressions"]),
    )


def check_run(run: object) -> None:
    """InputError for what is no run, such as the name of one."""
    if not isinstance(run, Run):
        name = str(run) if isinstance(run, str | Path) else "demo"
        todo = f"load it first: load_run({name!r})"
        raise InputError("run", f"{run!r} is none", allowed="what load_run gives", todo=todo)


def rules_with(rules: SplitRules, path: Path, splits: Mapping[str, int]) -> SplitRules:
    """The rules with what stands in the split file at `path`, for a run with these `splits`.
    InputError names what is wrong with it."""
    said = {**rules.model_dump(exclude_none=True), "file": split_rules.read(path)}
    made = strict_yaml.parse(SplitRules, said, path)
    if problem := made.problem(splits):
        raise InputError(path, problem)
    return made


def changed(run: Run, values: Mapping[str, object], where: object = "the command line") -> Run:
    """`run` with some keys changed, checked as a run file is. InputError names the key."""
    return strict_yaml.parse(Run, {**run.model_dump(), **values}, where)


def from_manifest(data: Any, where: object) -> Run:
    """The run that a manifest records (its key `run`, as JSON). InputError names what is invalid;
    `where` is the manifest."""
    if not isinstance(data, dict):
        raise InputError(where, "run: must be a mapping of keys to values")
    return strict_yaml.parse(Run, data, where)


def _with_file(run: Run, file: Path, lines: Lines) -> SplitRules | None:
    """The run's rules with what stands in their split file, which lies beside the run file."""
    rules = run.split_by
    if rules is None or not isinstance(rules.file, str):
        return rules
    path = file.parent / Path(rules.file).expanduser()
    if not path.is_file():
        where = _at(file, lines, "split_by", "file")
        raise InputError(where, f"split_by.file: there is no file {rules.file!r}")
    return rules_with(rules, path, run.splits)


def _template(name: str, folder: str, file: Path, lines: Lines, key: str) -> Path:
    """The template file that a run file names. InputError gives the line in the run file."""
    try:
        return resources.template(name, folder, beside=file.parent)
    except InputError as error:
        raise InputError(
            _at(file, lines, key),
            f"{key}: {error.where}: {error.problem}",
            allowed=error.allowed,
            todo=error.todo,
        ) from None


def _at(file: Path, lines: Lines, *key: str) -> str:
    return f"{file}:{lines.get(key) or lines.get(key[:1]) or 1}"


def _named(path: Path) -> str:
    """A bundled template by its bare name, so that manifests contain no machine's paths."""
    return path.stem if path.is_relative_to(resources.TEMPLATES) else str(path.resolve())
