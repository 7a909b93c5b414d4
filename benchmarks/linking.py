"""Linking of free text: titles with years, series in brackets, everyday words, real messages, and time a message.

    python benchmarks/linking.py --data FOLDER [--part titles books words namesakes ...] [--unread] [--json]

The folder holds ``redial/`` and ``opendialkg_books/`` in their public forms. ``titles`` writes 600 films as
``Title, The (year)`` into a catalogue of ids and titles and names each in a sentence; ``books`` does the same with
series, aliases and companion volumes; ``thousand`` names a thousand films, and all books, in other sentences: as they
are written, in lower case, with the year and with one typing mistake; ``words`` puts titles of one everyday word into
sentences that give no reason to think of a title, and into some that do; ``namesakes`` puts people, years and "the
original" beside titles that several films share; ``remarks`` has sentences written by hand; ``messages`` are ReDial's
training messages in lower case, their marks replaced by titles without year. There a found title that is not marked
counts as wrong, although people do name titles without marking them, so that share is an upper bound.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from linking_sentences import MEANT, OTHER_BOOK_FRAMES, OTHER_FRAMES, PLAIN
from rich.console import Console
from rich.table import Table

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.loaders.generic import load_generic_catalogue
from pecrs.linking import Linker

PARTS = ("titles", "books", "thousand", "words", "namesakes", "remarks", "messages")
FRAMES = (
    "I loved {}",
    "have you seen {}?",
    "Can you find me something like {}?",
    "Yesterday we watched {} with the kids.",
    "what about {}",
    "My favorite is {}, by far",
    "I would say {} is the best one",
    "I want to see {} again.",
    "movies such as {} or similar",
    "Is {} any good?",
    "we really enjoyed {} and want more",
    "I heard that {} is worth it",
)
BOOK_FRAMES = (
    "I loved {}",
    "have you read {}?",
    "Something like {} please",
    "I just finished {} last night.",
    "what about {}",
    "My favorite book is {}",
    "I would say {} is the best one",
    "is {} any good?",
)
NEUTRAL = (
    "there was {} in the room",
    "we were talking of {} all evening",
    "he has no {} left, so we went",
    "it was all because of {} again",
    "the kids want {} for breakfast",
)
BESIDE = (
    "{title}, the one with {person}",
    "have you seen {lower} with {surname}",
    "{person} was great in {title}",
    "I saw {title}. {person} was great in it.",
    "{title} from {year}",
    "the {year} {title}",
)
TELLING = (
    "we watched {} yesterday",
    "have you seen {}?",
    "the movie {} was on",
    'do you know "{}"?',
    "Then my friends wanted {capital} again.",
)
SERIES = ("The Ember Saga", "Night Watchers", "Silver Road", "Lady Marlow Mysteries", "The Glass Empire", "Red Harbour")
LAST_ARTICLES = re.compile(r"^(The|An?|Le|La|Les|Der|Die|Das|El|Il)\s+(.+)$")
COMMON = """
friday robots mom dogs football heat speed signs crash home time house game big family money water war hope friends
lost room fun kids college mother parents test society gold girls king boy drive china race election super hair earth
waiting australia paul network moving radio focus jesus contact jobs justice train secretary fear sister contract
weekend wonder fan awesome sunday secret cars basic nine murder queen flight ride traffic species airport chicago click
jack ring wild joe alive magic criminal prince pieces enemy moon ben suddenly ray brothers jump hero accepted holiday
milk max identity split faster escape sam bird giant bright salt switch resolution blow rent brazil teeth tank joy
stronger empire sing princess unknown raw witness hollywood santa pride monster rush cats colors silence tracks flash
legend happiness wings naked sisters ghost stolen evolution forgotten vacation buried passenger cop hook prisoners honey
hunter glory frequency daddy holes epic bears passengers fame roots brave rings precious fighter frozen romance mask
midnight devil darkness tiger alien revenge mars chaos breathe exam brick spider emperor powder toys lion neighbors spy
rubber chef holidays fever gravity detective bug taxi cargo destiny nightmare blade clue anonymous beloved planes casino
halloween warrior sunshine creature paradise earthquake twins lovers strangers scream miracle hunger belly elephant pets
rope knights subway bolt echo aliens vampire lamb demons survivor outbreak prey robbery beaches hollow triangle clown
toss fury killers hostage thirteen cocktail misery bunny ghosts masks thief ninja cowboy splash daylight swan bats cube
submarine eclipse dolls mirrors coffin phantom audition fortress valentine dinosaur volcano stripes perfume notebook
popcorn troll sniper grease spies rabbits elf pigeon mosquito kite sneakers hangover pixels mermaid
""".split()


@dataclass(frozen=True)
class Score:
    """What came of one list: mentions that were meant, found right, found wrong, and not found."""

    name: str
    meant: int
    right: int
    wrong: int

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the row of the table."""
        share = 100 / max(self.meant, 1)
        return self.name, str(self.meant), f"{self.right * share:.1f}", f"{self.wrong * share:.1f}", str(self.wrong)


