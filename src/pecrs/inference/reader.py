"""Reads dialogues with the language model: each message's acts, the roles of what it names, and the state after it.

Source: design section 4.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain

import numpy as np

from pecrs.data.acts import ACTS, FACTS
from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Speaker, Turn
from pecrs.errors import ConfigError
from pecrs.inference.comparing import set_beside
from pecrs.inference.constraints import NO_NUMBERS, Constraint, Option, numbers_of, option_of, scales_of
from pecrs.inference.edits import Edit
from pecrs.inference.language.lexicon import kinds_told, sells_kinds
from pecrs.inference.language.reasons import holds
from pecrs.inference.moves import Situation
from pecrs.inference.selection import select
from pecrs.inference.state import DialogueState, update
from pecrs.inference.understanding.allowances import granting
from pecrs.inference.understanding.asking import asking_for_items, is_meant_by_pronoun, obliging
from pecrs.inference.understanding.checked_names import checking_names
from pecrs.inference.understanding.complaints import complaining
from pecrs.inference.understanding.content_questions import asking_content
from pecrs.inference.understanding.corrections import resumed, without_denied
from pecrs.inference.understanding.described import chosen_item, described_references
from pecrs.inference.understanding.doing import as_done
from pecrs.inference.understanding.echoes import without_echoes
from pecrs.inference.understanding.everyday import is_meant
from pecrs.inference.understanding.examples import naming
from pecrs.inference.understanding.grounding import grounded
from pecrs.inference.understanding.groups import asks_missing, groups_named, missing_parts, with_groups
from pecrs.inference.understanding.how_many import counted_kinds
from pecrs.inference.understanding.likening import asking_likeness
from pecrs.inference.understanding.manners import asking_itself, leaving, without_titles_manners
from pecrs.inference.understanding.message import REMEMBERED, Message, MessageScorer, Scores
from pecrs.inference.understanding.missing_names import MissingNames, is_rating, still_missing
from pecrs.inference.understanding.objections import objecting
from pecrs.inference.understanding.on_screen import (
    listed,
    named_or_shown,
    offered,
    recent,
    shown,
    spoken_or_shown,
    together,
)
from pecrs.inference.understanding.parts import with_parts
from pecrs.inference.understanding.people import CalledByName, people_meant
from pecrs.inference.understanding.plain_requests import acting_as, asking_own_columns, grounded_in_columns
from pecrs.inference.understanding.pointing import dated_references, references
from pecrs.inference.understanding.question_requests import requesting
from pecrs.inference.understanding.questions import identifies, identifying
from pecrs.inference.understanding.reading import (
    OTHER,
    Reading,
    ReadItem,
    ReadValue,
    asking_further,
    likeliest,
    said_once,
)
from pecrs.inference.understanding.removals import Removals, takes_back
from pecrs.inference.understanding.ruled_out import not_ruled_out, ruling_out
from pecrs.inference.understanding.series_parts import parts_at_hand, parts_by_place
from pecrs.inference.understanding.series_questions import beside_parts
from pecrs.inference.understanding.settling import titles_settled_on
from pecrs.inference.understanding.someone_else import by_others
from pecrs.inference.understanding.spoken_of import SpokenOf
from pecrs.inference.understanding.story_questions import asking_of_story
from pecrs.inference.understanding.surroundings import without_surroundings
from pecrs.inference.understanding.tag_questions import tagging
from pecrs.inference.understanding.told_apart import Named, another_year, counted, of_one_title, telling_apart, titled
from pecrs.inference.understanding.trusting import sure_roles, trusting
from pecrs.inference.understanding.ungrasped import asks_beside, denies, tells_story
from pecrs.inference.understanding.unlisted import unlisted
from pecrs.inference.understanding.wanted_beside import wanting_alone
from pecrs.inference.understanding.which_of import pointing_alone, which_of
from pecrs.inference.understanding.works import wanting_works
from pecrs.linking.facets import YEAR, Facets, value_key
from pecrs.linking.hints import judgement, led_to
from pecrs.linking.measures import MeasureReader
from pecrs.linking.periods import when_set
from pecrs.linking.quantities import Quantity, read_quantities
from pecrs.linking.spans import meets, spans_of
from pecrs.linking.typos import corrected
from pecrs.linking.values import FacetValue, ValueFinder, is_of
from pecrs.model.pecrs import PecrsModel


@dataclass(frozen=True)
class Understood:
    """A dialogue, read up to its last message.

    Attributes:
        reading: The last message.
        state: What the person wants, that message included.
        situation: What else the next move depends on; the model's probability is not in it.
        before: What the person wanted before the last message.
    """

    reading: Reading
    state: DialogueState
    situation: Situation
    before: DialogueState


class Reader:
    """Reads messages of one catalogue with one model.

    Attributes:
        facets: What the catalogue's fields hold.
        finder: Finds their values in text.
    """

    def __init__(self, model: PecrsModel, catalogue: Catalogue) -> None:
        """Index the catalogue's values.

        Args:
            model: With a trained message reader.
            catalogue: The items.

        Raises:
            ConfigError: If the model has no message reader.
        """
        if model.message_reader is None:
            raise ConfigError("model.message_reader: this model was trained without one")
        self._scored = MessageScorer(model, model.message_reader)
        self.facets = Facets.of(catalogue)
        self.finder = ValueFinder(self.facets)
        self._measures = MeasureReader(self.facets, self.finder.fields)
        self._removals = Removals(self.finder.fields)
        self._scales = scales_of(self.facets)
        self._people = self.facets.people
        self._sells_kinds = sells_kinds(catalogue)
        self._kinds_told = kinds_told(catalogue)
        self._missing, self._spoken = MissingNames(self.finder), SpokenOf(catalogue, self._people)
        self._called = CalledByName(self.finder, self._people)
        self._fulfilled = lru_cache(REMEMBERED)(partial(_without_given_up, self.facets))

    def understand(self, turns: Sequence[Turn], edits: Sequence[Edit] = ()) -> Understood:
        """Read a dialogue whose last turn is the seeker's.

        Args:
            turns: Linked turns.
            edits: What the person changed of the state by hand.
        """
        messages = [self._message(turns, place) for place in _places(turns)]
        parts = [message.parts() for message in messages]
        read = iter(self._scored([*messages, *chain.from_iterable(parts)]))
        scores = [next(read) for _ in messages]
        state = earlier = DialogueState()
        reading = Reading("")
        waiting = sorted(edits, key=lambda edit: edit.turns)
        for place, message, own, split in zip(_places(turns), messages, scores, parts, strict=True):
            before = turns[:place]
            while waiting and waiting[0].turns <= place:
                state = waiting.pop(0).applied(state)
            at_hand = offered(before)
            latest = self._reading(message, own, [(part, next(read)) for part in split], before)
            reading = still_missing(resumed(latest, reading, self._key, self._is), reading, before)
            if before and before[-1].speaker is Speaker.RECOMMENDER and before[-1].items:
                state = self._fulfilled(state)
            beside = numbers_of(self.facets, at_hand[0]) if at_hand else NO_NUMBERS
            earlier, state = state, update(state, reading, at_hand, self._scales, beside, self._has)
        for edit in waiting:
            state = edit.applied(state)
        return Understood(reading, state, _situation(turns), earlier)

    def _message(self, turns: Sequence[Turn], place: int) -> Message:
        turn, before = turns[place], turns[:place]
        text, moved = corrected(turn.text, spans_of(turn.mentions), self.finder.knows)
        said = self._measures.read(text, read_quantities(text, datetime.datetime.now(tz=datetime.UTC).year))
        named = [(moved(mention.start), moved(mention.end), mention.item) for mention in turn.mentions]
        named = _named(self, text, named, said, before)
        other = another_year(text, named, self._spoken.alike)
        named = [span for span in named if not meets(span[:2], spans_of(other))]
        several = of_one_title(text, named, self._spoken.alike)
        counts = [counted(text, start, end) for start, end, _ in several]
        said = tuple(q for q in said if not (q.kind == "count" and meets((q.start, q.end), counts)))
        groups = [group for group in groups_named(text, self.facets) if not meets((group.start, group.end), counts)]
        named = [*(span for span in named if not meets(span[:2], spans_of(groups))), *several]
        named_now, titles = [item for *_, item in named], [entry[:2] for entry in named]
        said_before = [named_or_shown(earlier) for earlier in before]
        dated = dated_references(text, self._spoken.families([*said_before, named_now]))
        dated = tuple(entry for entry in dated if not meets(entry[:2], titles))
        apart = [*titles, *(entry[:2] for entry in dated)]
        seen = (offered(before), listed(before), recent(before), apart, shown(before), together(before))
        pointed = [entry for entry in references(text, *seen) if not meets(entry[:2], apart)]
        named_so = [*apart, *(entry[:2] for entry in pointed)]
        now = [item for item in named_now if len(self._spoken.alike(item)) > 1]
        spoken = self._spoken.with_namesakes([*spoken_or_shown(before), *now])
        described = (
            ()
            if identifies(text)
            else described_references(text, spoken, self.facets.catalogue, self._people, named_so)
        )
        apart = [*apart, *(entry[:2] for entry in described)]
        quantities = [q for q in said if not meets((q.start, q.end), apart)]
        lacking = list(missing_parts(text, apart, self._spoken.entitled, self.facets))
        taken = [*apart, *spans_of([*quantities, *groups, *other, *(part for part, _ in lacking)])]
        near = self._spoken.people([*said_before, named_now])
        found = [value for value in self.finder.find(text, taken, near) if is_meant(text, value, self._people)]
        called = self._called(text, taken, found, before)
        found = [*(v for v in found if not meets((v.start, v.end), spans_of(called))), *called]
        amounts = [q for q in counted_kinds(text, found) if not meets((q.start, q.end), [*taken, *spans_of(found)])]
        values: list[FacetValue | Quantity] = [*found, *groups, *quantities, *amounts]
        values += _meant(self, text, values, people_meant(text, named, before, self.finder, self.facets))
        values = when_set(text, as_done(text, values, self._people, self.facets), self.facets)
        unknown = () if self._sells_kinds else self._missing.names(text, taken, titles, values)
        unknown = (*unknown, *(part for part, _ in lacking), *other)
        values = [v for v in values if not meets((v.start, v.end), spans_of(unknown))]
        context = tuple((earlier.speaker, earlier.text) for earlier in before[-2:])
        items = tuple(sorted([*named, *dated, *pointed, *described]))
        return Message(context, text, items, tuple(sorted(values, key=lambda value: value.start)), unknown)

    def _is_told(self, value: FacetValue | Quantity) -> bool:
        """Tell whether a value of a story says what the item must have: people and years do."""
        return value.kind == YEAR if isinstance(value, Quantity) else is_of(value, *self._people)

    def _reading(
        self, message: Message, scores: Scores, parts: Sequence[tuple[Message, Scores]], before: Sequence[Turn]
    ) -> Reading:
        """Return a message's reading, with those of its sentences where it has several."""
        whole = self._one(message, scores, before)
        if asks_missing(whole):
            return whole
        inside = [self._one(part, own, before) for part, own in parts]
        latest = partial(self._offers, offered(before))
        whole, inside = without_echoes(whole, inside, offered(before), latest, self._people)
        whole, inside = checking_names(whole, inside, self._people)
        read = without_surroundings(not_ruled_out(with_parts(whole, inside)) if parts else whole)
        read = trusting(read, {} if self._sells_kinds else sure_roles(message, scores))
        if tells_story(read) and not (self._sells_kinds or asks_beside(read)):
            told = (
                replace(own, role="avoid" if denies(read.text, own.value.start) else "want")
                for own in read.values
                if self._is_told(own.value)
            )
            read = replace(read, values=tuple(told))
        if read.items or not read.has("accept"):
            return read
        taking = " ".join(part.text for part in read.parts if part.has("accept")) or read.text
        chosen = chosen_item(taking, spoken_or_shown(before), self.facets.catalogue, self._people)
        return replace(read, items=(ReadItem(chosen, "want"),)) if chosen else read

    def _one(self, message: Message, scores: Scores, before: Sequence[Turn]) -> Reading:
        split = len(message.items)
        items = tuple(
            ReadItem(item, led_to(message.text, start) or judgement(message.text, end) or role, start, end)
            for (start, end, item), role in zip(message.items, scores.roles[:split], strict=True)
        )
        meant = zip(message.values, scores.roles[split:], scores.meant[split:], strict=True)
        values = tuple(ReadValue(value, role, chance) for value, role, chance in meant)
        facts = _likely_facts(scores)
        thresholds = self._scored.thresholds
        acts = likeliest(dict(zip(ACTS, scores.acts, strict=True)), thresholds)
        dropped, back = self._removals.read(message.text, message.values)
        kept = (
            replace(read, role="incidental") if takes_back(message.text, read.value) else read
            for read in values
            if read.value not in back or is_meant_by_pronoun(message.text, read.end)
        )
        values = said_once(kept, self._people)
        reading = Reading(message.text, acts, items, values, facts, message.unknown, thresholds, dropped)
        polite = leaving(without_titles_manners(reading, offered=bool(offered(before))))
        asking = asking_further(identifying(granting(wanting_alone(grounded(asking_itself(polite), self._people)))))
        asking = set_beside(requesting(asking_content(asking, self._people), self._people))
        latest = partial(self._offers, offered(before))
        reading = asking_for_items(asking, self._people, latest)
        reading = asking_of_story(wanting_works(reading, self._people), self.facets.catalogue, offered(before))
        reading = which_of(reading, self.facets.catalogue, self._people, self._is)
        reading = complaining(objecting(reading, self._titles(recent(before)), self._people, latest))
        reading = telling_apart(without_denied(obliging(reading)), self._key, self._is)
        reading = pointing_alone(ruling_out(naming(reading, self._people, self._holds)), spoken_or_shown(before))
        reading = with_groups(beside_parts(reading, self.facets, offered(before)), self.facets, self._spoken.entitled)
        reading = by_others(reading, self.facets, offered(before))
        if not (self._sells_kinds or dropped):
            reading = tagging(asking_likeness(reading))
            return asking_own_columns(reading, self.finder.fields, offered(before), self._kinds_told)
        plain = grounded_in_columns(reading, self.finder.fields, offered(before), partial(unlisted, finder=self.finder))
        return plain if self._sells_kinds else acting_as(reading, plain)

    def _title(self, item: str) -> str:
        return self.facets.catalogue[item].title if item in self.facets.catalogue else ""

    def _is(self, item: str, read: ReadValue) -> bool:
        option = option_of(read, "", self._scales, NO_NUMBERS)
        return option is not None and self._has(item, Constraint((option,)))

    def _key(self, item: str) -> str:
        return value_key(self._title(item))

    def _titles(self, items: Sequence[str]) -> dict[str, str]:
        return {item: self._title(item) for item in items if item in self.facets.catalogue}

    def _has(self, item: str, constraint: Constraint) -> bool:
        found = self.facets.catalogue[item] if item in self.facets.catalogue else None
        return found is not None and any(holds(found, option, self.facets) for option in constraint.options)

    def _holds(self, item: str, value: FacetValue) -> bool:
        """Tell whether an item has a value; a person in whatever field."""
        fields = tuple(self._people) if is_of(value, *self._people) else value.fields
        return self._has(item, Constraint((Option(fields, value.label, value.key),)))

    def _offers(self, offered: Sequence[str], value: FacetValue) -> bool:
        return any(self._holds(item, value) for item in offered[:1])


