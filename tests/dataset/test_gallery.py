"""The gallery: its data for any text, its page in a real browser, the contact sheet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.dataset import contact_sheet, gallery
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.records import Attribute, Clause, Expression, to_json
from tests.support.drawn import SIZE_HW, draw_sample, drawn_dataset

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
HOSTILE = "</script><img src=x onerror=document.title='owned'><!--"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery") / "drawn"
    drawn_dataset(folder, {"train": 9, "test": 3})
    return folder


def data_of(page: str) -> Any:
    """What a browser would parse: the text up to the first end tag."""
    found = re.search(r'<script type="application/json" id="dataset">(.*?)</script', page, re.S)
    assert found
    return json.loads(found[1])


def parts(page: Path, name: str) -> list[Any]:
    """The images, or their details, in all parts beside the page."""
    made: list[Any] = []
    for file in sorted((page.parent / "parts").glob(f"{name}_*.js")):
        call = re.fullmatch(r"add(?:Images|Details)\((\d+), (.*)\);\n", file.read_text("ascii"))
        assert call
        assert int(call[1]) == len(made)
        made += json.loads(call[2])
    return made


@given(text=st.text(min_size=1) | st.just(HOSTILE) | st.just("<!--<script>"))
def test_any_text_survives_the_parts(
    root: Path, tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    dataset = Dataset(root)
    sample = next(dataset.samples())
    expression = Expression(text, text, (Clause("category", text),), (1,), text)
    entities = tuple(replace(entity, category=text) for entity in sample.entities)
    sample = replace(sample, expressions=(expression,), entities=entities)
    folder = tmp_path_factory.mktemp("parts")
    gallery._write_part(dataset, folder, [sample], 0)
    (image,), (detail,) = (parts(folder / "page", name) for name in ("images", "details"))
    assert image["expressions"][0]["text"] == image["entities"][1]["category"] == text
    assert detail["proofs"] == [[[f"category = {text.replace('_', ' ')}", [], None, True]]]


@given(text=st.text(min_size=1) | st.just(HOSTILE) | st.just("<!--<script>"))
def test_no_text_of_a_manifest_becomes_markup(root: Path, text: str) -> None:
    dataset = Dataset(root)
    dataset.manifest["licences"] = {text: {"licence": text}}
    page = gallery._page(dataset, {"images": 1})
    assert data_of(page)["origin"][0] == f"Assets “{text}”: {text}"
    assert page.count("<") == gallery.TEMPLATE.read_text(encoding="utf-8").count("<")


def test_build_writes_one_page_and_one_thumbnail_an_image(root: Path) -> None:
    calls: list[tuple[int, int]] = []
    page = gallery.build(root, progress=lambda done, total: calls.append((done, total)))
    assert page == root / "gallery" / "index.html"
    assert calls == [(n, 12) for n in range(1, 13)]
    data = data_of(page.read_text(encoding="utf-8"))
    assert (data["images"], data["name"], data["seed"]) == (12, "drawn", 7)
    assert (data["entities"], data["expressions"]) == (24, 72)
    assert data["origin"][0] == "Assets “drawn”: CC0, drawn by the tests, nobody"
    assert data["origin"][1].startswith("Scenes drawn again: 4 (")
    assert len(parts(page, "images")) == len(parts(page, "details")) == 12
    for image in parts(page, "images"):
        thumb = cv2.imread(str(page.parent / image["split"] / f"{image['name']}.webp"))
        original = cv2.imread(str(root / image["split"] / "img" / f"{image['name']}.jpg"))
        assert thumb is not None
        assert original is not None
        assert thumb.shape == original.shape
        assert np.abs(thumb.astype(int) - original).mean() < 4


def test_a_second_build_draws_only_what_changed_and_writes_the_same(root: Path) -> None:
    page = gallery.build(root)
    before, thumbs = page.read_bytes(), sorted(page.parent.rglob("*.webp"))
    times = [thumb.stat().st_mtime_ns for thumb in thumbs]
    assert gallery.build(root).read_bytes() == before
    assert [thumb.stat().st_mtime_ns for thumb in thumbs] == times


def test_limit_shows_the_first_images_and_says_of_how_many(root: Path, tmp_path: Path) -> None:
    drawn_dataset(tmp_path / "few", {"train": 4})
    page = gallery.build(tmp_path / "few", limit=2)
    data = data_of(page.read_text(encoding="utf-8"))
    assert (data["images"], len(parts(page, "images")), data["total"]) == (2, 2, 4)


def test_the_page_names_nothing_outside_the_dataset() -> None:
    template = gallery.TEMPLATE.read_text(encoding="utf-8")
    assert template.count("@DATASET@") == 1
    namespace = "http://www.w3.org/2000/svg"
    assert set(re.findall(r"https?://[^\s\"'<]*", template)) <= {namespace}
    for dangerous in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert dangerous not in template


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        (Clause("category", "mug"), "category = mug"),
        (Clause("attribute", "color", "red"), "color = red"),
        (Clause("attribute", "color", "red", part="sweater"), "sweater color = red"),
        (Clause("attribute", "transparent", "transparent", negated=True),
         "transparent ≠ transparent"),
        (Clause("position", "far_left"), "position = far left"),
        (Clause("relation", "between", targets=((Clause("category", "a"),),) * 2),
         "between (category = a) (category = a)"),
        (Clause("relation", "above", negated=True, targets=((Clause("category", "a"),),)),
         "¬ above (category = a)"),
    ],
)  # fmt: skip
def test_clauses_read_like_notes(clause: Clause, text: str) -> None:
    assert gallery.clause_text(clause) == text


def test_attributes_are_grouped_and_doubts_come_last(root: Path) -> None:
    entity = next(Dataset(root).samples()).entities[0]
    facts = [("color_perhaps", "pink"), ("color", "red"), ("salient", "true"), ("color", "white")]
    attributes = (*(Attribute(n, v, "measured") for n, v in facts),
                  Attribute("color", "blue", "labelled", part="shirt"))  # fmt: skip
    assert gallery._attributes(replace(entity, attributes=attributes)) == [
        ("color", "red, white"), ("salient", "yes"), ("shirt color", "blue"),
        ("color perhaps", "pink"),
    ]  # fmt: skip


def test_names_that_leave_the_folder_are_refused(tmp_path: Path) -> None:
    drawn_dataset(tmp_path / "d", {"train": 1})
    lines = tmp_path / "d" / "train" / "samples.jsonl"
    lines.write_text(lines.read_text().replace("rim_train_00000000", "../../../x"))
    with pytest.raises(InputError, match=re.escape("'../../../x' is not an image name")):
        gallery.build(tmp_path / "d")


def test_errors_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest\.json: no such file"):
        gallery.build(tmp_path)
    drawn_dataset(tmp_path / "d", {"train": 1})
    (tmp_path / "d" / "gallery").write_text("a file in the way")
    with pytest.raises(RefMatteError, match=r"gallery: cannot be written: .*; copy the dataset to"):
        gallery.build(tmp_path / "d")
    with pytest.raises(InputError, match=r"allowed: \.jpg, \.png, \.webp"):
        contact_sheet.contact_sheet(tmp_path / "d", tmp_path / "sheet.gif")


@pytest.mark.parametrize("suffix", contact_sheet.SHEET_FORMATS)
def test_a_contact_sheet_depends_on_its_seed_alone(root: Path, tmp_path: Path, suffix: str) -> None:
    sheets = [
        contact_sheet.contact_sheet(root, tmp_path / f"{name}{suffix}", 5, seed).read_bytes()
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert sheets[0] == sheets[1] != sheets[2]
    sheet = cv2.imread(str(tmp_path / f"a{suffix}"))
    assert sheet is not None
    assert sheet.shape[1] == contact_sheet.SHEET_WIDTH_PX


def test_a_contact_sheet_dims_all_but_the_referent(root: Path) -> None:
    dataset = Dataset(root)
    sample = next(dataset.samples())
    before, after = contact_sheet._before_and_after(
        dataset, sample, sample.expressions[0], (240, 160)
    )
    assert np.array_equal(after[80, 60], before[80, 60])
    assert np.all(after[80, 180] < 0.2 * before[80, 180] + 1)


def test_sentences_are_wrapped_not_cut() -> None:
    font = contact_sheet.ImageFont.load_default(20)
    text = "the red mug to the left of the blue mug on the far right of the picture"
    lines = contact_sheet._wrapped(text, font, 200)
    assert " ".join(lines) == text
    assert all(font.getlength(line) <= 200 for line in lines)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A gallery in a real browser, one sample of it hostile; fails on any console message."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no chromium at /usr/bin/chromium")
    root = tmp_path_factory.mktemp("browser") / "a #1 dataset?"
    drawn_dataset(root, {"train": 60, "test": 20})
    (root / "test" / "samples.jsonl").unlink()
    samples = [draw_sample(root / "test", "test", i, HOSTILE) for i in range(20)]
    lines = (json.dumps(to_json(sample)) + "\n" for sample in samples)
    (root / "test" / "samples.jsonl").write_text("".join(lines))
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        opened = browser.new_page(viewport={"width": 1200, "height": 800}, reduced_motion="reduce")
        opened.set_default_timeout(300_000)
        said: list[str] = []
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.on(
            "request", lambda r: None if r.url[:5] in ("file:", "data:") else said.append(r.url)
        )
        opened.goto(gallery.build(root).as_uri())
        yield opened
        assert said == []
        browser.close()


def test_a_large_dataset_opens_at_once_and_goes_on_when_asked(
    page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or as far as an address asks that names an image."""
    for name, value in {"PART": 2, "DETAIL": 2, "AHEAD": 4}.items():
        monkeypatch.setattr(gallery, name, value)
    drawn_dataset(tmp_path / "many", {"train": 9})
    opened = page.context.browser.new_page()
    opened.goto(gallery.build(tmp_path / "many").as_uri())
    for loaded, asked in ((4, "Load 4 more"), (8, "Load 1 more")):
        opened.get_by_text(f"{loaded} of 9 loaded").wait_for()
        opened.get_by_role("button", name=asked).click()
    opened.wait_for_function("images.size === 9")
    assert opened.locator("#further").is_hidden()
    assert "loaded" not in opened.locator("#found").inner_text()
    image = opened.evaluate("[...images.keys()][6]")
    opened.goto(f"{opened.url.split('#')[0]}#image={image}")
    opened.reload()
    opened.locator("#detail[open]").wait_for()
    assert opened.evaluate("images.size") == 8
    opened.close()


