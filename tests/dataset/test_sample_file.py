"""samples.jsonl: any sample is found by its number as it is in its turn."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.dataset import sample_file
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.dataset.sample_file import SampleFile
from refmatte_engine.errors import InputError
from tests.support.drawn import drawn_dataset


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "drawn"
    drawn_dataset(folder, {"train": 5, "test": 2})
    return folder


@given(st.lists(st.text(st.characters(exclude_characters="\n"), max_size=5), max_size=9))
def test_lines_are_found_where_they_begin(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    """Of whatever they consist, and whether or not the last one ends."""
    path = tmp_path_factory.mktemp("lines") / "samples.jsonl"
    for text in ("\n".join(lines), "".join(f"{line}\n" for line in lines)):
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sample_file, "BLOCK", 3)
            patch.setattr(SampleFile, "parsed", lambda self, line, number: (line, number))
            file = SampleFile(path, "train")
            assert [file[i] for i in range(len(file))] == [
                (line, i) for i, line in enumerate(file.lines())
            ]


def test_a_sample_by_its_number_is_the_one_in_its_turn(root: Path) -> None:
    dataset = Dataset(root)
    for split in dataset.splits:
        every = list(dataset.samples(split))
        assert [dataset.sample(split, number) for number in range(len(every))] == every
        for number in (-1, len(every)):
            with pytest.raises(IndexError):
                dataset.sample(split, number)


@pytest.mark.parametrize("line", [b"\xff\n", b"{}\n", b"[[\n", b"\n", b"[" * 100_000 + b"\n"])
def test_a_line_that_is_no_sample_is_named(root: Path, tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_bytes((root / "train/samples.jsonl").read_bytes() + line)
    file = SampleFile(path, "train")
    assert file[4].index == 4
    with pytest.raises(InputError, match=r"samples\.jsonl:6: is not a sample record"):
        _ = file[5]
    path.unlink()
    with pytest.raises(InputError, match=r"samples\.jsonl: cannot be read: No such file"):
        list(file.lines())
    with pytest.raises(InputError, match=r"samples\.jsonl: cannot be read: No such file"):
        len(SampleFile(path, "train"))
