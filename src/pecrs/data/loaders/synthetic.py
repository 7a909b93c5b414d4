"""A small made-up film world whose right answers are known by construction, for tests and the offline demo.

Every film belongs to one leading genre. A seeker states a genre or an actor, and the recommender only recommends films
that fit, so a model that reads the dialogue must beat the popularity baseline, and one that does not read it cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, ItemLabel, Mention, Speaker, Turn
from pecrs.errors import ConfigError

FILMS_PER_GENRE = 10

_NOUNS = {
    "horror": ("Crypt", "Howl", "Asylum", "Revenant", "Coven"),
    "comedy": ("Wedding", "Roommate", "Mixup", "Vacation", "Mascot"),
    "romance": ("Bouquet", "Valentine", "Sonata", "Letter", "Serenade"),
    "western": ("Saddle", "Stagecoach", "Outlaw", "Prairie", "Gunslinger"),
    "science fiction": ("Nebula", "Android", "Starship", "Wormhole", "Colony"),
    "animation": ("Hedgehog", "Toymaker", "Dragonling", "Penguin", "Acorn"),
}
_ADJECTIVES = ("Silver", "Forgotten", "Crimson", "Restless", "Paper", "Hollow", "Golden", "Distant", "Velvet", "Broken")
_PLOTS = {
    "horror": "In {place}, a haunted {noun} wakes and terror follows {hero}.",
    "comedy": "In {place}, a hilarious {noun} turns the life of {hero} upside down.",
    "romance": "In {place}, a {noun} brings {hero} a love that was thought lost.",
    "western": "In {place}, a dusty {noun} leads {hero} to a last duel.",
    "science fiction": "Far beyond {place}, a {noun} forces {hero} to save the galaxy.",
    "animation": "In {place}, a talking {noun} takes little {hero} on a magical journey.",
}
_PLACES = ("Marlow", "Port Anselm", "Tessaly", "the Hargrave valley", "Old Kestrel", "Vintner Bay")
_FIRST = ("Ada", "Boris", "Celia", "Dario", "Edith", "Felix", "Greta", "Hugo", "Iris", "Jonas", "Kira", "Leo")
_LAST = ("Ashdown", "Belmont", "Carver", "Dunmore", "Eastlake", "Fairfax", "Garland", "Holt")

_GREETINGS = ("Hello!", "Hi there.", "Good evening!", "Hey, how are you?")
_SMALL_TALK = (
    "What a rainy day.",
    "I am doing well, thanks.",
    "The weekend is finally here.",
    "Glad to chat with you.",
)
_QUESTIONS = ("What kind of movies do you like?", "Which films are you in the mood for?", "What do you enjoy watching?")
_GENRE_REQUESTS = ("I am looking for a good {0} movie.", "I love {0} films.", "Can you suggest something {0}?")
_ACTOR_REQUESTS = ("I like anything with {0}.", "Do you know a movie starring {0}?", "I am a fan of {0}.")
_LIKES = ("I really enjoyed {0}.", "My favorite is {0}.", "I have watched {0} many times.")
_RECOMMENDATIONS = ("Have you seen {0}?", "I would recommend {0}.", "You should try {0}.", "How about {0}?")
_PAIRS = ("You could watch {0} or {1}.", "Both {0} and {1} are great.")
_REJECTIONS = ("I have already seen that one.", "No, that is not for me.", "I did not like it, anything else?")
_ACCEPTANCES = ("That sounds great, I will watch it!", "Perfect, thank you.", "I will add {0} to my list.")
_FAREWELLS = ("Enjoy the movie!", "Bye, have fun.", "You are welcome.")


def film_world(seed: int, dialogues: int) -> tuple[Catalogue, list[Dialogue]]:
    """Make 60 films and any number of dialogues about them, the same for the same arguments.

    The films depend on the seed alone, so worlds of one seed and different sizes share their catalogue, and the shorter
    list of dialogues is the beginning of the longer one. Two films share their title and differ in the year.

    Args:
        seed: Any integer.
        dialogues: How many dialogues, at least 0.

    Returns:
        The catalogue, and per-message dialogues with mentions, labels and message numbers.

    Raises:
        ConfigError: If ``dialogues`` is negative.
    """
    if dialogues < 0:
        raise ConfigError(f"dialogues: a number of at least 0 is expected, not {dialogues}")
    catalogue = _catalogue(Random(f"films {seed}"))
    return catalogue, [_Writer(catalogue, Random(f"dialogue {seed} {n}")).write(f"film-{n}") for n in range(dialogues)]


def _catalogue(rng: Random) -> Catalogue:
    people = [f"{first} {last}" for first in _FIRST for last in _LAST]
    rng.shuffle(people)
    directors, actors = people[:10], people[10:34]
    items: list[Item] = []
    for block, (genre, nouns) in enumerate(_NOUNS.items()):
        cast = actors[4 * block : 4 * block + 4]
        adjectives = rng.sample(_ADJECTIVES, FILMS_PER_GENRE)
        for number, adjective in enumerate(adjectives):
            noun = nouns[number % len(nouns)]
            plot = _PLOTS[genre].format(place=rng.choice(_PLACES), noun=noun.lower(), hero=rng.choice(_FIRST))
            facts = {
                "actors": tuple(rng.sample(cast, 2)),
                "directors": (rng.choice(directors),),
                "genres": (genre,),
                "plot": (plot,),
            }
            items.append(Item(str(1000 + len(items)), f"The {adjective} {noun}", 1950 + rng.randrange(70), facts))
    original = items[0]
    items[-1] = Item(items[-1].id, original.title, (original.year or 0) + 1, items[-1].facts)
    return Catalogue(tuple(items))


class _Writer:
    """Writes one dialogue, message by message."""

    def __init__(self, catalogue: Catalogue, rng: Random) -> None:
        self._catalogue, self._rng = catalogue, rng
        self._turns: list[Turn] = []
        self._labels: dict[str, ItemLabel] = {}

    def write(self, dialogue_id: str) -> Dialogue:
        rng = self._rng
        self._open()
        fitting = self._request()
        rounds = min(rng.randint(1, 3), len(fitting))
        for number in range(rounds):
            if rng.random() < 0.3:
                self._say(Speaker.RECOMMENDER, rng.choice(_SMALL_TALK))
            count = 2 if len(fitting) > rounds - number and rng.random() < 0.25 else 1
            chosen = _skewed(fitting, count, rng)
            self._say(Speaker.RECOMMENDER, rng.choice(_PAIRS if count == 2 else _RECOMMENDATIONS), chosen)
            rejected = number < rounds - 1
            for item in chosen:
                self._labels[item.id] = ItemLabel(suggested=True, seen=rejected, liked=not rejected)
            fitting = [item for item in fitting if item not in chosen]
            if rejected:
                self._say(Speaker.SEEKER, rng.choice(_REJECTIONS))
            else:
                self._say(Speaker.SEEKER, rng.choice(_ACCEPTANCES), chosen[:1])
        self._say(Speaker.RECOMMENDER, rng.choice(_FAREWELLS))
        return Dialogue(dialogue_id, tuple(self._turns), self._labels)

    def _open(self) -> None:
        rng = self._rng
        if rng.random() < 0.5:
            self._say(Speaker.SEEKER, rng.choice(_GREETINGS))
            self._say(Speaker.RECOMMENDER, rng.choice(_GREETINGS))
        else:
            self._say(Speaker.RECOMMENDER, rng.choice(_GREETINGS))
            self._say(Speaker.RECOMMENDER, rng.choice(_QUESTIONS))

    def _request(self) -> list[Item]:
        """State a genre or an actor, at times with a film the seeker likes; return what may be recommended."""
        rng = self._rng
        kind = "genres" if rng.random() < 0.7 else "actors"
        value = rng.choice(sorted({value for item in self._catalogue for value in item.facts[kind]}))
        fitting = [item for item in self._catalogue if value in item.facts[kind]]
        self._say(Speaker.SEEKER, rng.choice(_GENRE_REQUESTS if kind == "genres" else _ACTOR_REQUESTS).format(value))
        if len(fitting) > 6 and rng.random() < 0.4:
            liked = rng.choice(fitting)
            self._say(Speaker.SEEKER, rng.choice(_LIKES), [liked])
            self._labels[liked.id] = ItemLabel(suggested=False, seen=True, liked=True)
            fitting.remove(liked)
        return fitting

    def _say(self, speaker: Speaker, template: str, items: Sequence[Item] = ()) -> None:
        text, mentions = template, []
        for number, item in enumerate(items):
            start = text.find(f"{{{number}}}")
            if start >= 0:
                text = text.replace(f"{{{number}}}", item.name)
                mentions.append(Mention(start, start + len(item.name), item.id))
        self._turns.append(Turn(speaker, text, tuple(mentions), messages=(len(self._turns),)))


def _skewed(items: Sequence[Item], count: int, rng: Random) -> list[Item]:
    """Draw distinct items, earlier ones more often, so that some films are popular."""
    pool, chosen = list(items), []
    for _ in range(count):
        (item,) = rng.choices(pool, [1 / (1 + rank) for rank in range(len(pool))])
        pool.remove(item)
        chosen.append(item)
    return chosen
