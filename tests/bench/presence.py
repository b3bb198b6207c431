"""How well a model tells that nothing fits, by what is untrue, in pictures composed of a run's test
assets.

python -m tests.bench.presence MODEL … --run RUN --pictures 200

As many texts that mean something as texts that mean nothing are asked of each picture: its own
texts; and those of the kind none (`also: [none]` in the run), near misses made of its own, alike
often by what is untrue of them, and a name of what is not there. It is not of `make bench`: it
measures what is said, not time.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from refmatte_baselines.data import near_misses, rewording
from refmatte_baselines.data.pictures import Composed, Text, TrainingPicture, form_of
from refmatte_baselines.weights import from_pretrained
from refmatte_engine.config.run import load_run
from refmatte_engine.scoring.presence import correlation
from refmatte_engine.semantics.ground import ground

SIDE_PX = 448  # at which pictures are composed, and tiny works
TEXTS, TRIES = 7, 80


def untrue(text: Text, picture: TrainingPicture) -> str:
    """What of a text is not so: the first clause after which nothing is left."""
    program = text.program or ()
    left = ground(program, picture.entities, picture.image.shape[:2]).left_after
    clause = next((c for c, some in zip(program, left, strict=True) if not some), None)
    if clause is None:
        return "other"
    return clause.name if clause.op == "attribute" else clause.op


def asked(
    picture: TrainingPicture, names: Sequence[str], rng: np.random.Generator
) -> Iterator[tuple[str, Text]]:
    """Texts with what is true or untrue of them."""
    own = [text for text in picture.texts if not text.referents]
    more = near_misses.exchanged(picture, TRIES, rng).texts[len(picture.texts) :]
    by_sort: dict[str, list[Text]] = defaultdict(list)
    for text in more:
        if not text.referents:
            by_sort[untrue(text, picture)].append(text)
    lost = [*own, *rewording.with_absent(picture, names, rng).texts[len(picture.texts) :]]
    while len(lost) < TEXTS and any(by_sort.values()):
        for texts in filter(None, by_sort.values()):
            if len(lost) < TEXTS:
                lost.append(texts.pop(int(rng.integers(len(texts)))))
    there = [text for text in (*picture.texts, *more) if len(text.referents) == 1]
    for place in rng.permutation(len(there))[: len(lost)]:
        yield f"true, {there[place].kind}", there[place]
    for text in lost:
        yield f"untrue, {untrue(text, picture)}", text
        if text in own:
            yield "untrue, the run's own (counted already)", text


@torch.inference_mode()
def said(model: str, stream: Composed, pictures: int, tower: str | None) -> dict[str, list[bool]]:
    """Whether each text is said to mean something, by what is true or untrue of it."""
    net = from_pretrained(model, image_tower=tower)
    found: dict[str, list[bool]] = defaultdict(list)
    for number in range(pictures):
        picture = stream.picture(number, SIDE_PX)
        image = torch.from_numpy(picture.image).permute(2, 0, 1)[None].float() / 255
        visual = net.encode(image)
        chosen = list(asked(picture, stream.categories, np.random.default_rng(number)))
        for form in ("keyword", "expression"):
            those = [(sort, text.text) for sort, text in chosen if form_of(text) == form]
            if those:
                tokens = net.reader.tokens([text for _, text in those], form)
                presence = net(image, tokens, visual, coarse=True).presence
                assert presence is not None, f"{model} does not decide on presence"
                for (sort, _), logit in zip(those, presence.tolist(), strict=True):
                    found[sort].append(logit > 0)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("models", nargs="+", help="checkpoints that decide on presence")
    parser.add_argument("--run", required=True, help="a run file or an embedded run")
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--seed", type=int, default=77, help="of the pictures")
    parser.add_argument("--image-tower", help="file or open_clip tag, for b16_small_text")
    given = parser.parse_args()
    stream = Composed(load_run(Path(given.run)), given.seed, "test")
    for name in given.models:
        found = said(name, stream, given.pictures, given.image_tower)
        print(f"{name}\n\n| | texts | told rightly |\n|---|---|---|")
        right = {}
        for sort, told in sorted(found.items()):
            right[sort] = [each == sort.startswith("true") for each in told]
            print(f"| {sort} | {len(told)} | {np.mean(right[sort]):.2f} |")
        counted = {sort: each for sort, each in right.items() if "counted" not in sort}
        sums = [
            np.array([sum(map(sum, each)), sum(map(len, each))], float)
            for each in (
                [x for sort, x in counted.items() if sort.startswith(start)]
                for start in ("untrue", "true")
            )
        ]
        print(f"\npresence MCC {float(correlation(*sums)):.3f}\n", flush=True)


if __name__ == "__main__":
    main()