@pytest.fixture
def fresh(page: Any) -> Any:
    address = page.url.split("#")[0]
    page.goto("about:blank")  # or what was chosen last might still be written into the address
    page.goto(address)
    return page


def drawn(page: Any) -> None:
    """Waits until the stage's pictures are there and what was changed has been drawn: two frames,
    however long they take."""
    page.evaluate("""() => Promise.all([...document.querySelectorAll("#stage image")].map(shown => {
        const picture = new Image();
        picture.src = shown.href.baseVal;
        return picture.decode();
    })).then(() => new Promise(
        done => requestAnimationFrame(() => requestAnimationFrame(done))))""")


def pixels(page: Any, selector: str = "#stage") -> np.ndarray:
    """What the browser shows of an element once it changes no more, uint8 RGB."""
    before, shot = b"", b"-"
    while shot != before:
        drawn(page)
        before, shot = shot, page.locator(selector).screenshot(animations="disabled")
    decoded = cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded[..., ::-1]


def image_box(page: Any) -> tuple[float, float, float]:
    """Left, top and scale of the image inside #stage."""
    return tuple(
        page.evaluate("""() => {
            const stage = document.getElementById("stage"), m = stage.getScreenCTM();
            const box = stage.getBoundingClientRect();
            return [m.e - box.left, m.f - box.top, m.a];
        }""")
    )


