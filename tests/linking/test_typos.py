"""Typing mistakes in everyday words are put right; names and rare words stay."""

import pytest

from pecrs.linking.typos import corrected

TYPED = {
    "whats it abuot": "whats it about",
    "hav you got anyting with tom": "have you got anything with tom",
    "Somthing scarry pls": "Something scary please",
    "I want a thriller": "I want a thriller",
    "who directed Blxde?": "who directed Blxde?",
    "a film by Dicaprio": "a film by Dicaprio",
    "zxqv": "zxqv",
    "something wit fish": "something with fish",
    "a comedy with dry wit and a film wit": "a comedy with dry wit and a film wit",
    "a scary film 2nite n nothing b4 2005 tho": "a scary film tonight and nothing before 2005 though",
    "like robbin banks w/o guns, just askin": "like robbing banks without guns, just asking",
    "by martin, robin and melora hardin; a thin man": "by martin, robin and melora hardin; a thin man",
    "is it b&w? w/ pacino, innit": "is it black and white? with pacino, isn't it",
    "peter askin faints": "peter askin faints",
    "wut u doin, not for kiddies": "what you doing, not for kids",
    "ur fave rn? 3d or 1980s": "your favourite now? 3d or 1980s",
}


@pytest.mark.parametrize("text", TYPED)
def test_everyday_words_are_put_right(text):
    kept = [(text.index("Blxde"), text.index("Blxde") + 5)] if "Blxde" in text else []
    assert corrected(text, kept, {"dicaprio", "tom", "peter", "askin"}.__contains__)[0] == TYPED[text]


def test_places_move_with_the_words():
    text = "somthing like Heat abuot now"
    right, place = corrected(text, [(14, 18)], lambda word: False)
    assert right == "something like Heat about now"
    assert right[place(14) : place(18)] == "Heat"
    text = "film wit Heat in it"
    right, place = corrected(text, [(9, 13)], lambda word: False)
    assert (right, right[place(9) : place(13)]) == ("film with Heat in it", "Heat")
    assert right[place(len(text)) :] == ""
