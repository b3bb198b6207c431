"""The review of a pack: its data, its page in a browser, and edits that come back as labels."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.images import foreground_color, image_io
from refmatte_engine.packs import catalog, estimation, pack, review
from tests.conftest import RED, disc, landscape, make_pack, write_png
from tests.dataset.test_gallery import ARGUMENTS, CHROMIUM

HOSTILE = "</script><img src=x onerror=document.title='owned'><!--"


def built(root: Path, out: Path, cache: Path) -> Path:
    loaded = catalog.load([root], cache=cache)
    return review.build(pack.read(root), loaded, out, workers=1)


def assets_of(page: Path) -> list[dict[str, Any]]:
    """The assets in all parts beside the page."""
    made: list[dict[str, Any]] = []
    for file in sorted((page.parent / "parts").glob("assets_*.js")):
        call = re.fullmatch(r"addAssets\((.*)\);\n", file.read_text("ascii"))
        assert call
        made += json.loads(call[1])
    return made


def data_of(page: Path) -> dict[str, Any]:
    text = page.read_text("utf-8")
    found = re.search(r'<script type="application/json" id="review">(.*?)</script', text, re.S)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A pack with a pair, a thing that is left out, and a hostile label."""
    home = make_pack(tmp_path / "my <pack>")
    write_png(home / "foregrounds/jar/flat.png", landscape(1))
    write_png(home / "foregrounds/jar/pair.png", landscape(2, (96, 96)))
    write_png(home / "alphas/jar/pair.png", disc(RED)[..., 3])
    with (home / "labels.jsonl").open("a") as file:
        label = {"file": "jar/pair.png", "category": "jar", "attributes": {"note": HOSTILE}}
        file.write(json.dumps(label) + "\n")
    return home


def test_the_page_shows_all_that_is_known_and_what_is_left_out(root: Path, tmp_path: Path) -> None:
    page = built(root, tmp_path / "out", tmp_path / "cache")
    data, assets = data_of(page), {each["id"]: each for each in assets_of(page)}
    assert (data["foregrounds"], data["backgrounds"], data["parts"]) == (10, 3, 1)
    assert data["terms"]["licence"] == "CC0-1.0"
    assert data["files"] == ["labels.jsonl"]
    assert [each["message"][:20] for each in data["left_out"]] == ["has no alpha channel"]
    assert (page.parent / "pictures" / f"{data['left_out'][0]['picture']}_thumb.webp").is_file()
    assert len(assets) == 13
    ring, box, land = (assets[f"tiny/{i}"] for i in ("ring/ring", "box/box", "land_0"))
    assert [len(ring["holes"]), ring["parts"], ring["label"]["category"]] == [1, [1.0], "ring"]
    assert ["color", "red"] in assets["tiny/ball/ball_red"]["measured"]
    assert box["notes"][0].startswith("its alpha is a mask of 0 and 255")
    assert (land["ground"], land["horizon"]) == ([0.55, 0.98], 0.5)
    assert (land["ground_from"], land["estimate"]) == ("labelled", None)
    assert data["entries"][ring["entry"]][0] == "foregrounds/ring/ring.png"
    assert assets["tiny/jar/pair"]["label"]["attributes"] == {"note": HOSTILE}
    for asset in assets.values():
        with Image.open(page.parent / "pictures" / f"{asset['picture']}_view.webp") as view:
            assert max(view.size) == max(asset["size"])
            assert view.mode == ("RGB" if "ground" in asset or asset is box else "RGBA")
    text = page.read_text("utf-8")
    assert text.count("<") == review.TEMPLATE.read_text("utf-8").count("<")


def test_a_second_review_draws_only_what_is_new(root: Path, tmp_path: Path) -> None:
    page = built(root, tmp_path / "out", tmp_path / "cache")
    before = {f: f.stat().st_mtime_ns for f in (page.parent / "pictures").iterdir()}
    text = page.read_bytes()
    write_png(root / "foregrounds/ball/new.png", disc((10, 90, 200)))
    assert built(root, tmp_path / "out", tmp_path / "cache") == page
    after = {f: f.stat().st_mtime_ns for f in (page.parent / "pictures").iterdir()}
    kept = {f: t for f, t in after.items() if f in before and "left" not in f.name}
    assert {f for f, t in kept.items() if t != before[f]} <= {
        page.parent / "pictures" / f"{data_of(page)['left_out'][0]['picture']}_thumb.webp"
    }
    assert len(after) == len(before) + 3  # a view, a thumbnail, and what was measured
    assert page.read_bytes() != text
    # What is measured follows from labels, too.
    lines = (root / "labels.jsonl").read_text()
    (root / "labels.jsonl").write_text(lines.replace('"rubber"', '"glass", "transparent": true'))
    built(root, tmp_path / "out", tmp_path / "cache")
    assets = {each["id"]: each for each in assets_of(page)}
    assert assets["tiny/ball/ball_red"]["measured"] == []
    assert assets["tiny/ball/new"]["measured"] != []


