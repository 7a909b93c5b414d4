"""Your own catalogue in ten lines: describe items, write dialogues, train, recommend.

python examples/own_catalogue.py
"""

from itertools import product
from tempfile import TemporaryDirectory

from pecrs import Catalogue, Config, Dialogue, Item, Recommender, train

TINY = Config.from_dict(
    {
        "data": {"max_context_tokens": 64, "max_response_tokens": 16, "max_item_tokens": 16},
        "model": {
            "scratch": {"vocabulary": 300, "hidden": 32, "layers": 1, "heads": 2, "intermediate": 64, "positions": 112},
            "tuning": "full",
            "reranker": False,
        },
        "training": {"epochs": 4, "batch_size": 8, "learning_rate": 5e-3, "rerank_weight": 0, "rerank_negatives": 0},
        "generation": {"strategy": "greedy", "rerank_weight": 0},
    }
)
"""A model made from nothing that trains in seconds on a CPU. For real data, start with a file of configs/."""

REQUESTS = ("I need", "I want", "Show me", "Please find me", "Do you have", "I am looking for")
THINGS = ("shoes", "something", "footwear", "a gift")


def main() -> None:
    """Learn from 48 dialogues which shoes go where."""
    boot, sandal = Item("b", "Trail Boot", facts={"use": ("rain",)}), Item("s", "Beach Sandal", facts={"use": ("sea",)})
    catalogue = Catalogue((boot, sandal), ("title", "use"))
    dialogues = [
        Dialogue.from_texts(
            f"{request} {thing} {place}",
            [("seeker", f"{request} {thing} for the {place}."), ("recommender", f"Try the [[{shoe}]]!")],
            catalogue,
        )
        for request, thing, (place, shoe) in product(REQUESTS, THINGS, (("rain", "b"), ("sea", "s")))
    ]
    with TemporaryDirectory() as folder:
        print(train(TINY, (catalogue, dialogues), folder))
        recommender = Recommender.from_pretrained(folder)
    for place in ("rain", "sea"):
        best = recommender.recommend([recommender.link(f"What have you got for the {place}?")])[0]
        print(f"{place}: {best.item.name}")


if __name__ == "__main__":
    main()
