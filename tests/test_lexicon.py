"""Categories, kinds and nouns."""

from __future__ import annotations

import pytest

from refmatte_engine import lexicon
from refmatte_engine.resources import ASSETS

# singular: plural; what people write, awkward ones first.
PLURALS = dict(
    pair.split("/")
    for pair in """
man/men woman/women child/children person/people mouse/mice goose/geese foot/feet tooth/teeth
ox/oxen sheep/sheep deer/deer fish/fish goldfish/goldfish jellyfish/jellyfish starfish/starfish
moose/moose bison/bison shrimp/shrimp squid/squid salmon/salmon trout/trout swine/swine
cactus/cacti octopus/octopuses platypus/platypuses hippopotamus/hippopotamuses fungus/fungi
leaf/leaves loaf/loaves knife/knives wolf/wolves calf/calves half/halves shelf/shelves
thief/thieves wife/wives elf/elves scarf/scarves roof/roofs cliff/cliffs chef/chefs giraffe/giraffes
tomato/tomatoes potato/potatoes mango/mangoes hero/heroes piano/pianos photo/photos radio/radios
kangaroo/kangaroos flamingo/flamingos buffalo/buffaloes volcano/volcanoes zoo/zoos video/videos
box/boxes fox/foxes bus/buses glass/glasses wineglass/wineglasses dress/dresses brush/brushes
watch/watches bench/benches torch/torches peach/peaches dish/dishes toothbrush/toothbrushes
cherry/cherries berry/berries strawberry/strawberries baby/babies lady/ladies puppy/puppies
butterfly/butterflies dragonfly/dragonflies fly/flies daisy/daisies lily/lilies poppy/poppies
monkey/monkeys donkey/donkeys turkey/turkeys toy/toys boy/boys key/keys trolley/trolleys
teddy/teddies pony/ponies bunny/bunnies canary/canaries candy/candy lollipop/lollipops
scissors/scissors trousers/trousers jeans/jeans shorts/shorts glasses/glasses tongs/tongs
sunglasses/sunglasses goggles/goggles binoculars/binoculars pajamas/pajamas leggings/leggings
smoke/smoke smog/smog fog/fog steam/steam water/water fire/fire snow/snow ice/ice grass/grass
moss/moss seaweed/seaweed foam/foam bread/bread popcorn/popcorn cheese/cheese honey/honey
coffee/coffee tea/tea milk/milk juice/juice wine/wine beer/beer hair/hair garlic/garlic lace/lace
teddy_bear/teddy_bears wine_glass/wine_glasses light_bulb/light_bulbs gift_box/gift_boxes
soap_bubble/soap_bubbles lace_doily/lace_doilies fur_hat/fur_hats bicycle_wheel/bicycle_wheels
candle_flame/candle_flames spider_web/spider_webs tennis_ball/tennis_balls alarm_clock/alarm_clocks
hot_dog/hot_dogs ice_cube/ice_cubes fire_truck/fire_trucks sea_lion/sea_lions
sea_urchin/sea_urchins water_drop/water_drops wedding_dress/wedding_dresses
paintbrush/paintbrushes firefly/fireflies chess_piece/chess_pieces old_woman/old_women
red_wine/red_wine black_sheep/black_sheep swordfish/swordfish clownfish/clownfish
mug/mugs cup/cups plate/plates bowl/bowls fork/forks spoon/spoons pan/pans pot/pots jar/jars
jug/jugs vase/vases bottle/bottles kettle/kettles teapot/teapots basket/baskets bucket/buckets
chair/chairs stool/stools sofa/sofas table/tables desk/desks bed/beds lamp/lamps lantern/lanterns
mirror/mirrors clock/clocks curtain/curtains carpet/carpets pillow/pillows cushion/cushions
blanket/blankets towel/towels fan/fans candle/candles chandelier/chandeliers armchair/armchairs
book/books notebook/notebooks newspaper/newspapers pen/pens pencil/pencils envelope/envelopes
bag/bags backpack/backpacks suitcase/suitcases umbrella/umbrellas lock/locks hammer/hammers saw/saws
axe/axes ladder/ladders rope/ropes chain/chains net/nets ribbon/ribbons flag/flags bell/bells
camera/cameras phone/phones laptop/laptops computer/computers keyboard/keyboards guitar/guitars
ball/balls balloon/balloons kite/kites doll/dolls robot/robots pompom/pompoms violin/violins
drum/drums trumpet/trumpets flute/flutes skateboard/skateboards surfboard/surfboards ski/skis
racket/rackets trophy/trophies medal/medals car/cars truck/trucks van/vans taxi/taxis train/trains
tram/trams bicycle/bicycles motorcycle/motorcycles scooter/scooters boat/boats ship/ships
canoe/canoes airplane/airplanes helicopter/helicopters rocket/rockets tractor/tractors
house/houses tower/towers bridge/bridges windmill/windmills lighthouse/lighthouses tent/tents
stone/stones shell/shells seashell/seashells feather/feathers crystal/crystals diamond/diamonds
ring/rings necklace/necklaces earring/earrings crown/crowns hat/hats cap/caps helmet/helmets
shirt/shirts t-shirt/t-shirts sweater/sweaters jacket/jackets coat/coats skirt/skirts glove/gloves
sock/socks shoe/shoes boot/boots sandal/sandals tie/ties flame/flames cloud/clouds bubble/bubbles
snowflake/snowflakes snowman/snowmen icicle/icicles rainbow/rainbows firework/fireworks veil/veils
hourglass/hourglasses telescope/telescopes globe/globes statue/statues figurine/figurines mask/masks
apple/apples pear/pears orange/oranges lemon/lemons lime/limes banana/bananas plum/plums
grape/grapes pineapple/pineapples watermelon/watermelons kiwi/kiwis coconut/coconuts fig/figs
avocado/avocados carrot/carrots onion/onions pepper/peppers cucumber/cucumbers eggplant/eggplants
pumpkin/pumpkins mushroom/mushrooms walnut/walnuts acorn/acorns egg/eggs cake/cakes cupcake/cupcakes
rose/roses tulip/tulips dandelion/dandelions sunflower/sunflowers orchid/orchids iris/irises
fern/ferns tree/trees bush/bushes branch/branches wreath/wreaths cat/cats dog/dogs horse/horses
lion/lions tiger/tigers bear/bears camel/camels alpaca/alpacas antelope/antelopes zebra/zebras
rabbit/rabbits hamster/hamsters squirrel/squirrels hedgehog/hedgehogs bird/birds chick/chicks
duck/ducks swan/swans owl/owls eagle/eagles penguin/penguins snail/snails bee/bees spider/spiders
frog/frogs lizard/lizards snake/snakes turtle/turtles crocodile/crocodiles dinosaur/dinosaurs
""".split()
)