def load_films(folder: Path) -> list[Mapping[str, object]]:
    """Return the records of ReDial's films that have a title."""
    lines = (folder / "redial" / "movies.jsonl").read_text(encoding="utf-8").splitlines()
    return [film for film in map(json.loads, lines) if film["title"]]


def bare_catalogue(rows: Iterable[tuple[str, str]]) -> Catalogue:
    """Return a catalogue of ids and titles alone, through the loader of people's own files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.jsonl"
        path.write_text("".join(json.dumps({"id": i, "title": t}) + "\n" for i, t in rows), encoding="utf-8")
        return load_generic_catalogue(path)


def film_catalogue(films: Iterable[Mapping[str, object]]) -> Catalogue:
    """Return the films with year and people, without plots, as the package's own model has them."""
    items = []
    for film in films:
        facts = {name: tuple(film.get(name) or ()) for name in ("actors", "directors", "writers", "genres")}
        year = film["year"] or None
        items.append(Item(str(film["movieId"]), str(film["title"]), year, {k: v for k, v in facts.items() if v}))
    return Catalogue(tuple(items), ("title", "actors", "directors", "genres"))


def score(name: str, linker: Linker, cases: Iterable[tuple[str, set[str]]]) -> Score:
    """Link texts whose mentions are known; any other mention is wrong."""
    meant = right = wrong = 0
    for text, wanted in cases:
        found = {mention.item for mention in linker.link(text)}
        meant += len(wanted)
        right += len(found & wanted)
        wrong += len(found - wanted)
    return Score(name, meant, right, wrong)


def titles(folder: Path) -> Iterator[Score]:
    """Name films of a catalogue of ids and titles that hold the year, the article last."""
    films = load_films(folder)
    often = Counter(str(film["title"]).casefold() for film in films)
    last = [LAST_ARTICLES.sub(r"\2, \1", str(film["title"])) for film in films]
    rows = [(str(film["movieId"]), f"{title} ({film['year']})") for film, title in zip(films, last, strict=True)]
    linker = Linker(bare_catalogue(rows))
    usable = [f for f in films if f["year"] and often[str(f["title"]).casefold()] == 1 and len(str(f["title"])) > 2]
    chosen = Random(7).sample(usable, 600)
    named = [(str(f["title"]), {str(f["movieId"])}) for f in chosen]
    yield score("titles with years", linker, _framed(named, FRAMES))
    lower = [(title.lower(), wanted) for title, wanted in named if " " in title]
    yield score("the same, longer than a word, in lower case", linker, _framed(lower, FRAMES))


def _framed(named: Sequence[tuple[str, set[str]]], frames: Sequence[str]) -> Iterator[tuple[str, set[str]]]:
    for place, (title, wanted) in enumerate(named):
        yield frames[place % len(frames)].format(title), wanted