def _named(
    reader: Reader, text: str, named: Sequence[Named], said: Sequence[Quantity], before: Sequence[Turn]
) -> list[Named]:
    """Return the spans that name items, those that mean a number, a person or a longer name left out."""
    named = [span for span in named if not _part_of_number(text, span[:2], said)]  # "not older than 2010"
    named = [span for span in named if not reader._missing.begins_longer(text, span[:2], reader._title(span[2]))]
    named = [s for s in named if not (is_rating(text, s, reader.finder) or _SORT_OF.search(text[: s[0]]))]
    people = spans_of(reader._called(text, (), (), before)) if named else []
    known = {item for turn in before if turn.speaker is Speaker.RECOMMENDER for item in named_or_shown(turn)}
    named = [s for s in named if s[2] in known or s[:2] not in people or titled(text, s[0], s[1])]
    settled = titles_settled_on(text, reader._titles(recent(before)))
    named += [span for span in settled if not meets(span[:2], [entry[:2] for entry in named])]
    spans, many = [entry[:2] for entry in named], max(len(shown(before)), len(listed(before)))
    spoken = [*spoken_or_shown(before), *(entry[2] for entry in named)]
    parts = parts_by_place(text, spans, reader.facets) or parts_at_hand(text, spans, reader.facets, spoken, many)
    return [span for span in named if not meets(span[:2], [part[:2] for part in parts])] + parts


