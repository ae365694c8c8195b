"""Mail on its way out: to a folder, and to an SMTP server that may say no, be slow, or hang up."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from market.integrations import mailers
from market.integrations.mailers import FolderMailer, SmtpMailer
from market.kit import clock, jobs, mail
from market.kit.jobs import LEASE, Job
from market.kit.mail import Mail, Mailer, Sender
from tests.live import free_port

SENDER = Sender("Ponte", "ponte@ponte.example")


class Post:
    """An SMTP server's mind: keeps what comes, answers as it is told."""

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.answers: list[str] = []
        self.hang_up = False
        self.delay = 0.0

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        import asyncio

        await asyncio.sleep(self.delay)
        if self.hang_up:
            server.transport.close()
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.kept.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return answer


@contextmanager
def serving(post: Post, **how: Any) -> Iterator[int]:
    """The server on a free port."""
    controller = Controller(post, hostname="127.0.0.1", port=free_port(), ready_timeout=30, **how)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop(no_assert=True)


@pytest.fixture
def post() -> Post:
    """An SMTP server's mind."""
    return Post()


@pytest.fixture
def smtp(post: Post) -> Iterator[SmtpMailer]:
    """A mailer before it."""
    with serving(post) as port:
        yield SmtpMailer(f"smtp://127.0.0.1:{port}")


class OneTemplate:
    """A mail's two halves, with whatever name stands in it."""

    def render_mail(self, template: str, context: dict[str, Any]) -> str:
        if template.endswith(".txt"):
            return f"Subject: News for {context['name']}\n\nGood day, {context['name']}.\n"
        return f"<title>{context['subject']}</title><p>Good day."


def _queue(wired: Any, key: str = "news:1", name: str = "Ana") -> None:
    with wired.db.write() as db:
        mail.queue(
            db, to="ana@lindenfels.example", template="x/mail/news", locale="en", context={"name": name}, key=key
        )


def _worker(wired: Any, mailer: Mailer, name: str = "worker") -> jobs.Worker:
    registry = jobs.Registry()
    registry.handle("mail.send", mail.send_job(OneTemplate(), SENDER))
    wired.gateways.put(Mailer, mailer)
    return jobs.Worker(jobs.JobRun(wired.db, wired.gateways, "http://testserver"), registry, name)


def _sent(wired: Any) -> list[Any]:
    with wired.db.read() as db:
        return list(db.execute(select(Mail.sent_at).order_by(Mail.id)).scalars())


def _message(subject: str = "News") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "ponte@ponte.example", "ana@lindenfels.example"
    message["Message-ID"] = "<01abc@ponte.example>"
    message.set_content("Good day.\n")
    return message


def test_a_mail_arrives_as_text_and_as_html(wired, smtp, post, now):
    """Subject, both halves, the sender, and that a machine wrote it."""
    _queue(wired)
    _worker(wired, smtp).drain()
    (came,) = post.kept
    assert ("News for Ana", "Ponte <ponte@ponte.example>", "ana@lindenfels.example", "auto-generated") == (
        came["Subject"], came["From"], came["To"], came["Auto-Submitted"],
    )  # fmt: skip
    assert ["text/plain", "text/html"] == [part.get_content_type() for part in came.iter_parts()]
    assert "Good day, Ana." in came.get_body(("plain",)).get_content()
    assert "<title>News for Ana</title>" in came.get_body(("html",)).get_content()
    assert [now] == _sent(wired)


@pytest.mark.parametrize("name", ["Ana\r\nBcc: eve@evil.example", "Ana\n\n<b>", "Ana\x1b\x07", "Ána 東京", "x" * 999])
def test_no_name_adds_a_header(wired, smtp, post, now, name):
    """Line breaks in a name never become headers of a mail, nor more receivers."""
    _queue(wired, name=name)
    _worker(wired, smtp).drain()
    (came,) = post.kept
    assert came["Bcc"] is None
    assert "\n" not in came["Subject"]
    assert 0 < len(came["Subject"]) <= 200
    assert 1 == len(came.get_all("Subject"))


@pytest.mark.parametrize("answer", ["451 try again later", "550 no such mailbox", "452 full"])
def test_a_refusal_is_tried_again_later(wired, smtp, post, now, answer):
    """Nothing is called sent that the server did not take; the next try sends it once."""
    post.answers = [answer]
    _queue(wired)
    worker = _worker(wired, smtp)
    worker.drain()
    assert [None] == _sent(wired)
    with wired.db.read() as db:
        assert answer.split(" ", 1)[1] in db.execute(select(Job.error)).scalar_one()
    with clock.frozen(now + timedelta(minutes=1)):
        worker.drain()
    assert (1, True) == (len(post.kept), _sent(wired)[0] is not None)


def test_a_server_that_hangs_up_has_taken_nothing(wired, smtp, post, now):
    """The connection closed in the middle: not sent, tried again."""
    post.hang_up = True
    _queue(wired)
    _worker(wired, smtp).drain()
    assert [None] == _sent(wired)