def books(folder: Path) -> Iterator[Score]:
    """Name books whose titles carry series, aliases or kinds in brackets, beside their companion volumes."""
    records = json.loads((folder / "opendialkg_books" / "id2info.json").read_text(encoding="utf-8"))
    used = {str(i) for i in json.loads((folder / "opendialkg_books" / "item_ids.json").read_text(encoding="utf-8"))}
    names = sorted({r["name"] for i, r in records.items() if i in used and not set("(#[") & set(r["name"])})
    rng = Random(11)
    chosen = [name for name in rng.sample(names, len(names)) if len(name) > 3][:400]
    rows: list[tuple[str, str]] = [(name, name) for name in names if name not in set(chosen)]
    named: list[tuple[str, set[str]]] = []
    for place, name in enumerate(chosen):
        series, number = SERIES[place % len(SERIES)], 1 + place // len(SERIES) % 7
        shapes = (
            f"{name} ({series}, #{number})",
            f"{name} ({series} #{number})",
            f"{name} ({name}, #1)",
            f"{name} (a.k.a. The Zorbeck {'Papers' if place % 2 else 'Letters'} {place})",
        )
        rows.append((name, shapes[place % len(shapes)]))
        if place % 3 == 0:
            rows.append((name + "/companion", f"{name}: The Official Illustrated Companion"))
        if place % 5 == 0:
            rows.append((name + "/set", f"{series} Box Set: {name} ({series}, #1-3)"))
        named.append((name, {name}))
    linker = Linker(bare_catalogue(rows))
    yield score("books with series or alias", linker, _framed(named, BOOK_FRAMES))
    aliases = [(f"the zorbeck {'papers' if n % 2 else 'letters'} {n}", {chosen[n]}) for n in range(3, 400, 4)]
    yield score("their aliases in lower case", linker, _framed(aliases, BOOK_FRAMES))


def thousand(folder: Path) -> Iterator[Score]:
    """Name films and books as written, in lower case, with the year and with one typing mistake."""
    films = load_films(folder)
    often = Counter(str(film["title"]).casefold() for film in films)
    last = [LAST_ARTICLES.sub(r"\2, \1", str(film["title"])) for film in films]
    rows = [(str(f["movieId"]), f"{title} ({f['year']})") for f, title in zip(films, last, strict=True)]
    rng = Random(2024)
    chosen = rng.sample([f for f in films if f["year"] and often[str(f["title"]).casefold()] == 1], 1000)
    dated = [(f"{f['title']} ({f['year']})", {str(f["movieId"])}) for f in chosen]
    named = [(str(f["title"]), {str(f["movieId"])}) for f in chosen]
    linker = Linker(bare_catalogue(rows))
    yield score("other films, with their year", linker, _framed(dated, OTHER_FRAMES))
    yield from _ways("other films", linker, named, OTHER_FRAMES, rng)
    books = _bracketed_books(folder, rng)
    linker = Linker(bare_catalogue(books))
    named = [(name, {name}) for name, title in books if title.startswith(name) and "/" not in name and title != name]
    yield from _ways("other books", linker, named, OTHER_BOOK_FRAMES, rng)


def _ways(
    name: str, linker: Linker, named: Sequence[tuple[str, set[str]]], frames: Sequence[str], rng: Random
) -> Iterator[Score]:
    yield score(name, linker, _framed(named, frames))
    lower = [(title.lower(), wanted) for title, wanted in named if " " in title]
    yield score(f"{name}, longer than a word, in lower case", linker, _framed(lower, frames))
    single = [(title.lower(), wanted) for title, wanted in named if " " not in title]
    yield score(f"{name} of one word, in lower case", linker, _framed(single, frames))
    misspelt = [(typed, wanted) for title, wanted in named if (typed := _mistyped(title, rng)) != title]
    yield score(f"{name}, one typing mistake", linker, _framed(misspelt, frames))


def _mistyped(title: str, rng: Random) -> str:
    """Leave out, double, swap or replace one inner letter of a word of five letters or more."""
    words = list(re.finditer(r"[A-Za-z]{5,}", title))
    if not words:
        return title
    word = rng.choice(words)
    place = rng.randrange(word.start() + 1, word.end() - 1)
    before, letter, after = title[:place], title[place], title[place + 1 :]
    other = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return before + rng.choice((after, letter + title[place:], after[0] + letter + after[1:], other + after))


