"""Recommend with filters, and explain a recommendation.

python examples/filters_and_reasons.py
"""

from pecrs import Chat, Filters, Recommender


def main() -> None:
    """Recommend science fiction of the nineties, and say which message mattered most."""
    recommender = Recommender.from_pretrained()
    filters = Filters.of("genres=sci-fi", "year=1990..1999")
    said = [recommender.link("I loved Alien (1979) and Blade Runner (1982).")]
    for entry in recommender.recommend(said, filters=filters, count=5):
        print(f"{entry.rank}. {entry.item.name}  {entry.score:.2f}")

    chat = Chat(recommender, filters=filters, seed=0)
    chat.say("Hello! I want something with a robot in it.", recommend=False)
    chat.say("I loved Alien (1979) and Blade Runner (1982).", recommend=True)
    why = chat.why()
    print(f"why {why.title}? Its score without a message falls by:")
    for effect in why.effects:
        print(f"  {effect.change:+.2f}  {why.turns[effect.turn].text}")


if __name__ == "__main__":
    main()
