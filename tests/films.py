"""A dozen films with facets, for tests of understanding."""

from pecrs.data.catalogue import Catalogue, Item

ROWS = (
    ("heat", "Heat", 1995, ["Al Pacino", "Robert De Niro"], ["Michael Mann"], ["crime", "drama"], ["heist"], "", "170"),
    ("coll", "Collateral", 2004, ["Tom Cruise"], ["Michael Mann"], ["crime", "thriller"], ["taxi"], "", "120"),
    ("top", "Top Gun", 1986, ["Tom Cruise"], ["Tony Scott"], ["action", "drama"], ["pilot"], "Top Gun", "110"),
    ("big", "Big", 1988, ["Tom Hanks"], ["Penny Marshall"], ["comedy", "fantasy"], ["toy"], "", "104"),
    ("sleep", "Sleepless", 1993, ["Tom Hanks", "Meg Ryan"], ["Nora Ephron"], ["comedy", "romance"], [], "", "105"),
    ("mail", "You've Got Mail", 1998, ["Tom Hanks", "Meg Ryan"], ["Nora Ephron"], ["comedy", "romance"], [], "", "119"),
    ("toy1", "Toy Story", 1995, ["Tom Hanks"], ["John Lasseter"], ["animation"], ["toy"], "Toy Story", "81"),
    ("toy2", "Toy Story 2", 1999, ["Tom Hanks"], ["John Lasseter"], ["animation"], ["toy"], "Toy Story", "92"),
    ("shin", "The Shining", 1980, ["Jack Nicholson"], ["Stanley Kubrick"], ["horror"], ["hotel"], "", "146"),
    ("date", "50 First Dates", 2004, ["Adam Sandler"], ["Peter Segal"], ["comedy", "romance"], ["memory"], "", "99"),
    ("dunk", "Dunkirk", 2017, ["Tom Hardy"], ["Christopher Nolan"], ["war", "drama"], ["beach"], "", "106"),
    ("ince", "Inception", 2010, ["Leonardo DiCaprio"], ["Christopher Nolan"], ["sci-fi"], [], "", "148"),
)  # fmt: skip

PLOTS = {
    "heat": "A detective hunts a crew of thieves in Los Angeles. Both pay for it.",
    "top": "A pilot flies from an aircraft carrier, and there is a submarine somewhere.",
}


def film_catalogue():
    """Return the films."""
    items = []
    for key, title, year, actors, directors, genres, keywords, series, runtime in ROWS:
        facts = {"actors": actors, "directors": directors, "genres": genres, "keywords": keywords, "runtime": [runtime]}
        facts |= {"series": [series] if series else [], "description": [PLOTS[key]] if key in PLOTS else []}
        items.append(Item(key, title, year, {name: tuple(values) for name, values in facts.items() if values}))
    return Catalogue(tuple(items), ("title", "actors", "directors", "genres"))
