"""Random dialogues for the oracle: odd openings, several items a turn, items without spans, overlong and empty text."""

from hypothesis import strategies as st

from models import small_catalogue
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn

WORDS = (
    "I like",
    "films about ghosts",
    "!",
    ", or",
    "🎬🍿 ok",
    "naïve café",
    "[REC] [SEP] typed",
    "",
    "what a rainy day " * 12,
)


def say(speaker: Speaker, *pieces: str | int, unnamed: tuple[int, ...] = ()) -> Turn:
    """A turn of words and mentions; numbers are catalogue indices, and ``unnamed`` items have no span."""
    films, text, mentions = small_catalogue().items, "", []
    for piece in pieces:
        if isinstance(piece, int):
            title = films[piece].name
            text += " " if text else ""
            mentions.append(Mention(len(text), len(text) + len(title), films[piece].id))
            text += title
        else:
            text += f" {piece}" if text else piece
    named = [mention.item for mention in mentions]
    extra = [films[index].id for index in unnamed]
    return Turn(speaker, text, tuple(mentions), tuple(dict.fromkeys([*named, *extra])))


def seeker(*pieces: str | int, unnamed: tuple[int, ...] = ()) -> Turn:
    return say(Speaker.SEEKER, *pieces, unnamed=unnamed)


def recommender(*pieces: str | int, unnamed: tuple[int, ...] = ()) -> Turn:
    return say(Speaker.RECOMMENDER, *pieces, unnamed=unnamed)


FULL_OF_CASES = Dialogue(
    "cases",
    (
        recommender("Hello, how about", 3, "?"),  # opens with an item: no context, so no recall
        recommender("🎬🍿 ok"),
        seeker("I like", 1, "and", 2),
        seeker("films", unnamed=(4,)),
        recommender("Try", 5, "or", 6, ", or", 5, "again", unnamed=(0,)),
        recommender(""),
        seeker("what a rainy day " * 12, 7),  # overlong
        recommender("naïve", 8),
        recommender("[REC] typed [SEP] and much more than the longest response takes in"),
        seeker(""),
        recommender(unnamed=(9, 3)),
    ),
)
"""A dialogue with every special case at once, far longer than one context."""


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    count = len(small_catalogue())
    speaker = draw(st.sampled_from(Speaker))
    chosen = draw(st.lists(st.integers(0, count - 1), max_size=3, unique=True))
    spans = draw(st.integers(0, len(chosen)))
    words = draw(st.lists(st.sampled_from(WORDS), max_size=3))
    pieces = draw(st.permutations([*words, *chosen[:spans]]))
    return say(speaker, *pieces, unnamed=tuple(chosen[spans:]))


@st.composite
def dialogues(draw: st.DrawFn) -> list[Dialogue]:
    several = draw(st.lists(st.lists(turns(), min_size=1, max_size=7), min_size=1, max_size=3))
    if all(turn.speaker is Speaker.SEEKER for turn in several[0]):
        several[0].append(recommender("Hello, how about", 3))
    return [Dialogue(str(number), tuple(told)) for number, told in enumerate(several)]
