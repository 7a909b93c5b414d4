"""Sixty questions to a shop of 2,000 goods that the model never saw, with answers worked out from the rows."""

import pytest

from pecrs import Chat
from shop import row, rows, shop_recommender


@pytest.fixture(scope="module")
def shop():
    return shop_recommender()


def fits(kind=None, **asked):
    """Return a test of rows: the kind (or kinds), and a test a column."""

    def holds(one):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if kind is not None and one["kind"] not in kinds:
            return False
        return all(one[name] is not None and test(one[name]) for name, test in asked.items())

    return holds


JACKETS = ("rain jackets", "down jackets", "fleece jackets")

FITTING = [
    ("a tent under 200 euros", fits("tents", price=lambda p: p < 200)),
    ("do you have waterproof jackets?", fits(JACKETS, waterproof=bool)),
    ("I'm looking for hiking boots between 80 and 120 euros", fits("hiking boots", price=lambda p: 80 <= p <= 120)),
    ("red or blue backpack", fits("backpacks", colours=lambda c: c & {"red", "blue"})),
    ("rain jacket in red, blue or green pls", fits("rain jackets", colours=lambda c: c & {"red", "blue", "green"})),
    ("hiking boots but not from Galdor", fits("hiking boots", brand=lambda b: b != "Galdor")),
    ("headphones, no Galdor or Borealis", fits("headphones", brand=lambda b: b not in ("Galdor", "Borealis"))),
    ("a kettle that isn't black", fits("kettles", colours=lambda c: "black" not in c)),
    ("tent for 4 people", fits("tents", persons=lambda n: n == 4)),
    ("i need a 2 person tent below 300", fits("tents", persons=lambda n: n == 2, price=lambda p: p < 300)),
    ("backpack with at least 40 litres", fits("backpacks", capacity=lambda c: c >= 40)),
    ("sleeping bag lighter than 1 kg", fits("sleeping bags", grams=lambda g: g < 1000)),
    ("a blender of 2 to 3 kilos", fits("blenders", grams=lambda g: 2000 <= g <= 3000)),
    ("headlamp up to 100g and waterproof", fits("headlamps", grams=lambda g: g <= 100, waterproof=bool)),
    ("speakers with a battery of at least 20 hours", fits("speakers", battery=lambda h: h >= 20)),
    ("coffee machine max 150 euro", fits("coffee machines", price=lambda p: p <= 150)),
    ("vacuum cleaner no more than 5 kg", fits("vacuum cleaners", grams=lambda g: g <= 5000)),
    ("desk lamps rated 4.5 or better", fits("desk lamps", rating=lambda r: r >= 4.5)),
    ("show me 3 gloves of leather that are in stock", fits("gloves", materials=lambda m: "leather" in m, stock=bool)),
    ("something from Nordhavn for 20-30€", fits(brand=lambda b: b == "Nordhavn", price=lambda p: 20 <= p <= 30)),
    ("is there anything waterproof under 15 euros", fits(waterproof=bool, price=lambda p: p < 15)),
    ("smart watch, water proof, not over 100", fits("smartwatches", waterproof=bool, price=lambda p: p <= 100)),
    ("keyboards released after 2023", fits("keyboards", year=lambda y: y > 2023)),
    ("power bank with 100 watts or more", fits("power banks", power=lambda w: w >= 100)),
    ("do you sell coolers made of nylon", fits("coolers", materials=lambda m: "nylon" in m)),
    ("toaster by fenwick and vale", fits("toasters", brand=lambda b: b == "Fenwick & Vale")),
    ("any brand but Isenberg, a bike helmet", fits("bike helmets", brand=lambda b: b != "Isenberg")),
    ("sunglases under 50 eur", fits("sunglasses", price=lambda p: p < 50)),
    ("i want a wateproof backpak", fits("backpacks", waterproof=bool)),
    ("GIVE ME A PINK TOWEL", fits("towels", colours=lambda c: "pink" in c)),
]  # fmt: skip


def answer(shop, *messages):
    chat = Chat(shop, seed=0)
    for message in messages:
        reply = chat.say(message)
    return chat, reply