def test_plurals_of_three_hundred_nouns() -> None:
    wrong = {
        one: lexicon.plural(one.replace("_", " "))
        for one, several in PLURALS.items()
        if lexicon.plural(one.replace("_", " ")) != several.replace("_", " ")
    }
    assert len(PLURALS) >= 300
    assert not wrong


@pytest.mark.parametrize("word", "umbrella apple orange owl egg ice hourglass old elderly".split())
def test_an(word: str) -> None:
    assert lexicon.a(word) == "an"


@pytest.mark.parametrize("word", "unicycle mug horse one-eyed european used yellow".split())
def test_a(word: str) -> None:
    assert lexicon.a(word) == "a"


@pytest.mark.parametrize(
    ("category", "kind", "truth"),
    [
        ("camel", "animal.n.01", 1),
        ("fern", "plant.n.02", 1),
        ("cactus", "plant.n.02", 1),
        ("mug", "animal.n.01", -1),
        ("teddy bear", "animal.n.01", 0),
        ("teddy bear", "plaything.n.01", 1),
        ("human", "animal.n.01", -1),
        ("rose", "flower", 1),
        ("dandelion", "flower", 1),
        ("bird", "owl.n.01", 0),
        ("owl", "bird.n.01", 1),
        ("cup", "mug.n.04", 0),
        ("gift box", "box.n.01", 1),
        ("box", "gift box", 0),
        ("mouse", "electronic_device.n.01", -1),
        ("flurb", "animal.n.01", -1),
        ("flurb", "flurb", 1),
        ("red flurb", "flurb", 0),
        ("Teddy_Bear", "teddy bear", 1),
        ("anything", "thing", 1),
    ],
)
def test_what_is_a_what(category: str, kind: str, truth: int) -> None:
    assert lexicon.is_a(category, kind) == truth


def test_every_category_has_a_sense_that_wordnet_knows() -> None:
    wordnet = lexicon.wordnet()
    assert len(lexicon.categories()) > 500
    for name, category in lexicon.categories().items():
        assert wordnet.synset(category.sense), name


def test_kinds_agree_with_wordnet() -> None:
    wordnet = lexicon.wordnet()
    for name, known in lexicon._known().items():
        synset = wordnet.synset(name)
        assert set(known.hypernyms) == {s.name() for s in synset.hypernyms()}, name
        assert set(known.names) <= {lemma.lower() for lemma in synset.lemma_names()}, name


def test_words_that_wordnet_knows_but_the_list_does_not() -> None:
    assert "puma" not in lexicon.categories()
    assert lexicon.is_a("puma", "animal.n.01") != -1
    assert lexicon.is_a("puma", "vehicle.n.01") == -1


def test_register() -> None:
    names = {n for c in lexicon.categories() for n in lexicon.synonyms(c)}
    assert names.isdisjoint({"beast", "brute", "mortal", "fauna", "soul", "cock", "ass"})
    assert "couch" in lexicon.synonyms("sofa")


def test_the_lexicon_is_small_and_licensed() -> None:
    folder = ASSETS / "lexicon"
    size = sum(f.stat().st_size for f in folder.rglob("*") if "__pycache__" not in f.parts)
    assert size < 1_500_000
    assert "Princeton University" in (folder / "wordnet" / "LICENSE").read_text()
