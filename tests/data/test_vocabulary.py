import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from models import tiny_tokenizer, tiny_vocabulary
from oracle.dialogues import recommender, seeker
from pecrs.config import DataConfig
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.data.vocabulary import SPECIAL_TOKENS, Vocabulary
from pecrs.errors import ConfigError

TYPED = [*SPECIAL_TOKENS, "<|endoftext|>", "[PECRS_SEP]", "[CLS]", "[MASK]"]
BPE, WORDPIECE = tiny_vocabulary("gpt2"), tiny_vocabulary("bert")


def plain(text):
    return Turn(Speaker.SEEKER, text)


def test_the_four_tokens_are_the_last_rows_in_the_papers_order():
    size = len(tiny_tokenizer("gpt2"))
    assert BPE.special == (size, size + 1, size + 2, size + 3)
    assert BPE.tokenizer.convert_ids_to_tokens(list(BPE.special)) == list(SPECIAL_TOKENS)
    assert len(BPE) == size + 4


def test_a_tokeniser_with_a_separator_of_its_own_keeps_it():
    names = WORDPIECE.tokenizer.convert_ids_to_tokens(list(WORDPIECE.special))
    assert names == ["[ITEM]", "[PECRS_SEP]", "[REC]", "[REC_END]"]
    assert WORDPIECE.eos == WORDPIECE.tokenizer.sep_token_id != WORDPIECE.sep
    assert len(WORDPIECE) == len(tiny_tokenizer("bert")) + 4


@pytest.mark.parametrize("family", ["gpt2", "bert"])
def test_a_saved_tokeniser_gives_the_same_ids(family, tmp_path):
    vocabulary = tiny_vocabulary(family)
    vocabulary.tokenizer.save_pretrained(str(tmp_path))
    again = Vocabulary.from_tokenizer(AutoTokenizer.from_pretrained(str(tmp_path)), DataConfig())
    assert len(again) == len(vocabulary)
    assert (again.eos, again.special, dict(again.prefixes)) == (
        vocabulary.eos,
        vocabulary.special,
        dict(vocabulary.prefixes),
    )
    turn = seeker("I like", 3, "and [REC] films 🎬")
    assert again.encode_turn(turn) == vocabulary.encode_turn(turn)


@pytest.mark.parametrize("vocabulary", [BPE, WORDPIECE], ids=["bpe", "wordpiece"])
@pytest.mark.parametrize("name", TYPED)
def test_names_of_special_tokens_that_a_person_types_stay_text(vocabulary, name):
    special = {*vocabulary.special, vocabulary.eos, *vocabulary.tokenizer.all_special_ids}
    unknown = vocabulary.tokenizer.unk_token_id
    ids = vocabulary.encode_turn(plain(f"so {name} and{name}too"))
    assert not special.difference({unknown}).intersection(ids)
    item = vocabulary.encode_items([(f"The {name}",)], 50)[0]
    assert not special.difference({unknown}).intersection(item)


@pytest.mark.parametrize("name", TYPED)
def test_such_names_are_read_back_as_typed(name):
    assert BPE.decode(BPE.encode_turn(plain(f"so {name} and"))) == (f"so {name} and", ())


@settings(derandomize=True, deadline=None, database=None)
@given(st.text())
def test_any_text_survives_a_round_trip(text):
    text = text.encode("utf-8", "replace").decode("utf-8")
    assert BPE.decode(BPE.encode_turn(plain(text)))[0] == text.strip()


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_empty_text_has_no_tokens(text):
    assert BPE.encode_turn(plain(text)) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Have you seen Alien (1979)?", ["Alien (1979)"]),
        ("Alien", ["Alien"]),
        ("Alien, Brazil and Clue's sequel", ["Alien", "Brazil", "Clue"]),
        ('I love "Alien" (or Brazil)!', ["Alien", "Brazil"]),
        ("Alien Brazil", ["Alien", "Brazil"]),
        ("try Alien/Brazil", ["Alien", "Brazil"]),
        ("🎬 Alien 🍿", ["Alien"]),
    ],
)
def test_titles_return_to_where_they_stood(text, names):
    spans = [Mention(text.index(name), text.index(name) + len(name), name) for name in names]
    ids = BPE.encode_turn(Turn(Speaker.RECOMMENDER, text, tuple(spans)))
    assert ids.count(BPE.item) == len(names)
    read, places = BPE.decode(ids, names)
    assert read == text
    assert [read[start:end] for start, end in places] == names
    assert [start for start, _ in places] == [span.start for span in spans]


def test_without_enough_titles_the_placeholder_stays():
    ids = BPE.encode_turn(recommender("Try", 1, "or", 2))
    assert BPE.decode(ids, ["Alien"]) == ("Try Alien or [ITEM]", ((4, 9),))
    assert BPE.decode(ids, ["Alien", "Brazil", "Clue"]) == ("Try Alien or Brazil", ((4, 9), (13, 19)))


def test_other_special_tokens_vanish():
    words = BPE.encode_turn(plain("hello there"))
    ids = [BPE.eos, BPE.rec, BPE.rec_end, *words, BPE.sep, BPE.eos]
    assert BPE.decode(ids) == ("hello there", ())


def test_a_turn_reads_the_same_whatever_film_it_names():
    assert BPE.encode_turn(seeker("I like", 1, "!")) == BPE.encode_turn(seeker("I like", 7, "!"))


def test_item_text_joins_the_fields_with_separators():
    text = ("Alien (1979)", "Sigourney Weaver, John Hurt", "", "1979")
    ids = BPE.encode_items([text], 100)[0]
    parts = [[]]
    for token in ids:
        if token == BPE.sep:
            parts.append([])
        else:
            parts[-1].append(token)
    assert [BPE.decode(part)[0] for part in parts] == list(text)
    assert BPE.encode_items([text], 9)[0] == ids[:9]


def test_an_item_without_any_text_still_has_a_token():
    assert BPE.encode_items([("",)], 9)[0] == (BPE.sep,)
    assert BPE.encode_items([("", "")], 9)[0] == (BPE.sep,)


def test_role_prefixes_follow_the_configuration():
    vocabulary = Vocabulary.from_tokenizer(tiny_tokenizer("gpt2"), DataConfig(seeker_prefix="User says"))
    assert vocabulary.decode(vocabulary.prefixes[Speaker.SEEKER])[0] == "User says"
    assert vocabulary.decode(vocabulary.prefixes[Speaker.RECOMMENDER])[0] == "Recommender:"


def test_a_prefix_that_vanishes_is_refused():
    with pytest.raises(ConfigError, match=r"data\.seeker_prefix"):
        Vocabulary.from_tokenizer(tiny_tokenizer("bert"), DataConfig(seeker_prefix="\x01"))


def test_a_tokeniser_without_an_end_is_refused():
    tokenizer = tiny_tokenizer("gpt2")
    tokenizer.eos_token = None
    with pytest.raises(ConfigError, match="neither an end-of-text nor a separator"):
        Vocabulary.from_tokenizer(tokenizer, DataConfig())


def test_special_tokens_are_added_once():
    tokenizer = tiny_tokenizer("bert")
    first = Vocabulary.from_tokenizer(tokenizer, DataConfig())
    second = Vocabulary.from_tokenizer(tokenizer, DataConfig())
    assert first.special == second.special
    assert torch.tensor(first.special).unique().numel() == 4
