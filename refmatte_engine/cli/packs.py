"""The commands `ingest`, `catalog` and `label`: packs are described, checked, and labelled."""

from __future__ import annotations

from refmatte_engine.cli import options
from refmatte_engine.cli.output import print_json
from refmatte_engine.cli.progress import Bar
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
            print(
                f"{origin.name}: {origin.title}, {read}; refmatte ingest {origin.name} {root} -o …"
            )
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
    print(f"next: refmatte catalog {out}")


def catalog(
    packs: options.Packs, strict: options.FailAtFirst = False, as_json: options.Json = False
) -> None:
    """Check packs and list what they hold. Counts, categories, sizes, licences, problems and
    notes, and what each embedded run would have to do without.

    Exit code 1 if nothing of a pack can be used. Example: refmatte catalog studio my-pack
    """
    from refmatte_engine.packs import catalog as catalogs
    from refmatte_engine.packs import listing
    from refmatte_engine.scene.prospects import prospects

    with Bar("reading packs", "file") as bar:
        loaded = catalogs.load(packs, strict=strict, progress=bar.update)
    found = listing.listing(loaded) | {"runs": prospects(packs)}
    if as_json:
        print_json(found)
    else:
        print(listing.as_text(found))
    if loaded.lost:
        raise RefMatteError(loaded.lost[0].file, loaded.lost[0].message, todo="see the problems")


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
