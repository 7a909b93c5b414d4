"""Longer identifiers of items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COLUMNS = (("feedback", "item"), ("items", "id"))


def upgrade() -> None:
    """Widen the columns."""
    _resize(200, 500)


def downgrade() -> None:
    """Narrow them; identifiers that are longer are refused by the database."""
    _resize(500, 200)


def _resize(old: int, new: int) -> None:
    for table, column in _COLUMNS:
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=sa.String(old), type_=sa.String(new), existing_nullable=False)
