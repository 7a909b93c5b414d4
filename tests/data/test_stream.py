"""Layouts counted by hand: every word is one token."""

import pytest
from hypothesis import HealthCheck, given, settings
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from models import small_catalogue
from oracle.dialogues import dialogues, recommender, seeker
from pecrs.config import DataConfig
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.stream import NO_ITEM, StreamLayout
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import ContextTooLongError, DataError

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word_layout(**data):
    words = ["<eos>", "Seeker:", "Recommender:", "<unk>", *LETTERS]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<eos>", unk_token="<unk>")
    config = DataConfig(**{"max_context_tokens": 16, "max_response_tokens": 4, **data})
    return StreamLayout(Vocabulary.from_tokenizer(wrapped, config), small_catalogue(), config)


def spelled(layout, sequence):
    """A sequence as one word a position; items as v and their index."""
    words = layout.vocabulary.tokenizer.convert_ids_to_tokens(list(sequence.tokens))
    pairs = zip(words, sequence.items, strict=True)
    return " ".join(f"v{item}" if item != NO_ITEM else word for word, item in pairs)


def talk(*turns):
    return Dialogue("talk", turns)


def test_a_dialogue_is_laid_out_as_drawn():
    layout = word_layout(max_context_tokens=64)
    told = talk(seeker("a b"), recommender("c", 1, "d", 2), seeker(3, "e"), recommender("f", unnamed=(4,)))
    (stream,) = layout.streams(told)
    assert spelled(layout, stream.sequence) == (
        "<eos> Seeker: a b <eos> [REC] v1 v2 [REC_END] Recommender: c [ITEM] d [ITEM] <eos> "
        "[SEP] v3 [SEP] Seeker: [ITEM] e <eos> [REC] v4 [REC_END] Recommender: f <eos>"
    )
    first, second = stream.points
    assert (first.turn, first.decision, first.query, first.items, first.response) == (1, 4, 5, (1, 2), (10, 14))
    assert (second.turn, second.decision, second.query, second.items, second.response) == (3, 21, 22, (4,), (26, 28))
    assert (first.has_context, first.weight, second.weight, stream.weight) == (True, 2, 1, 3)
    assert stream.branches == ()
    assert stream.dialogue == "talk"


def test_the_last_response_is_cut_and_an_earlier_one_stays_whole():
    layout = word_layout(max_context_tokens=64)
    (stream,) = layout.streams(talk(recommender("a b c d e f"), recommender("g h i j k")))
    assert spelled(layout, stream.sequence) == "<eos> Recommender: a b c d e f <eos> Recommender: g h i j"
    assert [point.response for point in stream.points] == [(2, 6), (10, 14)]  # four tokens, the EOS not among them


def test_an_opening_with_items_has_no_context():
    layout = word_layout()
    (stream,) = layout.streams(talk(recommender("a", 1), recommender("b", 2)))
    assert [point.has_context for point in stream.points] == [False, True]
    assert [point.decision for point in stream.points] == [0, 7]
    assert [point.query for point in stream.points] == [1, 8]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ((recommender("a"),), ["<eos> Recommender: a <eos>"]),
        ((recommender(""),), ["<eos> Recommender: <eos>"]),
        ((seeker("a"),), []),
        ((), []),
        ((recommender("a"), seeker("b")), ["<eos> Recommender: a <eos>"]),  # nothing after the last point is laid
    ],
)
def test_short_dialogues(turns, expected):
    layout = word_layout()
    for windows in (False, True):
        laid = layout.streams(talk(*turns), windows=windows)
        assert [spelled(layout, stream.sequence) for stream in laid] == expected


def test_a_context_that_fits_exactly_shares_the_stream():
    layout = word_layout()
    # EOS + (3 + 2) + (2 + 2) + (3 + 2) = 15, and [REC] makes 16.
    turns = (seeker("a b c"), recommender("d e"), seeker("f g h"), recommender("i j"))
    (stream,) = layout.streams(talk(*turns))
    assert [point.turn for point in stream.points] == [1, 3]
    assert len(layout.context(turns[:3])) == 15


def test_one_token_more_drops_the_first_turn():
    layout = word_layout()
    turns = (seeker("a b c d"), recommender("d e"), seeker("f g h"), recommender("i j"))
    shared, window = layout.streams(talk(*turns))
    assert spelled(layout, shared.sequence) == "<eos> Seeker: a b c d <eos> Recommender: d e <eos>"
    expected = "<eos> Recommender: d e <eos> Seeker: f g h <eos> Recommender: i j <eos>"
    assert spelled(layout, window.sequence) == expected
    (point,) = window.points
    assert (point.turn, point.decision, point.response, point.has_context) == (3, 9, (11, 14), True)


