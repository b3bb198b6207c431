"""The command `export`: a dataset as other people's tools expect it."""

from __future__ import annotations

from refmatte_engine.cli import options
from refmatte_engine.cli.progress import Bar, resumable


def export(
    folder: options.DatasetFolder,
    to: options.ExportTo,
    out: options.ExportOut,
    workers: options.Workers = 0,
) -> None:
    """Write a dataset in a format of other tools.

    Example: refmatte export out/demo --to coco -o out/coco
    """
    from refmatte_engine.formats import export as exports

    with Bar("exporting", "image") as bar, resumable("finished images"):
        dataset = exports.run(folder, to, out, workers=workers, progress=bar.update)
    print(f"{len(dataset)} images as {to} in {out}")
