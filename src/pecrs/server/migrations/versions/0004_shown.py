"""What was on the screen beside each answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of earlier turns it is not known."""
    op.add_column("turns", sa.Column("shown", sa.JSON, nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("turns", "shown")
