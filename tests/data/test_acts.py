import pytest

from pecrs.data.acts import ACTS, FACTS, KINDS, ROLES, LabelledMessage, LabelledSpan
from pecrs.errors import DataError


def message(text="anything like Heat?", acts=("ask_recommendation",), **others):
    return LabelledMessage((), text, frozenset(acts), frozenset(ACTS), **others)


@pytest.mark.parametrize("labels", [ACTS, ROLES, KINDS, FACTS])
def test_labels_are_distinct(labels):
    assert len(set(labels)) == len(labels)


def test_a_message_keeps_its_spans():
    span = LabelledSpan(14, 18, "title", "like")
    assert message(spans=(span,)).text[span.start : span.end] == "Heat"


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (lambda: message(acts=["sing"]), "acts"),
        (lambda: LabelledMessage((), "hi", frozenset({"greeting"}), frozenset({"thanks"})), "known"),
        (lambda: message(facts=frozenset({"cast"})), "facts"),
        (lambda: message(acts=["ask_fact"], facts=frozenset({"colour"})), "facts"),
        (lambda: message(spans=(LabelledSpan(14, 30, "title"),)), "spans"),
        (lambda: message(spans=(LabelledSpan(3, 9, "title"), LabelledSpan(5, 12, "title"))), "spans"),
        (lambda: LabelledSpan(3, 3, "title"), "spans"),
        (lambda: LabelledSpan(0, 3, "film"), "kind"),
        (lambda: LabelledSpan(0, 3, "title", "loves"), "role"),
    ],
)
def test_wrong_labels_name_their_field(build, field):
    with pytest.raises(DataError) as error:
        build()
    assert error.value.field == field
