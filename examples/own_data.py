"""From a table of items and a few dialogues to a recommender: everything in one temporary folder.

python examples/own_data.py
"""

import json
import tempfile
from pathlib import Path

from pecrs import Chat, Config, Item, Recommender, prepare, train

ITEMS = """\
id,title,year,brand,description
b-17,Trail Boot,2020,Acme,Waterproof and light
b-18,Beach Sandal,,Sol,For sand|For stones
b-19,City Sneaker,2022,Acme,White and plain
b-20,Alpine Boot,2019,Berg,Warm and heavy
"""

SMALL = {
    "data": {"max_context_tokens": 96, "max_response_tokens": 16, "max_item_tokens": 24},
    "model": {
        "scratch": {"vocabulary": 400, "hidden": 32, "layers": 1, "heads": 2, "intermediate": 64, "positions": 160},
        "tuning": "full",
    },
    "training": {"epochs": 2, "batch_size": 8, "rerank_negatives": 2},
    "generation": {"strategy": "greedy"},
}


def dialogue(number: int) -> dict[str, object]:
    """Return a made-up dialogue: rain asks for boots, the sea for sandals."""
    constraint, item = (("the rain", "b-17"), ("the sea", "b-18"), ("the snow", "b-20"))[number % 3]
    turns = [
        {"speaker": "seeker", "text": f"I need something for {constraint}, number {number}."},
        {"speaker": "recommender", "text": f"Try the [[{item}]]!"},
    ]
    return {"id": str(number), "turns": turns}


def main() -> None:
    """Prepare, train, talk, and add an item that training never saw."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "catalogue.csv").write_text(ITEMS, encoding="utf-8")
        for split, numbers in (("train", range(60)), ("valid", range(60, 80))):
            lines = "".join(json.dumps(dialogue(number)) + "\n" for number in numbers)
            (folder / f"{split}.jsonl").write_text(lines, encoding="utf-8")
        prepare("generic", folder, folder / "prepared", fields=["title", "brand", "description"])
        train(Config.from_dict(SMALL), folder / "prepared", folder / "run")
        recommender = Recommender.from_pretrained(folder / "run")
        new = Item("b-21", "Harbour Clog", 2024, {"brand": ("Sol",), "description": ("For wet decks",)})
        reply = Chat(recommender.with_items([new])).say("I need something for the sea.", recommend=True)
        print(reply.text)
        for entry in reply.items:
            print(f"  {entry.rank}. {entry.item.name}  {entry.score:.2f}")


if __name__ == "__main__":
    main()