@pytest.mark.parametrize(("question", "fitting"), FITTING, ids=[question for question, _ in FITTING])
def test_all_that_is_named_fits_and_nothing_is_denied(shop, question, fitting):
    _, reply = answer(shop, question)
    assert reply.recommends
    assert all(fitting(row(entry.item)) for entry in reply.items), reply.text
    expected = sum(map(fitting, rows(shop)))
    assert expected
    assert len(reply.items) == min(10, expected) or any(fitting(r) and not r["stock"] for r in rows(shop))
    assert " no " not in f" {reply.text.lower()} ".replace(" no. ", "")


def least(kind, key, test=lambda one: True, most=False):
    """Return the ids of the rows that have the least of something."""

    def ids(all_rows):
        known = [one for one in all_rows if one["kind"] == kind and one[key] is not None and test(one)]
        best = (max if most else min)(one[key] for one in known)
        return {one["id"] for one in known if one[key] == best}

    return ids


EXTREMES = [
    (["cheapest tent"], least("tents", "price")),
    (["what is the most expensive coffee machine you have?"], least("coffee machines", "price", most=True)),
    (["lightest sleeping bag"], least("sleeping bags", "grams")),
    (["the heaviest blender please"], least("blenders", "grams", most=True)),
    (["newest headphones"], least("headphones", "year", most=True)),
    (["best rated hiking boots"], least("hiking boots", "rating", most=True)),
    (["which headlamp has the longest battery life?"], least("headlamps", "battery", most=True)),
    (["cheapest red backpack"], least("backpacks", "price", lambda one: "red" in one["colours"])),
    (["cheapest waterproof tent for 3 people"],
     least("tents", "price", lambda one: one["waterproof"] and one["persons"] == 3)),
    (["lightest rain jacket under 100 euros"], least("rain jackets", "grams", lambda one: one["price"] < 100)),
    (["biggest cooler"], least("coolers", "capacity", most=True)),
    (["a tent", "the cheapest one", "and the lightest?"], least("tents", "grams")),
    (["cheapest speaker that is in stock"], least("speakers", "price", lambda one: one["stock"] > 0)),
    (["kettle with the highest power"], least("kettles", "power", most=True)),
    (["least expensive socks not from Elmhurst"], least("socks", "price", lambda one: one["brand"] != "Elmhurst")),
]  # fmt: skip


@pytest.mark.parametrize(("messages", "expected"), EXTREMES, ids=[messages[-1] for messages, _ in EXTREMES])
def test_a_superlative_is_over_the_whole_catalogue(shop, messages, expected):
    _, reply = answer(shop, *messages)
    assert reply.items[0].item.id in expected(rows(shop)), reply.text
    assert reply.items[0].item.name in reply.text


def test_what_is_cheaper_costs_less_and_keeps_the_rest(shop):
    chat, reply = answer(shop, "a waterproof rain jacket")
    before = row(reply.items[0].item)
    cheaper = chat.say("something cheaper")
    assert all(row(e.item)["price"] < before["price"] and row(e.item)["waterproof"] for e in cheaper.items)
    assert {row(e.item)["kind"] for e in cheaper.items} == {"rain jackets"}


def test_a_bit_lighter_weighs_less(shop):
    chat, _ = answer(shop, "a tent", "the heaviest")
    before = row(chat.last.items[0].item)
    lighter = chat.say("a bit lighter please")
    assert all(row(entry.item)["grams"] < before["grams"] for entry in lighter.items)


def test_where_nothing_fits_that_is_said_with_the_nearest(shop):
    _, reply = answer(shop, "tent under 20 euros")
    cheapest = min((one for one in rows(shop) if one["kind"] == "tents"), key=lambda one: one["price"])
    assert "no tents under 20 EUR" in reply.text
    assert reply.items[0].item.id == cheapest["id"]


def test_the_nearest_keeps_what_can_be_kept(shop):
    _, reply = answer(shop, "a red waterproof tent for 2 people under 60 euros")
    named = row(reply.items[0].item)
    assert re_no(reply.text)
    assert (named["kind"], named["waterproof"], named["persons"], "red" in named["colours"]) == ("tents", True, 2, True)


def re_no(text):
    return "I have no " in text or "There are no " in text


@pytest.mark.parametrize(
    "question", ["do you have kayaks?", "i need a sofa", "any board games?", "do you sell nappies"]
)
def test_a_kind_that_is_not_carried_is_said_and_nothing_is_offered_for_it(shop, question):
    _, reply = answer(shop, question)
    assert re_no(reply.text)
    assert not reply.items
    assert "other kinds" in reply.text