def _meant(
    reader: Reader, text: str, values: Sequence[FacetValue | Quantity], people: Iterable[FacetValue]
) -> Iterable[FacetValue]:
    """Yield whom a message means without a name, unless its sentence names somebody and no "with him" beside."""
    own = [value for value in values if isinstance(value, FacetValue) and is_of(value, *reader._people)]
    ends = {value.key: value.end for value in reversed(own)}
    for value in people:
        between = [text[min(v.start, value.start) : max(v.start, value.start)] for v in own]
        apart = all(_STOP.search(words) for words in between)
        if ends.get(value.key, 0) <= value.start and (apart or _BESIDE.search(text)):
            yield value


def _likely_facts(scores: Scores) -> tuple[str, ...]:
    likely = sorted(zip(scores.facts, FACTS, strict=True), reverse=True)
    return tuple(name for chance, name in likely if chance >= 0.5) or (likely[0][1],)


def _without_given_up(facets: Facets, state: DialogueState) -> DialogueState:
    """Return a state without what nothing fulfils; the reply before said so."""
    new = np.ones(len(facets.catalogue), dtype=np.bool_)
    new[[facets.catalogue.index(item) for item in state.liked if item in facets.catalogue]] = False
    given_up = select(facets, state, new).given_up
    return replace(state, wanted=tuple(entry for entry in state.wanted if entry not in given_up))


