"""The loader of labelled requests: user messages of several public corpora in one schema.

A line of ``requests.jsonl.gz`` holds ``source``, ``context`` (pairs of ``user`` or ``system`` and a text), ``text``,
``acts``, ``spans`` (``start``, ``end``, ``type``, ``role``), ``domain``, and where the source has them ``source_acts``
and ``asks``. ``sources.json`` beside it names for each source the acts that its scheme can express. A message without
acts is unlabelled. How the labels are read is documented in ``docs/labelled_messages.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, TypeAdapter

from pecrs.data.acts import ACTS, FACTS, KINDS, ROLES, LabelledMessage, LabelledSpan
from pecrs.data.dialogue import Speaker
from pecrs.data.files import read_json, read_jsonl
from pecrs.data.records import Record, located, validated
from pecrs.errors import DataError

SOURCES_FILE = "sources.json"

_SPEAKERS = {"user": Speaker.SEEKER, "system": Speaker.RECOMMENDER}
_RENAMED = {"find_item": "ask_recommendation", "unsure": "no_preference"}
_NOT_OURS = frozenset({"transact", "stop"})
_NOT_ALL_FACTS = frozenset({"taskmaster3"})
"""Sources that label facts nobody asked for."""

_OTHER_MEANING: Mapping[str, frozenset[str]] = {
    "clinc150": frozenset({"change_mind"}),
    "moviebot_nlu": frozenset({"clarify"}),
    "nlu_eval": frozenset({"praise"}),
}
"""Acts that a source gives another meaning: "cancel", "I don't know what I want", "well done"."""

_FACTS: Mapping[str, str] = {
    **{name: name for name in FACTS},
    **dict.fromkeys(("age_rating", "average_rating"), "rating"),
    **dict.fromkeys(("author",), "writer"),
    **dict.fromkeys(("subject",), "plot"),
    **dict.fromkeys(
        ("ride_fare", "price_range", "total_price", "price_per_night", "price_per_ticket", "price_per_day"), "price"
    ),
}


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What a label leaves open: acts that may hold or not where a message has it.

    Attributes:
        act: The act as the file names it.
        unknown: Acts that are then neither present nor absent.
        sources: Where this holds; empty for all.
        domain: The domain for which this holds; empty for all.
        label: The source's label for which this holds; empty for all.
        fact: The kind of fact asked for, as the file names it, for which this holds; empty for all.
    """

    act: str
    unknown: frozenset[str]
    sources: frozenset[str] = frozenset()
    domain: str = ""
    label: str = ""
    fact: str = ""

    def holds(self, record: Mapping[str, Any]) -> bool:
        return (
            self.act in record["acts"]
            and (not self.sources or record["source"] in self.sources)
            and (not self.domain or record["domain"] == self.domain)
            and (not self.label or self.label in record.get("source_acts", ()))
            and (not self.fact or self.fact in record.get("asks", ()))
        )


class _Source(Record):
    acts: list[str] = Field(alias="acts_the_scheme_can_express")


_SOURCES = TypeAdapter(dict[str, _Source])

_REQUEST = frozenset({"ask_recommendation", "ask_more"})
_COURTESIES = frozenset({"greeting", "goodbye", "thanks", "affirm", "negate"})
_DOUBTS: tuple[_Doubt, ...] = (
    # "stop" may end the conversation or refuse what was offered.
    _Doubt("stop", frozenset({"goodbye", "negate", "reject", "change_mind"})),
    # "play some jazz" asks for a recommendation as much as for a service.
    _Doubt("transact", _REQUEST, sources=frozenset({"snips", "nlu_eval", "slurp"})),
    # "find movies around here with schedules" is labelled as a question for times.
    _Doubt("ask_fact", _REQUEST, sources=frozenset({"snips"})),
    # "what films did she direct" is a question, and a request as well.
    _Doubt("ask_fact", _REQUEST, sources=frozenset({"simplequestions"}), fact="works"),
    # Asking for a restaurant is off topic with one catalogue and a request with another.
    *(_Doubt(act, _REQUEST | {"off_topic"}, domain="other") for act in ("ask_recommendation", "find_item")),
    # The quirky commands are of all kinds.
    _Doubt("small_talk", frozenset(ACTS), label="general_quirky"),
    # One courtesy a sentence: "bye thank you" is labelled as thanks alone.
    *(_Doubt(act, _COURTESIES - {act}, sources=frozenset({"multidogo"})) for act in sorted(_COURTESIES)),
)


