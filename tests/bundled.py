"""The model of the package, loaded once for all tests of a process: its indices take longer to make than most tests."""

from functools import cache

from pecrs import Recommender


@cache
def bundled_recommender() -> Recommender:
    """Return the model of the package, which no test may change."""
    return Recommender.from_pretrained()
