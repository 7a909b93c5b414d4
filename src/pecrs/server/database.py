"""The tables, and a connection that keeps what it acknowledged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import JSON, DateTime, Engine, ForeignKey, String, Text, UniqueConstraint, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

from pecrs.config import MAX_ITEM_ID
from pecrs.errors import ConfigError

_MIGRATIONS = Path(__file__).parent / "migrations"
_POSTGRESQL = "postgresql+psycopg"
_DRIVERS = {
    **dict.fromkeys(("sqlite", "sqlite+pysqlite"), "sqlite"),
    **dict.fromkeys(("postgres", "postgresql", _POSTGRESQL), _POSTGRESQL),
}
"""From the scheme of an address to the driver that is installed."""


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """All tables."""


class KeyRow(Base):
    """An API key; of the secret only a hash is kept."""

    __tablename__ = "keys"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    revoked: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SessionRow(Base):
    """A conversation."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    owner: Mapped[str] = mapped_column(String(16), index=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    updated: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, index=True)


class TurnRow(Base):
    """One utterance; a message and its answer are written together or not at all."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("session", "position"), UniqueConstraint("session", "idempotency"))
    id: Mapped[int] = mapped_column(primary_key=True)
    session: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    speaker: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    reply: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    shown: Mapped[list[str] | None] = mapped_column(JSON)
    idempotency: Mapped[str | None] = mapped_column(String(200))
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class FeedbackRow(Base):
    """What a person thinks of an item; ``after`` is the number of turns before it was said."""

    __tablename__ = "feedback"
    session: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    item: Mapped[str] = mapped_column(String(MAX_ITEM_ID), primary_key=True)
    value: Mapped[str] = mapped_column(String(16))
    after: Mapped[int]
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class EditRow(Base):
    """What the person changed of the state by hand; ``after`` is the number of turns before that."""

    __tablename__ = "edits"
    id: Mapped[int] = mapped_column(primary_key=True)
    session: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(Text)
    after: Mapped[int]
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class ItemRow(Base):
    """An item that was added, changed or (without a record) removed since the model was made."""

    __tablename__ = "items"
    id: Mapped[str] = mapped_column(String(MAX_ITEM_ID), primary_key=True)
    record: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    updated: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class VersionRow(Base):
    """How often the items have changed; by it replicas see each other's changes."""

    __tablename__ = "catalogue_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]


def open_database(url: str) -> Engine:
    """Connect and bring the tables up to date.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``; hosting services also write ``postgres://``.

    Raises:
        ConfigError: If there is no such database, or it cannot be used.
    """
    try:
        engine = create_engine(_address(url), pool_pre_ping=True, hide_parameters=True)  # errors are logged, data not
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
        _migrate(engine)
    except (ArgumentError, SQLAlchemyError, ImportError, OSError) as error:
        problem = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ConfigError(f"database: cannot be opened: {problem}") from None
    return engine


def _address(url: str) -> URL:
    parsed = make_url(url)
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        known = "sqlite:///FILE or postgresql://USER@HOST/NAME"
        raise ConfigError(f"database: {parsed.drivername}:// is not supported; {known} is expected")
    return parsed.set(drivername=driver)


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _migrate(engine: Engine) -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # replicas start together; the first one migrates
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727365)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