def _bracketed_books(folder: Path, rng: Random) -> list[tuple[str, str]]:
    """Return ids and titles: books with series, editions and subtitles, and companions of some."""
    records = json.loads((folder / "opendialkg_books" / "id2info.json").read_text(encoding="utf-8"))
    used = {str(i) for i in json.loads((folder / "opendialkg_books" / "item_ids.json").read_text(encoding="utf-8"))}
    names = sorted({r["name"] for i, r in records.items() if i in used and not set("(#[/") & set(r["name"])})
    rng.shuffle(names)
    rows: list[tuple[str, str]] = []
    for place, name in enumerate(names):
        series, number = SERIES[place % len(SERIES)], 1 + place // len(SERIES) % 9
        brackets = (
            f" ({series}, #{number})",
            f" ({series} #{number})",
            f" ({name}, #1)",
            f" ({series}, Book {number})",
            f" [{series} {number}]",
            f" ({series} Series)",
            " (Paperback)",
            ": A Novel",
            f" ({series}, #{number}; Other Saga, #2)",
        )
        rows.append((name, name + brackets[place % len(brackets)]))
        if place % 4 == 0:
            rows.append((f"{name}/companion", f"{name}: The Official Illustrated Companion"))
        if place % 7 == 0:
            rows.append((f"{name}/set", f"{series} Boxed Set: {name} ({series}, #1-2)"))
    return rows


def words(folder: Path) -> Iterator[Score]:
    """Write titles of one everyday word in sentences that give no reason to read them as titles, and in others."""
    films = load_films(folder)
    linker = Linker(bare_catalogue((str(f["movieId"]), str(f["title"])) for f in films))
    ids: dict[str, set[str]] = {}
    for film in films:
        ids.setdefault(str(film["title"]).casefold(), set()).add(str(film["movieId"]))
    known = [word for word in dict.fromkeys(COMMON) if word in ids]
    neutral = [frame.format(word) for word in known for frame in NEUTRAL]
    linked = sum(bool(linker.link(text)) for text in neutral)
    yield Score(f"{len(known)} everyday words, not meant", len(neutral), 0, linked)
    meant = right = wrong = 0
    for word in known:
        for frame in TELLING:
            found = [m.item for m in linker.link(frame.format(word, capital=word.capitalize()))]
            meant += 1
            right += bool(found) and found[0] in ids[word]
            wrong += any(item not in ids[word] for item in found)
    yield Score("the same, meant", meant, right, wrong)


def namesakes(folder: Path) -> Iterator[Score]:
    """Name films that share their title with others, one of their people or their year beside it."""
    catalogue = film_catalogue(load_films(folder))
    linker = Linker(catalogue)
    groups: dict[str, list[Item]] = {}
    for item in catalogue:
        groups.setdefault(item.title.casefold(), []).append(item)
    cases: list[tuple[str, set[str]]] = []
    orders: list[tuple[str, set[str]]] = []
    for group in groups.values():
        if len(group) < 2 or None in {item.year for item in group} or len({item.year for item in group}) < len(group):
            continue
        by_year = sorted(group, key=lambda item: item.year or 0)
        orders.append((f"I prefer the original {by_year[0].title}", {by_year[0].id}))
        orders.append((f"I watched {by_year[-1].title}, the newest version", {by_year[-1].id}))
        for item in group:
            shared = {name for other in group if other is not item for name in other.values("actors")}
            own = [name for name in item.values("actors") if name not in shared and " " in name]
            if own:
                words = {"title": item.title, "lower": item.title.lower(), "person": own[0], "year": item.year}
                text = BESIDE[len(cases) % len(BESIDE)].format(**words, surname=own[0].split()[-1].lower())
                cases.append((text, {item.id}))
    yield score("namesakes with people or years", linker, cases)
    yield score("the original, the newest", linker, orders)


