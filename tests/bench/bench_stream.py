"""Samples a second for a training, one core, 512 px: composed as they are asked for, and the same
samples read from a disk that holds them all in its cache, in turns, in one process.

    python -m tests.bench.bench_stream [--run clipmat] [--images 48]

A sample is a picture (uint8 RGB), one text and its matte (uint8); `all texts` is a picture with
all that is said of it and the mattes of all its things.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from refmatte_engine import Dataset, Stream, generate, load_run
from refmatte_engine.config.layout_rules import Canvas
from refmatte_engine.config.run import Run, changed
from refmatte_engine.dataset.reader import Item
from refmatte_engine.generation import compose
from refmatte_engine.images import image_io
from refmatte_engine.records import U8, Effects

LONG_SIDE_PX = 512
ROUNDS = 5
Sample = tuple[U8, U8, str] | Item
Reader = Iterator[Sample]


def composed(run: Run, texts: int | None, count: int, kind: str = "basic") -> Reader:
    """Ours: `count` scenes, over and over, so that each round has the same to do; nothing is kept
    of them."""
    stream = Stream(run, texts=texts, kinds=None if texts is None else (kind,))
    for item in map(stream.__getitem__, itertools.cycle(range(count))):
        if texts is None:
            yield item
        else:
            (said,) = item.sample.expressions
            alpha = item.alphas[said.referents[0] - 1]
            yield item.image, np.rint(alpha * 255).astype(np.uint8), said.text


def drawn(run: Run, count: int) -> Reader:
    """The floor of composing: the same scenes, of which nothing is left to do but to resize their
    background and cut-outs, which are in memory, and to blend these."""
    stream = Stream(run, texts=1, kinds=("basic",))
    scenes = [replace(stream[i].sample.scene, effects=Effects()) for i in range(count)]
    for scene in itertools.cycle(scenes):
        rendering = compose.render_scene(scene, stream.catalog, quickly=True)
        yield rendering.image, rendering.visible_alpha_u8(1), ""


def files(dataset: Dataset, texts: int | None) -> Reader:
    """(a) Loose files, as `Dataset` reads them."""
    for sample in itertools.cycle(list(dataset.samples())):
        if texts is None:
            yield dataset.load(sample)
        else:
            said = next(one for one in sample.expressions if one.kind == "basic")
            alpha = image_io.read_alpha(dataset.alpha_path(sample, said.referents[0]))
            yield image_io.read_rgb(dataset.image_path(sample)), alpha, said.text


def encoded(dataset: Dataset) -> Iterator[tuple[bytes, bytes, str]]:
    """One text of each picture, as files hold them."""
    for sample in dataset.samples():
        said = next(one for one in sample.expressions if one.kind == "basic")
        alpha = dataset.alpha_path(sample, said.referents[0])
        yield dataset.image_path(sample).read_bytes(), alpha.read_bytes(), said.text


def tars(dataset: Dataset, folder: Path) -> Reader:
    """(b) A tar, read by the webdataset library, or by tarfile where that is not installed."""
    path = folder / "samples.tar"
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for number, (picture, alpha, text) in enumerate(encoded(dataset)):
            named = {"jpg": picture, "alpha.png": alpha, "json": json.dumps(text).encode()}
            for suffix, data in named.items():
                member = tarfile.TarInfo(f"{number:06d}.{suffix}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    while True:
        for found in _members(path):
            yield _rgb(found["jpg"]), _grey(found["alpha.png"]), json.loads(found["json"])


def _members(path: Path) -> Iterator[dict[str, bytes]]:
    try:
        from webdataset import WebDataset
    except ImportError:
        with tarfile.open(path, "r|") as tar:
            held = (
                (member.name.split(".", 1)[1], tar.extractfile(member).read())  # type: ignore[union-attr]
                for member in tar
            )
            while found := dict(itertools.islice(held, 3)):
                yield found
    else:
        yield from WebDataset(str(path), shardshuffle=False)


def packed(dataset: Dataset, folder: Path) -> Reader:
    """(c) One file of all JPEGs and PNGs, mapped into memory, with an index: as FFCV and litdata
    keep them."""
    path, index, texts = folder / "samples.bin", [], []
    with path.open("wb") as file:
        for picture, alpha, text in encoded(dataset):
            start = file.tell()
            file.write(picture)
            file.write(alpha)
            index.append((start, start + len(picture), file.tell()))
            texts.append(text)
    mapped = np.memmap(path, np.uint8, "r")
    for (start, middle, stop), text in itertools.cycle(list(zip(index, texts, strict=True))):
        yield _rgb(mapped[start:middle]), _grey(mapped[middle:stop]), text


def raw(dataset: Dataset, folder: Path) -> Reader:
    """(c) The same decoded: nothing is left to do but to copy."""
    path, index, texts, at = folder / "samples.raw", [], [], 0
    with path.open("wb") as file:
        for picture, alpha, text in encoded(dataset):
            image = _rgb(picture)
            file.write(image.tobytes() + _grey(alpha).tobytes())
            index.append((at, image.shape))
            texts.append(text)
            at = file.tell()
    mapped = np.memmap(path, np.uint8, "r")
    for (start, shape), text in itertools.cycle(list(zip(index, texts, strict=True))):
        middle, stop = start + np.prod(shape), start + np.prod(shape) // 3 * 4
        image = mapped[start:middle].reshape(shape).copy()
        yield image, mapped[middle:stop].reshape(shape[:2]).copy(), text


def _rgb(data: bytes | U8) -> U8:
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=image)


def _grey(data: bytes | U8) -> U8:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def measured(readers: dict[str, Reader], count: int) -> dict[str, float]:
    """Milliseconds of the processor for a sample, the least of rounds in which all take turns."""
    took: dict[str, list[float]] = {name: [] for name in readers}
    for number in range(ROUNDS + 1):
        for name, reader in readers.items():
            begun = time.process_time()
            for _ in range(count):
                next(reader)
            if number:  # the first round fills caches
                took[name].append((time.process_time() - begun) / count * 1000)
    return {name: min(times) for name, times in took.items()}


def main(name: str, images: int) -> None:
    cv2.setNumThreads(1)
    canvas = Canvas(long_side_px=(LONG_SIDE_PX, LONG_SIDE_PX))
    run = load_run(name)
    run = changed(run, {"layout": {**run.layout.model_dump(), "canvas": canvas}})
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "dataset"
        generate(changed(run, {"splits": {"train": images}}), root)
        dataset, place = Dataset(root), Path(folder)
        readers = {
            "composed, one text": composed(run, 1, images),
            "composed, a keyword": composed(run, 1, images, "keyword"),
            "composed, all texts": composed(run, None, images),
            "only resized, blended": drawn(run, images),
            "files, one text": files(dataset, 1),
            "files, all texts": files(dataset, None),
            "tar, one text": tars(dataset, place),
            "packed JPEG and PNG": packed(dataset, place),
            "raw arrays": raw(dataset, place),
        }
        found = measured(readers, images)
    fastest = found["packed JPEG and PNG"]
    for each, took in found.items():
        print(f"{each:22} {took:7.2f} ms {1000 / took:8.0f}/s {took / fastest:6.2f} times packed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="clipmat")
    parser.add_argument("--images", type=int, default=48)
    given = parser.parse_args()
    main(given.run, given.images)
