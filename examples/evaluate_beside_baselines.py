"""Measure a model beside baselines, on dialogues of your own.

python examples/evaluate_beside_baselines.py
"""

from pecrs import Dialogue, Recommender, Speaker, evaluate

TALKS = (
    ("I loved Alien (1979). What next?", "You should watch Aliens (1986)."),
    ("Any musicals like Mamma Mia! (2008)?", "Have you seen The Greatest Showman (2017)?"),
    ("I like It (2017) and other scary films.", "Then watch The Conjuring (2013)."),
    ("Something like Toy Story (1995) for my kids?", "They will like Finding Nemo (2003)."),
)


def main() -> None:
    """Write the dialogues down, with titles linked, and measure what is recommended."""
    recommender = Recommender.from_pretrained()
    dialogues = [
        Dialogue(str(number), (recommender.link(asked), recommender.link(answered, speaker=Speaker.RECOMMENDER)))
        for number, (asked, answered) in enumerate(TALKS)
    ]
    data = recommender.catalogue, {"train": dialogues[:2], "valid": dialogues[2:]}
    result = evaluate(recommender, data, baselines=["neighbours"])
    print(result)
    recall = result.metrics["pecrs"]["all"].recall[50]
    print(f"R@50 {recall.value:.2f}, between {recall.low:.2f} and {recall.high:.2f}")


if __name__ == "__main__":
    main()
