"""Talk about tracks: their own columns are asked about and told, where films would have a director and a cast."""

from functools import cache

import pytest

from bundled import bundled_recommender
from pecrs import Catalogue, Chat, Item

TRACKS = [
    ("Halo", ["Beyoncé"], "I Am... Sasha Fierce"),
    ("Single Ladies", ["Beyoncé"], "I Am... Sasha Fierce"),
    ("Uptown Funk", ["Mark Ronson", "Bruno Mars"], "Uptown Special"),
    ("Grenade", ["Bruno Mars"], "Doo-Wops & Hooligans"),
    ("Someone Like You", ["Adele"], "21"),
    ("Rolling in the Deep", ["Adele"], "21"),
    ("bad guy", ["Billie Eilish"], "When We All Fall Asleep"),
    ("Get Lucky", ["Daft Punk", "Pharrell Williams"], "Random Access Memories"),
]


@cache
def tracks():
    facts = [{"artists": tuple(artists), "album": (album,)} for _, artists, album in TRACKS]
    items = [Item(title, title, None, told) for (title, *_), told in zip(TRACKS, facts, strict=True)]
    return bundled_recommender().with_catalogue(Catalogue(items, fields=("title", "artists", "album")))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("who is it by?", "artists of Uptown Funk are Mark Ronson and Bruno Mars"),
        ("which album is it on?", "album of Uptown Funk is Uptown Special"),
        ("what album is that from", "album of Uptown Funk is Uptown Special"),
        ("who sings it?", "Mark Ronson and Bruno Mars"),
        ("is it by Adele?", "Not as far as I know: Uptown Funk is by Mark Ronson and Bruno Mars."),
        ("who wrote it?", "I don't know who wrote Uptown Funk."),
    ],
)
def test_columns_of_a_track_are_told(asked, told):
    chat = Chat(tracks())
    chat.say("something by Mark Ronson")
    assert told in chat.say(asked).text


def test_tracks_are_compared_by_their_artists():
    chat = Chat(tracks())
    assert "Halo is by Beyoncé. Grenade is by Bruno Mars." in chat.say("compare Halo and Grenade").text