def load_requests(path: Path) -> Iterator[LabelledMessage]:
    """Read labelled requests one at a time.

    Args:
        path: ``requests.jsonl``, compressed or not, with ``sources.json`` beside it.

    Raises:
        DataError: Naming file, line and field of what is wrong; for messages when they are reached.
    """
    expressible = _read_sources(path.parent / SOURCES_FILE)
    for line, record in read_jsonl(path):
        with located(path, line):
            message = _message(record, expressible)
        yield message


def _read_sources(path: Path) -> dict[str, frozenset[str]]:
    with located(path):
        return {
            source: _acts(described.acts, f"{source}.acts_the_scheme_can_express") - _OTHER_MEANING.get(source, set())
            for source, described in validated(_SOURCES, read_json(path)).items()
        }


def _acts(names: Collection[Any], field: str) -> frozenset[str]:
    acts = set()
    for name in names:
        if name not in ACTS and name not in _RENAMED and name not in _NOT_OURS:
            raise DataError(f"{name!r} is no act", field=field)
        if name not in _NOT_OURS:
            acts.add(_RENAMED.get(name, name))
    return frozenset(acts)


def _message(record: Mapping[str, Any], expressible: Mapping[str, frozenset[str]]) -> LabelledMessage:
    for name in ("source", "text", "domain"):
        if not isinstance(record.get(name), str):
            raise DataError("a string is expected", field=name)
    for name in ("context", "acts", "spans"):
        if not isinstance(record.get(name), list):
            raise DataError("a list is expected", field=name)
    source = record["source"]
    if source not in expressible:
        raise DataError(f"{source!r} is not described in {SOURCES_FILE}", field="source")
    known = frozenset[str]()
    if record["acts"]:
        doubted = frozenset[str]().union(*(doubt.unknown for doubt in _DOUBTS if doubt.holds(record)))
        known = expressible[source] | _acts(record["acts"], "acts")
        known -= doubted | _OTHER_MEANING.get(source, frozenset())
    acts = known & _acts(record["acts"], "acts")
    facts = _facts(record, acts)
    return LabelledMessage(
        context=tuple(_context(record["context"])),
        text=record["text"],
        acts=acts,
        known=known,
        spans=_spans(record),
        facts=facts,
        facts_known="ask_fact" in known and source not in _NOT_ALL_FACTS and bool(facts) == ("ask_fact" in acts),
        source=source,
    )


def _facts(record: Mapping[str, Any], acts: Collection[str]) -> frozenset[str]:
    asks = record.get("asks", [])
    if not isinstance(asks, list) or not all(isinstance(name, str) for name in asks):
        raise DataError("a list of strings is expected", field="asks")
    return frozenset(_FACTS.get(name, "other") for name in asks if "ask_fact" in acts)


def _context(pairs: Collection[Any]) -> Iterator[tuple[Speaker, str]]:
    for index, pair in enumerate(pairs):
        if not isinstance(pair, list) or len(pair) != 2 or pair[0] not in _SPEAKERS or not isinstance(pair[1], str):
            raise DataError("[user or system, text] is expected", field=f"context[{index}]")
        yield _SPEAKERS[pair[0]], pair[1]


def _spans(record: Mapping[str, Any]) -> tuple[LabelledSpan, ...]:
    """Read the spans; of those that overlap the first is kept."""
    spans: list[LabelledSpan] = []
    for index, raw in enumerate(record["spans"]):
        field = f"spans[{index}]"
        if not isinstance(raw, dict):
            raise DataError("a map is expected", field=field)
        start, end = raw.get("start"), raw.get("end")
        if not isinstance(start, int) or not isinstance(end, int):
            raise DataError("integers are expected as start and end", field=field)
        kind, role = raw.get("type"), raw.get("role")
        if kind not in KINDS or role not in (*ROLES, "unknown"):
            raise DataError(f"{kind!r} is no kind or {role!r} no role", field=field)
        spans.append(LabelledSpan(start, end, kind, None if role == "unknown" else role))
    kept: list[LabelledSpan] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return tuple(kept)
