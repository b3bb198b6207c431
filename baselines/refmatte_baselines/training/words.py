"""Words that a text encoder is taught without pictures: each is to be read as that word it knows
which names nearly the same things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from refmatte_baselines.towers.context import ContextPrompt
from refmatte_baselines.towers.network import Network
from refmatte_baselines.towers.reader import PADDING, Reader
from refmatte_engine.semantics import lexicon

HUMAN = "human"  # a category that sentences never say
# What the sentences of runs call things besides the names of their categories.
WIDE = (
    "person",
    "woman",
    "man",
    "animal",
    "bird",
    "insect",
    "fish",
    "plant",
    "flower",
    "tree",
    "vehicle",
)
OFTEN = 3  # a category of fewer things is not known well enough to be an example
LEAST = 0.3  # things that both words name, of those that either does; with less it is not taught
CARRIERS = ("the foreground of the {}", "the {}", "the {} on the left", "the {} in the middle")
TEXTS, RATE = 24, 3e-3  # at once, and the rate at first, which falls to nothing


class Pair(NamedTuple):
    """A word to learn, and the one that it is to be read as."""

    word: str
    known: str


def pairs(categories: Iterable[str]) -> list[Pair]:
    """What can be taught about things of these categories, each as often as it is there: the
    lexicon's other names for them, and what they may be called."""
    count = Counter(map(lexicon.normal, categories))
    often = [name for name in count if count[name] >= OFTEN and name != HUMAN]
    wide = [name for name in WIDE if any(lexicon.is_a(each, name) >= 0 for each in count)]
    known = {name: _called(name, count) for name in (*often, *wide)}
    new = {HUMAN} if count[HUMAN] else set[str]()
    found = []
    for category in count:
        new.update(name for level in lexicon.other_names(category) for name in level)
    for name in known:
        found += [Pair(each, name) for each in lexicon.nicknames(name)]
    taught = {pair.word for pair in found} | known.keys()
    for word in sorted(new - taught):
        things = _called(word, count)
        share, best = max((_shared(things, other, count), name) for name, other in known.items())
        if share >= LEAST:
            found.append(Pair(word, best))
    return found


def _called(name: str, count: Mapping[str, int]) -> frozenset[str]:
    return frozenset(each for each in count if lexicon.is_a(each, name) == 1)


def _shared(one: frozenset[str], other: frozenset[str], count: Mapping[str, int]) -> float:
    either = sum(count[each] for each in one | other)
    return sum(count[each] for each in one & other) / either if either else 0.0


def teach(model: Network, what: Sequence[Pair], steps: int, seed: int) -> None:
    """The text encoder's tokens for a sentence with a new word become those for the sentence with
    the known one. Only the embeddings of tokens that no known word has change, so that all else is
    read as it was; a new word that has no such token is not taught."""
    prompt, draw = model.prompt, torch.Generator().manual_seed(seed)
    table = prompt.text.token_embedding.weight
    free = _begun(model, table, what)
    taught = [pair for pair in what if free[_words(model.reader, pair.word)].any()]
    if not taught:
        return
    before, target = table.requires_grad, deepcopy(prompt).requires_grad_(False)
    optimizer = torch.optim.Adam([table.requires_grad_()], RATE)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = RATE * (1 - step / steps)
        some = torch.randint(len(taught), (TEXTS,), generator=draw).tolist()
        which = torch.randint(len(CARRIERS), (TEXTS,), generator=draw).tolist()
        asked, carriers = [taught[i] for i in some], [CARRIERS[i] for i in which]
        difference = _difference(model, prompt, target, asked, carriers)
        (gradient,) = torch.autograd.grad(difference, [table])
        table.grad = gradient * free[:, None]
        optimizer.step()
    table.grad = None
    table.requires_grad_(before)


def _words(reader: Reader, text: str) -> list[int]:
    tokens: list[int] = reader.tokens([text], "expression")[0].tolist()
    return tokens[1 : len(tokens) - 1 - reader.context]


def _begun(model: Network, table: Tensor, what: Sequence[Pair]) -> Tensor:
    """Which of the tokens may change, bool V; they begin as the mean of the known words'."""
    reader = model.reader
    known = {pair.known for pair in what} | set(WIDE)
    said = (*known, *(carrier.format("") for carrier in CARRIERS))
    kept = {token for text in said for token in _words(reader, text)}
    free = torch.zeros(len(table), dtype=torch.bool, device=table.device)
    with torch.no_grad():
        for pair in what:
            for token in set(_words(reader, pair.word)) - kept:
                free[token] = True
                table[token] = table[_words(reader, pair.known)].mean(0)
    return free


def _difference(
    model: Network,
    prompt: ContextPrompt,
    taught: ContextPrompt,
    asked: Sequence[Pair],
    carriers: Sequence[str],
) -> Tensor:
    """Of the tokens before a noun and after it, which are as many, and of the mean over it."""
    reader, device = model.reader, model.mean.device

    def read(words: Iterable[str]) -> tuple[Tensor, list[int]]:
        texts = [carrier.format(word) for carrier, word in zip(carriers, words, strict=True)]
        tokens = reader.tokens(texts, "expression")
        return tokens.to(device), (tokens != PADDING).sum(1).tolist()

    new, new_ends = read(pair.word for pair in asked)
    old, old_ends = read(pair.known for pair in asked)
    said, wanted = prompt(new), taught(old)
    found = []
    for row, carrier in enumerate(carriers):
        head, tail = _around(reader, carrier)
        learnt = _parts(said[row], head, new_ends[row] - tail, new_ends[row])
        known = _parts(wanted[row], head, old_ends[row] - tail, old_ends[row])
        found.append(F.mse_loss(learnt, known))
    return torch.stack(found).mean()


def _around(reader: Reader, carrier: str) -> tuple[int, int]:
    """How many tokens a carrier has before its noun, and after it."""
    before = reader.tokens([carrier.partition("{}")[0]], "expression").shape[1]
    whole = reader.tokens([carrier.format("x")], "expression").shape[1]  # x is one token
    head = before - reader.context - 1
    return head, whole - head - 1


def _parts(tokens: Tensor, first: int, last: int, end: int) -> Tensor:
    return torch.cat([tokens[:first], tokens[first:last].mean(0, keepdim=True), tokens[last:end]])
