"""replica of the search index

Revision ID: 0009
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
import sqlmodel

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What the replica already has."""
    with op.batch_alter_table("search_outbox") as batch_op:
        batch_op.add_column(sa.Column("copied_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_index("ix_search_outbox_uncopied", ["copied_at", "seq"])


def downgrade() -> None:
    """Forget the replica."""
    with op.batch_alter_table("search_outbox") as batch_op:
        batch_op.drop_index("ix_search_outbox_uncopied")
        batch_op.drop_column("copied_at")
