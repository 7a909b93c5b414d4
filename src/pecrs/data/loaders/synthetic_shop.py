"""A made-up shop of outdoor, home and electronic goods, to try facets on: prices, weights, flags, lists and stock.

Everything is invented and the same for the same arguments, so that answers can be worked out from the rows.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from pecrs.data.catalogue import Catalogue, Item
from pecrs.errors import ConfigError

SHOP_FIELDS: tuple[str, ...] = ("title", "category", "brand", "colours", "material", "description")
"""The fields that an item's text is made of."""


class _Kind(NamedTuple):
    """What items of a kind have.

    Attributes:
        category: As the catalogue names it.
        noun: As a title names one.
        price: Least and largest price in euros.
        grams: Least and largest weight.
        extra: Further fields: (name, least, largest, unit).
        waterproof: How many of a hundred are; 0 leaves the field out.
        materials: To choose from.
        about: What the description says.
    """

    category: str
    noun: str
    price: tuple[int, int]
    grams: tuple[int, int]
    extra: tuple[tuple[str, int, int, str], ...]
    waterproof: int
    materials: tuple[str, ...]
    about: str


_TABLE = """
tents | Tent | 89-649 | 1100-6500 | persons 1-6 | 70 | polyester, nylon, cotton | for nights outside
sleeping bags | Sleeping Bag | 39-399 | 500-2600 |  | 15 | down, polyester, nylon, cotton | that keeps you warm
backpacks | Backpack | 29-289 | 400-2400 | capacity 12-75 l | 40 | polyester, nylon, cotton | with a hip belt
rain jackets | Rain Jacket | 49-399 | 180-700 |  | 90 | polyester, nylon, cotton | with a hood
down jackets | Down Jacket | 79-449 | 250-800 |  | 20 | down, nylon | for cold days
fleece jackets | Fleece | 29-149 | 250-600 |  | 0 | fleece, wool | to wear below a shell
hiking boots | Boot | 69-329 | 700-1700 |  | 60 | leather, suede, nylon | with a firm sole
running shoes | Runner | 49-219 | 380-720 |  | 25 | mesh, nylon | for trails and roads
sandals | Sandal | 19-129 | 300-700 |  | 30 | leather, rubber | for warm days
trekking poles | Poles | 24-199 | 280-640 |  | 0 | carbon, aluminium | that fold small
headlamps | Headlamp | 14-179 | 35-240 | battery 4-80 h | 50 | plastic, glass | to see at night
camping stoves | Stove | 24-249 | 80-2400 |  | 0 | steel, aluminium, titanium | that burns gas
water bottles | Bottle | 9-59 | 60-480 | capacity 1-3 l | 0 | steel, plastic | to drink from
hammocks | Hammock | 24-199 | 250-1600 |  | 0 | nylon, cotton | to hang between two trees
towels | Towel | 7-59 | 60-700 |  | 0 | cotton, linen | that dries fast
gloves | Gloves | 12-149 | 40-300 |  | 45 | leather, wool, fleece | for cold hands
socks | Socks | 6-39 | 30-140 |  | 10 | wool, cotton | for long walks
sunglasses | Sunglasses | 15-249 | 18-60 |  | 0 | plastic, titanium | for bright days
bike helmets | Helmet | 29-279 | 190-480 |  | 0 | plastic, carbon | that sits firm
bike lights | Bike Light | 12-149 | 40-300 | battery 2-40 h | 65 | plastic, glass | to be seen
coolers | Cooler | 29-399 | 900-9800 | capacity 6-60 l | 0 | plastic, nylon | for picnics
kettles | Kettle | 19-149 | 700-1800 | power 1000-3000 W | 0 | steel, glass | for tea
toasters | Toaster | 19-179 | 1100-3200 | power 600-1900 W | 0 | steel, plastic | for bread
blenders | Blender | 24-399 | 900-5200 | power 250-2000 W | 0 | glass, steel | for soups
coffee machines | Coffee Machine | 49-999 | 1900-12500 | power 700-1800 W | 0 | steel, plastic | for espresso
vacuum cleaners | Vacuum | 59-749 | 1400-8200 | power 250-900 W | 0 | plastic | for carpets
desk lamps | Desk Lamp | 14-239 | 300-3400 | power 3-15 W | 0 | steel, bamboo | with a dimmer
headphones | Headphones | 19-449 | 20-380 | battery 5-60 h | 20 | plastic, leather | without a cable
speakers | Speaker | 19-499 | 180-4200 | battery 5-40 h | 55 | plastic, bamboo | that fills a room
power banks | Power Bank | 12-149 | 90-900 | power 10-140 W | 15 | plastic, aluminium | to charge a phone
smartwatches | Watch | 49-699 | 22-95 | battery 12-720 h | 75 | titanium, steel | that counts steps
keyboards | Keyboard | 19-289 | 350-1600 |  | 0 | plastic, aluminium | with quiet keys
"""
_BRANDS = (
    "Alderfell", "Borealis", "Corvane", "Dunmoor", "Elmhurst", "Fenwick & Vale", "Galdor", "Harrowby", "Isenberg",
    "Juniper Lane", "Kestrova", "Lumarin", "Morvane", "Nordhavn",
)  # fmt: skip
_COLOURS = ("black", "white", "grey", "red", "blue", "green", "yellow", "orange", "purple", "brown", "pink", "navy")
_NAMES = (
    "Arden", "Birk", "Calder", "Dovre", "Eskdale", "Fjell", "Garda", "Hollin", "Inver", "Jura", "Kaprun", "Lorne",
    "Meru", "Nevis", "Oppdal", "Pindus", "Quill", "Rondane", "Sarek", "Tarn", "Ulva", "Vardo", "Wharfe", "Yarrow",
    "Zermatt",
)  # fmt: skip
_LINES = ("", "Light", "Pro", "Plus", "Air", "Max", "Trail", "Urban", "Classic", "Neo")