def test_a_slow_server_does_not_hold_the_worker_for_ever(smtp, post, monkeypatch):
    """After the time-out the worker goes on to other work."""
    monkeypatch.setattr(mailers, "TIMEOUT", 0.3)
    post.delay = 3
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        smtp.send(_message())


def test_a_server_that_is_not_there_is_tried_again(wired, now):
    """A refused connection is no reason to lose a mail."""
    _queue(wired)
    _worker(wired, SmtpMailer("smtp://127.0.0.1:9")).drain()
    assert [None] == _sent(wired)
    with wired.db.read() as db:
        assert {"queued": 1} == jobs.counts(db)


def test_one_piece_of_news_is_one_mail(wired, smtp, post, now):
    """Told twice, sent once: even after it was sent."""
    for _time in range(2):
        _queue(wired)
        _worker(wired, smtp).drain()
        _queue(wired)
    assert 1 == len(post.kept)


class Died(BaseException):
    """The process ends here."""


class Dying:
    """A mailer whose process is killed right after the server has taken the mail."""

    def __init__(self, mailer: Mailer) -> None:
        self.mailer = mailer

    def send(self, message: EmailMessage) -> None:
        self.mailer.send(message)
        raise Died


@pytest.mark.parametrize("kind", ["smtp", "folder"])
def test_a_worker_killed_between_sending_and_noting_it_sends_the_same_mail(wired, smtp, post, *, now, tmp_path, kind):
    """At least once: SMTP may carry it twice, under one Message-ID; the folder holds it once. It is never lost."""
    mailer = smtp if kind == "smtp" else FolderMailer(tmp_path / "outbox")
    _queue(wired)
    with pytest.raises(Died):
        _worker(wired, Dying(mailer), "first").drain()
    with clock.frozen(now + LEASE + timedelta(seconds=1)):
        _worker(wired, mailer, "second").drain()
    if kind == "smtp":
        assert 2 == len(post.kept)
        assert 1 == len({came["Message-ID"] for came in post.kept})
    else:
        assert 1 == len(list((tmp_path / "outbox").glob("*.eml")))
    assert _sent(wired)[0] is not None


def test_a_secret_link_is_not_kept_after_it_was_sent(wired, smtp, now):
    """What opens an account is forgotten as soon as it is on its way."""
    with wired.db.write() as db:
        context = {"name": "Ana", "token": "secret"}
        mail.queue(db, to="a@b.example", template="x/mail/news", locale="en", context=context, key="k")
    _worker(wired, smtp).drain()
    with wired.db.read() as db:
        assert {"name": "Ana"} == db.execute(select(Mail.context)).scalar_one()


def test_the_folder_can_be_read_newest_first(tmp_path):
    """Names sort by time; a name that is no plain one opens nothing."""
    folder = FolderMailer(tmp_path / "outbox")
    for number in (1, 2):
        message = _message(f"News {number}")
        message.replace_header("Message-ID", f"<0{number}abc@ponte.example>")
        folder.send(message)
    assert ["News 2", "News 1"] == [message["Subject"] for _name, message in folder.newest(5)]
    assert "News 1" == folder.message("01abc")["Subject"]
    assert [None] * 4 == [folder.message(name) for name in ("../01abc", "nothing", "", "01abc.eml")]
    assert [] == list((tmp_path / "outbox").glob("*.part"))


@pytest.fixture
def trusted(tmp_path, monkeypatch) -> ssl.SSLContext:
    """A server's certificate for localhost that the mailer trusts; gives the server's context."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    made: Callable[..., ssl.SSLContext] = ssl.create_default_context
    monkeypatch.setattr(mailers.ssl, "create_default_context", lambda: made(cafile=str(pem)))
    return context


def test_the_line_is_encrypted_where_the_server_can(trusted, post):
    """STARTTLS before anything is said."""
    with serving(post, tls_context=trusted, require_starttls=True) as port:
        SmtpMailer(f"smtp://localhost:{port}").send(_message())
    assert 1 == len(post.kept)


def test_a_certificate_of_somebody_else_is_not_trusted(trusted, post, monkeypatch):
    """No mail to a server that only says that it is ours."""
    monkeypatch.undo()
    with serving(post, tls_context=trusted) as port, pytest.raises(ssl.SSLError):
        SmtpMailer(f"smtp://localhost:{port}").send(_message())
    assert [] == post.kept


def test_no_password_in_the_clear(smtp, post, monkeypatch):
    """A server elsewhere that offers no encryption is not given our password."""
    monkeypatch.setattr(mailers, "LOOPBACK", ())
    smtp.user, smtp.password = "ponte", "secret"
    with pytest.raises(smtplib.SMTPNotSupportedError, match="STARTTLS"):
        smtp.send(_message())
    assert [] == post.kept


def test_names_and_ports_come_from_the_address():
    """Signs in an address are written with %, and each kind has its own port."""
    mailer = SmtpMailer("smtps://po%40nte:p%3Aw@mail.example")
    assert ("mail.example", 465, "po@nte", "p:w", True) == (
        mailer.host, mailer.port, mailer.user, mailer.password, mailer.secure,
    )  # fmt: skip
    assert 587 == SmtpMailer("smtp://mail.example").port