def staged(page: Any) -> tuple[np.ndarray, float, float, float]:
    """The stage's pixels, and where in them the image lies: left, top and scale.

    The stage is laid out again when the details come that it makes room for, so the box is read
    before and after the picture is taken, until both agree.
    """
    after, box, shown = image_box(page), None, None
    while after != box:
        box, shown = after, pixels(page)
        after = image_box(page)
    assert shown is not None
    return shown, *after


def color_at(page: Any, x: int, y: int = 80) -> np.ndarray:
    shown, left, top, scale = staged(page)
    return shown[round(top + y * scale), round(left + x * scale)].astype(int)


def test_filters_count_and_combine(fresh: Any) -> None:
    found = fresh.locator("#found")
    assert found.inner_text() == "80 images, 480 sentences"
    fresh.select_option("[data-facet=split]", "train")
    assert found.inner_text() == "60 images, 360 sentences"
    fresh.select_option("[data-facet=kind]", "relative")
    fresh.select_option("[data-facet=relation]", "left_of")
    assert found.inner_text() == "60 images, 60 sentences"
    fresh.select_option("[data-facet=level]", "twins")
    assert found.inner_text() == "30 images, 30 sentences"
    fresh.select_option("[data-facet=level]", "")
    labels = fresh.locator("[data-facet=kind] option").all_inner_texts()
    assert "relative (60)" in labels
    fresh.locator("#reset").click()
    assert found.inner_text() == "80 images, 480 sentences"


