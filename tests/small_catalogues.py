"""Small catalogues of three domains."""

from pecrs.data.catalogue import Catalogue, Item

PEOPLE = ("Ann Lee", "Bo Cole", "Cy Dunn", "Di Esposito", "Ed Frost", "Flo Gray", "Gus Hall", "Ida Jung")
GENRES = ("horror", "comedy", "science fiction", "drama", "western")
FILMS = Catalogue(
    tuple(
        Item(
            str(number),
            f"Film {word}: Part Two" if number % 5 == 0 else f"The {word}",
            1950 + 3 * number,
            {
                "actors": (PEOPLE[number % 8], PEOPLE[(number + 3) % 8]),
                "directors": (PEOPLE[(number + 5) % 8],),
                "writers": (PEOPLE[(number + 6) % 8],),
                "genres": (GENRES[number % 5],),
                "keywords": ("heist", "train"),
                "series": ("Nightfall",),
            },
        )
        for number, word in enumerate(
            "Amber Birch Cedar Delta Ember Fjord Grove Haven Inlet Jetty Knoll Larch Maple North Olive".split()
        )
    ),
    ("title", "actors"),
)
SHOP = Catalogue(
    tuple(
        Item(str(n), f"Trail {word}", None, {"brand": ("Acme", "Sol")[n % 2 :], "price": (str(20 + n),)})
        for n, word in enumerate(("Boot", "Sandal", "Sock", "Lace", "Sole", "Heel"))
    ),
    ("title", "brand"),
)
BARE = Catalogue(tuple(Item(str(n), title) for n, title in enumerate(("Dune", "Emma", "Ulysses"))), ("title",))
