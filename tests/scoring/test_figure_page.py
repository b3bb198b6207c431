"""Pages of figures: what they are written over, and that texts fill no places."""

from __future__ import annotations

from pathlib import Path

import pytest

from refmatte_engine.audit import page as audit
from refmatte_engine.errors import InputError
from refmatte_engine.scoring import figure_page, report

PAGES = [(audit.TEMPLATE, "an audit"), (report.TEMPLATE, "a report")]


@pytest.mark.parametrize(("template", "name"), PAGES)
def test_a_folder_takes_its_own_page_alone(tmp_path: Path, template: Path, name: str) -> None:
    figure_page.check(tmp_path / "new", template, name)
    for other, of in PAGES:
        (tmp_path / "index.html").write_bytes(other.read_bytes())
        if of == name:
            figure_page.check(tmp_path, template, name)
            continue
        with pytest.raises(InputError, match=f"index.html: exists and is not {name}"):
            figure_page.check(tmp_path, template, name)
    with pytest.raises(InputError, match="is not a folder"):
        figure_page.check(tmp_path / "index.html", template, name)


def test_parts_are_filled_in_once_with_the_one_style(tmp_path: Path) -> None:
    template = tmp_path / "page.html"
    template.write_text("<style>@STYLE@</style>@TITLE@ @TABLE@")
    parts = {"TITLE": "@TABLE@ \ud800", "TABLE": "1"}
    text = figure_page.write(tmp_path, template, parts).read_text("utf-8")
    assert text == f"<style>{figure_page.STYLE.read_text('utf-8')}</style>@TABLE@ ? 1"
    for real, _ in PAGES:
        assert real.read_text("utf-8").count("@STYLE@") == 1
