"""first tables

Revision: 0001, after .
"""

from typing import Any

import sqlalchemy as sa
import sqlmodel
from sqlalchemy import Text
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

TRIGGERS = {'sqlite': ['CREATE TRIGGER agreement_document_fixed BEFORE UPDATE ON agreement_document WHEN OLD.sha256 <> '
            "'' AND (OLD.sha256 IS NOT NEW.sha256 OR OLD.file_id IS NOT NEW.file_id OR OLD.data IS NOT "
            'NEW.data OR OLD.offer_digest IS NOT NEW.offer_digest OR OLD.signing_order IS NOT '
            "NEW.signing_order) BEGIN SELECT RAISE(ABORT, 'A typeset document never changes'); END",
            'CREATE TRIGGER agreement_document_kept BEFORE DELETE ON agreement_document BEGIN SELECT '
            "RAISE(ABORT, 'A typeset document never changes'); END",
            'CREATE TRIGGER allocation_no_update BEFORE UPDATE ON allocation BEGIN SELECT RAISE(ABORT, '
            "'allocation is append-only'); END",
            'CREATE TRIGGER allocation_no_delete BEFORE DELETE ON allocation BEGIN SELECT RAISE(ABORT, '
            "'allocation is append-only'); END",
            "CREATE TRIGGER approval_no_update BEFORE UPDATE ON approval BEGIN SELECT RAISE(ABORT, 'approval "
            "is append-only'); END",
            "CREATE TRIGGER approval_no_delete BEFORE DELETE ON approval BEGIN SELECT RAISE(ABORT, 'approval "
            "is append-only'); END",
            'CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, '
            "'audit_event is append-only'); END",
            'CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, '
            "'audit_event is append-only'); END",
            'CREATE TRIGGER balance_txn_no_update BEFORE UPDATE ON balance_txn BEGIN SELECT RAISE(ABORT, '
            "'balance_txn is append-only'); END",
            'CREATE TRIGGER balance_txn_no_delete BEFORE DELETE ON balance_txn BEGIN SELECT RAISE(ABORT, '
            "'balance_txn is append-only'); END",
            'CREATE TRIGGER deal_message_no_update BEFORE UPDATE ON deal_message BEGIN SELECT RAISE(ABORT, '
            "'deal_message is append-only'); END",
            'CREATE TRIGGER deal_message_no_delete BEFORE DELETE ON deal_message BEGIN SELECT RAISE(ABORT, '
            "'deal_message is append-only'); END",
            "CREATE TRIGGER enquiry_no_update BEFORE UPDATE ON enquiry BEGIN SELECT RAISE(ABORT, 'enquiry is "
            "append-only'); END",
            "CREATE TRIGGER enquiry_no_delete BEFORE DELETE ON enquiry BEGIN SELECT RAISE(ABORT, 'enquiry is "
            "append-only'); END",
            'CREATE TRIGGER installation_frozen BEFORE UPDATE ON installation WHEN NEW.single IS NOT '
            'OLD.single OR NEW.id IS NOT OLD.id OR NEW.mode IS NOT OLD.mode BEGIN SELECT RAISE(ABORT, '
            "'installation: this part never changes'); END",
            'CREATE TRIGGER installation_no_delete BEFORE DELETE ON installation BEGIN SELECT RAISE(ABORT, '
            "'installation is never deleted'); END",
            'CREATE TRIGGER invoice_frozen BEFORE UPDATE ON invoice WHEN NEW.obligation_id IS NOT '
            'OLD.obligation_id OR NEW.deal_id IS NOT OLD.deal_id OR NEW.licensor_id IS NOT OLD.licensor_id '
            'OR NEW.licensee_id IS NOT OLD.licensee_id OR NEW.number IS NOT OLD.number OR NEW.total_minor IS '
            'NOT OLD.total_minor OR NEW.tax_minor IS NOT OLD.tax_minor OR NEW.currency IS NOT OLD.currency '
            "BEGIN SELECT RAISE(ABORT, 'invoice: this part never changes'); END",
            "CREATE TRIGGER invoice_no_delete BEFORE DELETE ON invoice BEGIN SELECT RAISE(ABORT, 'invoice is "
            "never deleted'); END",
            'CREATE TRIGGER invoice_line_no_update BEFORE UPDATE ON invoice_line BEGIN SELECT RAISE(ABORT, '
            "'invoice_line is append-only'); END",
            'CREATE TRIGGER invoice_line_no_delete BEFORE DELETE ON invoice_line BEGIN SELECT RAISE(ABORT, '
            "'invoice_line is append-only'); END",
            'CREATE TRIGGER journal_entry_balances BEFORE INSERT ON journal_entry WHEN NOT coalesce((SELECT '
            'count(*) >= 2 AND sum(debit) = sum(credit) FROM journal_line WHERE entry_id = NEW.id), 0) BEGIN '
            "SELECT RAISE(ABORT, 'journal_entry does not balance'); END",
            'CREATE TRIGGER journal_entry_no_update BEFORE UPDATE ON journal_entry BEGIN SELECT RAISE(ABORT, '
            "'journal_entry is append-only'); END",
            'CREATE TRIGGER journal_entry_no_delete BEFORE DELETE ON journal_entry BEGIN SELECT RAISE(ABORT, '
            "'journal_entry is append-only'); END",
            'CREATE TRIGGER journal_line_under_seal BEFORE INSERT ON journal_line WHEN EXISTS (SELECT 1 FROM '
            "journal_entry WHERE id = NEW.entry_id) BEGIN SELECT RAISE(ABORT, 'journal_entry is sealed'); "
            'END',
            'CREATE TRIGGER journal_line_no_update BEFORE UPDATE ON journal_line BEGIN SELECT RAISE(ABORT, '
            "'journal_line is append-only'); END",
            'CREATE TRIGGER journal_line_no_delete BEFORE DELETE ON journal_line BEGIN SELECT RAISE(ABORT, '
            "'journal_line is append-only'); END",
            'CREATE TRIGGER obligation_no_update BEFORE UPDATE ON obligation BEGIN SELECT RAISE(ABORT, '
            "'obligation is append-only'); END",
            'CREATE TRIGGER obligation_no_delete BEFORE DELETE ON obligation BEGIN SELECT RAISE(ABORT, '
            "'obligation is append-only'); END",
            "CREATE TRIGGER offer_no_update BEFORE UPDATE ON offer BEGIN SELECT RAISE(ABORT, 'offer is "
            "append-only'); END",
            "CREATE TRIGGER offer_no_delete BEFORE DELETE ON offer BEGIN SELECT RAISE(ABORT, 'offer is "
            "append-only'); END",
            "CREATE TRIGGER payment_no_update BEFORE UPDATE ON payment BEGIN SELECT RAISE(ABORT, 'payment is "
            "append-only'); END",
            "CREATE TRIGGER payment_no_delete BEFORE DELETE ON payment BEGIN SELECT RAISE(ABORT, 'payment is "
            "append-only'); END",
            'CREATE TRIGGER payment_attempt_frozen BEFORE UPDATE ON payment_attempt WHEN NEW.invoice_id IS '
            'NOT OLD.invoice_id OR NEW.rail IS NOT OLD.rail OR NEW.mode IS NOT OLD.mode OR NEW.account IS '
            'NOT OLD.account OR NEW.idempotency_key IS NOT OLD.idempotency_key OR NEW.amount_minor IS NOT '
            'OLD.amount_minor OR NEW.currency IS NOT OLD.currency OR NEW.created_at IS NOT OLD.created_at OR '
            "NEW.params IS NOT OLD.params BEGIN SELECT RAISE(ABORT, 'payment_attempt: this part never "
            "changes'); END",
            'CREATE TRIGGER payment_attempt_no_delete BEFORE DELETE ON payment_attempt BEGIN SELECT '
            "RAISE(ABORT, 'payment_attempt is never deleted'); END",
            'CREATE TRIGGER signature_no_update BEFORE UPDATE ON signature BEGIN SELECT RAISE(ABORT, '
            "'signature is append-only'); END",
            'CREATE TRIGGER signature_no_delete BEFORE DELETE ON signature BEGIN SELECT RAISE(ABORT, '
            "'signature is append-only'); END",
            'CREATE TRIGGER webhook_event_frozen BEFORE UPDATE ON webhook_event WHEN NEW.mode IS NOT '
            'OLD.mode OR NEW.account IS NOT OLD.account OR NEW.event_id IS NOT OLD.event_id OR NEW.body IS '
            "NOT OLD.body BEGIN SELECT RAISE(ABORT, 'webhook_event: this part never changes'); END",
            'CREATE TRIGGER webhook_event_no_delete BEFORE DELETE ON webhook_event BEGIN SELECT RAISE(ABORT, '
            "'webhook_event is never deleted'); END"],
 'postgresql': ['CREATE OR REPLACE FUNCTION agreement_document_fixed() RETURNS trigger LANGUAGE plpgsql AS '
                "$$ BEGIN RAISE EXCEPTION 'A typeset document never changes'; END $$",
                'CREATE TRIGGER agreement_document_fixed BEFORE UPDATE ON agreement_document FOR EACH ROW '
                "WHEN (OLD.sha256 <> '' AND (OLD.sha256, OLD.file_id, OLD.data, OLD.offer_digest, "
                'OLD.signing_order) IS DISTINCT FROM (NEW.sha256, NEW.file_id, NEW.data, NEW.offer_digest, '
                'NEW.signing_order)) EXECUTE FUNCTION agreement_document_fixed()',
                'CREATE TRIGGER agreement_document_kept BEFORE DELETE ON agreement_document FOR EACH ROW '
                'EXECUTE FUNCTION agreement_document_fixed()',
                'CREATE OR REPLACE FUNCTION ponte_append_only() RETURNS trigger LANGUAGE plpgsql AS\n'
                "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
                'CREATE TRIGGER allocation_append_only BEFORE UPDATE OR DELETE ON allocation FOR EACH ROW '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER allocation_no_truncate BEFORE TRUNCATE ON allocation FOR EACH STATEMENT '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER approval_append_only BEFORE UPDATE OR DELETE ON approval FOR EACH ROW '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER approval_no_truncate BEFORE TRUNCATE ON approval FOR EACH STATEMENT EXECUTE '
                'FUNCTION ponte_append_only()',
                'CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER balance_txn_append_only BEFORE UPDATE OR DELETE ON balance_txn FOR EACH ROW '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER balance_txn_no_truncate BEFORE TRUNCATE ON balance_txn FOR EACH STATEMENT '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER deal_message_append_only BEFORE UPDATE OR DELETE ON deal_message FOR EACH '
                'ROW EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER deal_message_no_truncate BEFORE TRUNCATE ON deal_message FOR EACH STATEMENT '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER enquiry_append_only BEFORE UPDATE OR DELETE ON enquiry FOR EACH ROW EXECUTE '
                'FUNCTION ponte_append_only()',
                'CREATE TRIGGER enquiry_no_truncate BEFORE TRUNCATE ON enquiry FOR EACH STATEMENT EXECUTE '
                'FUNCTION ponte_append_only()',
                'CREATE OR REPLACE FUNCTION installation_frozen() RETURNS trigger LANGUAGE plpgsql AS\n'
                "$$ BEGIN RAISE EXCEPTION 'installation: this part never changes'; END $$",
                'CREATE TRIGGER installation_frozen BEFORE UPDATE ON installation FOR EACH ROW WHEN '
                '(NEW.single IS DISTINCT FROM OLD.single OR NEW.id IS DISTINCT FROM OLD.id OR NEW.mode IS '
                'DISTINCT FROM OLD.mode) EXECUTE FUNCTION installation_frozen()',
                'CREATE TRIGGER installation_no_delete BEFORE DELETE ON installation FOR EACH ROW EXECUTE '
                'FUNCTION installation_frozen()',
                'CREATE OR REPLACE FUNCTION invoice_frozen() RETURNS trigger LANGUAGE plpgsql AS\n'
                "$$ BEGIN RAISE EXCEPTION 'invoice: this part never changes'; END $$",
                'CREATE TRIGGER invoice_frozen BEFORE UPDATE ON invoice FOR EACH ROW WHEN (NEW.obligation_id '
                'IS DISTINCT FROM OLD.obligation_id OR NEW.deal_id IS DISTINCT FROM OLD.deal_id OR '
                'NEW.licensor_id IS DISTINCT FROM OLD.licensor_id OR NEW.licensee_id IS DISTINCT FROM '
                'OLD.licensee_id OR NEW.number IS DISTINCT FROM OLD.number OR NEW.total_minor IS DISTINCT '
                'FROM OLD.total_minor OR NEW.tax_minor IS DISTINCT FROM OLD.tax_minor OR NEW.currency IS '
                'DISTINCT FROM OLD.currency) EXECUTE FUNCTION invoice_frozen()',
                'CREATE TRIGGER invoice_no_delete BEFORE DELETE ON invoice FOR EACH ROW EXECUTE FUNCTION '
                'invoice_frozen()',
                'CREATE TRIGGER invoice_line_append_only BEFORE UPDATE OR DELETE ON invoice_line FOR EACH '
                'ROW EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER invoice_line_no_truncate BEFORE TRUNCATE ON invoice_line FOR EACH STATEMENT '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE OR REPLACE FUNCTION journal_entry_balances() RETURNS trigger LANGUAGE plpgsql AS\n'
                '$$ BEGIN IF NOT coalesce((SELECT count(*) >= 2 AND sum(debit) = sum(credit) FROM '
                "journal_line WHERE entry_id = NEW.id), false) THEN RAISE EXCEPTION 'journal_entry does not "
                "balance'; END IF;\n"
                'RETURN NEW; END $$',
                'CREATE TRIGGER journal_entry_balances BEFORE INSERT ON journal_entry FOR EACH ROW EXECUTE '
                'FUNCTION journal_entry_balances()',
                'CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE ON journal_entry FOR EACH '
                'ROW EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER journal_entry_no_truncate BEFORE TRUNCATE ON journal_entry FOR EACH '
                'STATEMENT EXECUTE FUNCTION ponte_append_only()',
                'CREATE OR REPLACE FUNCTION journal_line_under_seal() RETURNS trigger LANGUAGE plpgsql AS\n'
                '$$ BEGIN IF EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.entry_id) THEN\n'
                "RAISE EXCEPTION 'journal_entry is sealed'; END IF; RETURN NEW; END $$",
                'CREATE TRIGGER journal_line_under_seal BEFORE INSERT ON journal_line FOR EACH ROW EXECUTE '
                'FUNCTION journal_line_under_seal()',
                'CREATE OR REPLACE FUNCTION journal_line_balances() RETURNS trigger LANGUAGE plpgsql AS\n'
                '$$ BEGIN IF (SELECT sum(debit) <> sum(credit) FROM journal_line WHERE entry_id = '
                'NEW.entry_id) THEN\n'
                "RAISE EXCEPTION 'journal_entry does not balance'; END IF; RETURN NULL; END $$",
                'CREATE CONSTRAINT TRIGGER journal_line_balances AFTER INSERT ON journal_line DEFERRABLE '
                'INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal_line_balances()',
                'CREATE TRIGGER journal_line_append_only BEFORE UPDATE OR DELETE ON journal_line FOR EACH '
                'ROW EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER journal_line_no_truncate BEFORE TRUNCATE ON journal_line FOR EACH STATEMENT '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER obligation_append_only BEFORE UPDATE OR DELETE ON obligation FOR EACH ROW '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER obligation_no_truncate BEFORE TRUNCATE ON obligation FOR EACH STATEMENT '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER offer_append_only BEFORE UPDATE OR DELETE ON offer FOR EACH ROW EXECUTE '
                'FUNCTION ponte_append_only()',
                'CREATE TRIGGER offer_no_truncate BEFORE TRUNCATE ON offer FOR EACH STATEMENT EXECUTE '
                'FUNCTION ponte_append_only()',
                'CREATE TRIGGER payment_append_only BEFORE UPDATE OR DELETE ON payment FOR EACH ROW EXECUTE '
                'FUNCTION ponte_append_only()',
                'CREATE TRIGGER payment_no_truncate BEFORE TRUNCATE ON payment FOR EACH STATEMENT EXECUTE '
                'FUNCTION ponte_append_only()',
                'CREATE OR REPLACE FUNCTION payment_attempt_frozen() RETURNS trigger LANGUAGE plpgsql AS\n'
                "$$ BEGIN RAISE EXCEPTION 'payment_attempt: this part never changes'; END $$",
                'CREATE TRIGGER payment_attempt_frozen BEFORE UPDATE ON payment_attempt FOR EACH ROW WHEN '
                '(NEW.invoice_id IS DISTINCT FROM OLD.invoice_id OR NEW.rail IS DISTINCT FROM OLD.rail OR '
                'NEW.mode IS DISTINCT FROM OLD.mode OR NEW.account IS DISTINCT FROM OLD.account OR '
                'NEW.idempotency_key IS DISTINCT FROM OLD.idempotency_key OR NEW.amount_minor IS DISTINCT '
                'FROM OLD.amount_minor OR NEW.currency IS DISTINCT FROM OLD.currency OR NEW.created_at IS '
                'DISTINCT FROM OLD.created_at OR NEW.params IS DISTINCT FROM OLD.params) EXECUTE FUNCTION '
                'payment_attempt_frozen()',
                'CREATE TRIGGER payment_attempt_no_delete BEFORE DELETE ON payment_attempt FOR EACH ROW '
                'EXECUTE FUNCTION payment_attempt_frozen()',
                'CREATE TRIGGER signature_append_only BEFORE UPDATE OR DELETE ON signature FOR EACH ROW '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE TRIGGER signature_no_truncate BEFORE TRUNCATE ON signature FOR EACH STATEMENT '
                'EXECUTE FUNCTION ponte_append_only()',
                'CREATE OR REPLACE FUNCTION webhook_event_frozen() RETURNS trigger LANGUAGE plpgsql AS\n'
                "$$ BEGIN RAISE EXCEPTION 'webhook_event: this part never changes'; END $$",
                'CREATE TRIGGER webhook_event_frozen BEFORE UPDATE ON webhook_event FOR EACH ROW WHEN '
                '(NEW.mode IS DISTINCT FROM OLD.mode OR NEW.account IS DISTINCT FROM OLD.account OR '
                'NEW.event_id IS DISTINCT FROM OLD.event_id OR NEW.body IS DISTINCT FROM OLD.body) EXECUTE '
                'FUNCTION webhook_event_frozen()',
                'CREATE TRIGGER webhook_event_no_delete BEFORE DELETE ON webhook_event FOR EACH ROW EXECUTE '
                'FUNCTION webhook_event_frozen()']}


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table('audit_event',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('tag', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('person_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('organisation_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('session_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('previous', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('data', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event')),
    sa.UniqueConstraint('subject_kind', 'subject_id', 'position', name=op.f('uq_audit_event_subject_kind_subject_id_position'))
    )
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_event_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_event_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_event_tag'), ['tag'], unique=False)

    op.create_table('change_counter',
    sa.Column('topic', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('topic', name=op.f('pk_change_counter'))
    )
    op.create_table('installation',
    sa.Column('single', sa.Integer(), nullable=False),
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mode', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("mode IN ('sandbox', 'test', 'live')", name=op.f('ck_installation_mode_known')),
    sa.CheckConstraint('single = 1', name=op.f('ck_installation_single_row')),
    sa.PrimaryKeyConstraint('single', name=op.f('pk_installation')),
    sa.UniqueConstraint('id', name=op.f('uq_installation_id'))
    )
    op.create_table('job',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('run_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('leased_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('worker', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('finished_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payload', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint("state IN ('queued', 'running', 'done', 'dead')", name=op.f('ck_job_state_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_due', ['state', 'run_at'], unique=False)
        batch_op.create_index('uq_job_key_queued', ['key'], unique=True, sqlite_where=sa.text("state = 'queued' AND key IS NOT NULL"), postgresql_where=sa.text("state = 'queued' AND key IS NOT NULL"))

    op.create_table('job_schedule',
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('next_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_job_schedule'))
    )
    op.create_table('journal_entry',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('book', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('event', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('posted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_entry')),
    sa.UniqueConstraint('book', 'key', name=op.f('uq_journal_entry_book_key'))
    )
    with op.batch_alter_table('journal_entry', schema=None) as batch_op:
        batch_op.create_index('ix_journal_entry_book_at', ['book', 'posted_at'], unique=False)

    op.create_table('mail',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('recipient', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('template', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('locale', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('queued_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('sent_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('context', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail')),
    sa.UniqueConstraint('key', name=op.f('uq_mail_key'))
    )
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_recipient'), ['recipient'], unique=False)

    op.create_table('organisation',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('slug', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('country', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('city', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('timezone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('website', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('registration_number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('is_sample', sa.Boolean(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('verified_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('second_approver', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('about', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("kind IN ('university', 'institute', 'sme', 'support')", name=op.f('ck_organisation_kind_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('slug', name=op.f('uq_organisation_slug'))
    )
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_kind'), ['kind'], unique=False)

    op.create_table('person',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('password_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('email_verified_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('is_operator', sa.Boolean(), nullable=False),
    sa.Column('is_sample', sa.Boolean(), nullable=False),
    sa.Column('locale', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('disabled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('email', name=op.f('uq_person_email'))
    )
    op.create_table('search_outbox',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('technology_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('requested_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('refused_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_search_outbox'))
    )
    with op.batch_alter_table('search_outbox', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_search_outbox_technology_id'), ['technology_id'], unique=False)
        batch_op.create_index('ix_search_outbox_waiting', ['refused_at', 'seq'], unique=False)

    op.create_table('search_turn',
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('held_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('tasks', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('rows', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_search_turn'))
    )
    op.create_table('stored_file',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content_type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_file'))
    )
    with op.batch_alter_table('stored_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stored_file_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stored_file_sha256'), ['sha256'], unique=False)

    op.create_table('throttle',
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_throttle'))
    )
    with op.batch_alter_table('throttle', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_throttle_since'), ['since'], unique=False)

    op.create_table('webhook_event',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mode', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('event_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('object_type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('object_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('received_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('handled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint("mode IN ('sandbox', 'test', 'live')", name=op.f('ck_webhook_event_mode_known')),
    sa.CheckConstraint("state IN ('received', 'handled', 'ignored', 'quarantined')", name=op.f('ck_webhook_event_state_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_event')),
    sa.UniqueConstraint('mode', 'account', 'event_id', name=op.f('uq_webhook_event_mode_account_event_id'))
    )
    with op.batch_alter_table('webhook_event', schema=None) as batch_op:
        batch_op.create_index('ix_webhook_event_state', ['state', 'received_at'], unique=False)

    op.create_table('worker_beat',
    sa.Column('worker', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('worker', name=op.f('pk_worker_beat'))
    )
    op.create_table('email_token',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('used_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("purpose IN ('verify', 'reset', 'invite')", name=op.f('ck_email_token_purpose_known')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_email_token_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_email_token_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_email_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_email_token_token_hash'))
    )
    with op.batch_alter_table('email_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_email_token_email'), ['email'], unique=False)
        batch_op.create_index(batch_op.f('ix_email_token_person_id'), ['person_id'], unique=False)

    op.create_table('import_mapping',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('signature', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mapping', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('updated_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_import_mapping_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_mapping')),
    sa.UniqueConstraint('organisation_id', 'signature', name=op.f('uq_import_mapping_organisation_id_signature'))
    )
    op.create_table('import_run',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('file_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('publish', sa.Boolean(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('finished_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('header', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('mapping', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('notes', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('counts', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint("state IN ('mapping', 'ready', 'done', 'undone')", name=op.f('ck_import_run_state_known')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_import_run_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_import_run_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_run'))
    )
    with op.batch_alter_table('import_run', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_run_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('invoice_series',
    sa.Column('licensor_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['licensor_id'], ['organisation.id'], name=op.f('fk_invoice_series_licensor_id')),
    sa.PrimaryKeyConstraint('licensor_id', name=op.f('pk_invoice_series'))
    )
    op.create_table('membership',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("role IN ('owner', 'member', 'officer', 'approver', 'finance', 'signatory', 'adviser')", name=op.f('ck_membership_role_known')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_membership_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_membership_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership')),
    sa.UniqueConstraint('person_id', 'organisation_id', 'role', name=op.f('uq_membership_person_id_organisation_id_role'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('obligation',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('licensor_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('licensee_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('description', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("kind IN ('upfront', 'instalment', 'milestone', 'annual_minimum', 'royalty', 'patent_costs', 'option', 'sublicence', 'late_interest')", name=op.f('ck_obligation_kind_known')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_obligation_amount_positive')),
    sa.CheckConstraint('licensor_id <> licensee_id', name=op.f('ck_obligation_two_parties')),
    sa.ForeignKeyConstraint(['licensee_id'], ['organisation.id'], name=op.f('fk_obligation_licensee_id')),
    sa.ForeignKeyConstraint(['licensor_id'], ['organisation.id'], name=op.f('fk_obligation_licensor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_obligation')),
    sa.UniqueConstraint('deal_id', 'kind', 'key', name=op.f('uq_obligation_deal_id_kind_key'))
    )
    with op.batch_alter_table('obligation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_obligation_licensee_id'), ['licensee_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_obligation_licensor_id'), ['licensor_id'], unique=False)

    op.create_table('sign_in_session',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('authenticated_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('user_agent', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_sign_in_session_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_sign_in_session_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_session_token_hash'))
    )
    with op.batch_alter_table('sign_in_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_session_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_session_person_id'), ['person_id'], unique=False)

    op.create_table('technology',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('source_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reference', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('slug', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('summary', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sector', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('category', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('department', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('country', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('trl', sa.Integer(), nullable=True),
    sa.Column('stage', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('offers', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('licences', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('price_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('price_low', sa.BigInteger(), nullable=True),
    sa.Column('price_high', sa.BigInteger(), nullable=True),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contact_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('keywords', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('technology_fields', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('ip_status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('source_url', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('picture_url', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('updated_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('published_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('confirmed_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('problem', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('advantages', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('comparison', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('applications', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('description', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("price_kind IN ('on_request', 'free', 'fixed', 'range', 'express')", name=op.f('ck_technology_price_kind_known')),
    sa.CheckConstraint("state IN ('draft', 'published', 'stale', 'hidden', 'withdrawn')", name=op.f('ck_technology_state_known')),
    sa.CheckConstraint('price_high IS NULL OR price_high > price_low', name=op.f('ck_technology_price_ordered')),
    sa.CheckConstraint('price_low IS NULL OR price_low >= 0', name=op.f('ck_technology_price_low_positive')),
    sa.CheckConstraint('trl IS NULL OR trl BETWEEN 1 AND 9', name=op.f('ck_technology_trl_scale')),
    sa.ForeignKeyConstraint(['contact_id'], ['person.id'], name=op.f('fk_technology_contact_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_technology_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_technology')),
    sa.UniqueConstraint('organisation_id', 'source', 'source_id', name=op.f('uq_technology_organisation_id_source_source_id'))
    )
    with op.batch_alter_table('technology', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_technology_contact_id'), ['contact_id'], unique=False)
        batch_op.create_index('ix_technology_facets', ['state', 'sector', 'trl', 'country', 'price_kind'], unique=False)
        batch_op.create_index('ix_technology_newest', ['state', 'published_at', 'id'], unique=False)
        batch_op.create_index('ix_technology_own', ['organisation_id', 'updated_at', 'id', 'state'], unique=False)
        batch_op.create_index('ix_technology_states', ['organisation_id', 'state'], unique=False)

    op.create_table('deal',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('technology_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('licensor_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('licensee_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('turn', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reminded_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('escalated_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('officer_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('asked_by_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('offer_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('accepted_by_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('nda_signed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lost_reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('lost_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('updated_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("lost_reason IN ('', 'no_fit', 'price', 'terms', 'not_available', 'already_licensed', 'resources', 'no_answer', 'other')", name=op.f('ck_deal_lost_reason_known')),
    sa.CheckConstraint("state IN ('enquiry_sent', 'qualified', 'nda_pending', 'evaluating', 'offer_from_licensor', 'offer_from_licensee', 'terms_agreed', 'approved', 'signing', 'awaiting_payment', 'active', 'amendment_pending', 'breach_notified', 'disputed', 'terminated', 'expired', 'lost')", name=op.f('ck_deal_state_known')),
    sa.CheckConstraint("turn IN ('', 'licensee', 'licensor')", name=op.f('ck_deal_turn_known')),
    sa.CheckConstraint('licensor_id <> licensee_id', name=op.f('ck_deal_two_parties')),
    sa.ForeignKeyConstraint(['accepted_by_id'], ['person.id'], name=op.f('fk_deal_accepted_by_id')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_deal_asked_by_id')),
    sa.ForeignKeyConstraint(['licensee_id'], ['organisation.id'], name=op.f('fk_deal_licensee_id')),
    sa.ForeignKeyConstraint(['licensor_id'], ['organisation.id'], name=op.f('fk_deal_licensor_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['person.id'], name=op.f('fk_deal_officer_id')),
    sa.ForeignKeyConstraint(['technology_id'], ['technology.id'], name=op.f('fk_deal_technology_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deal'))
    )
    with op.batch_alter_table('deal', schema=None) as batch_op:
        batch_op.create_index('ix_deal_licensee', ['licensee_id', 'state', 'updated_at'], unique=False)
        batch_op.create_index('ix_deal_licensor', ['licensor_id', 'state', 'updated_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_deal_technology_id'), ['technology_id'], unique=False)
        batch_op.create_index('uq_deal_open', ['technology_id', 'licensee_id'], unique=True, sqlite_where=sa.text("state IN ('enquiry_sent', 'qualified', 'nda_pending', 'evaluating', 'offer_from_licensor', 'offer_from_licensee', 'terms_agreed', 'approved', 'signing', 'awaiting_payment')"), postgresql_where=sa.text("state IN ('enquiry_sent', 'qualified', 'nda_pending', 'evaluating', 'offer_from_licensor', 'offer_from_licensee', 'terms_agreed', 'approved', 'signing', 'awaiting_payment')"))

    op.create_table('import_row',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('run_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('technology_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('noted', sa.Boolean(), nullable=False),
    sa.Column('problems', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('cells', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint("outcome IN ('waiting', 'created', 'updated', 'unchanged', 'duplicate', 'refused')", name=op.f('ck_import_row_outcome_known')),
    sa.ForeignKeyConstraint(['run_id'], ['import_run.id'], name=op.f('fk_import_row_run_id')),
    sa.ForeignKeyConstraint(['technology_id'], ['technology.id'], name=op.f('fk_import_row_technology_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_row')),
    sa.UniqueConstraint('run_id', 'position', name=op.f('uq_import_row_run_id_position'))
    )
    with op.batch_alter_table('import_row', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_row_technology_id'), ['technology_id'], unique=False)

    op.create_table('invoice',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('obligation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('licensor_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('licensee_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('paid_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('disputed', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('seller', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('buyer', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("state IN ('draft', 'issued', 'partially_paid', 'paid', 'void', 'written_off')", name=op.f('ck_invoice_state_known')),
    sa.CheckConstraint('total_minor > 0 AND tax_minor >= 0', name=op.f('ck_invoice_total_positive')),
    sa.ForeignKeyConstraint(['licensee_id'], ['organisation.id'], name=op.f('fk_invoice_licensee_id')),
    sa.ForeignKeyConstraint(['licensor_id'], ['organisation.id'], name=op.f('fk_invoice_licensor_id')),
    sa.ForeignKeyConstraint(['obligation_id'], ['obligation.id'], name=op.f('fk_invoice_obligation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice')),
    sa.UniqueConstraint('licensor_id', 'number', name=op.f('uq_invoice_licensor_id_number'))
    )
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invoice_deal_id'), ['deal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_invoice_licensee_id'), ['licensee_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_invoice_obligation_id'), ['obligation_id'], unique=False)
        batch_op.create_index('uq_invoice_obligation_living', ['obligation_id'], unique=True, sqlite_where=sa.text("state <> 'void'"), postgresql_where=sa.text("state <> 'void'"))

    op.create_table('ip_right',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('technology_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('office', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('family', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('filed_on', sa.Date(), nullable=True),
    sa.Column('priority_on', sa.Date(), nullable=True),
    sa.Column('granted_on', sa.Date(), nullable=True),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('ipc', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('checked_on', sa.Date(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("kind IN ('patent', 'application', 'know_how', 'software', 'design', 'plant_variety', 'material')", name=op.f('ck_ip_right_kind_known')),
    sa.CheckConstraint("status IN ('granted', 'pending', 'lapsed', 'unregistered', 'unknown')", name=op.f('ck_ip_right_status_known')),
    sa.ForeignKeyConstraint(['technology_id'], ['technology.id'], name=op.f('fk_ip_right_technology_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ip_right'))
    )
    with op.batch_alter_table('ip_right', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ip_right_number'), ['number'], unique=False)
        batch_op.create_index(batch_op.f('ix_ip_right_technology_id'), ['technology_id'], unique=False)

    op.create_table('offered_terms',
    sa.Column('technology_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('grant_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('field_of_use', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('territory', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('term_years', sa.Integer(), nullable=True),
    sa.Column('upfront', sa.BigInteger(), nullable=True),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('royalty_rate', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('valid_days', sa.Integer(), nullable=False),
    sa.Column('updated_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("grant_kind IN ('exclusive', 'sole', 'non_exclusive', 'option')", name=op.f('ck_offered_terms_grant_kind_known')),
    sa.CheckConstraint('royalty_rate IS NULL OR (royalty_rate >= 0 AND royalty_rate < 1)', name=op.f('ck_offered_terms_royalty_share')),
    sa.CheckConstraint('upfront IS NULL OR upfront >= 0', name=op.f('ck_offered_terms_upfront_positive')),
    sa.ForeignKeyConstraint(['technology_id'], ['technology.id'], name=op.f('fk_offered_terms_technology_id')),
    sa.PrimaryKeyConstraint('technology_id', name=op.f('pk_offered_terms'))
    )
    op.create_table('technology_file',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('technology_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('stored_file_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('alt', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("kind IN ('picture', 'file')", name=op.f('ck_technology_file_kind_known')),
    sa.ForeignKeyConstraint(['stored_file_id'], ['stored_file.id'], name=op.f('fk_technology_file_stored_file_id')),
    sa.ForeignKeyConstraint(['technology_id'], ['technology.id'], name=op.f('fk_technology_file_technology_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_technology_file'))
    )
    with op.batch_alter_table('technology_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_technology_file_stored_file_id'), ['stored_file_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_technology_file_technology_id'), ['technology_id'], unique=False)

    op.create_table('technology_inventor',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('technology_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('affiliation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['technology_id'], ['technology.id'], name=op.f('fk_technology_inventor_technology_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_technology_inventor'))
    )
    with op.batch_alter_table('technology_inventor', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_technology_inventor_technology_id'), ['technology_id'], unique=False)

    op.create_table('technology_source',
    sa.Column('technology_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('run_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seen_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('told', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['import_run.id'], name=op.f('fk_technology_source_run_id')),
    sa.ForeignKeyConstraint(['technology_id'], ['technology.id'], name=op.f('fk_technology_source_technology_id')),
    sa.PrimaryKeyConstraint('technology_id', name=op.f('pk_technology_source'))
    )
    with op.batch_alter_table('technology_source', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_technology_source_run_id'), ['run_id'], unique=False)

    op.create_table('deal_message',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('side', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('body', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("side IN ('licensee', 'licensor')", name=op.f('ck_deal_message_side_known')),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], name=op.f('fk_deal_message_deal_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_deal_message_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deal_message'))
    )
    with op.batch_alter_table('deal_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deal_message_deal_id'), ['deal_id'], unique=False)

    op.create_table('enquiry',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('territory', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('intended_use', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('field_of_use', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], name=op.f('fk_enquiry_deal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enquiry')),
    sa.UniqueConstraint('deal_id', name=op.f('uq_enquiry_deal_id'))
    )
    op.create_table('invoice_line',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('invoice_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_rate', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reverse_charge', sa.Boolean(), nullable=False),
    sa.Column('description', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("kind IN ('upfront', 'instalment', 'milestone', 'annual_minimum', 'royalty', 'patent_costs', 'option', 'sublicence', 'late_interest')", name=op.f('ck_invoice_line_kind_known')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_invoice_line_invoice_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_line')),
    sa.UniqueConstraint('invoice_id', 'position', name=op.f('uq_invoice_line_invoice_id_position'))
    )
    op.create_table('journal_line',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('entry_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('account', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('debit', sa.BigInteger(), nullable=False),
    sa.Column('credit', sa.BigInteger(), nullable=False),
    sa.Column('invoice_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.CheckConstraint('debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0)', name=op.f('ck_journal_line_one_side')),
    sa.ForeignKeyConstraint(['entry_id'], ['journal_entry.id'], name=op.f('fk_journal_line_entry_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_journal_line_invoice_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_line')),
    sa.UniqueConstraint('entry_id', 'position', name=op.f('uq_journal_line_entry_id_position'))
    )
    with op.batch_alter_table('journal_line', schema=None) as batch_op:
        batch_op.create_index('ix_journal_line_account', ['account'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_line_entry_id'), ['entry_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_line_invoice_id'), ['invoice_id'], unique=False)

    op.create_table('offer',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('side', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ends_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('terms', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("side IN ('licensee', 'licensor')", name=op.f('ck_offer_side_known')),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], name=op.f('fk_offer_deal_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_offer_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer')),
    sa.UniqueConstraint('deal_id', 'number', name=op.f('uq_offer_deal_id_number'))
    )
    with op.batch_alter_table('offer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_offer_digest'), ['digest'], unique=False)

    op.create_table('payment_attempt',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('invoice_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('rail', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mode', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('idempotency_key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('session_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('intent_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('tried_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('looked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('trouble', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('params', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('url', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("mode IN ('sandbox', 'test', 'live')", name=op.f('ck_payment_attempt_mode_known')),
    sa.CheckConstraint("rail IN ('stripe', 'wire')", name=op.f('ck_payment_attempt_rail_known')),
    sa.CheckConstraint("state IN ('creating', 'open', 'processing', 'succeeded', 'failed', 'expired', 'canceled')", name=op.f('ck_payment_attempt_state_known')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payment_attempt_amount_positive')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_payment_attempt_invoice_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_payment_attempt_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_attempt')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_payment_attempt_idempotency_key')),
    sa.UniqueConstraint('session_id', name=op.f('uq_payment_attempt_session_id'))
    )
    with op.batch_alter_table('payment_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_attempt_intent_id'), ['intent_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_payment_attempt_invoice_id'), ['invoice_id'], unique=False)
        batch_op.create_index('ix_payment_attempt_state', ['state', 'created_at'], unique=False)
        batch_op.create_index('uq_payment_attempt_living', ['invoice_id'], unique=True, sqlite_where=sa.text("state IN ('creating', 'open', 'processing')"), postgresql_where=sa.text("state IN ('creating', 'open', 'processing')"))

    op.create_table('agreement_document',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('offer_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('offer_digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('dated', sa.Date(), nullable=False),
    sa.Column('signing_order', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('refused_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('file_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('typeset_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('data', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint("(file_id IS NULL) = (sha256 = '')", name=op.f('ck_agreement_document_typeset_whole')),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], name=op.f('fk_agreement_document_deal_id')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_agreement_document_file_id')),
    sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_agreement_document_offer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_document')),
    sa.UniqueConstraint('deal_id', 'number', name=op.f('uq_agreement_document_deal_id_number'))
    )
    with op.batch_alter_table('agreement_document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agreement_document_file_id'), ['file_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_agreement_document_offer_id'), ['offer_id'], unique=False)

    op.create_table('approval',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('offer_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('side', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("side IN ('licensee', 'licensor')", name=op.f('ck_approval_side_known')),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], name=op.f('fk_approval_deal_id')),
    sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_approval_offer_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_approval_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval')),
    sa.UniqueConstraint('deal_id', 'offer_id', 'round', 'side', name=op.f('uq_approval_deal_id_offer_id_round_side'))
    )
    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_approval_offer_id'), ['offer_id'], unique=False)

    op.create_table('payment',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mode', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('rail', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('external_ref', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('charge_ref', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('attempt_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('licensor_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('suspense', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('received_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("mode IN ('sandbox', 'test', 'live')", name=op.f('ck_payment_mode_known')),
    sa.CheckConstraint("rail IN ('stripe', 'wire')", name=op.f('ck_payment_rail_known')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payment_amount_positive')),
    sa.ForeignKeyConstraint(['attempt_id'], ['payment_attempt.id'], name=op.f('fk_payment_attempt_id')),
    sa.ForeignKeyConstraint(['licensor_id'], ['organisation.id'], name=op.f('fk_payment_licensor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment')),
    sa.UniqueConstraint('mode', 'rail', 'account', 'external_ref', name=op.f('uq_payment_mode_rail_account_external_ref'))
    )
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_attempt_id'), ['attempt_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_payment_licensor_id'), ['licensor_id'], unique=False)

    op.create_table('allocation',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payment_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('invoice_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('amount_minor <> 0', name=op.f('ck_allocation_amount_moves')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_allocation_invoice_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_allocation_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_allocation')),
    sa.UniqueConstraint('payment_id', 'invoice_id', 'seq', name=op.f('uq_allocation_payment_id_invoice_id_seq'))
    )
    with op.batch_alter_table('allocation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_allocation_invoice_id'), ['invoice_id'], unique=False)

    op.create_table('balance_txn',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mode', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('txn_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payment_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('available_on', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_balance_txn_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_balance_txn')),
    sa.UniqueConstraint('mode', 'account', 'txn_id', name=op.f('uq_balance_txn_mode_account_txn_id'))
    )
    with op.batch_alter_table('balance_txn', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_balance_txn_payment_id'), ['payment_id'], unique=False)

    op.create_table('licence',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('document_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('technology_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('licensor_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('licensee_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('begins_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('signed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('activated_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('terms', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint("status IN ('awaiting_payment', 'active', 'terminated', 'expired')", name=op.f('ck_licence_status_known')),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], name=op.f('fk_licence_deal_id')),
    sa.ForeignKeyConstraint(['document_id'], ['agreement_document.id'], name=op.f('fk_licence_document_id')),
    sa.ForeignKeyConstraint(['licensee_id'], ['organisation.id'], name=op.f('fk_licence_licensee_id')),
    sa.ForeignKeyConstraint(['licensor_id'], ['organisation.id'], name=op.f('fk_licence_licensor_id')),
    sa.ForeignKeyConstraint(['technology_id'], ['technology.id'], name=op.f('fk_licence_technology_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_licence')),
    sa.UniqueConstraint('deal_id', name=op.f('uq_licence_deal_id')),
    sa.UniqueConstraint('number', name=op.f('uq_licence_number'))
    )
    with op.batch_alter_table('licence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_licence_document_id'), ['document_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_licence_licensee_id'), ['licensee_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_licence_licensor_id'), ['licensor_id'], unique=False)
        batch_op.create_index('ix_licence_live', ['technology_id', 'status'], unique=False)

    op.create_table('signature',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('document_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('deal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('side', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('typed_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('consent', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('session_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("side IN ('licensee', 'licensor')", name=op.f('ck_signature_side_known')),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], name=op.f('fk_signature_deal_id')),
    sa.ForeignKeyConstraint(['document_id'], ['agreement_document.id'], name=op.f('fk_signature_document_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_signature_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_signature_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature')),
    sa.UniqueConstraint('document_id', 'side', name=op.f('uq_signature_document_id_side'))
    )
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_signature_deal_id'), ['deal_id'], unique=False)

    # ### end Alembic commands ###
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_signature_deal_id'))

    op.drop_table('signature')
    with op.batch_alter_table('licence', schema=None) as batch_op:
        batch_op.drop_index('ix_licence_live')
        batch_op.drop_index(batch_op.f('ix_licence_licensor_id'))
        batch_op.drop_index(batch_op.f('ix_licence_licensee_id'))
        batch_op.drop_index(batch_op.f('ix_licence_document_id'))

    op.drop_table('licence')
    with op.batch_alter_table('balance_txn', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_balance_txn_payment_id'))

    op.drop_table('balance_txn')
    with op.batch_alter_table('allocation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_allocation_invoice_id'))

    op.drop_table('allocation')
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_payment_licensor_id'))
        batch_op.drop_index(batch_op.f('ix_payment_attempt_id'))

    op.drop_table('payment')
    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_approval_offer_id'))

    op.drop_table('approval')
    with op.batch_alter_table('agreement_document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_agreement_document_offer_id'))
        batch_op.drop_index(batch_op.f('ix_agreement_document_file_id'))

    op.drop_table('agreement_document')
    with op.batch_alter_table('payment_attempt', schema=None) as batch_op:
        batch_op.drop_index('uq_payment_attempt_living', sqlite_where=sa.text("state IN ('creating', 'open', 'processing')"), postgresql_where=sa.text("state IN ('creating', 'open', 'processing')"))
        batch_op.drop_index('ix_payment_attempt_state')
        batch_op.drop_index(batch_op.f('ix_payment_attempt_invoice_id'))
        batch_op.drop_index(batch_op.f('ix_payment_attempt_intent_id'))

    op.drop_table('payment_attempt')
    with op.batch_alter_table('offer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_offer_digest'))

    op.drop_table('offer')
    with op.batch_alter_table('journal_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_journal_line_invoice_id'))
        batch_op.drop_index(batch_op.f('ix_journal_line_entry_id'))
        batch_op.drop_index('ix_journal_line_account')

    op.drop_table('journal_line')
    op.drop_table('invoice_line')
    op.drop_table('enquiry')
    with op.batch_alter_table('deal_message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deal_message_deal_id'))

    op.drop_table('deal_message')
    with op.batch_alter_table('technology_source', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_technology_source_run_id'))

    op.drop_table('technology_source')
    with op.batch_alter_table('technology_inventor', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_technology_inventor_technology_id'))

    op.drop_table('technology_inventor')
    with op.batch_alter_table('technology_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_technology_file_technology_id'))
        batch_op.drop_index(batch_op.f('ix_technology_file_stored_file_id'))

    op.drop_table('technology_file')
    op.drop_table('offered_terms')
    with op.batch_alter_table('ip_right', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ip_right_technology_id'))
        batch_op.drop_index(batch_op.f('ix_ip_right_number'))

    op.drop_table('ip_right')
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.drop_index('uq_invoice_obligation_living', sqlite_where=sa.text("state <> 'void'"), postgresql_where=sa.text("state <> 'void'"))
        batch_op.drop_index(batch_op.f('ix_invoice_obligation_id'))
        batch_op.drop_index(batch_op.f('ix_invoice_licensee_id'))
        batch_op.drop_index(batch_op.f('ix_invoice_deal_id'))

    op.drop_table('invoice')
    with op.batch_alter_table('import_row', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_import_row_technology_id'))

    op.drop_table('import_row')
    with op.batch_alter_table('deal', schema=None) as batch_op:
        batch_op.drop_index('uq_deal_open', sqlite_where=sa.text("state IN ('enquiry_sent', 'qualified', 'nda_pending', 'evaluating', 'offer_from_licensor', 'offer_from_licensee', 'terms_agreed', 'approved', 'signing', 'awaiting_payment')"), postgresql_where=sa.text("state IN ('enquiry_sent', 'qualified', 'nda_pending', 'evaluating', 'offer_from_licensor', 'offer_from_licensee', 'terms_agreed', 'approved', 'signing', 'awaiting_payment')"))
        batch_op.drop_index(batch_op.f('ix_deal_technology_id'))
        batch_op.drop_index('ix_deal_licensor')
        batch_op.drop_index('ix_deal_licensee')

    op.drop_table('deal')
    with op.batch_alter_table('technology', schema=None) as batch_op:
        batch_op.drop_index('ix_technology_states')
        batch_op.drop_index('ix_technology_own')
        batch_op.drop_index('ix_technology_newest')
        batch_op.drop_index('ix_technology_facets')
        batch_op.drop_index(batch_op.f('ix_technology_contact_id'))

    op.drop_table('technology')
    with op.batch_alter_table('sign_in_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_session_person_id'))
        batch_op.drop_index(batch_op.f('ix_sign_in_session_expires_at'))

    op.drop_table('sign_in_session')
    with op.batch_alter_table('obligation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_obligation_licensor_id'))
        batch_op.drop_index(batch_op.f('ix_obligation_licensee_id'))

    op.drop_table('obligation')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_membership_organisation_id'))

    op.drop_table('membership')
    op.drop_table('invoice_series')
    with op.batch_alter_table('import_run', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_import_run_organisation_id'))

    op.drop_table('import_run')
    op.drop_table('import_mapping')
    with op.batch_alter_table('email_token', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_email_token_person_id'))
        batch_op.drop_index(batch_op.f('ix_email_token_email'))

    op.drop_table('email_token')
    op.drop_table('worker_beat')
    with op.batch_alter_table('webhook_event', schema=None) as batch_op:
        batch_op.drop_index('ix_webhook_event_state')

    op.drop_table('webhook_event')
    with op.batch_alter_table('throttle', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_throttle_since'))

    op.drop_table('throttle')
    with op.batch_alter_table('stored_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stored_file_sha256'))
        batch_op.drop_index(batch_op.f('ix_stored_file_organisation_id'))

    op.drop_table('stored_file')
    op.drop_table('search_turn')
    with op.batch_alter_table('search_outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_search_outbox_waiting')
        batch_op.drop_index(batch_op.f('ix_search_outbox_technology_id'))

    op.drop_table('search_outbox')
    op.drop_table('person')
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisation_kind'))

    op.drop_table('organisation')
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mail_recipient'))

    op.drop_table('mail')
    with op.batch_alter_table('journal_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_journal_entry_book_at')

    op.drop_table('journal_entry')
    op.drop_table('job_schedule')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('uq_job_key_queued', sqlite_where=sa.text("state = 'queued' AND key IS NOT NULL"), postgresql_where=sa.text("state = 'queued' AND key IS NOT NULL"))
        batch_op.drop_index('ix_job_due')

    op.drop_table('job')
    op.drop_table('installation')
    op.drop_table('change_counter')
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_event_tag'))
        batch_op.drop_index(batch_op.f('ix_audit_event_person_id'))
        batch_op.drop_index(batch_op.f('ix_audit_event_at'))

    op.drop_table('audit_event')
    # ### end Alembic commands ###