def test_words_find_sentences_and_are_marked(fresh: Any) -> None:
    fresh.locator("#words").fill("right gre")
    fresh.locator("#found", has_text="40 images, 40 sentences").wait_for()
    assert set(fresh.locator(".tile mark").all_inner_texts()) == {"right", "gre"}
    fresh.wait_for_url(lambda url: "words=right+gre" in url)
    fresh.locator("#words").fill("unicorn")
    fresh.wait_for_selector("#nothing")
    assert fresh.locator("#found").inner_text() == "0 images, 0 sentences"


def test_the_grid_holds_only_what_is_near(fresh: Any) -> None:
    assert 0 < fresh.locator(".tile").count() < 80
    first = fresh.locator(".tile").first
    assert first.locator("img").evaluate("i => i.decode().then(() => i.naturalWidth)") == 240
    fresh.mouse.wheel(0, 100_000)
    fresh.wait_for_selector("[data-place='79']")
    assert fresh.locator("[data-place='0']").count() == 0


def test_a_sentence_lights_its_referent(fresh: Any) -> None:
    fresh.locator(".tile").first.click()
    fresh.locator(".says[aria-pressed=true]").click()  # what was pinned is let go
    fresh.locator("#close").hover()
    red, blue = color_at(fresh, 60), color_at(fresh, 180)
    assert red[0] > 180
    assert blue[2] > 180
    fresh.locator(".says", has_text="the red ball").first.hover()
    assert np.abs(color_at(fresh, 60) - red).max() <= 3
    assert color_at(fresh, 180).max() < 0.35 * blue.max()
    fresh.locator("#close").hover()
    assert np.abs(color_at(fresh, 180) - blue).max() <= 3
    fresh.locator(".says", has_text="the blue ball").last.click()
    fresh.locator("#close").hover()
    assert np.abs(color_at(fresh, 180) - blue).max() <= 3
    assert color_at(fresh, 60).max() < 0.35 * red.max()
    assert fresh.locator("[aria-pressed=true][data-expression]").count() == 1


def test_views_show_alpha_and_cut_out(fresh: Any) -> None:
    fresh.locator(".tile").first.click()
    fresh.locator("#views [data-view=alpha]").click()
    assert color_at(fresh, 60).min() > 250
    assert color_at(fresh, 180).max() < 5
    fresh.locator("#views [data-view=cutout]").click()
    assert color_at(fresh, 180).min() >= 213
    assert color_at(fresh, 60)[1] < 100
    fresh.keyboard.press("5")
    assert tuple(color_at(fresh, 180)) == (0, 166, 81)
    fresh.locator("#color").evaluate(
        "e => { e.value = '#102030'; e.dispatchEvent(new Event('input')) }"
    )
    assert tuple(color_at(fresh, 180)) == (16, 32, 48)
    fresh.keyboard.press("1")
    assert color_at(fresh, 180)[2] > 180


