"""Human, animal or object: a guess from the category's name where no label says it."""

from __future__ import annotations

from refmatte_engine.records import KindOfThing


def kind_of(category: str) -> KindOfThing:
    """By the last word of the category; an animal made of something is an object.

    >>> kind_of("woman"), kind_of("polar bear"), kind_of("teddy bear")
    ('human', 'animal', 'object')
    """
    *before, last = category.split()
    noun = {last, last.removesuffix("s")}
    if noun & _HUMANS:
        return "human"
    return "animal" if noun & _ANIMALS and not _MADE & set(before) else "object"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HUMANS = _words("""
    adult baby boy child gentleman girl human lady man men people person teenager woman women
""")
_MADE = _words("ceramic chocolate clay garden paper plastic plush rubber stuffed teddy toy wooden")
_ANIMALS = _words("""
    alpaca animal ant antelope ape bear beaver bee beetle bird bison boar buffalo bull butterfly
    calf camel cat cattle cheetah chicken cow coyote crab crocodile crow deer dog dolphin donkey
    dove dragonfly duck eagle elephant ferret fish flamingo fox frog gazelle gecko giraffe goat
    goose gorilla hamster hare hawk hedgehog hen hippo hippopotamus horse hyena insect jaguar
    kangaroo kitten koala lamb lemur leopard lion lizard llama lobster lynx mammal meerkat
    monkey moose mouse mule octopus orangutan ostrich otter owl ox panda panther parrot peacock
    pelican penguin pig pigeon pony puma puppy rabbit raccoon ram rat reindeer rhino rhinoceros
    rodent rooster seal shark sheep skunk sloth snail snake sparrow spider squid squirrel
    starfish swan tiger toad tortoise turkey turtle walrus weasel whale wolf wombat worm yak
    zebra
""")
