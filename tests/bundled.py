"""The model of the package, loaded once for all tests of a process: its indices take longer to make than most tests."""

from functools import cache

from pecrs import Recommender


@cache
def bundled_recommender() -> Recommender:
    """Return the model of the package, which no test may change."""
    return Recommender.from_pretrained()


@cache
def bundled_with_few_films() -> Recommender:
    """Return the model of the package over a tenth of its films: its indices are soon made anew after a change."""
    films = bundled_recommender().catalogue.items
    kept = {film.id for film in films[::10]} | {film.id for film in films if film.title == "Annabelle"}
    return bundled_recommender().with_items([], [film.id for film in films if film.id not in kept])
