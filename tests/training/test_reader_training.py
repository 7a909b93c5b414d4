"""The message reader learns what it is shown, at the places where it is shown it, and from what is labelled alone."""

import pytest
import torch

from pecrs.data.acts import ACTS, LabelledMessage, LabelledSpan
from pecrs.data.dialogue import Speaker
from pecrs.data.installed import BUNDLED
from pecrs.data.messages import MESSAGE_TOKENS, collate_messages, label_messages, lay_out, lay_out_labelled
from pecrs.model.backbone.reading_adapter import ReadingAdapter
from pecrs.model.message_reader import MessageReader, base_blocks, message_states
from pecrs.model.persistence.folder import from_pretrained, load_message_reader, save_message_reader
from pecrs.training.reader import (
    ReaderSettings,
    evenly,
    fit_thresholds,
    read_messages,
    reading_losses,
    reading_quality,
    train_reader,
)

KNOWN = frozenset(ACTS)


def message(text, act, *spans, context=()):
    """Return a labelled message; a span is (words, role)."""
    found = tuple(
        LabelledSpan(text.index(words), text.index(words) + len(words), "genre", role) for words, role in spans
    )
    return LabelledMessage(context, text, frozenset({act}), KNOWN, found, facts_known=True, source="test")


MESSAGES = [
    message("a comedy please", "ask_recommendation", ("comedy", "want")),
    message("no horror", "refine", ("horror", "avoid")),
    message("thanks a lot", "thanks", context=((Speaker.RECOMMENDER, "How about Big?"),)),
    message("seen it", "seen"),
] * 8


@pytest.mark.parametrize("rank", [0, 4])
def test_a_reader_learns_what_it_is_shown(rank):
    reader = from_pretrained(BUNDLED).model.reader
    read = read_messages(reader, MESSAGES, adapted=rank > 0)
    head = train_reader(read, ReaderSettings(epochs=12, batch_size=8, rank=rank))
    fit_thresholds(head, [read])
    quality = reading_quality(head, read)
    assert quality.macro() == 1.0
    assert quality.macro("role:") == 1.0
    assert quality.support["thanks"] == 8


def test_what_is_not_labelled_carries_no_loss():
    reader = from_pretrained(BUNDLED).model.reader
    unlabelled = LabelledMessage((), "whatever", frozenset(), frozenset())
    laid_out = [lay_out_labelled(reader.vocabulary, unlabelled)]
    head = MessageReader(reader.width)
    scores = head(message_states(reader, laid_out), collate_messages(laid_out))
    acts, roles = reading_losses(scores, label_messages([unlabelled], laid_out))
    assert acts.item() == roles.item() == 0.0


def test_a_message_is_read_alike_whatever_is_read_with_it():
    reader = from_pretrained(BUNDLED).model.reader
    laid_out = [lay_out_labelled(reader.vocabulary, entry) for entry in MESSAGES[:4]]
    head = MessageReader(reader.width).eval()
    together = head(message_states(reader, laid_out), collate_messages(laid_out)).acts
    alone = [head(message_states(reader, [entry]), collate_messages([entry])).acts for entry in laid_out]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=1e-4)


def test_spans_stand_where_their_words_are_and_long_messages_lose_those_behind():
    vocabulary = from_pretrained(BUNDLED).model.vocabulary
    laid = lay_out(vocabulary, ((Speaker.RECOMMENDER, "Hello!"),), "a western please", [(2, 9)])
    [(first, end)] = laid.spans
    assert vocabulary.tokenizer.decode(laid.tokens[first:end]).strip() == "western"
    long = lay_out(vocabulary, (), "well " * 300 + "western", [(1500, 1507)])
    assert long.spans == ((long.start, long.start),)
    assert len(long.tokens) - long.start == MESSAGE_TOKENS + 1


def test_rare_acts_are_chosen_as_often_as_frequent_ones():
    many = [message(f"thanks {n}", "thanks") for n in range(50)] + [message("seen it", "seen")]
    assert {next(iter(entry.acts)) for entry in evenly(many, 2, 0)} == {"thanks", "seen"}


def test_an_adapter_changes_how_messages_are_read_and_nothing_else(tmp_path):
    model = from_pretrained(BUNDLED).model
    reader = model.reader
    laid_out = [lay_out_labelled(reader.vocabulary, entry) for entry in MESSAGES[:4]]
    plain = message_states(reader, laid_out)
    adapter = ReadingAdapter.of(base_blocks(reader), 2)
    torch.testing.assert_close(message_states(reader, laid_out, adapter.eval()), plain)  # its second matrices are zero
    for weight in adapter.up.values():
        torch.nn.init.normal_(weight)
    read = message_states(reader, laid_out, adapter)
    assert not torch.allclose(read, plain)
    torch.testing.assert_close(message_states(reader, laid_out), plain)
    head = MessageReader(reader.width, adapter=adapter).eval()
    save_message_reader(head, tmp_path)
    again = load_message_reader(tmp_path, reader.width)
    torch.testing.assert_close(message_states(reader, laid_out, again.adapter), read, atol=2e-2, rtol=2e-2)


def test_an_adapter_is_the_lora_of_the_paper_in_double_precision():
    """Against W x + B A x, layer by layer, written out."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(5, 3).double()
    adapter = ReadingAdapter.of([torch.nn.Sequential(layer)], 2).double()
    torch.nn.init.normal_(adapter.up["0-0"])
    inputs = torch.randn(4, 5, dtype=torch.float64)
    with adapter.on([torch.nn.Sequential(layer)]):
        found = layer(inputs)
    for row, x in zip(found, inputs, strict=True):
        right = layer.weight @ x + layer.bias + adapter.up["0-0"] @ (adapter.down["0-0"] @ x)
        torch.testing.assert_close(row, right)
