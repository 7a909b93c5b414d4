"""Add new items to a trained model: their text is enough, nothing is trained again.

python examples/new_items.py
"""

from pecrs import Filters, Item, Recommender

NEW = (
    Item("new-1", "The Last Orbit", 2031, {"genres": ("sci-fi", "thriller"), "plot": ("A crew is lost in space.",)}),
    Item("new-2", "Summer of Soup", 2031, {"genres": ("comedy", "romance"), "plot": ("Two cooks fall in love.",)}),
)


def main() -> None:
    """Recommend among films that training never saw, take one of them out again, and change another."""
    recommender = Recommender.from_pretrained().with_items(NEW)
    this_year = Filters.of("year=2031")
    said = [recommender.link("I loved Alien (1979) and Gravity (2013). What is new?")]
    for entry in recommender.recommend(said, filters=this_year):
        print(f"{entry.rank}. {entry.item.name}  {entry.score:.2f}")
    changed = Item("new-2", "Summer of Soup", 2032, NEW[1].facts)
    later = recommender.with_items([changed], removed=["new-1"])
    print(
        f"{len(recommender.catalogue):,} items, then {len(later.catalogue):,}; new-2 is {later.catalogue['new-2'].name}"
    )


if __name__ == "__main__":
    main()
