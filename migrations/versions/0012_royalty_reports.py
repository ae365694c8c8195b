"""royalty reports

Revision: 0012, after 0011.
"""

from typing import Any

import sqlalchemy as sa
import sqlmodel
from sqlalchemy import Text
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

TRIGGERS = {'sqlite': ['CREATE TRIGGER report_line_no_update BEFORE UPDATE ON report_line BEGIN SELECT RAISE(ABORT, '
            "'report_line is append-only'); END",
            'CREATE TRIGGER report_line_no_delete BEFORE DELETE ON report_line BEGIN SELECT RAISE(ABORT, '
            "'report_line is append-only'); END",
            'CREATE TRIGGER report_version_no_update BEFORE UPDATE ON report_version BEGIN SELECT '
            "RAISE(ABORT, 'report_version is append-only'); END",
            'CREATE TRIGGER report_version_no_delete BEFORE DELETE ON report_version BEGIN SELECT '
            "RAISE(ABORT, 'report_version is append-only'); END",
            'CREATE TRIGGER royalty_licence_frozen BEFORE UPDATE ON royalty_licence WHEN NEW.deal_id IS NOT '
            'OLD.deal_id OR NEW.licensor_id IS NOT OLD.licensor_id OR NEW.licensee_id IS NOT OLD.licensee_id '
            'OR NEW.number IS NOT OLD.number OR NEW.begins_on IS NOT OLD.begins_on BEGIN SELECT RAISE(ABORT, '
            "'royalty_licence: this part never changes'); END",
            'CREATE TRIGGER royalty_licence_no_delete BEFORE DELETE ON royalty_licence BEGIN SELECT '
            "RAISE(ABORT, 'royalty_licence is never deleted'); END",
            'CREATE TRIGGER royalty_report_frozen BEFORE UPDATE ON royalty_report WHEN NEW.deal_id IS NOT '
            'OLD.deal_id OR NEW.period IS NOT OLD.period OR NEW.starts_on IS NOT OLD.starts_on OR '
            "NEW.ends_on IS NOT OLD.ends_on BEGIN SELECT RAISE(ABORT, 'royalty_report: this part never "
            "changes'); END",
            'CREATE TRIGGER royalty_report_no_delete BEFORE DELETE ON royalty_report BEGIN SELECT '
            "RAISE(ABORT, 'royalty_report is never deleted'); END",
            'CREATE TRIGGER yearly_minimum_no_update BEFORE UPDATE ON yearly_minimum BEGIN SELECT '
            "RAISE(ABORT, 'yearly_minimum is append-only'); END",
            'CREATE TRIGGER yearly_minimum_no_delete BEFORE DELETE ON yearly_minimum BEGIN SELECT '
            "RAISE(ABORT, 'yearly_minimum is append-only'); END"],
 'postgresql': ['CREATE OR REPLACE FUNCTION ponte_append_only() RETURNS trigger LANGUAGE plpgsql AS\n'
                "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
                'CREATE TRIGGER report_line_append_only BEFORE UPDATE OR DELETE ON report_line FOR EACH ROW '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER report_line_no_truncate BEFORE TRUNCATE ON report_line FOR EACH STATEMENT '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER report_version_append_only BEFORE UPDATE OR DELETE ON report_version FOR '
                'EACH ROW EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER report_version_no_truncate BEFORE TRUNCATE ON report_version FOR EACH '
                'STATEMENT EXECUTE FUNCTION ponte_append_only()',
                'CREATE OR REPLACE FUNCTION royalty_licence_frozen() RETURNS trigger LANGUAGE plpgsql AS\n'
                "$$ BEGIN RAISE EXCEPTION 'royalty_licence: this part never changes'; END $$",
                'CREATE TRIGGER royalty_licence_frozen BEFORE UPDATE ON royalty_licence FOR EACH ROW WHEN '
                '(NEW.deal_id IS DISTINCT FROM OLD.deal_id OR NEW.licensor_id IS DISTINCT FROM '
                'OLD.licensor_id OR NEW.licensee_id IS DISTINCT FROM OLD.licensee_id OR NEW.number IS '
                'DISTINCT FROM OLD.number OR NEW.begins_on IS DISTINCT FROM OLD.begins_on) EXECUTE FUNCTION '
                'royalty_licence_frozen()',
                'CREATE TRIGGER royalty_licence_no_delete BEFORE DELETE ON royalty_licence FOR EACH ROW '
                'EXECUTE FUNCTION royalty_licence_frozen()',
                'CREATE OR REPLACE FUNCTION royalty_report_frozen() RETURNS trigger LANGUAGE plpgsql AS\n'
                "$$ BEGIN RAISE EXCEPTION 'royalty_report: this part never changes'; END $$",
                'CREATE TRIGGER royalty_report_frozen BEFORE UPDATE ON royalty_report FOR EACH ROW WHEN '
                '(NEW.deal_id IS DISTINCT FROM OLD.deal_id OR NEW.period IS DISTINCT FROM OLD.period OR '
                'NEW.starts_on IS DISTINCT FROM OLD.starts_on OR NEW.ends_on IS DISTINCT FROM OLD.ends_on) '
                'EXECUTE FUNCTION royalty_report_frozen()',
                'CREATE TRIGGER royalty_report_no_delete BEFORE DELETE ON royalty_report FOR EACH ROW '
                'EXECUTE FUNCTION royalty_report_frozen()',
                'CREATE TRIGGER yearly_minimum_append_only BEFORE UPDATE OR DELETE ON yearly_minimum FOR '
                'EACH ROW EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER yearly_minimum_no_truncate BEFORE TRUNCATE ON yearly_minimum FOR EACH '
                'STATEMENT EXECUTE FUNCTION ponte_append_only()']}


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table('calendar_feed',
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('token', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_calendar_feed_organisation_id')),
    sa.PrimaryKeyConstraint('organisation_id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('token', name=op.f('uq_calendar_feed_token'))
    )
    op.create_table('royalty_licence',
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('licensor_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('licensee_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('begins_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('terms', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['licensee_id'], ['organisation.id'], name=op.f('fk_royalty_licence_licensee_id')),
    sa.ForeignKeyConstraint(['licensor_id'], ['organisation.id'], name=op.f('fk_royalty_licence_licensor_id')),
    sa.PrimaryKeyConstraint('deal_id', name=op.f('pk_royalty_licence'))
    )
    with op.batch_alter_table('royalty_licence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_royalty_licence_licensee_id'), ['licensee_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_royalty_licence_licensor_id'), ['licensor_id'], unique=False)

    op.create_table('royalty_report',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('period', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('latest', sa.Integer(), nullable=False),
    sa.Column('approved', sa.Integer(), nullable=False),
    sa.Column('question', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("state IN ('due', 'sent', 'queried', 'approved')", name=op.f('ck_royalty_report_state_known')),
    sa.CheckConstraint('approved <= latest', name=op.f('ck_royalty_report_approved_was_sent')),
    sa.ForeignKeyConstraint(['deal_id'], ['royalty_licence.deal_id'], name=op.f('fk_royalty_report_deal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_royalty_report')),
    sa.UniqueConstraint('deal_id', 'period', name=op.f('uq_royalty_report_deal_id_period'))
    )
    with op.batch_alter_table('royalty_report', schema=None) as batch_op:
        batch_op.create_index('ix_royalty_report_state', ['state', 'due_on'], unique=False)

    op.create_table('yearly_minimum',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('minimum_minor', sa.BigInteger(), nullable=False),
    sa.Column('charged_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['royalty_licence.deal_id'], name=op.f('fk_yearly_minimum_deal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_yearly_minimum')),
    sa.UniqueConstraint('deal_id', 'year', name=op.f('uq_yearly_minimum_deal_id_year'))
    )
    op.create_table('report_version',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('report_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('sent_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('person_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('third_party_minor', sa.BigInteger(), nullable=False),
    sa.Column('royalty_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint('number > 0', name=op.f('ck_report_version_number_counts')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_report_version_person_id')),
    sa.ForeignKeyConstraint(['report_id'], ['royalty_report.id'], name=op.f('fk_report_version_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_version')),
    sa.UniqueConstraint('report_id', 'number', name=op.f('uq_report_version_report_id_number'))
    )
    op.create_table('report_line',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('product', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('country', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('gross_minor', sa.BigInteger(), nullable=False),
    sa.Column('humanitarian', sa.Boolean(), nullable=False),
    sa.Column('own', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('other', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('rate', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('rate_on', sa.Date(), nullable=True),
    sa.Column('rate_source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deductions', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint('gross_minor >= 0', name=op.f('ck_report_line_no_loss')),
    sa.ForeignKeyConstraint(['version_id'], ['report_version.id'], name=op.f('fk_report_line_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_line')),
    sa.UniqueConstraint('version_id', 'position', name=op.f('uq_report_line_version_id_position'))
    )
    # ### end Alembic commands ###
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_table('report_line')
    op.drop_table('report_version')
    op.drop_table('yearly_minimum')
    with op.batch_alter_table('royalty_report', schema=None) as batch_op:
        batch_op.drop_index('ix_royalty_report_state')

    op.drop_table('royalty_report')
    with op.batch_alter_table('royalty_licence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_royalty_licence_licensor_id'))
        batch_op.drop_index(batch_op.f('ix_royalty_licence_licensee_id'))

    op.drop_table('royalty_licence')
    op.drop_table('calendar_feed')
    # ### end Alembic commands ###
