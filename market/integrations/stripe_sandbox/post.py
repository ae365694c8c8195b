"""The sandbox's post: signs events, delivers them over HTTP, tries again, and does what was put off for later."""

import hashlib
import hmac
import json
import logging
import random
import sqlite3
import threading
import urllib.error
import urllib.request

from market.integrations.stripe_sandbox import happenings
from market.integrations.stripe_sandbox.behaviour import Behaviour
from market.integrations.stripe_sandbox.objects import shown
from market.integrations.stripe_sandbox.store import Store

log = logging.getLogger("market.stripe_sandbox")

# Seconds to the next try after 1, 2, 3 ... failed ones; Stripe goes on for three days, and so do we.
BACKOFF = (1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1800, 3600)
GIVE_UP_AFTER = 80
TIMEOUT = 10


def signature(body: bytes, secret: str, at: int) -> str:
    """The `Stripe-Signature` header: HMAC-SHA256 of the time, a dot and the raw body."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


class Post(threading.Thread):
    """A thread that does the due errands. `webhook_url` is where events go, signed with `secret`."""

    def __init__(self, store: Store, behaviour: Behaviour, webhook_url: str, secret: str) -> None:
        super().__init__(name="stripe-sandbox-post", daemon=True)
        self.store = store
        self.behaviour = behaviour
        self.webhook_url = webhook_url
        self.secret = secret
        self._stopping = threading.Event()
        self._wake = threading.Event()

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                done = self.once()
            except Exception:
                log.exception("the sandbox's post stumbled")
                done = 0
                self._stopping.wait(1)
            if not done:
                self._wake.wait(self.behaviour.poll)

    def wake(self) -> None:
        """There is something new to do."""
        self._wake.set()

    def stop(self) -> None:
        """End after the errand in hand."""
        self._stopping.set()
        self._wake.set()
        if self.is_alive():
            self.join(timeout=5)

    def once(self) -> int:
        """Do what is due now; give the number of errands tried."""
        errands = self.store.take(lease=TIMEOUT + 5)
        if self.behaviour.reorder:
            random.shuffle(errands)
        for errand in errands:
            self._do(errand)
        return len(errands)

    def _do(self, errand: sqlite3.Row) -> None:
        if errand["kind"] == "deliver":
            self._deliver(errand)
            return
        later = {
            "settle": happenings.settle_debit,
            "bounce": happenings.bounce_debit,
            "balance": happenings.add_balance,
        }
        with self.store.transaction():
            later[errand["kind"]](self.store, errand["subject"])
            self.store.finish(errand["id"])

    def _deliver(self, errand: sqlite3.Row) -> None:
        event = self.store.get("event", errand["subject"])
        if event is None or not self.webhook_url:
            self.store.finish(errand["id"])
            return
        body = json.dumps(shown(event), indent=2).encode()
        delivered = self._send(body)
        if self.behaviour.duplicate:
            delivered = self._send(body) and delivered
        if delivered or errand["tries"] >= GIVE_UP_AFTER:
            self.store.finish(errand["id"])
        else:
            self.store.again(errand["id"], after=BACKOFF[min(errand["tries"], len(BACKOFF) - 1)])

    def _send(self, body: bytes) -> bool:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks) ponte-sandbox",
            "Stripe-Signature": signature(body, self.secret, int(self.store.time())),
        }
        request = urllib.request.Request(self.webhook_url, data=body, headers=headers, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - our own address, from settings
                return bool(200 <= answer.status < 300)
        except (urllib.error.URLError, OSError, ValueError) as error:
            log.info("webhook not delivered: %s", error)
            return False