def test_the_shown_alpha_is_the_one_on_disk(fresh: Any) -> None:
    """Soft edges too: in the alpha view grey is alpha."""
    fresh.locator(".tile").first.click()
    fresh.locator("#views [data-view=alpha]").click()
    picture, left, top, scale = staged(fresh)
    inside = picture[..., 0][round(top) : round(top + SIZE_HW[0] * scale)]
    inside = inside[:, round(left) : round(left + SIZE_HW[1] * scale)]
    small = cv2.resize(inside, SIZE_HW[::-1], interpolation=cv2.INTER_AREA)
    page = Path(unquote(urlsplit(fresh.url).path))
    alpha = cv2.imread(str(page.parents[1] / "train/mask/rim_train_00000000_1.png"), 0)
    assert alpha is not None
    assert np.abs(small.astype(int) - alpha).mean() < 1.5


def test_the_first_sentence_is_pinned_and_focus_returns(fresh: Any) -> None:
    tile = fresh.locator(".tile").nth(1)
    caption = tile.inner_text()
    tile.click()
    assert fresh.locator(".says[aria-pressed=true]").inner_text() == caption
    fresh.locator("#next").click()
    assert fresh.locator(".says[aria-pressed=true]").count() == 1
    fresh.keyboard.press("Escape")
    assert fresh.evaluate("document.activeElement.dataset.place") == "2"


def test_what_is_known_stands_below_what_is_said(fresh: Any) -> None:
    fresh.locator(".tile").first.click()
    order = fresh.locator(".entity").first.evaluate(
        "e => [...e.children].map(c => c.className || c.tagName)"
    )
    assert order.index("tags") > max(i for i, name in enumerate(order) if "sentence" in name)
    fresh.locator(".tags", has_text="color red").first.wait_for()
    fresh.locator(".facts", has_text="100 % visible").first.wait_for()


def test_closest_calls_come_first(fresh: Any) -> None:
    fresh.select_option("#sort", "margin")
    fresh.wait_for_url(lambda url: "sort=margin" in url)
    fresh.locator(".tile").first.click()
    assert fresh.locator("#name").inner_text().startswith("1 of 80")
    pinned = fresh.locator(".sentence:has([aria-pressed=true])")
    pinned.locator(".why").click()
    assert "27.0 %" in pinned.inner_text()


def test_colours_of_text_have_contrast_enough() -> None:
    """4.5 to 1 for each colour of text on each ground that it stands on, light and dark."""
    css = gallery.TEMPLATE.read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in
                   re.findall(r":root \{(.*?)\n *\}", css, re.S))  # fmt: skip
    for scheme in (light, dark):
        for ground in ("page", "panel", "hover", "stage"):
            for ink in ("text", "quiet", *(("accent",) if ground != "stage" else ())):
                assert contrast(scheme[ink], scheme[ground]) >= 4.5, (ink, ground)
        assert contrast(scheme["text"], scheme["mark"]) >= 4.5
    for entity in re.findall(r"--entity: (#\w{6})", css):
        assert contrast(entity, "#ffffff") >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2's ratio of two colours `#rrggbb`."""

    def luminance(color: str) -> float:
        levels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_copies(fresh: Any) -> None:
    fresh.locator(".tile").first.click()
    for name in ("name", "record", "command"):
        button = fresh.locator("#copy button", has_text=f"Copy {name}")
        button.click()
        fresh.locator("#copy button", has_text="Copied").first.wait_for()


def test_parts_that_are_gone_are_said(page: Any, tmp_path: Path) -> None:
    drawn_dataset(tmp_path / "d", {"train": 2})
    index = gallery.build(tmp_path / "d")
    for file in (index.parent / "parts").iterdir():
        file.unlink()
    opened = page.context.browser.new_page()
    opened.goto(index.as_uri())
    opened.locator("#found", has_text="parts/images_00000.js cannot be loaded").wait_for()
    opened.close()


