"""Everything that is read from and written to the database; each method is one transaction."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import Engine, delete, func, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.errors import DataError, PecrsError
from pecrs.server.database import EditRow, FeedbackRow, ItemRow, KeyRow, SessionRow, TurnRow, VersionRow, now
from pecrs.server.keys import SCOPES, Owner, digest, new_key, split_key

_TITLE = 80


class ConflictError(PecrsError):
    """Another message of the same conversation was answered meanwhile."""


@dataclass(frozen=True)
class StoredSession:
    """A conversation without its turns."""

    id: str
    title: str
    filters: Mapping[str, Any]
    created: datetime
    updated: datetime


@dataclass(frozen=True)
class StoredTurn:
    """One utterance of a conversation.

    Attributes:
        position: From 0.
        turn: Speaker, text and mentions.
        reply: What the recommender's answer came with, or None of the seeker's turns.
    """

    position: int
    turn: Turn
    reply: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Opinion:
    """What a person thinks of an item: ``like``, ``dislike`` or ``seen``, said after so many turns."""

    item: str
    value: str
    after: int
    at: datetime


@dataclass(frozen=True)
class StoredEdit:
    """A change of the state that a person made by hand after so many turns; see :class:`pecrs.inference.edits.Edit`."""

    key: str
    after: int
    at: datetime


@dataclass(frozen=True)
class Transcript:
    """A conversation with all that was said in it."""

    session: StoredSession
    turns: tuple[StoredTurn, ...] = ()
    feedback: tuple[Opinion, ...] = ()
    edits: tuple[StoredEdit, ...] = ()
    answered: Mapping[str, int] = field(default_factory=dict)
    """Positions of messages by their idempotency keys."""


class Store:
    """The service's memory."""

    def __init__(self, engine: Engine) -> None:
        """Keep the connection pool."""
        self.engine = engine

    def __enter__(self) -> Self:
        """Use it for a while."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self.engine.dispose()

    def check(self) -> None:
        """Raise unless the database answers."""
        with Session(self.engine) as session:
            session.execute(select(1))

    # Keys

    def add_key(self, name: str, scopes: Sequence[str]) -> str:
        """Make a key and return its text, which is not kept.

        Raises:
            DataError: If a scope is unknown or there is none.
        """
        if not scopes or not set(scopes) <= set(SCOPES):
            raise DataError(f"one or more of {', '.join(SCOPES)} are expected", field="scope")
        identity, text, hashed = new_key()
        with Session(self.engine) as session, session.begin():
            session.add(KeyRow(id=identity, name=name[:200], digest=hashed, scopes=list(scopes)))
        return text

    def keys(self) -> list[KeyRow]:
        """Return all keys, the oldest first."""
        with Session(self.engine, expire_on_commit=False) as session:
            return list(session.scalars(select(KeyRow).order_by(KeyRow.created)))

    def revoke_key(self, identity: str) -> None:
        """Let a key open nothing any more.

        Raises:
            DataError: If there is no such key.
        """
        with Session(self.engine) as session, session.begin():
            row = session.get(KeyRow, identity)
            if row is None:
                raise DataError("there is no such key", field=identity)
            row.revoked = row.revoked or now()

    def owner(self, key: str) -> Owner | None:
        """Return who a key belongs to; None of a wrong or revoked one."""
        parts = split_key(key)
        if parts is None:
            return None
        with Session(self.engine) as session:
            row = session.get(KeyRow, parts[0])
            right = hmac.compare_digest(digest(parts[1]), row.digest if row else "")
            return Owner(row.id, frozenset(row.scopes)) if row and right and row.revoked is None else None

    # Conversations

    def create_session(self, owner: str, filters: Mapping[str, Any]) -> StoredSession:
        """Begin a conversation; its name cannot be guessed."""
        row = SessionRow(id=secrets.token_urlsafe(32), owner=owner, filters=dict(filters), title="")
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.add(row)
        return _session(row)

    def sessions(self, owner: str, limit: int, after: str | None) -> list[StoredSession]:
        """Return conversations, the latest first, from behind a given one on."""
        query = select(SessionRow).where(SessionRow.owner == owner)
        with Session(self.engine) as session:
            if after is not None:
                last = session.get(SessionRow, after)
                if last is None or last.owner != owner:
                    return []
                query = query.where(tuple_(SessionRow.updated, SessionRow.id) < tuple_(last.updated, last.id))
            order = query.order_by(SessionRow.updated.desc(), SessionRow.id.desc()).limit(limit)
            return [_session(row) for row in session.scalars(order)]

    def transcript(self, owner: str, identity: str) -> Transcript | None:
        """Return a conversation, or None where the owner has no such one."""
        with Session(self.engine) as session:
            row = session.get(SessionRow, identity)
            if row is None or row.owner != owner:
                return None
            turns = session.scalars(select(TurnRow).where(TurnRow.session == identity).order_by(TurnRow.position)).all()
            said = session.scalars(
                select(FeedbackRow).where(FeedbackRow.session == identity).order_by(FeedbackRow.created)
            )
            edits = session.scalars(select(EditRow).where(EditRow.session == identity).order_by(EditRow.id))
            return Transcript(
                _session(row),
                tuple(StoredTurn(turn.position, _turn(turn), turn.reply) for turn in turns),
                tuple(Opinion(entry.item, entry.value, entry.after, _utc(entry.created)) for entry in said),
                tuple(StoredEdit(entry.key, entry.after, _utc(entry.created)) for entry in edits),
                {turn.idempotency: turn.position for turn in turns if turn.idempotency is not None},
            )

    def change_session(self, identity: str, *, title: str | None, filters: Mapping[str, Any] | None) -> StoredSession:
        """Change a conversation's title or filters."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            row = session.get_one(SessionRow, identity)
            row.title = row.title if title is None else title
            row.filters = row.filters if filters is None else dict(filters)
        return _session(row)

    def delete_session(self, owner: str, identity: str) -> bool:
        """Delete a conversation with all that was said in it; return whether there was one."""
        with Session(self.engine) as session, session.begin():
            found = session.execute(
                delete(SessionRow).where(SessionRow.id == identity, SessionRow.owner == owner).returning(SessionRow.id)
            )
            return found.first() is not None

    def add_exchange(
        self, identity: str, message: StoredTurn, answer: StoredTurn, idempotency: str | None = None
    ) -> None:
        """Write a message and its answer, both or neither.

        Raises:
            ConflictError: If the conversation has gone on, or away, meanwhile.
        """
        try:
            with Session(self.engine) as session, session.begin():
                session.add_all([_row(identity, message, idempotency), _row(identity, answer)])
                session.flush()
                session.execute(
                    update(SessionRow)
                    .where(SessionRow.id == identity)
                    .values(
                        updated=now(),
                        title=func.coalesce(func.nullif(SessionRow.title, ""), message.turn.text[:_TITLE]),
                    )
                )
        except IntegrityError:
            raise ConflictError("another message of this conversation was answered meanwhile") from None

    def set_feedback(self, identity: str, item: str, value: str | None, after: int) -> None:
        """Keep, change or (with None) forget what a person thinks of an item."""
        with Session(self.engine) as session, session.begin():
            session.execute(delete(FeedbackRow).where(FeedbackRow.session == identity, FeedbackRow.item == item))
            if value is not None:
                session.add(FeedbackRow(session=identity, item=item, value=value, after=after))

    def add_edits(self, identity: str, keys: Sequence[str], after: int) -> None:
        """Keep what a person changed of the state by hand after so many turns."""
        with Session(self.engine) as session, session.begin():
            session.add_all([EditRow(session=identity, key=key, after=after) for key in keys])

    # Items

    def items_version(self) -> int:
        """Return how often the items have changed."""
        with Session(self.engine) as session:
            return session.scalars(select(VersionRow.version)).one()

    def changed_items(self) -> tuple[int, dict[str, Mapping[str, Any] | None]]:
        """Return the version and all changed items by id; None stands for a removed one."""
        with Session(self.engine) as session:
            version = session.scalars(select(VersionRow.version)).one()
            return version, {row.id: row.record for row in session.scalars(select(ItemRow))}

    def put_item(self, identity: str, record: Mapping[str, Any] | None) -> None:
        """Keep a new or changed item, or with None its removal."""
        with Session(self.engine) as session, session.begin():
            session.execute(update(VersionRow).values(version=VersionRow.version + 1))
            session.merge(ItemRow(id=identity, record=None if record is None else dict(record), updated=now()))


def _session(row: SessionRow) -> StoredSession:
    return StoredSession(row.id, row.title, row.filters, _utc(row.created), _utc(row.updated))


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _turn(row: TurnRow) -> Turn:
    mentions = tuple(Mention(entry["start"], entry["end"], entry["item"]) for entry in row.mentions)
    return Turn(Speaker(row.speaker), row.text, mentions, messages=(row.position,), shown=tuple(row.shown or ()))


def _row(identity: str, stored: StoredTurn, idempotency: str | None = None) -> TurnRow:
    turn = stored.turn
    return TurnRow(
        session=identity,
        position=stored.position,
        speaker=turn.speaker.value,
        text=turn.text,
        mentions=[{"start": m.start, "end": m.end, "item": m.item} for m in turn.mentions],
        reply=None if stored.reply is None else dict(stored.reply),
        shown=list(turn.shown) or None,
        idempotency=idempotency,
    )
