"""Two complete languages that are not shipped, one without plurals and one with three genders and
four cases: what a stranger writes has to say what its grammar says."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from refmatte_engine.errors import Indescribable
from refmatte_engine.language import writer
from refmatte_engine.language.templates import check, load_templates
from refmatte_engine.records import Attribute, Entity, Expression
from refmatte_engine.semantics import ground
from tests.support import cast

HERE = Path(__file__).parent
LANGUAGES = ("chinese", "russian")
# Four pictures: things side by side, several of a kind, people, one above the other.
SIDE = ((60, 300, 420, 700), (520, 300, 900, 720), (1010, 280, 1390, 700))
STACKED = ((500, 40, 900, 330), (480, 400, 940, 660), (520, 700, 900, 940))


def worn(garment: str, color: str) -> tuple[Attribute, ...]:
    return (
        Attribute("clothes", garment, "recipe"), Attribute("color", color, "recipe", part=garment),
    )  # fmt: skip


def picture(
    *things: tuple[str, tuple[Attribute, ...]], boxes: tuple[tuple[int, int, int, int], ...] = SIDE
) -> tuple[Entity, ...]:
    places = enumerate(zip(things, boxes, strict=False), 1)
    return tuple(
        replace(cast.entity(i, name, box, facts), stands=boxes is SIDE)
        for i, ((name, facts), box) in places
    )


def scenes() -> list[tuple[Entity, ...]]:
    color, facts = (lambda name: cast.facts(color=name)), cast.facts
    adult = {"gender": "female", "age": "adult"}, {"gender": "male", "age": "adult"}
    return [
        picture(("mug", color("red")), ("vase", color("blue")), ("chair", color("green"))),
        picture(("cat", color("orange")), ("cat", color("black")), ("cat", color("gray"))),
        picture(("book", color("red")), ("book", color("white")), ("scissors", color("yellow"))),
        picture(
            ("human", (*facts(**adult[0]), *worn("dress", "red"))),
            ("human", (*facts(**adult[1]), *worn("sweater", "green"))),
            ("umbrella", facts(color="purple", pattern="striped")),
        ),
        picture(
            ("balloon", color("pink")), ("teddy bear", color("brown")), ("ball", color("white")),
            boxes=STACKED,
        ),
        picture(
            ("human", (*facts(gender="male", age="child"), *worn("shorts", "yellow"))),
            ("human", (*facts(gender="female", age="child"), *worn("glasses", "black"))),
            ("apple", color("red")),
        ),
    ]  # fmt: skip


@cache
def written(language: str) -> tuple[tuple[int, Expression], ...]:
    """What the language says of the scenes, each of them told many times, and of which."""
    found, told = (
        load_templates(HERE / "languages" / f"{language}.yaml"),
        dict[str, tuple[int, Expression]](),
    )
    for number, scene in enumerate(scenes()):
        for seed in range(40):
            try:
                some = writer.express(scene, cast.CANVAS_HW, found, np.random.default_rng(seed))
            except Indescribable:
                continue
            told |= {one.text: (number, one) for one in some}
    return tuple(told.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_sixty_sentences(language: str) -> None:
    """Each was read by a person. They are said of these scenes, whatever else is."""
    golden = (HERE.parent / "golden" / f"{language}.txt").read_text("utf-8").splitlines()
    assert len(set(golden)) == 60
    assert set(golden) - {one.text for _, one in written(language)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_are_certified(language: str) -> None:
    for number, one in written(language):
        scene = ground.Grounder(scenes()[number], cast.CANVAS_HW)
        assert scene.ground(one.program).referents == one.referents, one.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_in_order(language: str) -> None:
    assert check(HERE / "languages" / f"{language}.yaml") == []


def test_chinese_has_neither_blanks_nor_plurals() -> None:
    said = {one.text for _, one in written("chinese")}
    assert [
        text for text in said if not re.fullmatch(r"[\u4e00-\u9fff]+", text.replace("T恤", ""))
    ] == []
    assert {"图中的三只猫", "图中所有的猫", "图中的两本书"} <= said
    assert not any(re.search("两个猫|三个猫|两个书|的的|色色", text) for text in said)


# How adjectives end before nouns of the scenes, in the forms that these take.
AGREES = {
    "кружка|ваза|кошка|книга": "ая", "стул|зонт|шарик|мишка|мяч": "ый", "яблоко|животное": "ое",
    "ножницы|животные": "ые", "кружкой|вазой|кошкой|книгой": "ой", "ножниц": "ых",
    "стула|зонта|шарика|мишки|мяча|яблока|животного": "ого", "шортах|очках": "ых",
    "стулом|зонтом|шариком|мишкой|мячом|яблоком|животным": "ым", "ножницами": "ыми",
    "платье|свитере": "ом", "кружки|вазы|кошки|книги": "ой|ые",
}  # fmt: skip
NOMINATIVE = (
    "кружка|ваза|кошка|книга|стул|зонт|шарик|мишка|мяч|яблоко|животное|ножницы|женщина|мужчина|"
    "мальчик|девочка|человек"
)


def test_russian_agrees() -> None:
    said = {one.text for _, one in written("russian")}
    stems = "красн|оранжев|жёлт|зелён|фиолетов|розов|коричнев|чёрн|бел|сер|крупн"
    checked = 0
    for text in said:
        assert not re.search(r"[a-zA-Z]|  ", text), text
        for ending, noun in re.findall(rf"\b(?:{stems})(\w+) (\w+)", text):
            fit = {ends for names, ends in AGREES.items() if noun in names.split("|")}
            checked += len(fit)
            assert not fit or any(re.fullmatch(ends, ending) for ends in fit), text
        # No preposition is followed by the case that takes none.
        prepositions = "слева от|справа от|недалеко от|позади|над|под|перед|рядом с|рядом со|между"
        assert not re.search(rf"\b({prepositions}) (\w+ )?({NOMINATIVE})\b", text), text
    assert checked > 500
