"""Keys, conversations, feedback and changed items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _conversations()
    _feedback_and_items()


def _conversations() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created", _WHEN, nullable=False),
        sa.Column("revoked", _WHEN),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(43), primary_key=True),
        sa.Column("owner", sa.String(16), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("filters", sa.JSON, nullable=False),
        sa.Column("created", _WHEN, nullable=False),
        sa.Column("updated", _WHEN, nullable=False),
    )
    op.create_index("ix_sessions_owner", "sessions", ["owner"])
    op.create_index("ix_sessions_updated", "sessions", ["updated"])
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session", sa.String(43), sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("speaker", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("mentions", sa.JSON, nullable=False),
        sa.Column("reply", sa.JSON),
        sa.Column("idempotency", sa.String(200)),
        sa.Column("created", _WHEN, nullable=False),
        sa.UniqueConstraint("session", "position"),
        sa.UniqueConstraint("session", "idempotency"),
    )
    op.create_index("ix_turns_session", "turns", ["session"])


def _feedback_and_items() -> None:
    op.create_table(
        "feedback",
        sa.Column("session", sa.String(43), sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("item", sa.String(200), primary_key=True),
        sa.Column("value", sa.String(16), nullable=False),
        sa.Column("after", sa.Integer, nullable=False),
        sa.Column("created", _WHEN, nullable=False),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("record", sa.JSON),
        sa.Column("updated", _WHEN, nullable=False),
    )
    version = op.create_table(
        "catalogue_version",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.bulk_insert(version, [{"id": 1, "version": 0}])


def downgrade() -> None:
    """Drop the tables."""
    for name in ("catalogue_version", "items", "feedback", "turns", "sessions", "keys"):
        op.drop_table(name)
