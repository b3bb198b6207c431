"""Render the asset pack: every recipe, a few variants of each, with their labels.

python assets/studio/build.py --out assets/pack
python assets/studio/build.py --out /tmp/look --only mug,apple --preview
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import page
import stage

PACK = """\
name: {name}
licence: CC0-1.0
source: rendered from the recipes in assets/studio
credit: RefMatte engine studio
"""

EMBEDDED = page.PACK
# What the embedded pack holds of each recipe, or of each of its kind: of things two for testing, 2
# and 50, as of animals.
PACK_VARIANTS = {"object": (0, 1, 2, 3, 50), "animal": range(5), "background": (0,)}
PACK_VARIANTS |= {"human": range(10), "person": range(20)}
# 50 of these would look like one for training.
PACK_VARIANTS |= dict.fromkeys(("bicycle wheel", "soap bubble"), (0, 1, 2, 3, 54))
# Recipes that the pack has no room for, being held to 25 MB: `--only` or a number renders them.
NOT_PACKED = (
    "alarm clock, bee, bell, birdcage, boot, broom, bucket, clock, comb, curtain, dragonfly, "
    "fan, fork, handbag, jellyfish, lemon, mushroom, owl, paintbrush, pampas grass, pan, "
    "pear, pineapple, sieve, sock, spider web, sunflower, trumpet, tulip"
)


def main() -> int:
    options = arguments()
    if options.check:
        files = sorted((options.check / "foregrounds").glob("*/*.webp"))
        stage.contact_sheet(files, options.check / "sheet.png", cell=200)
        print(options.check / "sheet.png")
        if options.check.resolve() == EMBEDDED:
            page.write()
            print(page.PAGE)
        return 0
    if options.preview:
        options.size, options.samples, options.background_size = 256, 12, 480
    stage.load()
    if options.one:
        return render_one(options)
    if options.stamp:
        return stamp(options)
    return build(options)


def arguments() -> argparse.Namespace:
    def words(text):
        return text.split(",")

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("assets/pack"))
    parser.add_argument(
        "--variants", default="pack", help="how many, a list such as 0,4,7, or those of the pack"
    )
    parser.add_argument("--size", type=int, default=768, help="long side of a foreground")
    parser.add_argument("--background-size", type=int, default=1440)
    parser.add_argument(
        "--samples", type=int, help="of every picture; without it what its kind needs"
    )
    parser.add_argument("--jobs", type=int, default=1, help="pictures rendered side by side")
    parser.add_argument("--only", type=words, help="names of recipes, with commas")
    parser.add_argument("--backgrounds", action="store_true", help="backgrounds only")
    parser.add_argument("--preview", action="store_true", help="small and coarse, with a sheet")
    parser.add_argument("--force", action="store_true", help="render even what is up to date")
    parser.add_argument(
        "--stamp", action="store_true", help="render nothing, call the pictures up to date"
    )
    parser.add_argument("--check", type=Path, help="only a contact sheet, and the page in docs")
    parser.add_argument("--one", help=argparse.SUPPRESS)  # name:variant, in a process of its own
    return parser.parse_args()


def build(options) -> int:
    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    if not (out / "pack.yaml").exists():
        name = "studio" if out.resolve() == EMBEDDED else out.name  # two packs need two names
        (out / "pack.yaml").write_text(PACK.format(name=name))
    done = {entry["file"]: entry.get("recipe", {}) for entry in read_labels(out)}
    known = {**stage.RECIPES, **stage.BACKGROUNDS}
    if unknown := set(options.only or ()) - set(known):
        print(f"no such recipe: {', '.join(sorted(unknown))}\nknown: {', '.join(sorted(known))}")
        return 2
    jobs = []
    for recipe in [*stage.RECIPES.values(), *stage.BACKGROUNDS.values()]:
        if options.only and recipe.name not in options.only:
            continue
        if options.backgrounds and recipe.kind != "background":
            continue
        for variant in variants(options, recipe):
            file = file_of(recipe, variant)
            before = done.get(file, {})
            fresh = before == {**before, **drawn(recipe, options)} and (out / file).exists()
            if options.force or not fresh:
                jobs.append((recipe, variant, file))

    files, failed = render_all(options, jobs)
    if files is None:
        return 130
    pictures = [file for file in files if file.suffix == ".webp"]
    if options.preview and pictures:
        stage.contact_sheet(pictures, out / "sheet.png")
    print(f"{len(files)} rendered, {len(failed)} failed: {' '.join(failed) or 'none'}")
    return 1 if failed else 0


def render_all(options, jobs) -> tuple[list[Path] | None, list[str]]:
    """Render (recipe, variant, file) jobs, `options.jobs` at a time; no files if it was stopped."""
    failed, files, begun = [], [], time.monotonic()

    def render(job):
        start = time.monotonic()
        run = subprocess.run(command(options, *job[:2]), capture_output=True, text=True)
        return job[2], run, time.monotonic() - start

    pool = ThreadPoolExecutor(max(options.jobs, 1))
    try:
        started = [pool.submit(render, job) for job in jobs]
        for number, done in enumerate(as_completed(started), 1):
            file, run, took = done.result()
            left = (time.monotonic() - begun) / number * (len(jobs) - number)
            head = f"[{number}/{len(jobs)}] {file}: {took:.0f} s"
            if run.returncode:
                failed.append(file)
                print(f"{head}, FAILED\n{(run.stderr + run.stdout)[-2000:]}", flush=True)
                continue
            files.append(options.out / file)
            kilobytes = (options.out / file).stat().st_size / 1024
            print(f"{head}, {kilobytes:.0f} KB, about {left / 60:.1f} min left", flush=True)
    except KeyboardInterrupt:
        print(f"\nstopped; {len(files)} of {len(jobs)} rendered, run again to continue")
        return None, failed
    finally:
        pool.shutdown(cancel_futures=True)
    return sorted(files), failed


def variants(options, recipe) -> list[int]:
    if options.variants == "pack":
        if recipe.name in NOT_PACKED.split(", ") and not options.only:
            return []
        wanted = PACK_VARIANTS.get(recipe.name) or PACK_VARIANTS[recipe.kind]
        return [v for v in wanted if recipe.variants is None or v < recipe.variants]
    if "," in options.variants:
        return [int(v) for v in options.variants.split(",") if v]
    count = int(options.variants)
    return list(range(count if recipe.variants is None else min(count, recipe.variants)))


def size_of(recipe, options) -> int:
    return options.background_size if recipe.kind == "background" else options.size


def drawn(recipe, options) -> dict:
    """What a label says of how its picture was drawn; if it says the same, all is up to date.

    Samples count only if they are asked for: a picture drawn with others is kept.
    """
    samples = {"samples": options.samples} if options.samples else {}
    return {"size": size_of(recipe, options), **samples, "hash": recipe.hash}


def file_of(recipe, variant: int) -> str:
    stem = recipe.name.replace(" ", "_")
    if recipe.kind == "background":
        return f"backgrounds/{stem}_{variant:02d}.jpg"
    return f"foregrounds/{stem}/{stem}_{variant:02d}.webp"


def command(options, recipe, variant) -> list[str]:
    """Each render gets a fresh process: no leftovers, and a crash costs one picture only."""
    return [
        *(sys.executable, __file__, "--out", str(options.out)),
        *("--one", f"{recipe.kind}:{recipe.name}:{variant}"),
        *("--size", str(options.size), "--background-size", str(options.background_size)),
        *("--samples", str(options.samples or recipe.samples)),
    ]


def render_one(options) -> int:
    kind, name, variant = options.one.split(":")
    place = kind == "background"
    recipe = (stage.BACKGROUNDS if place else stage.RECIPES)[name]
    render = stage.render_background if place else stage.render_subject
    file, size = file_of(recipe, int(variant)), size_of(recipe, options)
    path = options.out / file
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        label = render(name, int(variant), size, options.samples, draft)
        label["recipe"] |= drawn(recipe, options)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    add_label(options.out, {"file": file, **label})
    return 0


@contextmanager
def locked(folder: Path):
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def read_labels(out: Path) -> list[dict]:
    path = out / "labels.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def add_label(out: Path, label: dict) -> None:
    """Several builds may run at once, so the file is read and replaced under a lock."""
    with locked(out):
        write_labels(out, [*read_labels(out), label])


def write_labels(out: Path, labels: list[dict]) -> None:
    entries = {label["file"]: label for label in labels}
    draft = out / ".labels.jsonl"
    draft.write_text("".join(json.dumps(entries[key]) + "\n" for key in sorted(entries)))
    draft.replace(out / "labels.jsonl")


def stamp(options) -> int:
    """Write the recipes' present hashes: for a change of their code that moves no pixel."""
    with locked(options.out):
        labels = read_labels(options.out)
        for label in labels:
            known = stage.BACKGROUNDS if label["kind"] == "background" else stage.RECIPES
            label["recipe"]["hash"] = known[label["recipe"]["name"]].hash
        write_labels(options.out, labels)
    print(f"{len(labels)} labels stamped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
