"""A setting that is wrong stops the start with one sentence that names it."""

import pytest
from typer.testing import CliRunner

from market.cli import app
from market.config import Settings

WRONG = [
    ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must begin with postgresql:// or sqlite:///."),
    ({"DATABASE_URL": "postgresql://x/y"}, "SECRET_KEY is missing"),
    (
        {"DATABASE_URL": "postgresql://ponte@127.0.0.1:9/x", "SECRET_KEY": "k" * 32},
        "the database of DATABASE_URL cannot be",
    ),
    ({"DATABASE_URL": "sqlite:////nowhere/at/all.sqlite"}, "the database of DATABASE_URL cannot be"),
    ({"DATA_DIR": "/proc/nothing"}, "DATA_DIR (/proc/nothing) cannot be used"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY must have at least 32 characters."),
    ({"PORT": "eighty"}, "PORT must be a whole number."),
    ({"PORT": "0"}, "PORT must be 1 or more."),
    ({"PORT": "65536"}, "PORT must be 65535 or less."),
    ({"BASE_URL": "ponte.example"}, "BASE_URL must be an address such as https://ponte.example."),
    ({"BASE_URL": "ftp://ponte.example"}, "BASE_URL must be an address"),
    ({"BASE_URL": "http://[::1"}, "BASE_URL must be an address"),
    ({"MEILI_URL": "search:7700"}, "MEILI_URL must be an address"),
    ({"MEILI_URL": "http://search:port"}, "MEILI_URL must be an address"),
    ({"STORAGE_URL": "file:///files"}, "STORAGE_URL must be an address such as s3://bucket/prefix."),
    ({"STORAGE_URL": "s3:///prefix"}, "STORAGE_URL must be an address"),
    ({"SMTP_URL": "mail.example"}, "SMTP_URL must be an address such as smtp://user:password@mail.example:587."),
    ({"SMTP_URL": "smtp://mail.example:mail"}, "SMTP_URL must be an address"),
    ({"MAIL_FROM": "Ponte"}, "MAIL_FROM must be an e-mail address"),
    ({"MAIL_FROM": "a@b.example\nBcc: c@d.example"}, "MAIL_FROM must be an e-mail address"),
    ({"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_WEBHOOK_SECRET is missing"),
    ({"STRIPE_SECRET_KEY": "sk_test_sandbox_ponte"}, "STRIPE_SECRET_KEY is the sandbox's own key"),
    (
        {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "w", "SAMPLE_WORLD": "1"},
        "SAMPLE_WORLD and a live STRIPE_SECRET_KEY do not go together",
    ),
    ({"SEAL_CERTIFICATE": "/nowhere/seal.p12"}, "SEAL_CERTIFICATE names /nowhere/seal.p12, and there is no such file"),
    ({"SEAL_CERTIFICATE": __file__, "SEAL_PASSWORD": "w"}, "SEAL_CERTIFICATE cannot be read as a PKCS #12 file"),
    ({"SAMPLE_WORLD": "perhaps"}, "SAMPLE_WORLD must be true or false."),
    ({"COUNT_QUERIES": "2"}, "COUNT_QUERIES must be true or false."),
]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `market ...` with nothing but these settings."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)

    def run(*arguments: str, **settings: str):
        for name, value in ({"DATA_DIR": str(tmp_path / "data")} | settings).items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(app, list(arguments))

    return run


@pytest.mark.parametrize(("settings", "sentence"), WRONG)
def test_a_wrong_setting_stops_the_start_with_a_sentence(run, settings, sentence):
    """Who starts is told what to mend, in one line, without a trace."""
    result = run("migrate", **settings)
    assert 2 == result.exit_code
    assert f"Ponte does not start: {sentence}" in result.stderr
    assert 1 == len(result.stderr.strip().splitlines())
    assert "Traceback" not in result.output


def test_every_setting_that_can_be_wrong_has_its_case():
    """A new setting needs its line in the table; these take any text."""
    free = {"HOST", "MEILI_KEY", "EPO_OPS_KEY", "EPO_OPS_SECRET"}
    tried = {name for settings, _sentence in WRONG for name in settings}
    assert {str(field.alias) for field in Settings.model_fields.values()} == tried | free


def test_an_older_database_is_not_served(run):
    """Without its tables no command starts; the sentence says what to do."""
    for command in ("serve", "worker", "seed", "reindex", "check-ledger", "check-audit"):
        result = run(command)
        assert (2, "The tables are not those of this code. Run `market migrate` first.") == (
            result.exit_code, result.stderr.strip(),
        )  # fmt: skip