def test_a_kind_that_is_not_carried_has_others_that_come_near(shop):
    _, reply = answer(shop, "do you have flashlights?")
    assert "no flashlights" in reply.text
    assert {row(entry.item)["kind"] for entry in reply.items} <= {"headlamps", "bike lights", "desk lamps"}


SYNONYMS = {
    "sneakers under 100 euros": ("sneakers", "running shoes"),
    "a rucksack": ("rucksack", "backpacks"),
    "raincoat please": ("raincoat", "rain jackets"),
    "earbuds": ("earbuds", "headphones"),
    "a crimson towel": ("crimson", "red"),
}


@pytest.mark.parametrize("question", SYNONYMS)
def test_another_word_for_a_value_is_understood_and_said(shop, question):
    said, value = SYNONYMS[question]
    _, reply = answer(shop, question)
    assert f'By "{said}" I understand {value}.' in reply.text
    assert all(value in (row(e.item)["kind"], *row(e.item)["colours"]) for e in reply.items)


def test_a_limit_can_be_taken_back(shop):
    chat, _ = answer(shop, "a red backpack under 50 euros")
    assert [words for _, words in chat.state.parts()] == ["red", "backpacks", "under 50 EUR"]
    chat.say("forget the price limit")
    assert [words for _, words in chat.state.parts()] == ["red", "backpacks"]
    chat.say("any colour is fine")
    assert [words for _, words in chat.state.parts()] == ["backpacks"]


def test_a_flag_can_be_taken_back(shop):
    chat, _ = answer(shop, "a waterproof tent")
    chat.say("it doesn't have to be waterproof")
    assert [words for _, words in chat.state.parts()] == ["tents"]


def test_a_value_that_need_not_be_is_taken_back_alone(shop):
    chat, _ = answer(shop, "a red waterproof tent")
    chat.say("it doesn't have to be red")
    assert [words for _, words in chat.state.parts()] == ["waterproof", "tents"]


FACTS = {
    "how much does it cost?": lambda one: f"costs {one['price']:.2f}".removesuffix(".00"),
    "is it waterproof?": lambda one: "Yes" if one["waterproof"] else "No",
    "how heavy is it": lambda one: f"{one['grams']:g} g" if one["grams"] < 1000 else f"{one['grams'] / 1000:g} kg",
    "what colours does it come in?": lambda one: sorted(one["colours"])[0],
    "who makes it": lambda one: one["brand"],
    "is it in stock": lambda one: "Yes" if one["stock"] else "No",
    "does it come in yellow?": lambda one: "Yes" if "yellow" in one["colours"] else "No",
    "what is it made of?": lambda one: sorted(one["materials"])[0],
}


@pytest.mark.parametrize("question", FACTS)
def test_questions_about_an_item_are_answered_from_its_columns(shop, question):
    chat, reply = answer(shop, "a rain jacket under 150 euros and below 2 kg")
    named = row(reply.items[0].item)
    told = chat.say(question)
    assert not told.recommends
    assert FACTS[question](named) in told.text


def test_a_price_that_changed_counts_from_the_next_message_on(shop):
    tents = sorted((one for one in rows(shop) if one["kind"] == "tents"), key=lambda one: one["price"])
    item = shop.catalogue[tents[-1]["id"]]
    facts = {**item.facts, "price": ("10.00 EUR",)}
    cheaper = shop.with_items([type(item)(item.id, item.title, item.year, facts)])
    _, reply = answer(cheaper, "tent under 20 euros")
    assert [entry.item.id for entry in reply.items] == [item.id]
    assert "10 EUR" in reply.text


def test_what_is_sold_out_is_not_offered_while_there_is_something_else(shop):
    _, reply = answer(shop, "a hammock")
    assert all(row(entry.item)["stock"] for entry in reply.items)
    first = reply.items[0].item
    gone = shop.with_items([type(first)(first.id, first.title, first.year, {**first.facts, "stock": ("0",)})])
    _, reply = answer(gone, "a hammock")
    assert first.id not in {entry.item.id for entry in reply.items}
    _, reply = answer(gone, f"Do you have the {first.name}?")
    assert reply.text == f"{first.name} is out of stock at the moment."
