"""Chat with the model of the package.

python examples/chat.py
"""

from pecrs import Chat, Recommender

MESSAGES = (
    "Hi! I am looking for a good movie.",
    "I love superhero movies like The Avengers and Black Panther.",
    "I have seen that one. What about something funny?",
)


def main() -> None:
    """Say a few messages and show the answers with the best items."""
    chat = Chat(Recommender.from_pretrained(), seed=0)
    for message in MESSAGES:
        reply = chat.say(message)
        print(f"you    {message}")
        print(f"pecrs  {reply.text}")
        for entry in reply.items[:3]:
            print(f"       {entry.rank}. {entry.item.name}  {entry.score:.2f}")


if __name__ == "__main__":
    main()
