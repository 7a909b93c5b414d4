import pytest

from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn
from pecrs.data.loaders.redial import load_redial
from pecrs.data.protocol import cold_instances, instances, label_counts, standard_instances
from pecrs.errors import ConfigError

S, R = Speaker.SEEKER, Speaker.RECOMMENDER


def talk(*turns):
    return Dialogue("d", tuple(Turn(who, text, (), items, (n,)) for n, (who, text, items) in enumerate(turns)))


DIALOGUE = talk(
    (R, "opening", ("a",)),
    (R, "again", ("a", "b")),
    (S, "I like", ("c",)),
    (R, "then", ("c", "d")),
    (R, "or", ("d", "e")),
    (R, "bye", ()),
    (S, "ok", ("e",)),
)


def points(found):
    return [(point.turn, point.message_index, point.labels) for point in found]


def test_standard_asks_once_per_message():
    assert points(standard_instances([DIALOGUE])) == [(1, 1, ("a", "b")), (3, 3, ("c", "d")), (4, 4, ("d", "e"))]


def test_novel_drops_labels_that_were_mentioned_and_instances_that_are_left_empty():
    assert points(standard_instances([DIALOGUE], "novel")) == [(1, 1, ("b",)), (3, 3, ("d",)), (4, 4, ("e",))]
    repeated = talk((S, "x", ("a",)), (R, "y", ("a",)))
    assert standard_instances([repeated], "novel") == []


def test_cold_keeps_the_labels_that_training_never_named():
    assert points(cold_instances(standard_instances([DIALOGUE]), {"a", "c", "d"})) == [(1, 1, ("b",)), (4, 4, ("e",))]
    assert cold_instances(standard_instances([DIALOGUE]), set("abcde")) == []


def test_popularity_counts_what_recommenders_recommended_openings_excluded():
    assert label_counts([DIALOGUE, DIALOGUE]) == {"a": 2, "b": 2, "c": 2, "d": 4, "e": 2}
    assert label_counts([DIALOGUE])["never"] == 0


def test_turns_that_no_source_numbers_are_known_by_their_position():
    spoken = Dialogue("d", (Turn(S, "hi"), Turn(S, "you"), Turn(R, "see A", items=("a",))))
    assert points(instances([spoken])) == [(2, 2, ("a",))]
    assert points(instances([spoken], "pecrs")) == [(1, 1, ("a",))]


def test_pecrs_asks_once_per_item_of_a_merged_turn_and_never_at_the_opening():
    found = instances([DIALOGUE], "pecrs")
    assert points(found) == [(2, 3, ("c",)), (2, 3, ("d",)), (2, 3, ("e",))]
    assert found[0].dialogue.turns[2].text == "then or bye"
    assert found[0].mentioned == ("a", "b", "c")
    assert points(instances([DIALOGUE], "pecrs", "novel")) == [(2, 3, ("d",)), (2, 3, ("e",))]


def test_inspired_asks_the_same_points():
    assert instances([DIALOGUE], "inspired", "novel") == instances([DIALOGUE], "pecrs", "novel")


def test_turns_without_text_are_no_context():
    assert instances([talk((S, " ", ()), (R, "x", ("a",)))]) == []


def test_spans_do_not_matter():
    spanned = Dialogue("d", (Turn(S, "hi", messages=(0,)), Turn(R, "see A", (Mention(4, 5, "a"),), messages=(1,))))
    assert points(instances([spanned])) == [(1, 1, ("a",))]


@pytest.mark.parametrize("arguments", [("other", "all"), ("standard", "new"), ("pecrs", "new")])
def test_unknown_names_are_refused(arguments):
    with pytest.raises(ConfigError, match="is unknown; one of"):
        instances([], *arguments)


@pytest.fixture(scope="module")
def redial(data_folder):
    if not (data_folder / "redial").is_dir():
        pytest.skip("the data folder has no redial")
    return load_redial(data_folder / "redial")


@pytest.mark.parametrize(
    ("split", "variant", "count", "labels"),
    [
        ("train", "all", 31186, 35571),
        ("train", "novel", 28698, 32298),
        ("valid", "all", 3388, 3881),
        ("valid", "novel", 3153, 3572),
    ],
)
def test_published_counts_of_standard(redial, split, variant, count, labels):
    found = instances(redial.splits[split], "standard", variant)
    assert (len(found), sum(len(point.labels) for point in found)) == (count, labels)


def test_published_counts_of_pecrs(redial):
    assert len(instances(redial.valid, "pecrs")) == 3823