def test_a_wrapper_counts_with_its_turn():
    layout = word_layout()
    turns = (seeker("a"), recommender("b", 1), seeker("c d e", 2), recommender("f"))
    # The last two turns: (3 + 1 + 2 + 1) + (3 + 1 + 4 + 1) = 16 > 14, the last alone 9.
    assert spelled(layout, layout.context(turns[:3])) == "<eos> [SEP] v2 [SEP] Seeker: c d e [ITEM] <eos>"


def test_a_single_overlong_turn_loses_text_from_its_left():
    layout = word_layout()
    plain, named = seeker(" ".join(LETTERS[:20])), seeker(1, " ".join(LETTERS[:20]))
    assert spelled(layout, layout.context([plain])) == "<eos> Seeker: i j k l m n o p q r s t <eos>"
    assert spelled(layout, layout.context([named])) == "<eos> [SEP] v1 [SEP] Seeker: l m n o p q r s t <eos>"
    assert len(layout.context([plain])) == len(layout.context([named])) == 15


def test_an_overlong_turn_is_dropped_whole_once_another_follows():
    layout = word_layout()
    turns = [seeker("a"), seeker(" ".join(LETTERS)), recommender("z")]
    assert spelled(layout, layout.context(turns)) == "<eos> Recommender: z <eos>"


def test_a_turn_whose_items_alone_exceed_the_context_is_refused():
    layout = word_layout()
    fits, too_many = (seeker("a b c", unnamed=tuple(range(count))) for count in (10, 11))
    context = spelled(layout, layout.context([fits]))
    assert context == f"<eos> [SEP] {' '.join(f'v{n}' for n in range(10))} [SEP] Seeker: <eos>"
    with pytest.raises(ContextTooLongError, match=r"items of one turn take 13 positions.*allows 16"):
        layout.context([too_many])
    with pytest.raises(ContextTooLongError):
        layout.streams(talk(too_many, recommender("b")))


def test_an_unknown_item_is_refused():
    with pytest.raises(DataError, match="'nowhere' is not in the catalogue"):
        word_layout().streams(talk(Turn(Speaker.SEEKER, "a", items=("nowhere",)), recommender("b")))


def test_windows_give_each_turn_of_the_recommender_its_own_stream():
    layout = word_layout(max_context_tokens=64)
    laid = layout.streams(talk(recommender("a"), seeker("b"), recommender("c", 1), recommender("d")), windows=True)
    first = "<eos> Recommender: a <eos>"
    second = f"{first} Seeker: b <eos> [REC] v1 [REC_END] Recommender: c [ITEM] <eos>"
    expected = [first, second, f"{second} Recommender: d <eos>"]
    assert [spelled(layout, stream.sequence) for stream in laid] == expected
    assert [[point.turn for point in stream.points] for stream in laid] == [[0], [2], [3]]


def test_responses_of_several_items_hang_off_the_stream():
    layout = word_layout(generation="per_item", max_context_tokens=64)
    (stream,) = layout.streams(talk(seeker("a"), recommender("b", 3, 5), recommender("c", 1)))
    first, second = stream.branches
    assert spelled(layout, first.sequence) == "[REC] v3 [REC_END] Recommender: b [ITEM] [ITEM] <eos>"
    assert spelled(layout, second.sequence) == "[REC] v5 [REC_END] Recommender: b [ITEM] [ITEM] <eos>"
    assert first.context == second.context == stream.points[0].query == 4
    assert first.response == second.response == (4, 8)


def test_a_reply_follows_its_items_and_prefix():
    layout = word_layout()
    assert spelled(layout, layout.reply_prefix([2, 0])) == "[REC] v2 v0 [REC_END] Recommender:"
    assert spelled(layout, layout.reply_prefix([])) == "Recommender:"


@settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(told=dialogues())
def test_every_turn_of_the_recommender_is_one_point_and_no_context_is_too_long(told):
    layout = word_layout()
    for dialogue in told:
        turns = [t for t, turn in enumerate(dialogue.turns) if turn.speaker is Speaker.RECOMMENDER]
        for windows in (False, True):
            laid = layout.streams(dialogue, windows=windows)
            points = [point for stream in laid for point in stream.points]
            assert [point.turn for point in points] == turns
            assert all(point.decision + 2 <= 16 for point in points)
            assert sum(stream.weight for stream in laid) == sum(max(1, len(dialogue.turns[t].items)) for t in turns)
