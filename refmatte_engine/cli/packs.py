"""The commands `ingest`, `cutout`, `catalog` and `label`: packs are made, checked, and labelled."""

from __future__ import annotations

import sys

from refmatte_engine.cli import options
from refmatte_engine.cli.cache import size
from refmatte_engine.cli.output import command, print_json
from refmatte_engine.cli.progress import Bar, resumable
from refmatte_engine.errors import InputError, RefMatteError, needs


def ingest(
    source: options.SourceName = None,
    path: options.SourceFolder = None,
    out: options.PackOut = None,
    detect: options.Detect = None,
) -> None:
    """Describe someone else's data as a pack. Pictures stay where they are.

    Writes pack.yaml, and labels where the source has some; says what is missing of what was
    published. Example: refmatte ingest am2k data/AM-2k -o packs/am2k
    """
    from refmatte_engine.ingest import pack_writer, recognise, sources

    if detect is not None:
        for origin, root, parts in recognise.guess(detect, sources.SOURCES):
            read = " and ".join(f"{each.count} in {each.pictures}" for each in parts)
            todo = command("ingest", origin.name, root)
            print(f"{origin.name}: {origin.title}, {read}; {todo} -o …")
        return
    if source is None or path is None or out is None:
        todo = "say refmatte ingest SOURCE PATH -o PACK, or refmatte ingest --detect PATH"
        raise InputError("", "needs a source, a folder, and -o", todo=todo)
    made = pack_writer.ingest(sources.named(source), path, out)
    counts = ", ".join(f"{n} {split or 'in no split yet'}" for split, n in made.splits.items())
    print(
        f"{made.pack.file}: {len(made.pack.foregrounds)} foregrounds, "
        f"{len(made.pack.backgrounds)} backgrounds ({counts}), {made.labels} labels"
    )
    for remark in made.remarks:
        print(f"  {remark}")
    if made.pack.problems:
        print(f"  {len(made.pack.problems)} problems, the first: {made.pack.problems[0]}")
    print(f"next: {command('catalog', out)}")


def cutout(
    images: options.Photographs,
    out: options.CutoutPack,
    model: options.Net,
    category: options.CategoryOfAll = None,
    licence: options.Licence = None,
    source: options.TakenFrom = None,
    credit: options.Credit = None,
    cut_mean: options.CutMean = None,
    cut_std: options.CutStd = None,
    workers: options.Workers = 0,
) -> None:
    """Cut things out of photographs with an ONNX net, into a pack. Photographs are only read.

    The mattes are marked as predicted; look at the sheet that is made of them before you use
    them. Example: refmatte cutout photos -o packs/mine --model modnet.onnx
    """
    from refmatte_engine.images import matting_net
    from refmatte_engine.packs import cutout_sheet, listing, predicted_pack
    from refmatte_engine.packs.labels import Remark

    predicted_pack.photographs(images, category)  # mistakes in them come before a net is loaded
    net = matting_net.load(
        model, matting_net.triple("--cut-mean", cut_mean), matting_net.triple("--cut-std", cut_std)
    )
    print(f"{model.name}: {net.taken_as}")
    said = {"licence": licence, "source": source, "credit": credit}
    given = {key: value for key, value in said.items() if value}
    with resumable("finished cut-outs"), Bar("cutting out", "photograph") as bar:
        made = predicted_pack.make(
            images,
            out,
            net,
            matting_net.digest(model),
            category=category,
            terms=predicted_pack.Terms(**given),
            workers=workers,
            progress=bar.update,
        )
    lost = [Remark(str(one.path), end.problem) for one, end in made.outcomes if end.problem]
    lost += made.refused
    notes = [
        Remark(str(one.path), note)
        for one, end in made.outcomes
        for note in (() if end.problem else end.notes)
    ]
    if notes:
        print("\n".join([f"notes ({len(notes)}), kept despite a doubt:", *listing.remarks(notes)]))
    if lost:
        print("\n".join([f"left out ({len(lost)}):", *listing.remarks(lost)]))
    count = sum(not end.problem for _, end in made.outcomes)
    print(f"{count} cut-outs in {out}")
    if not count:
        raise RefMatteError(images, "nothing could be cut out of it", todo="see what was left out")
    print(f"look at {cutout_sheet.draw(made)}: delete what the net got wrong, in {out}/foregrounds")
    if made.kept and given:
        print(f"{out / 'pack.yaml'} was there and is as it was: edit it to change its terms")
    elif missing := [key for key in ("licence", "credit") if key not in given]:
        print(f"fill in {out / 'pack.yaml'}: {' and '.join(missing)}")
    print(f"next: {command('catalog', out)}")


