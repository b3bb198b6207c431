"""A run's split rules, applied to what its packs hold: what each picture must be or may be in."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from refmatte_engine.config.split_rules import CATEGORY, SplitRules
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.packs.category_file import stem
from refmatte_engine.packs.category_names import spoken
from refmatte_engine.packs.labels import Remark
from refmatte_engine.records import Background, Foreground
from refmatte_engine.semantics import lexicon, spelling

Asset = Foreground | Background
Key = tuple[type, str]
SHOWN = 3
UNSEEN, BY_FILE, LABELLED, DRAWN = range(4)


class Assignment:
    """The rules with every name found among `assets`, all that the packs hold, where `files` names
    the picture that each was cut from.

    `unseen` are the categories of "test" alone; `names_of_nothing` what the file names and nobody
    has; `aside` counts, by reason, what is left out, which `settle` fills.

    InputError for a name that is no category's, picture's or pack's, for rules that contradict each
    other, and for a file none of whose pictures is there.
    """

    def __init__(
        self,
        rules: SplitRules,
        assets: Sequence[tuple[Asset, str]],
        packs: Sequence[str],
        seed: int,
    ) -> None:
        self.rules, self.seed = rules, seed
        self.aside: Counter[str] = Counter()
        self._categories = sorted({a.category for a, _ in assets if isinstance(a, Foreground)})
        for split, names in (rules.packs or {}).items():
            for name in names:
                if name not in packs:
                    todo = nearest(name, packs)
                    told = f"there is no pack {name!r}"
                    where = f"split_by.packs.{split}"
                    raise InputError(where, told, allowed=listed(packs), todo=todo)
        self.unseen = frozenset(self._unseen())
        self.names_of_nothing: tuple[str, ...] = ()
        self._by_file = self._files(assets) if isinstance(rules.file, dict) else {}
        self._shots = self._limits()

    def claim(self, asset: Asset) -> tuple[int, str]:
        """How strong the wish for a split is (less is stronger), and which split."""
        if isinstance(asset, Foreground) and asset.category in self.unseen:
            return UNSEEN, "test"
        if named := self._by_file.get((type(asset), asset.id)):
            return BY_FILE, named
        # What its authors keep for testing is not trained on, whatever the run says of packs.
        if asset.split and (self.allows(asset, asset.split) or asset.split == "test"):
            return LABELLED, asset.split
        return DRAWN, ""

    def allows(self, asset: Asset, split: str) -> bool:
        """Whether the asset's pack may be in the split. A pack that no split names may be in those
        that name none; and its backgrounds in all."""
        named = self.rules.packs or {}
        if split in named:
            mine = asset.pack in named[split]
            return mine or (isinstance(asset, Background) and not self._is_named(asset))
        return not self._is_named(asset)

    def _is_named(self, asset: Asset) -> bool:
        return any(asset.pack in packs for packs in (self.rules.packs or {}).values())

    def choice(self, assets: Sequence[Asset], drawn: str) -> str:
        """The split of a group of which nothing is known: the one `drawn`, or the first other that
        all of them may be in, or some."""
        others = sorted(self.rules.packs or ())
        wanted = dict.fromkeys((drawn, "train", "test", *others))
        for enough in (all, any):
            for split in wanted:
                if enough(self.allows(asset, split) for asset in assets):
                    return split
        return drawn

    def refuses(self, asset: Asset, split: str) -> str:
        """Why the asset cannot be in the split; empty if it can."""
        if isinstance(asset, Foreground) and asset.category in self.unseen and split != "test":
            return "of an unseen category"  # no group of such is anywhere else
        by_hand = (type(asset), asset.id) in self._by_file
        if by_hand or self.allows(asset, split):
            return ""
        return f"of pack {asset.pack}, which is not for {split}"

    def few(self, kept: Sequence[Foreground], groups: Mapping[str, str]) -> Iterator[str]:
        """The ids of foregrounds of "train" beyond the shots of their categories, of different
        `groups` as far as there are any. InputError for a category with fewer."""
        here: dict[str, list[Foreground]] = defaultdict(list)
        for asset in kept:
            if asset.split == "train":
                here[asset.category].append(asset)
        short = {
            category: (wanted, len(here[category]))
            for category, wanted in self._shots.items()
            if len(here[category]) < wanted and (here[category] or self._is_by_name)
        }
        if short:
            raise self._too_few(short, kept)
        for category, wanted in self._shots.items():
            ranked = _spread(here[category], groups, self.seed)
            yield from (asset.id for asset in ranked[wanted:])

    def record(self, kept: Iterable[Foreground]) -> dict[str, Any]:
        """What went where, as JSON values: categories and numbers by split, the unseen ones, and
        the pictures of the few shots."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        shots: dict[str, list[str]] = defaultdict(list)
        for asset in kept:
            counts[asset.split][asset.category] += 1
            if asset.split == "train" and asset.category in self._shots:
                shots[asset.category].append(asset.id)
        told: dict[str, Any] = {s: dict(sorted(counts[s].items())) for s in sorted(counts)}
        return {
            "foregrounds": told,
            **({"unseen": sorted(self.unseen)} if self.unseen else {}),
            **({"shots": {c: sorted(ids) for c, ids in sorted(shots.items())}} if shots else {}),
            **({"not_found": list(self.names_of_nothing)} if self.names_of_nothing else {}),
        }

    def notes(self) -> list[Remark]:
        """What the rules leave in doubt: names of nothing, and categories that are seen and may be
        the same thing as an unseen one, as a duck is a bird."""
        found = []
        if names := self.names_of_nothing:
            told = (
                f"{len(names)} of {len(self.rules.file or ())} names are of nothing that is there"
            )
            found.append(Remark("split_by.file", f"{told}: {listed(names, SHOWN)}"))
        for unseen in sorted(self.unseen):
            others = [c for c in self._categories if c not in self.unseen and _overlap(c, unseen)]
            if others:
                told = (
                    f"{unseen!r} is unseen, and {listed(others, SHOWN)}, which may be one, is not"
                )
                found.append(Remark("split_by.unseen", told))
        return found

    @property
    def _is_by_name(self) -> bool:
        return isinstance(self.rules.shots, dict)

    def _unseen(self) -> Iterator[str]:
        asked = self.rules.unseen
        if asked is None:
            return
        if isinstance(asked, list):
            yield from (self._category("split_by.unseen", name) for name in asked)
            return
        total = len(self._categories)
        count = asked if isinstance(asked, int) else max(1, round(asked * total))
        if count >= total:
            raise InputError(
                "split_by.unseen",
                f"{asked} of {total} categor{'y' if total == 1 else 'ies'} leaves none to train on",
                allowed=f"at most {total - 1}",
                todo="add packs with more categories" if total < 2 else "",
            )
        yield from sorted(self._categories, key=lambda c: _rank(self.seed, "unseen", c))[:count]

    def _category(self, where: str, name: str) -> str:
        """The category that a person means by `name`. InputError if there is none."""
        known = {category.casefold(): category for category in self._categories}
        said = spoken(name).casefold()
        for each in (said, spelling.singular(said)):
            if each in known:
                return known[each]
        todo = nearest(said, known)
        there = listed(self._categories, 20)
        raise InputError(where, f"there is no category {name!r}", allowed=there, todo=todo)

    def _limits(self) -> dict[str, int]:
        """How many foregrounds of each category "train" has, where that is said."""
        asked = self.rules.shots
        if not isinstance(asked, dict):
            seen = [c for c in self._categories if c not in self.unseen]
            return dict.fromkeys(seen, asked) if asked else {}
        found = {self._category("split_by.shots", name): k for name, k in asked.items()}
        if both := sorted(found.keys() & self.unseen):
            told = f"{both[0]!r} is unseen, so train has none of it"
            raise InputError("split_by.shots", told, todo="name it in one of the two")
        return dict(sorted(found.items()))

    def _too_few(
        self, short: Mapping[str, tuple[int, int]], kept: Sequence[Foreground]
    ) -> InputError:
        category, (wanted, there) = min(short.items(), key=lambda item: (item[1][1], item[0]))
        elsewhere = Counter(a.split for a in kept if a.category == category)
        del elsewhere["train"]
        more = listed(f"{n} in {split}" for split, n in sorted(elsewhere.items()))
        told = (
            f"train has {there} of {category!r}{more and f' ({more})'}, and {wanted} are asked for"
        )
        if others := sorted(short.keys() - {category}):
            told += f"; too few also of {listed(others, SHOWN)}"
        least = min(n for _, n in short.values())
        todo = "add pictures, a smaller test_share, or name the category in split_by.unseen"
        allowed = f"at most {least}" if least else ""
        return InputError("split_by.shots", told, allowed=allowed, todo=todo)

    def _files(self, assets: Sequence[tuple[Asset, str]]) -> dict[Key, str]:
        """The split of each asset that the file names, by its picture before its category."""
        assert isinstance(self.rules.file, dict)
        where, found, of_category = "split_by.file", dict[Key, str](), dict[str, str]()
        by_tail: dict[str, dict[tuple[str, str, type], list[Key]]] = defaultdict(dict)
        for asset, file in assets:
            picture = (asset.pack, asset.path, type(asset))
            for place in _places(asset, file):
                parts = PurePosixPath(stem(place)).parts
                for start in range(len(parts)):
                    keys = by_tail["/".join(parts[start:])].setdefault(picture, [])
                    keys.append((type(asset), asset.id))
        categories = {category.casefold() for category in self._categories}
        lost = []
        for name, split in self.rules.file.items():
            if name.startswith(CATEGORY):
                category = self._category(where, name.removeprefix(CATEGORY))
                of_category[category] = split
                continue
            fits = by_tail.get(stem(name), {})
            is_category = spoken(name).casefold() in categories
            if len(fits) > 1 or (fits and is_category):
                some = sorted(f"{path} of {pack}" for pack, path, _ in fits)
                some += [f"the category {name!r}"] if is_category else []
                todo = f"write more of its path, or {CATEGORY}{name} for the category"
                told = f"{name!r} may be {listed(some, SHOWN)}"
                raise InputError(where, told, todo=todo)
            if fits:
                found.update({key: split for keys in fits.values() for key in keys})
            elif is_category:
                of_category[self._category(where, name)] = split
            else:
                lost.append(name)
        if not found and not of_category:
            told = f"names nothing that is there: {listed(lost, SHOWN)}"
            pictures = listed((asset.id for asset, _ in assets), SHOWN)
            allowed = f"pictures ({pictures}) and categories ({listed(self._categories, SHOWN)})"
            raise InputError(where, told, allowed=allowed)
        self.names_of_nothing = tuple(sorted(lost))
        for asset, _ in assets:
            if isinstance(asset, Foreground) and asset.category in of_category:
                found.setdefault((Foreground, asset.id), of_category[asset.category])
        self._check(where, assets, found)
        return found

    def _check(
        self, where: str, assets: Sequence[tuple[Asset, str]], found: Mapping[Key, str]
    ) -> None:
        """InputError if the file says the contrary of another rule."""
        for asset, _ in assets:
            split = found.get((type(asset), asset.id))
            if split is None:
                continue
            told = f"puts {asset.id} into {split}, "
            if isinstance(asset, Foreground) and asset.category in self.unseen and split != "test":
                told += f"but {asset.category!r} is unseen: test alone has it"
                raise InputError(where, told, todo="change the one or the other")
            if not self.allows(asset, split):
                told += f"but split_by.packs keeps {asset.pack} out of it"
                raise InputError(where, told, todo="change the one or the other")


def _places(asset: Asset, file: str) -> set[str]:
    """What a file may call a picture, in full."""
    alpha = asset.alpha_path if isinstance(asset, Foreground) else ""
    return {place for place in (asset.id, asset.path, alpha, file) if place}


def _spread(assets: Iterable[Foreground], groups: Mapping[str, str], seed: int) -> list[Foreground]:
    """In an order drawn by seed, where the second of a group comes after the first of all."""
    ranked = sorted(assets, key=lambda a: _rank(seed, "shot", a.digest))
    before: Counter[str] = Counter()
    place = {}
    for asset in ranked:
        place[asset.id] = before[groups[asset.id]]
        before[groups[asset.id]] += 1
    return sorted(ranked, key=lambda a: place[a.id])


def _rank(seed: int, what: str, name: str) -> bytes:
    """An order that depends on nothing but the arguments."""
    return hashlib.blake2b(f"{seed}/{what}/{name}".encode(), digest_size=8).digest()


def _overlap(one: str, other: str) -> bool:
    """Whether things of one of the categories are surely of the other, too."""
    return 1 in (lexicon.is_a(one, other), lexicon.is_a(other, one))