def test_the_edge_is_where_most_is_half_clear() -> None:
    alpha = np.zeros((300, 400), np.uint8)
    alpha[:, :200] = 255
    alpha[200:260, 180:220] = 128
    rows, columns = review._edge(alpha)
    assert rows.start <= 200 <= 260 <= rows.stop
    assert columns.start <= 180 <= 220 <= columns.stop
    assert review._edge(alpha[:20, :30]) == (slice(0, 20), slice(0, 30))


def test_a_folder_that_holds_something_else_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="holds something that is no review; name a new folder"):
        built(root, tmp_path / "out", tmp_path / "cache")
    with pytest.raises(InputError, match="lies among the pack's pictures in foregrounds"):
        built(root, root / "foregrounds" / "page", tmp_path / "cache")
    with pytest.raises(RefMatteError, match="cannot be written"):
        built(root, tmp_path / "out" / "thesis.txt" / "page", tmp_path / "cache")


def test_the_template_names_nothing_outside() -> None:
    template = review.TEMPLATE.read_text("utf-8")
    assert template.count("@REVIEW@") == 1
    assert re.findall(r"https?://", template) == []
    for dangerous in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert dangerous not in template


@pytest.fixture
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no chromium at /usr/bin/chromium")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield opened
        opened.close()