def remarks(folder: Path) -> Iterator[Score]:
    """Link sentences written by hand, in a catalogue of titles alone and in one with people."""
    films = load_films(folder)
    bare = bare_catalogue((str(f["movieId"]), str(f["title"])) for f in films)
    for name, catalogue in (("titles alone", bare), ("with people", film_catalogue(films))):
        linker = Linker(catalogue)
        plain = PLAIN.strip().splitlines()
        yield Score(f"sentences, none meant, {name}", len(plain), 0, sum(len(linker.link(text)) for text in plain))
        meant = right = wrong = 0
        for line in MEANT.strip().splitlines():
            text, wanted = _read_marks(line)
            found = {(m.start, catalogue[m.item].title.casefold()) for m in linker.link(text)}
            meant += len(wanted)
            right += len(found & wanted)
            wrong += len(found - wanted)
        yield Score(f"sentences, meant, {name}", meant, right, wrong)


def _read_marks(line: str) -> tuple[str, set[tuple[int, str]]]:
    text, wanted, end = "", set(), 0
    for match in re.finditer(r"\[\[(.+?)\]\]", line):
        text += line[end : match.start()]
        wanted.add((len(text), re.sub(r"\s*\(\d{4}\)$", "", match[1]).casefold()))
        text += match[1]
        end = match.end()
    return text + line[end:], wanted


def messages(folder: Path, part: int) -> Iterator[Score]:
    """Link the seekers' messages of one in nine of ReDial's training dialogues, and time it."""
    catalogue = film_catalogue(load_films(folder))
    lines = (folder / "redial" / "train_data.jsonl").read_text(encoding="utf-8").splitlines()
    others = Counter(re.findall(r"@(\d+)", " ".join(line for n, line in enumerate(lines) if n % 9 != part)))
    linker = Linker(catalogue, others)
    cases = [case for n, line in enumerate(lines) if n % 9 == part for case in _messages(json.loads(line), catalogue)]
    right = linked = wanted = 0
    start = time.process_time()
    found = [linker.link(text, context) for text, _, context in cases]
    lap = time.process_time() - start
    for mentions, (_, known, _) in zip(found, cases, strict=True):
        spans = Counter((mention.start, mention.item) for mention in mentions)
        right += (spans & known).total()
        linked += spans.total()
        wanted += known.total()
    yield Score(f"{len(cases)} messages, {1000 * lap / len(cases):.3f} ms each", wanted, right, linked - right)


def _messages(record: dict, catalogue: Catalogue) -> Iterator[tuple[str, Counter[tuple[int, str]], list[str]]]:
    context: list[str] = []
    for message in record["messages"]:
        typed, end, known = "", 0, Counter()
        for match in re.finditer(r"@(\d+)", message["text"]):
            if match[1] in catalogue:
                typed += message["text"][end : match.start()]
                known[len(typed), match[1]] += 1
                typed += catalogue[match[1]].title
                end = match.end()
        typed += message["text"][end:]
        if message["senderWorkerId"] == record["initiatorWorkerId"]:
            yield typed.lower(), known, list(context)
        context += [item for _, item in known]


def main() -> None:
    """Measure the parts that are asked for and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--part", nargs="+", choices=PARTS, default=PARTS)
    options.add_argument("--unread", action="store_true", help="messages whose errors nobody looked at")
    options.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    given = options.parse_args()
    makers = {
        "titles": titles,
        "books": books,
        "thousand": thousand,
        "words": words,
        "namesakes": namesakes,
        "remarks": remarks,
    }
    scores: list[Score] = []
    for part in given.part:
        made = messages(given.data, 4 if given.unread else 0) if part == "messages" else makers[part](given.data)
        scores.extend(made)
    if given.json:
        print(json.dumps([vars(entry) for entry in scores]))
        return
    table = Table("list", "meant", "right %", "wrong %", "wrong")
    for entry in scores:
        table.add_row(*entry.cells)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