def asks_anew(understood: Understood) -> bool:
    """Tell whether a message asks for something else than before, so that what was named may be the answer again."""
    state, before = understood.state, understood.before
    if understood.reading.has("ask_more", "reject", "seen") or OTHER.search(understood.reading.text):
        return False
    return (state.wanted, state.avoided, state.order) != (before.wanted, before.avoided, before.order)


def _places(turns: Sequence[Turn]) -> list[int]:
    return [place for place, turn in enumerate(turns) if turn.speaker is Speaker.SEEKER and turn.text.strip()]


_SORT_OF = re.compile(r"\b(?:(?:sort|kind|type|style) of|sorta|kinda|same|whole|one|any|some|every)\s+$", re.IGNORECASE)
"""Before words that name no item: "the same sort of thing"."""

_STOP = re.compile(r"[.?!]\s")
_BESIDE = re.compile(
    r"\b(?:him|her|them|those|both|same|that|this)\b|\b(?:he|she)\b[^.?!]*\b(?:with|alongside|opposite|for|under)\b",
    re.IGNORECASE,
)


def _part_of_number(text: str, span: tuple[int, int], quantities: Iterable[Quantity]) -> bool:
    start, end = span
    longer = any(q.start <= start and end <= q.end and q.end - q.start > end - start for q in quantities)
    return text[start:end].isdigit() and longer


def _situation(turns: Sequence[Turn]) -> Situation:
    replies = [turn for turn in turns if turn.speaker is Speaker.RECOMMENDER]
    asked = bool(replies) and not replies[-1].items and replies[-1].text.rstrip().endswith("?")
    named = tuple(item for turn in turns[:-1] for item in turn.items)
    return Situation(offered(turns), named, asked)
