"""Settings: the only reader of the environment. Frozen, checked at the start; one that is wrong stops it with a sentence.

The README's table of settings is compared with these fields by a test.
"""

import secrets
from email.errors import HeaderParseError
from email.headerregistry import Address
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SANDBOX_KEY = "sk_test_sandbox_ponte"
SANDBOX_WEBHOOK_SECRET = "whsec_sandbox_ponte"  # noqa: S105 - opens nothing but the sandbox beside it
STRIPE_API = "https://api.stripe.com"


# What Pydantic says of a value that is not even of the right kind, in words for the one who starts.
SENTENCES = {
    "int_parsing": "must be a whole number",
    "bool_parsing": "must be true or false",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
}


def _names_a_host(value: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class WrongSettings(Exception):
    """Settings that we refuse to start with; the message is for the one who starts."""


class Settings(BaseSettings):
    """What may be set by the environment. Empty values count as not set."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, extra="ignore", populate_by_name=True)

    data_dir: Path = Field(
        Path("var"),
        alias="DATA_DIR",
        description="Folder for the database, files, mails and search index of the embedded defaults",
    )
    database_url: str = Field(
        "", alias="DATABASE_URL", description="`postgresql://...` for PostgreSQL; empty for SQLite in DATA_DIR"
    )
    secret_key: str = Field(
        "",
        alias="SECRET_KEY",
        description="At least 32 characters that seal form tokens; made once in DATA_DIR when empty",
    )
    base_url: str = Field(
        "", alias="BASE_URL", description="The address people reach the site at; empty for http://HOST:PORT"
    )
    host: str = Field("127.0.0.1", alias="HOST", description="Address to listen on")
    port: int = Field(8000, alias="PORT", ge=1, le=65535, description="Port to listen on")
    meili_url: str = Field(
        "", alias="MEILI_URL", description="Address of a Meilisearch server; empty for the embedded engine"
    )
    meili_key: str = Field("", alias="MEILI_KEY", description="Key of the Meilisearch server")
    stripe_secret_key: str = Field(
        "",
        alias="STRIPE_SECRET_KEY",
        description="Stripe's secret key; empty for the payment sandbox, where no money moves",
    )
    stripe_webhook_secret: str = Field(
        "",
        alias="STRIPE_WEBHOOK_SECRET",
        description="Secret that signs Stripe's webhooks; two, parted by a comma, while it is changed",
    )
    storage_url: str = Field(
        "",
        alias="STORAGE_URL",
        description="`s3://bucket/prefix?endpoint=...&region=...` for an S3 store; empty for a folder",
    )
    smtp_url: str = Field(
        "",
        alias="SMTP_URL",
        description="`smtp://user:password@host:587` (STARTTLS) or `smtps://...`; empty for .eml files in a folder",
    )
    mail_from: str = Field("ponte@localhost.example", alias="MAIL_FROM", description="Address that mails come from")
    epo_ops_key: str = Field(
        "",
        alias="EPO_OPS_KEY",
        description="Key of the EPO's Open Patent Services, which tell where patents hold; empty to write it down by hand",
    )
    epo_ops_secret: str = Field("", alias="EPO_OPS_SECRET", description="Secret that belongs to EPO_OPS_KEY")
    seal_certificate: Path | None = Field(
        None,
        alias="SEAL_CERTIFICATE",
        description="PKCS #12 file with the key and certificate that seal signed documents; made in DATA_DIR when empty",
    )
    seal_password: str = Field("", alias="SEAL_PASSWORD", description="Password of SEAL_CERTIFICATE")
    sample_world: bool = Field(
        False,
        alias="SAMPLE_WORLD",
        description="`1` labels every page as fictional and lets visitors play the sample people",
    )
    count_queries: bool = Field(
        False,
        alias="COUNT_QUERIES",
        description="`1` tells the number of statements of each answer in X-Query-Count; for benchmarks",
    )

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value.startswith(("postgres://", "postgresql://")):
            return "postgresql+psycopg://" + value.partition("://")[2]
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return value

    @field_validator("secret_key")
    @classmethod
    def _secret(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("must have at least 32 characters")
        return value

    @field_validator("base_url", "meili_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not _names_a_host(value, "http", "https"):
            raise ValueError("must be an address such as https://ponte.example")
        return value.rstrip("/")

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: str) -> str:
        if value and not _names_a_host(value, "smtp", "smtps"):
            raise ValueError("must be an address such as smtp://user:password@mail.example:587")
        return value

    @field_validator("storage_url")
    @classmethod
    def _storage(cls, value: str) -> str:
        if value and not _names_a_host(value, "s3"):
            raise ValueError("must be an address such as s3://bucket/prefix")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        try:
            Address(addr_spec=value)
        except (ValueError, IndexError, HeaderParseError):
            raise ValueError("must be an e-mail address such as ponte@ponte.example") from None
        return value

    @model_validator(mode="after")
    def _shared_secret(self) -> Self:
        if self.database_url.startswith("postgresql") and not self.secret_key:
            raise ValueError("SECRET_KEY is missing: processes that share a PostgreSQL database need the same one")
        return self

    @model_validator(mode="after")
    def _payments(self) -> Self:
        if self.stripe_secret_key == SANDBOX_KEY:
            raise ValueError("STRIPE_SECRET_KEY is the sandbox's own key: leave it empty to use the sandbox")
        if self.stripe_secret_key and not self.stripe_webhook_secret:
            raise ValueError("STRIPE_WEBHOOK_SECRET is missing: without it no payment could ever be confirmed")
        if self.stripe_secret_key.startswith(("sk_live_", "rk_live_")) and self.sample_world:
            raise ValueError("SAMPLE_WORLD and a live STRIPE_SECRET_KEY do not go together")
        return self

    @model_validator(mode="after")
    def _patent_office(self) -> Self:
        if bool(self.epo_ops_key) != bool(self.epo_ops_secret):
            raise ValueError("EPO_OPS_KEY and EPO_OPS_SECRET belong together: set both or neither")
        return self

    @model_validator(mode="after")
    def _seal(self) -> Self:
        if self.seal_certificate is not None and not self.seal_certificate.is_file():
            raise ValueError(f"SEAL_CERTIFICATE names {self.seal_certificate}, and there is no such file")
        if self.seal_certificate is not None:
            from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415 - only where one is set

            try:
                pkcs12.load_key_and_certificates(self.seal_certificate.read_bytes(), self.seal_password.encode())
            except ValueError:
                raise ValueError("SEAL_CERTIFICATE cannot be read as a PKCS #12 file with SEAL_PASSWORD") from None
        return self

    # --- what follows from them

    @property
    def sandbox(self) -> bool:
        """Whether payments go to the local sandbox, where no money moves."""
        return not self.stripe_secret_key

    @property
    def site(self) -> str:
        """The address people reach us at, without a slash at the end."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104 - only compared
        return self.base_url or f"http://{host}:{self.port}"

    @property
    def local_site(self) -> str:
        """Where a process on this machine reaches the web process, past any proxy."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104 - only compared
        return f"http://{host}:{self.port}"

    @property
    def database(self) -> str:
        """SQLAlchemy's address of the database."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'ponte.sqlite').absolute()}"

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The current webhook secret, then the previous one while it is being changed."""
        given = tuple(part.strip() for part in self.stripe_webhook_secret.split(",") if part.strip())
        return given or ((SANDBOX_WEBHOOK_SECRET,) if self.sandbox else ())

    @cached_property
    def secret(self) -> str:
        """SECRET_KEY, or one made on the first start and kept in DATA_DIR, readable by its owner only."""
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret_key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48))
        return path.read_text().strip()

    @property
    def seal_path(self) -> Path:
        """Where the key and certificate lie that seal documents."""
        return self.seal_certificate or self.data_dir / "seal.p12"

    @property
    def seal_secret(self) -> str:
        """The password of that file; one made by ourselves is locked with our own secret."""
        return self.seal_password if self.seal_certificate else self.secret

    def folder(self, name: str) -> Path:
        """A folder inside DATA_DIR, made when missing."""
        path = self.data_dir / name
        path.mkdir(parents=True, exist_ok=True)
        return path


def load(**given: Any) -> Settings:
    """Read the settings; WrongSettings with one clear sentence for each that is wrong."""
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = []
        for detail in error.errors():
            name = str(detail["loc"][0]).upper() if detail["loc"] else ""
            known = SENTENCES.get(detail["type"], str(detail["msg"]).removeprefix("Value error, "))
            reason = known.format_map(detail.get("ctx") or {}) if detail["type"] in SENTENCES else known
            lines.append(f"{name} {reason}." if name else f"{reason}.")
        raise WrongSettings("\n".join(lines)) from None
