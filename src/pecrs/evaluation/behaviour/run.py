"""Plays the suite's conversations against a model and reports what held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from pecrs._settings import Settings, Text, parse_yaml
from pecrs.data import progress
from pecrs.data.files import write_json
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.behaviour.checks import Exchange, Expectation, count_checks, failures
from pecrs.inference.chat import Chat
from pecrs.inference.recommender import Recommender


class Step(Settings):
    """One message of a script and what must hold of the reply."""

    say: Text
    then: Expectation = Expectation()


@dataclass(frozen=True)
class Script:
    """A conversation of the suite; the seeker's part is fixed."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Played:
    """A reply of the suite.

    Attributes:
        exchange: Message and reply.
        checks: How many rules were checked.
        failures: What did not hold, in words.
    """

    exchange: Exchange
    checks: int
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What came of the suite.

    Attributes:
        conversations: By name, in order.
    """

    conversations: Mapping[str, Sequence[Played]]

    @property
    def checks(self) -> tuple[int, int]:
        """How many checks held, of how many."""
        played = [reply for replies in self.conversations.values() for reply in replies]
        total = sum(reply.checks for reply in played)
        return total - sum(len(reply.failures) for reply in played), total

    @property
    def clean(self) -> int:
        """In how many conversations everything held."""
        return sum(not any(reply.failures for reply in replies) for replies in self.conversations.values())

    @property
    def kinds(self) -> Mapping[str, tuple[int, int, int, int]]:
        """By kind, the word before the colon of a name: clean conversations, all, checks that held, all."""
        found: dict[str, tuple[int, int, int, int]] = {}
        for name, replies in self.conversations.items():
            kind = name.partition(":")[0]
            clean, conversations, held, checks = found.get(kind, (0, 0, 0, 0))
            total = sum(reply.checks for reply in replies)
            failed = sum(len(reply.failures) for reply in replies)
            found[kind] = (clean + (not failed), conversations + 1, held + total - failed, checks + total)
        return found

    def save(self, path: Path) -> None:
        """Write the report as JSON."""
        held, total = self.checks
        conversations = {name: [_record(reply) for reply in replies] for name, replies in self.conversations.items()}
        write_json(path, {"held": held, "checks": total, "clean": self.clean, "conversations": conversations})


def load_suite(name: str) -> tuple[Script, ...]:
    """Load a suite of the package, or a YAML file of the same shape.

    Args:
        name: ``conversations``, ``books``, ``shop``, or a path.

    Raises:
        DataError: If there is none, or naming the conversation that is not as expected.
    """
    own = resources.files("pecrs.evaluation.behaviour") / f"{name}.yaml"
    try:
        text = own.read_text(encoding="utf-8") if own.is_file() else Path(name).read_text(encoding="utf-8")
        scripts = parse_yaml(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataError(f"no suite can be read: {' '.join(str(error).split())}", path=name) from None
    if not isinstance(scripts, dict) or not scripts or not all(isinstance(title, str) for title in scripts):
        raise DataError("conversations by name are expected", path=name)
    return tuple(Script(title, tuple(_steps(title, steps, name))) for title, steps in scripts.items())


def _steps(title: str, steps: Any, path: str) -> Iterator[Step]:
    if not isinstance(steps, list) or not steps:
        raise DataError("a list of messages is expected", path=path, field=title)
    for number, step in enumerate(steps, start=1):
        try:
            yield Step.from_dict({"say": step} if isinstance(step, str) else step)
        except ConfigError as error:
            raise DataError(f"message {number}: {error}", path=path, field=title) from None


def play(recommender: Recommender, scripts: Sequence[Script], *, report: progress.Report = progress.silent) -> Report:
    """Say each script's messages to a model, in a conversation of its own.

    Args:
        recommender: The model.
        scripts: What the seekers say, and what must hold.
        report: Is told how many conversations are played.
    """
    told = progress.tracked(scripts, "playing conversations", len(scripts), report)
    return Report({script.name: tuple(_play(recommender, script)) for script in told})


def _play(recommender: Recommender, script: Script) -> Iterator[Played]:
    chat = Chat(recommender, seed=0)
    for step in script.steps:
        before = tuple(chat.turns)
        reply = chat.say(step.say)
        message = chat.turns[-2]
        named = tuple(recommender.catalogue[item].name for item in message.items)
        told = tuple(recommender.catalogue[mention.item] for mention in reply.turn.mentions)
        exchange = Exchange(before, message, reply, named, told)
        yield Played(exchange, count_checks(step.then), tuple(failures(exchange, step.then)))


def _record(played: Played) -> dict[str, object]:
    exchange = played.exchange
    return {
        "message": exchange.message.text,
        "reply": exchange.reply.text,
        "recommends": exchange.reply.recommends,
        "items": [item.name for item in exchange.items],
        "checks": played.checks,
        "failures": list(played.failures),
    }
