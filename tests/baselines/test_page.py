"""The page: served on this machine alone, and driven as a browser and a client drive it."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.models import load
from refmatte_baselines.predictor import Options
from refmatte_baselines.weights import save
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from tests.conftest import landscape, needs_pymatting

# Looked for, not loaded: that takes seconds, also where these tests are left out.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("gradio") is None, reason="gradio is not installed"),
    needs_pymatting,
    # What servers leave behind is theirs.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]
PICTURE = landscape(3, (120, 160))
HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.jpg"
    path.write_bytes(image_io.encode_jpeg(PICTURE))
    return path


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from refmatte_baselines.serving import page as app

    torch.manual_seed(0)
    model = ClipMat(PRESETS["minimal"])
    with torch.no_grad():
        model.semantic_decoder.trimap.weight.mul_(20)
    folder = save(model, tmp_path_factory.mktemp("model"))
    blocks, address = app.serve(load(folder, Options("cpu")), "tiny", host=HOST, port=free_port())
    yield address
    blocks.close(verbose=False)


def test_a_client(address: str, photo: Path, tmp_path: Path) -> None:
    from gradio_client import Client, handle_file
    from gradio_client.exceptions import AppError

    client = Client(address, verbose=False, download_files=str(tmp_path))
    alpha, trimap, cutout, *_, notice = client.predict(
        handle_file(str(photo)),
        "the red mug",
        "a sentence",
        "rgba(255.4, 0, 0, 1)",
        api_name="/matte",
    )
    alphas = image_io.read_alpha(Path(alpha))
    assert alphas.shape == PICTURE.shape[:2]
    assert set(np.unique(image_io.read_alpha(Path(trimap)))) <= {0, 128, 255}
    assert (image_io.read_rgb(Path(cutout))[alphas == 0] == (255, 0, 0)).all()
    assert "Alpha reaches" in notice
    with pytest.raises(AppError, match="text: is empty; say what to matte"):
        client.predict(handle_file(str(photo)), " ", "a sentence", "#ff0000", api_name="/matte")
    with pytest.raises(AppError, match="Drop an image first"):
        client.predict(None, "the mug", "a sentence", "#ff0000", api_name="/matte")


def test_a_port_that_is_taken(address: str) -> None:
    from refmatte_baselines.serving import page as app

    port = int(address.rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(InputError, match=f"127.0.0.1:{port}: cannot be served: .*; choose another"):
        app.serve(None, "tiny", host=HOST, port=port)  # type: ignore[arg-type]


def test_a_browser_that_reaches_nothing_else(address: str, photo: Path, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium to open the page with")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(300_000)
        asked: set[str] = set()
        page.on("request", lambda request: asked.add(request.url))
        page.goto(address)
        page.locator("input[type=file]").first.set_input_files(photo)
        page.get_by_label("Remove Image").wait_for()
        page.get_by_label("What is meant").fill("the red mug")
        page.get_by_role("button", name="Matte", exact=True).click()
        page.get_by_text("Alpha reaches").wait_for()
        with page.expect_download() as download:
            page.get_by_text("Download the cutout").click()
        assert download.value.suggested_filename == "photo_cutout.png"
        # Fetched anew: a busy browser may drop what it was saving.
        (tmp_path / "cutout.png").write_bytes(page.request.get(download.value.url).body())
        browser.close()
    assert image_io.read_rgba(tmp_path / "cutout.png").shape == (*PICTURE.shape[:2], 4)
    assert not [url for url in asked if not url.startswith((address, "blob:", "data:"))]
