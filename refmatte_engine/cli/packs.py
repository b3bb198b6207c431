"""The commands `catalog` and `label`: packs are checked, listed, and labelled for review."""

from __future__ import annotations

from refmatte_engine.cli import options
from refmatte_engine.cli.output import print_json
from refmatte_engine.cli.progress import Bar
from refmatte_engine.errors import RefMatteError, needs


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
    print(f"review {path}, then move the lines you agree with into {folder / 'labels.jsonl'}")
