"""non-disclosure agreements

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def _offer(given: str, wanted: str, nullable: bool) -> None:
    """Whether a document must come out of an offer.

    SQLite cannot alter a column, and a table that others refer to cannot be made anew inside a transaction: the schema's
    text is changed as https://www.sqlite.org/lang_altertable.html describes for NOT NULL, which moves no row.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.alter_column('agreement_document', 'offer_id', existing_type=sa.String(), nullable=nullable)
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'agreement_document' "
        "AND instr(sql, ?) > 0",
        (given, wanted, given),
    )
    assert changed.rowcount == 1
    connection.exec_driver_sql(f"PRAGMA schema_version={int(version) + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")


def upgrade() -> None:
    _offer("offer_id VARCHAR NOT NULL", "offer_id VARCHAR", True)
    with op.batch_alter_table('deal', schema=None) as batch_op:
        batch_op.add_column(sa.Column('nda_ends_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('nda_document_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('deal', schema=None) as batch_op:
        batch_op.drop_column('nda_document_id')
        batch_op.drop_column('nda_ends_on')
    op.execute("DELETE FROM agreement_document WHERE offer_id IS NULL")
    _offer("offer_id VARCHAR", "offer_id VARCHAR NOT NULL", False)