def catalog(
    packs: options.Packs,
    workers: options.Workers = 0,
    strict: options.FailAtFirst = False,
    colors: options.EstimateColors = True,
    freeze: options.FreezeTo = None,
    as_json: options.Json = False,
) -> None:
    """Check packs and list what they hold. Counts, categories, sizes, licences, problems and
    notes, and what each embedded run would have to do without. Then the own colours of images with
    separate alphas are estimated, which may be stopped and gone on with.

    Exit code 1 if nothing of a pack can be used. Example: refmatte catalog studio my-pack
    """
    from refmatte_engine.packs import catalog as catalogs
    from refmatte_engine.packs import estimation, frozen, listing, pixel_cache
    from refmatte_engine.scene.prospects import prospects
    from refmatte_engine.storage import cache_contents, files

    pixel_cache.most_bytes()
    if freeze is not None:  # a place that cannot be is known before what may take hours
        with files.disk_errors(freeze.parent):
            freeze.parent.mkdir(parents=True, exist_ok=True)
        if freeze.is_dir():
            raise InputError("--freeze", f"{freeze} is a folder", allowed="a file")
    with resumable("pictures already read"), Bar("reading packs", "file") as bar:
        loaded = catalogs.load(packs, strict=strict, workers=workers, progress=bar.update)
    runs = {"runs": prospects(packs)}
    if not as_json:  # before what may take hours
        print(listing.as_text(listing.listing(loaded) | runs), flush=True)
    if colors and not loaded.lost:
        known = loaded
        with resumable("colours already estimated"), Bar("estimating colours", "picture") as bar:
            loaded = estimation.estimated(loaded, workers=workers, progress=bar.update)
        for pack in () if as_json or loaded == known else listing.listing(loaded)["packs"]:
            if told := listing.own_colors(pack):
                print(f"{pack['name']}: {told}")
    if freeze is not None and not loaded.lost:
        with Bar("reading packs", "file") as bar, files.disk_errors(freeze):
            frozen.write(freeze, packs, loaded.cache, progress=bar.update)
        todo = command("generate", "--catalog", freeze)
        print(f"frozen: {freeze} ({todo})", file=sys.stderr)
    if as_json:
        print_json(listing.listing(loaded) | runs)
    else:
        total = size(sum(entry.size for entry in cache_contents.entries(loaded.cache)))
        print(f"cache: {total} in {loaded.cache} (refmatte cache)")
    if loaded.lost:
        raise RefMatteError(loaded.lost[0].file, loaded.lost[0].message, todo="see the problems")


def review(
    folder: options.OnePack,
    out: options.ReviewOut,
    workers: options.Workers = 0,
    colors: options.EstimateColors = True,
) -> None:
    """Make a page to look at a pack. Every cut-out over light, dark and checker, its colours before
    and after they are estimated, labels, notes and problems; every background with its ground and
    horizon.

    Labels are edited in the page and saved as a labels file for the pack. Open the page from disk.
    Example: refmatte pack review my-pack -o review
    """
    from refmatte_engine.packs import catalog as catalogs
    from refmatte_engine.packs import estimation, pack, pixel_cache
    from refmatte_engine.packs import review as reviews

    pixel_cache.most_bytes()
    source = pack.read(folder)
    with resumable("pictures already read"), Bar("reading packs", "file") as bar:
        loaded = catalogs.load([folder], workers=workers, progress=bar.update)
    if colors:
        with resumable("colours already estimated"), Bar("estimating colours", "picture") as bar:
            loaded = estimation.estimated(loaded, workers=workers, progress=bar.update)
    with resumable("pictures already drawn"), Bar("drawing", "picture") as bar:
        page = reviews.build(source, loaded, out, workers=workers, progress=bar.update)
    notes, problems = len(loaded.notes), len(loaded.problems)
    print(
        f"{page}: {len(loaded.foregrounds)} foregrounds, {len(loaded.backgrounds)} backgrounds, "
        f"{notes} notes, {problems} left out"
    )
    print(f"open it in a browser: {page.resolve().as_uri()}")


def label(
    folder: options.PackFolder,
    pretrained: options.ClipWeights = "openai",
    model: options.ClipModel = "ViT-B-16-quickgelu",
    questions: options.QuestionsFile = "labels",
    device: options.TorchDevice = "cpu",
) -> None:
    """Propose labels for a pack with CLIP. A person reviews them.

    Writes labels.predicted.jsonl into the pack, with probabilities; never touches existing
    labels. Example: refmatte label my-pack --pretrained openai
    """
    from refmatte_engine.config import resources
    from refmatte_engine.config.strict_yaml import load

    with needs("clipmat", "propose labels"):
        from refmatte_baselines import label_proposals

    asked = load(label_proposals.Questions, resources.template(questions, "questions"))
    with Bar("looking", "image") as bar:
        path = label_proposals.propose(
            folder,
            asked,
            model=model,
            pretrained=pretrained,
            device=device,
            progress=bar.update,
        )
    print(f"review {path}, then move the lines you agree with into {path.parent / 'labels.jsonl'}")
