"""The words of a changed catalogue are those of one that is read as a whole."""

from itertools import pairwise

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.lexicon import fold, words_of
from pecrs.linking.linker import Linker
from pecrs.linking.vocabulary import Vocabulary

PLOTS = (
    "A quiet gnarled tree tells an Epic story.",
    "A gnarled tree. Nobody saw the gnarled tree.",
    "The Moonlight Tree",
)
FILMS = Catalogue(
    (
        Item("a", "Gnarled", 2001, {"actors": ("Ann Lee", "Bo Stone"), "plot": PLOTS[:1], "series": ("Roots",)}),
        Item("b", "Roots", 2002, {"actors": ("Ann Lee", "Cy Stone"), "plot": PLOTS[1:2]}),
        Item("c", "the old tree", 2003, {"actors": ("Ann Lee", "Moonlight"), "plot": PLOTS[2:]}),
        Item("d", "Ann Lee", 2004, {"actors": ("Cy Stone", "Gnarled"), "plot": PLOTS[1:2]}),
    ),
    ("title", "actors", "plot"),
)
CHANGED = [Item("e", "Moonlight", 2005, {"actors": ("Di Lee",), "plot": PLOTS[:1]}), Item("b", "Stumps", 2002)]
REMOVED = ["d"]


def known(vocabulary):
    """Return all that it tells of the words of all texts, and of those of the changed items."""
    items = (*FILMS, *CHANGED)
    texts = [text for item in items for text in (item.title, *(v for values in item.facts.values() for v in values))]
    phrases = [tuple(fold(match.group()) for match in words_of(text)) for text in (*texts, "unheard xyzzy")]
    words = sorted({word for phrase in phrases for word in phrase})
    pairs = sorted({pair for phrase in phrases for pair in pairwise(phrase)})
    return {
        **{word: (vocabulary.knows(word), vocabulary.uses(word), vocabulary.names_people(word)) for word in words},
        **{f"of {word}": (vocabulary.works_of(word), vocabulary.need([word])) for word in words},
        **{pair: (vocabulary.person(*pair), vocabulary.need(pair), vocabulary.full_name(pair)) for pair in pairs},
        **{phrase: (vocabulary.full_name(phrase), vocabulary.need(phrase)) for phrase in phrases},
    }


def test_the_words_of_a_changed_catalogue_are_those_of_one_read_as_a_whole():
    before = Vocabulary(FILMS)
    said = known(before)
    after = before.of(FILMS.with_items(CHANGED, REMOVED))
    assert known(after) == known(Vocabulary(FILMS.with_items(CHANGED, REMOVED))) != said
    assert known(before) == said
    assert known(after.of(FILMS)) == said


def test_what_only_a_removed_item_said_is_forgotten():
    alone = Catalogue((Item("g", "Gnarled", 2001),), ("title",))
    more = alone.with_items([Item("p", "Another", 2002, {"plot": PLOTS[1:2]}), *CHANGED[:1]])
    grown = Linker(alone).of(more)
    text = "it felt so gnarled somehow"
    assert not grown.link(text)
    assert [mention.item for mention in grown.of(more.with_items([], ["p", "e"])).link(text)] == ["g"]
