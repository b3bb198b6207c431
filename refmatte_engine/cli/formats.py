"""The command `export`: a dataset as other people's tools expect it."""

from __future__ import annotations

from refmatte_engine.cli import options
from refmatte_engine.cli.progress import Bar, resumable
from refmatte_engine.errors import InputError


def export(
    folder: options.DatasetFolder,
    to: options.ExportTo,
    out: options.ExportOut,
    also: options.ExportAlso = "",
    seed: options.ExportSeed = None,
    workers: options.Workers = 0,
) -> None:
    """Write a dataset in a format of other tools.

    Example: refmatte export out/demo --to coco -o out/coco
    """
    from refmatte_engine.formats import export as exports

    wanted = [name.strip() for name in also.split(",") if name.strip()]
    if seed is not None and not wanted:
        raise InputError("--seed", "is what --also draws by, and --also is not given")
    with Bar("exporting", "image") as bar, resumable("finished images"):
        done = exports.run(
            folder, to, out, also=wanted, seed=seed, workers=workers, progress=bar.update
        )
    print(f"{done.images} images as {to} in {out}")
    for note in done.notes:
        print(note)
