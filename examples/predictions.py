"""Write files of predictions, score and compare them; any program may write such a file.

python examples/predictions.py
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from pecrs import Dialogue, Recommender, Speaker, compare, predict, score

TALKS = (
    ("I loved Alien (1979). What next?", "You should watch Aliens (1986)."),
    ("I like It (2017) and other scary films.", "Then watch The Conjuring (2013)."),
    ("Something like Toy Story (1995) for my kids?", "They will like Finding Nemo (2003)."),
)


def main() -> None:
    """Let the model predict, write the rankings of a program that knows the alphabet alone, and compare both."""
    recommender = Recommender.from_pretrained()
    dialogues = [
        Dialogue(str(number), (recommender.link(asked), recommender.link(told, speaker=Speaker.RECOMMENDER)))
        for number, (asked, told) in enumerate(TALKS)
    ]
    data = recommender.catalogue, {"valid": dialogues}
    with TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours.jsonl", Path(folder) / "theirs.jsonl"
        print(f"{predict(recommender, data, ours)} rankings")
        titles = sorted(recommender.catalogue, key=lambda item: item.name)[:100]
        with theirs.open("w", encoding="utf-8") as stream:
            for line in ours.read_text(encoding="utf-8").splitlines():
                ranking = {"ranking": [item.id for item in titles], "scores": [-float(rank) for rank in range(100)]}
                print(json.dumps(json.loads(line) | ranking), file=stream)
        print(score(ours, data))
        print(compare(ours, theirs, data))


if __name__ == "__main__":
    main()
