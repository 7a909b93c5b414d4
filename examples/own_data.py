"""From files of your own to a recommender: a table of items, dialogues as JSON lines, and an item added later.

python examples/own_data.py
"""

import json
import tempfile
from pathlib import Path

from pecrs import Config, Item, Recommender, export, prepare, train

ITEMS = """\
id,title,year,brand,description
b-17,Trail Boot,2020,Acme,Waterproof and light
b-18,Beach Sandal,,Sol,For sand|For stones
b-19,City Sneaker,2022,Acme,White and plain
b-20,Alpine Boot,2019,Berg,Warm and heavy
"""

TINY = Config.from_dict(
    {
        "data": {"max_context_tokens": 96, "max_response_tokens": 16, "max_item_tokens": 24},
        "model": {
            "scratch": {"vocabulary": 400, "hidden": 32, "layers": 1, "heads": 2, "intermediate": 64, "positions": 160},
            "tuning": "full",
            "reranker": False,
        },
        "training": {"epochs": 4, "batch_size": 8, "learning_rate": 5e-3, "rerank_weight": 0, "rerank_negatives": 0},
        "generation": {"strategy": "greedy", "rerank_weight": 0},
    }
)
"""A model made from nothing that trains in seconds on a CPU. For real data, start with a file of configs/."""


def dialogue(number: int) -> dict[str, object]:
    """Return a made-up dialogue: rain asks for boots, the sea for sandals."""
    place, item = (("rain", "b-17"), ("sea", "b-18"), ("snow", "b-20"))[number % 3]
    turns = [
        {"speaker": "seeker", "text": f"I need something for the {place}, number {number}."},
        {"speaker": "recommender", "text": f"Try the [[{item}]]!"},
    ]
    return {"id": str(number), "turns": turns}


def main() -> None:
    """Prepare, train, export, and rank an item that training never saw among the others."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "catalogue.csv").write_text(ITEMS, encoding="utf-8")
        lines = "".join(json.dumps(dialogue(number)) + "\n" for number in range(80))
        (folder / "dialogues.jsonl").write_text(lines, encoding="utf-8")
        statistics = prepare("generic", folder, folder / "prepared", fields=["title", "brand", "description"])
        print(f"{statistics.catalogue_items} items, {statistics.total.dialogues} dialogues")
        train(TINY, folder / "prepared", folder / "run", progress=print)
        export(folder / "run", folder / "model")
        recommender = Recommender.from_pretrained(folder / "model")
    new = Item("b-21", "Harbour Clog", 2024, {"brand": ("Sol",), "description": ("For wet decks",)})
    recommender = recommender.with_items([new])
    for entry in recommender.recommend([recommender.link("I need something for the sea, number 90.")]):
        print(f"{entry.rank}. {entry.item.name}  {entry.score:.2f}")


if __name__ == "__main__":
    main()