def _kind(line: str) -> _Kind:
    category, noun, price, grams, extra, waterproof, materials, about = (cell.strip() for cell in line.split("|"))
    more = [(*part.split(), "")[:3] for part in extra.split(", ") if part]
    columns = tuple((name, *_range(span), unit) for name, span, unit in more)
    return _Kind(
        category, noun, _range(price), _range(grams), columns, int(waterproof), tuple(materials.split(", ")), about
    )


def _range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low), int(high)


_KINDS = tuple(_kind(line) for line in _TABLE.strip().splitlines())


def shop_catalogue(size: int = 2000, seed: int = 0) -> Catalogue:
    """Make a shop's catalogue, the same for the same arguments.

    Prices are in euros, weights in grams or kilograms as it comes; some weights, ratings and battery lives are not
    known. The release year is the item's year.

    Args:
        size: How many items, at least 1 and at most 8,000.
        seed: Any integer.

    Raises:
        ConfigError: If the size is out of range.
    """
    if not 1 <= size <= 8000:
        raise ConfigError(f"size: a number from 1 to 8000 is expected, not {size}")
    rng = Random(f"shop {seed}")
    names = [f"{name} {line}".strip() for line in _LINES for name in _NAMES]
    rng.shuffle(names)
    items = []
    for number in range(size):
        kind = _KINDS[number % len(_KINDS)]
        title = f"{names[number // len(_KINDS) % len(names)]} {kind.noun}"
        items.append(Item(f"s{number:04d}", title, rng.randint(2017, 2026), _facts(kind, rng)))
    return Catalogue(tuple(items), SHOP_FIELDS)


def _facts(kind: _Kind, rng: Random) -> dict[str, tuple[str, ...]]:
    colours, brand = rng.sample(_COLOURS, rng.choice((1, 1, 2, 3))), rng.choice(_BRANDS)
    materials = rng.sample(kind.materials, 1 + (len(kind.materials) > 2 and rng.random() < 0.3))
    price = rng.randint(*kind.price) + rng.choice((0, 0.5, 0.9, 0.95))
    facts = {
        "category": (kind.category,),
        "brand": (brand,),
        "price": (f"{price:.2f} EUR",),
        "colours": tuple(colours),
        "material": tuple(materials),
    }
    if rng.random() < 0.95:
        facts["weight"] = (_weight(round(rng.randint(*kind.grams), -1)),)
    for name, low, high, unit in kind.extra:
        if rng.random() < 0.95:
            facts[name] = (f"{rng.randint(low, high)} {unit}".strip(),)
    if kind.waterproof:
        facts["waterproof"] = ("yes" if rng.randint(1, 100) <= kind.waterproof else "no",)
    if rng.random() < 0.9:
        facts["rating"] = (f"{rng.randint(25, 50) / 10:.1f}",)
    facts["stock"] = (str(rng.choice((0, 0, 1, 2, 3, 5, 8, 13, 21, 34))),)
    facts["description"] = (f"{kind.noun} of {' and '.join(materials)} {kind.about}, made by {brand}.",)
    return facts


def _weight(grams: int) -> str:
    return f"{grams} g" if grams < 1000 else f"{grams / 1000:.2f} kg"
