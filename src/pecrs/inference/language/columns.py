"""How a catalogue's own columns are told: the facts of goods, what was asked for of them, and answers about one column.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pecrs.data.catalogue import Item
from pecrs.inference.constraints import Constraint, Option
from pecrs.inference.language.lexicon import lexicon, listed
from pecrs.inference.language.reasons import holds
from pecrs.inference.state import DialogueState
from pecrs.linking.facets import KIND_FIELDS, TEXT, YEAR, Facets, is_yes, stem, value_key
from pecrs.linking.fields import FieldNames, field_label


def told_values(item: Item, name: str, facets: Facets) -> str:
    """Return what an item has in a column, as people list it; empty where nothing is known.

    Args:
        item: The item.
        name: The column.
        facets: Of its catalogue.
    """
    field, values = facets.fields.get(name), [value for value in item.values(name) if value.strip()]
    if field is None or field.kind != "number" or not field.units:
        return listed(values)
    numbers = [field.number(value) for value in values]
    return listed([field.shown(number) for number in numbers if number is not None])


def goods_note(item: Item, state: DialogueState, facets: Facets) -> str:
    """Return what is told of goods beside their name: the brand, the price, and what was asked for.

    Args:
        item: The item.
        state: What the person wants.
        facets: Of the item's catalogue.
    """
    fields = FieldNames.shared(facets)
    brand, price = fields.of("brand"), facets.number_field("money")
    parts = [f"by {told_values(item, brand, facets)}"] if brand and item.values(brand) else []
    parts += [told_values(item, price, facets)] if price and item.values(price) else []
    told = {brand, price, YEAR}
    kinds = [option for entry in state.wanted if entry.slot == "kind" for option in entry.options]
    if len(kinds) == 1:
        told.update(kinds[0].fields)
    else:
        parts = [told_kind(item, facets), *parts]
    names = [name for entry in state.wanted for option in entry.options for name in option.fields]
    names += [state.order.field] if state.order is not None else []
    for name in dict.fromkeys(facets.number_field(name) or name for name in names):
        if name not in told | KIND_FIELDS:
            parts += [words for words in [_noted(item, name, state, facets)] if words]
    if fields.sold_out[facets.catalogue.index(item.id)]:
        parts.append(str(lexicon()["columns"]["sold_out"]))
    return ", ".join(part for part in parts if part).replace(", by ", " by ", 1 if len(kinds) != 1 else 0)


def told_kind(item: Item, facets: Facets) -> str:
    """Return what kind of thing an item is, as the catalogue writes it; empty where it does not say."""
    return next((item.values(name)[0] for name in facets.fields if name in KIND_FIELDS and item.values(name)), "")


def most_kinds(facets: Facets, count: int = 6) -> list[str]:
    """Return the most frequent kinds of a catalogue's items, and how many others there are, in words.

    Args:
        facets: The catalogue's.
        count: How many are named.
    """
    name = next(
        (name for name, field in facets.fields.items() if name in KIND_FIELDS and field.kind == "category"), None
    )
    if name is None:
        return []
    keys = sorted(facets.keys(name), key=lambda key: (-facets.count([name], key), key))
    more = len(keys) - count
    others = [f"{more} other kinds" if more > 1 else facets.spelling(name, keys[-1])] if more > 0 else []
    return [*(facets.spelling(name, key) for key in keys[:count]), *others]


def _noted(item: Item, name: str, state: DialogueState, facets: Facets) -> str:
    """Return what an item has in a column that was asked for."""
    field = facets.fields.get(name)
    if field is None or field.kind == "text":
        return ""
    if field.kind == "flag":
        known = [is_yes(value) for value in item.values(name)]
        return ("" if known[0] else "not ") + field_label(name) if known else ""
    values = told_values(item, name, facets)
    if field.kind == "number":
        stock = name == FieldNames.shared(facets).of("stock")
        return f"{values} in stock" if values and stock else f"{field_label(name)} {values}" if values else ""
    options = [option for entry in state.wanted for option in entry.options if name in option.fields]
    held = [o.label for o in options if any(value_key(value) == o.key for value in item.values(name))]
    return listed(held or list(item.values(name))[:2])


def goods_phrase(wanted: Sequence[Constraint], facets: Facets, noun: str) -> str:
    """Return what was asked for of goods as one phrase: ``tents under 200 EUR, waterproof, in red``.

    Args:
        wanted: What they should have.
        facets: Of the catalogue.
        noun: What they are where no kind is named.
    """
    kinds = [str(entry) for entry in wanted if entry.slot == "kind"]
    rest = [
        listed([said_of(option, facets) for option in entry.options], "or") for entry in wanted if entry.slot != "kind"
    ]
    return " ".join([" ".join(kinds) or noun, ", ".join(rest)]).strip()


def said_of(option: Option, facets: Facets) -> str:
    """Return how a value of goods is said behind a noun: ``in red``, ``by Acme``, ``waterproof``, ``under 20 EUR``."""
    fields, name = FieldNames.shared(facets), option.fields[0]
    if name == TEXT:
        return f'with "{option.label}"'
    field = facets.fields.get(name)
    if name == fields.of("stock"):
        return option.label
    if not option.key or (field is not None and field.kind == "flag"):
        return option.label
    lead = next((words for group, words in lexicon()["columns"]["leads"].items() if fields.of(group) == name), None)
    return f"{field_label(name) if lead is None else lead} {option.label}"


def column_facts(item: Item, names: Iterable[str], facets: Facets) -> Iterator[str]:
    """Yield what is told of an item's columns, its name as ``{item}``.

    Args:
        item: The item.
        names: The columns that were asked about.
        facets: Of the catalogue.
    """
    table, fields = lexicon()["columns"], FieldNames.shared(facets)
    for name in names:
        field, values = facets.fields.get(name), told_values(item, name, facets)
        label = field_label(name)
        if not values:
            yield table["unknown"].replace("{field}", label)
        elif name == fields.of("stock"):
            gone = fields.sold_out[facets.catalogue.index(item.id)]
            number = field is not None and field.kind == "number" and not gone
            yield table["stock_none" if gone else "stock_some" if number else "stock"].replace("{values}", values)
        elif name == facets.number_field("money"):
            yield table["costs"].replace("{values}", values)
        elif field is not None and field.kind == "flag":
            yield table["flag_holds" if is_yes(item.values(name)[0]) else "flag_lacks"].replace("{field}", label)
        else:
            one = len(item.values(name)) < 2
            label = stem(label) if one else label if label.endswith("s") else f"{label}s"
            yield table["one" if one else "several"].replace("{field}", label).replace("{values}", values)


def whether_column(item: Item, option: Option, facets: Facets) -> str:
    """Return an answer to whether an item has a value of a column, its name as ``{item}``.

    Args:
        item: The item.
        option: The value that is asked about.
        facets: Of the catalogue.
    """
    name = facets.number_field(option.fields[0]) or option.fields[0]
    [told] = column_facts(item, [name], facets)
    known = bool(item.values(name))
    return told if not known else f"{'Yes' if holds(item, option, facets) else 'No'}: {told[:1].lower()}{told[1:]}"