def test_proofs_open(fresh: Any) -> None:
    fresh.locator(".tile").first.click()
    fresh.locator(".why").nth(2).click()
    table = fresh.locator("table:visible")
    assert "left of (category = ball ∧ color = blue)" in table.inner_text()
    assert "27.0 %" in table.inner_text()
    assert table.locator(".dot:not(.out)").all_inner_texts() == ["1", "2", "1"]


def test_keys_and_links(fresh: Any) -> None:
    fresh.locator(".tile").first.focus()
    fresh.keyboard.press("ArrowRight")
    fresh.keyboard.press("Enter")
    name = fresh.locator("#name")
    assert name.inner_text().startswith("2 of 80")
    fresh.keyboard.press("ArrowRight")
    assert name.inner_text().startswith("3 of 80")
    fresh.keyboard.press("ArrowDown")
    fresh.keyboard.press("ArrowDown")
    fresh.wait_for_url(lambda url: "expression=4" in url)  # it is told of it a moment later
    address = fresh.url
    fresh.keyboard.press("Escape")
    assert not fresh.locator("#detail").is_visible()
    fresh.goto("about:blank")
    fresh.goto(address)
    assert name.inner_text().startswith("3 of 80")
    assert fresh.locator("[aria-pressed=true][data-expression='4']").count() == 1
    fresh.locator("#close").click()
    fresh.goto(fresh.url.split("#")[0] + "#image=train%2Fnobody&view=nonsense&kind=nothing")
    assert not fresh.locator("#detail").is_visible()
    fresh.locator("#reset").click()
    fresh.locator(".tile").first.click()
    fresh.go_back()
    fresh.locator("#detail").wait_for(state="hidden")


def test_zoom_and_back(fresh: Any) -> None:
    fresh.locator(".tile").first.click()
    whole = image_box(fresh)[2]
    left, top, scale = image_box(fresh)
    spot = {"x": left + 60 * scale, "y": top + 80 * scale}
    fresh.locator("#stage").dblclick(position=spot)
    assert image_box(fresh)[2] == pytest.approx(4 * whole)
    assert pixels(fresh)[round(spot["y"]), round(spot["x"])][0] > 180
    fresh.locator("#stage").dblclick(position=spot)
    assert image_box(fresh)[2] == pytest.approx(whole)
    fresh.keyboard.press("+")
    assert image_box(fresh)[2] == pytest.approx(1.5 * whole)


def test_a_tile_lights_the_sentence_it_shows(fresh: Any) -> None:
    tile = fresh.locator(".tile").first
    fresh.mouse.move(5, 5)
    tile.locator("img").evaluate("i => i.decode()")
    before = pixels(fresh, ".tile[data-place='0']")
    tile.hover()
    after = pixels(fresh, ".tile[data-place='0']")
    height, width = after.shape[:2]
    red, blue = (height // 2, width // 4), (height // 2, width * 3 // 4)
    assert tile.inner_text() == "the red ball"
    assert np.abs(after[red].astype(int) - before[red]).max() <= 4
    assert after[blue].max() < 0.4 * before[blue].max()


def test_hostile_names_stay_text(fresh: Any) -> None:
    fresh.select_option("[data-facet=category]", HOSTILE)
    fresh.locator(".tile").first.click()
    assert fresh.locator(".entity h2").first.inner_text().endswith(HOSTILE)
    assert fresh.title() == "a #1 dataset? · gallery"
    assert fresh.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_is_wider_than_the_window_and_everything_has_a_name(fresh: Any, width: int) -> None:
    fresh.set_viewport_size({"width": width, "height": 800})
    drawn(fresh)
    assert fresh.evaluate("document.documentElement.scrollWidth <= innerWidth")
    fresh.locator(".tile").first.click()
    assert fresh.evaluate("document.getElementById('said').scrollWidth <= innerWidth")
    nameless = fresh.evaluate("""() =>
        [...document.querySelectorAll("button, input, select, a, img")]
        .filter(e => !(e.getAttribute("aria-label") || e.alt || e.textContent.trim()))
        .map(e => e.outerHTML)""")
    assert nameless == []
    fresh.set_viewport_size({"width": 1200, "height": 800})
