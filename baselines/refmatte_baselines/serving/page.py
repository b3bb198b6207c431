"""A page to try a model on: drop an image, say what is meant, take the cutout. Needs gradio."""

from __future__ import annotations

import asyncio
import atexit
import errno
import os
import shutil
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio import queueing, utils

from refmatte_baselines.checkpoints import knows
from refmatte_baselines.predictor import Predictor
from refmatte_baselines.serving.cutout import color, cutout, over
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.images import image_io
from refmatte_engine.records import U8, Setting
from refmatte_engine.storage import files

BACKDROP = "#1e90ff"
FONTS = ["system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
MONOSPACED = ["ui-monospace", "Menlo", "Consolas", "monospace"]
KEPT_S = 3600  # pictures of a visitor
# A lock needs no event loop. Gradio makes one for each, and leaves it open.
utils.safe_get_lock = queueing.safe_get_lock = asyncio.Lock
utils.safe_get_stop_event = asyncio.Event
STYLE = """
.gradio-container {
  width: 100% !important; max-width: 1180px !important; margin: 0 auto !important;
}
#title h1 { margin-bottom: 0; }
#title p { margin-top: .3rem; color: var(--body-text-color); }
#notice { color: var(--body-text-color); min-height: 1.5em; }
footer { display: none !important; }
"""
INTRODUCTION = """# Referring image matting
Drop an image, say which thing you mean, and take it out with its soft edges."""


def page(predictor: Predictor, name: str) -> gr.Blocks:
    """The page for one model, not served yet; `name` says which it is."""
    folder = Path(tempfile.mkdtemp(prefix="refmatte_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)

    def matte(file: str | None, text: str, form: str, shade: str) -> tuple[Any, ...]:
        if file is None:
            raise gr.Error("Drop an image first.", print_exception=False)
        try:
            doubts: list[str] = []
            data = files.read_bytes(Path(file))
            image = image_io.decode_rgb(data, "the image", doubts=doubts)
            setting: Setting = "keyword" if form == "a keyword" else "expression"
            answer = predictor.answer(image, text, setting)
            alpha = answer.alpha
            rgba = cutout(image, alpha)
            shown = on(rgba, shade)
        except RefMatteError as error:
            raise gr.Error(str(error), print_exception=False) from None
        for old in folder.iterdir():
            if time.time() - old.stat().st_mtime > KEPT_S:
                shutil.rmtree(old, ignore_errors=True)
        stored = Path(tempfile.mkdtemp(dir=folder)) / f"{Path(file).stem}_cutout.png"
        stored.write_bytes(image_io.encode_png(rgba))
        most = float(alpha.max())
        notice = (
            f"Alpha reaches {most:.2f} and covers {100 * float(alpha.mean()):.1f} % of the image."
        )
        if answer.doubt:
            notice = f"Nothing in the image fits these words ({answer.doubt})."
        notice += "".join(f" The image {doubt}." for doubt in doubts)
        download = gr.DownloadButton(value=str(stored), interactive=True)
        return rgba[..., 3], answer.trimap, shown, rgba, download, notice

    def on(rgba: U8 | None, shade: str) -> U8 | None:
        if rgba is None:
            return None
        backdrop = np.full((*rgba.shape[:2], 3), _color(shade), np.uint8)
        return over(rgba, backdrop)

    with gr.Blocks(
        title="Referring image matting", analytics_enabled=False, delete_cache=(KEPT_S, KEPT_S)
    ) as blocks:
        learnt = knows(predictor.checkpoint)
        about = f" `{name}`" + (f" knows {learnt}." if learnt else "")
        gr.Markdown(INTRODUCTION + about, elem_id="title")
        rgba = gr.State(None, time_to_live=KEPT_S)
        with gr.Row(equal_height=True):
            with gr.Column(scale=5):
                file = gr.Image(
                    label="Image",
                    type="filepath",
                    image_mode=None,
                    sources=["upload", "clipboard"],
                    height=360,
                )
            with gr.Column(scale=4):
                text = gr.Textbox(
                    label="What is meant",
                    placeholder="the red mug to the left of the bear",
                    autofocus=True,
                )
                form = gr.Radio(["a sentence", "a keyword"], value="a sentence", label="It is")
                shade = gr.ColorPicker(BACKDROP, label="Colour behind the cutout")
                with gr.Row():
                    button = gr.Button("Matte", variant="primary")
                    download = gr.DownloadButton("Download the cutout", interactive=False)
                notice = gr.Markdown(elem_id="notice")
        with gr.Row():
            alpha, trimap, composite = (
                gr.Image(label=label, format="png", buttons=["download", "fullscreen"])
                for label in ("Alpha matte", "Trimap", "Cutout")
            )
        outputs = [alpha, trimap, composite, rgba, download, notice]
        gr.on(
            [button.click, text.submit],
            matte,
            [file, text, form, shade],
            outputs,
            api_name="matte",
            concurrency_limit=1,
        )
        shade.change(on, [rgba, shade], composite, api_name=False, show_progress="hidden")
    return blocks


def serve(predictor: Predictor, name: str, *, host: str, port: int) -> tuple[gr.Blocks, str]:
    """Starts to serve the page in threads of its own; returns it (`close` ends it) and its address.

    InputError if the host or the port cannot be had.
    """
    if ":" in host:  # gradio makes no address of it
        raise InputError(host, "is no name or IPv4 address", todo="choose another --host")
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        what = "port" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "host"
        raise InputError(
            f"{host}:{port}", f"cannot be served: {error.strerror}", todo=f"choose another --{what}"
        ) from None
    os.environ["GRADIO_RUN_HISTORY"] = "False"  # the browser keeps no pictures
    blocks = page(predictor, name)
    try:
        _, address, _ = blocks.launch(
            server_name=host,
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            ssr_mode=False,
            max_file_size="100mb",
            footer_links=[],
            theme=gr.themes.Default(font=FONTS, font_mono=MONOSPACED),
            css=STYLE,
        )
    except ValueError:  # gradio looks for itself, and finds a proxy in its way
        todo = "set NO_PROXY=localhost,127.0.0.1"
        raise RefMatteError(f"{host}:{port}", "cannot be reached from here", todo=todo) from None
    return blocks, address


def _color(said: str) -> tuple[int, int, int]:
    """RGB of what the colour picker says: `#rrggbb`, or `rgba(12.5, 34, 56, 1)`."""
    if said.startswith("rgba("):
        with suppress(ValueError):
            red, green, blue = (round(float(part)) for part in said[5:].rstrip(")").split(",")[:3])
            return red, green, blue
    return color(said)
