"""The made-up shop with the model of the package, and answers worked out from its rows by other means than facets."""

from functools import cache

from bundled import bundled_recommender
from pecrs.data.loaders.synthetic_shop import shop_catalogue


@cache
def shop_recommender():
    """Return the package's model over 2,000 goods that it was not trained on."""
    return bundled_recommender().with_catalogue(shop_catalogue())


def row(item):
    """Return an item as plain Python values: euros, grams, hours, watts, litres, lists, truth values."""
    facts = item.facts
    weight = facts.get("weight", ("",))[0]
    number = {name: float(facts[name][0].split()[0]) for name in ("battery", "power", "capacity") if name in facts}
    return {
        "id": item.id,
        "kind": facts["category"][0],
        "brand": facts["brand"][0],
        "price": float(facts["price"][0].removesuffix(" EUR")),
        "grams": float(weight[:-3]) * 1000 if weight.endswith(" kg") else float(weight[:-2]) if weight else None,
        "colours": set(facts["colours"]),
        "materials": set(facts["material"]),
        "waterproof": facts["waterproof"][0] == "yes" if "waterproof" in facts else None,
        "rating": float(facts["rating"][0]) if "rating" in facts else None,
        "stock": int(facts["stock"][0]),
        "persons": int(facts["persons"][0]) if "persons" in facts else None,
        "year": item.year,
        "text": facts["description"][0],
        "battery": number.get("battery"),
        "power": number.get("power"),
        "capacity": number.get("capacity"),
    }


def rows(recommender):
    """Return all items as rows."""
    return [row(item) for item in recommender.catalogue]