def opened(browser: Any, page: Path, said: list[str], width: int = 1200) -> Any:
    context = browser.new_context(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(300_000)
    context.on("console", lambda message: said.append(message.text))
    context.on("weberror", lambda error: said.append(str(error.error)))
    context.on(
        "request",
        lambda r: None if r.url[:5] in ("file:", "data:", "blob:") else said.append(r.url),
    )
    return window(context, page)


def window(context: Any, page: Path) -> Any:
    shown = context.new_page()
    shown.goto(page.as_uri())
    shown.locator("#found", has_text="picture").wait_for()
    return shown


def show(shown: Any, name: str) -> None:
    shown.locator(".tile", has_text=name).first.click()
    shown.locator("#detail[open]").wait_for()


def field(shown: Any, title: str) -> Any:
    return shown.locator("form label", has_text=title).locator("input, select, textarea")


@pytest.mark.parametrize("files", ["jsonl", "yaml", "none"])
def test_edits_come_back_as_labels(root: Path, tmp_path: Path, browser: Any, files: str) -> None:
    """What is edited in the page holds in the pack, and all else is as it was."""
    cache, said = tmp_path / "cache", list[str]()
    lines = [json.loads(line) for line in (root / "labels.jsonl").read_text().splitlines()]
    if files != "jsonl":
        (root / "labels.jsonl").unlink()
    if files == "yaml":
        pairs = (f"{json.dumps(line.pop('file'))}: {json.dumps(line)}\n" for line in lines)
        (root / "labels.yaml").write_text("# by hand\n" + "".join(pairs))
    before = catalog.load([root], cache=cache)
    page = built(root, tmp_path / "out", cache)
    shown = opened(browser, page, said)
    show(shown, "ball/ball_red.png")
    field(shown, "Category").fill("beach ball")
    field(shown, "Attributes").fill('color: red, white\nclothes: [{"type": "bow", "color": "red"}]')
    shown.locator("form label", has_text="may be mirrored").locator("input").uncheck()
    field(shown, "Cut off at").fill("bottom")
    field(shown, "On a ground").select_option("flat")
    shown.keyboard.press("Escape")
    show(shown, "jar/pair.png")
    field(shown, "Kind").select_option("animal")
    for posture in ("flat", "", "hanging"):
        field(shown, "On a ground").select_option(posture)
    shown.locator("#close").click()
    show(shown, "land_1.jpg")
    for title, value, held in (
        ("Ground, bottom", "0.98", 0.98),
        ("Horizon", "1", 0.975),  # above the end of the ground, as that is below it
        ("Ground, bottom", "0.2", 0.98),
        ("Horizon", "0.3", 0.3),
        ("Ground, top", "0.6", 0.6),
        ("Ground, bottom", "0.9", 0.9),
    ):
        field(shown, title).fill(value)
        assert float(field(shown, title).input_value()) == held
    field(shown, "Light").select_option("left")
    shown.locator("#close").click()
    other = window(shown.context, page)  # closing this one loses nothing
    other.locator("#save", has_text="3 edits").wait_for()
    show(other, "ball/ball_blue.png")
    field(other, "Category").fill("globe")
    shown.locator("#save", has_text="4 edits").wait_for()
    other.locator(".small", has_text="Undo").click()
    shown.locator("#save", has_text="3 edits").wait_for()
    with shown.expect_download() as saving:
        shown.locator("#save").click()
    name = "labels.yaml" if files == "yaml" else "labels.jsonl"
    assert saving.value.suggested_filename == name
    saving.value.save_as(root / name)

    after = catalog.load([root], cache=cache)
    assert after.problems == before.problems
    ball = after.foregrounds["tiny/ball/ball_red"]
    assert (ball.category, ball.flippable, ball.cut_edges) == ("beach ball", False, ("bottom",))
    assert ball.posture == "flat"
    told = [(fact.name, fact.value, fact.part) for fact in ball.attributes]
    assert told == [("color", "red", ""), ("color", "white", ""),
                    ("clothes", "bow", ""), ("color", "red", "bow")]  # fmt: skip
    jar = after.foregrounds["tiny/jar/pair"]
    assert (jar.kind, jar.posture) == ("animal", "hanging")
    place = after.backgrounds["tiny/land_1"]
    assert (place.horizon_norm, place.ground_norm, place.light) == (0.3, (0.6, 0.9), "left")
    touched = {"tiny/ball/ball_red", "tiny/jar/pair", "tiny/land_1"}
    for was, now in (
        (before.foregrounds, after.foregrounds),
        (before.backgrounds, after.backgrounds),
    ):
        assert {k: v for k, v in was.items() if k not in touched} == {
            k: v for k, v in now.items() if k not in touched
        }
    assert said == []


def test_wrong_input_is_told_and_changes_nothing(root: Path, tmp_path: Path, browser: Any) -> None:
    said: list[str] = []
    shown = opened(browser, built(root, tmp_path / "out", tmp_path / "cache"), said, 390)
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    show(shown, "ball/ball_red.png")
    for title, value, told in (
        ("Cut off at", "under", "Cut off at under? Allowed: left, top, right, bottom."),
        ("Attributes", "red", "“red” is not of the form name: value."),
        ("Attributes", "color: [red", "color: [red is not valid JSON."),
        ("Attributes", "color: red\ncolor: blue", "color is said twice."),
    ):
        field(shown, title).fill(value)
        assert shown.locator("#wrong").inner_text() == told
    assert shown.locator("#save").is_disabled()
    shown.keyboard.press("Escape")
    assert shown.evaluate("document.activeElement.textContent").endswith("ball/ball_red.png")
    shown.keyboard.press("Enter")
    shown.locator("#close").focus()
    shown.keyboard.press("ArrowRight")
    assert shown.locator("#name").inner_text().startswith("3 of 13 · foregrounds/")
    shown.locator("#close").click()
    shown.locator("#remark").select_option("with notes")
    assert shown.locator(".tile").count() == shown.locator(".badge:not(.edited)").count() > 0
    assert shown.title() == "tiny · review"
    assert said == []


def test_many_cut_outs_stay_usable(tmp_path: Path, browser: Any) -> None:
    """A page of thousands draws only what is near, whatever its data say."""
    page = built(make_pack(tmp_path / "p"), tmp_path / "out", tmp_path / "cache")
    asset = next(each for each in assets_of(page) if "category" in each)
    many = [asset | {"file": f"foregrounds/ball/{i}.png", "id": f"tiny/{i}"} for i in range(4000)]
    (page.parent / "parts" / "assets_00000.js").write_text(f"addAssets({json.dumps(many)});\n")
    said: list[str] = []
    shown = opened(browser, page, said)
    assert shown.locator("#found").inner_text() == "4,000 pictures"
    assert 0 < shown.locator(".tile").count() < 1000
    shown.locator("#words").fill("/3999.png")
    shown.locator("#found", has_text="1 of 4,000 pictures").wait_for()
    assert said == []


def test_of_pairs_an_edge_is_shown_before_and_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Estimating is tested elsewhere, and compiling it takes long.
    monkeypatch.setattr(foreground_color, "own_color", lambda colors, alpha: (255 - colors, 1.5))
    home = make_pack(tmp_path / "p")
    write_png(home / "foregrounds/jar/pair.png", landscape(2, (96, 96)))
    write_png(home / "alphas/jar/pair.png", disc(RED, soft=20)[..., 3])
    loaded = estimation.estimated(catalog.load([home], cache=tmp_path / "cache"), workers=1)
    page = review.build(pack.read(home), loaded, tmp_path / "out", workers=1)
    pair = next(each for each in assets_of(page) if each["file"] == "foregrounds/jar/pair.png")
    assert (pair["edge"], pair["error"], pair["colors"]) == (True, 1.5, "mixed")
    stem = page.parent / "pictures" / pair["picture"]
    before, after = (
        image_io.read_rgba(Path(f"{stem}_{what}.webp")) for what in ("before", "after")
    )
    soft = (before[..., 3] > 0) & (before[..., 3] < 255)
    assert np.array_equal(before[..., 3], after[..., 3])
    assert np.array_equal(before[soft, :3], 255 - after[soft, :3])
