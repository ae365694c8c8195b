"""The hosted page: what a payer sees instead of Stripe Checkout. Works without JavaScript; says that no money moves."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from market.integrations.stripe_sandbox import happenings
from market.integrations.stripe_sandbox.behaviour import Behaviour
from market.integrations.stripe_sandbox.store import Json, Store
from market.integrations.stripe_sandbox.wire import SandboxError
from market.kit import i18n
from market.kit.i18n import _
from market.kit.money import Money
from market.kit.templating import Templates
from market.payments.rules.amounts import from_wire

PLACEHOLDER = "{CHECKOUT_SESSION_ID}"


@dataclass(frozen=True)
class CheckoutPage:
    """The hosted page of an open session."""

    action: str
    amount: Money
    line: str
    reference: str | None
    email: str | None
    can_cancel: bool
    debit_seconds: int
    message: str | None = None


@dataclass(frozen=True)
class ClosedPage:
    """A session that cannot be paid any more: complete, expired or unknown."""

    sentence: str
    back: str | None


class HostedPage:
    """Shows the page and carries out what the payer chooses."""

    def __init__(self, store: Store, behaviour: Behaviour, templates: Templates, url: str) -> None:
        self.store = store
        self.behaviour = behaviour
        self.templates = templates
        self._origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))

    def show(self, request: Request, message: str | None = None) -> Response:
        """The page of a session."""
        session = self._session(request)
        if session is None:
            return self._closed(request, _("There is no such payment page."), None, 404)
        if session["status"] == "expired":
            return self._closed(
                request,
                _("This payment page has expired. Nothing was paid."),
                self._address(session, "cancel_url"),
                410,
            )
        if session["status"] == "complete":
            back = self._address(session, "success_url")
            return self._closed(request, _("This payment has already been made."), back, 200)
        page = CheckoutPage(
            action=request.url.path,
            amount=from_wire(session["amount_total"], session["currency"]),
            line=session["_line"]["name"],
            reference=session["client_reference_id"],
            email=session["customer_email"],
            can_cancel=session["cancel_url"] is not None,
            debit_seconds=round(self.behaviour.debit_after),
            message=message,
        )
        return self._render(request, "stripe_sandbox/checkout.html", page, 402 if message else 200)

    def choose(self, request: Request, form: FormData) -> Response:
        """Carry out a choice and send the payer back to the shop."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return self._closed(request, _("This form came from another site, so nothing was done."), None, 403)
        choice = str(form.get("choice", ""))
        with self.store.transaction():
            session = self._session(request)
            if session is None or session["status"] != "open":
                return self.show(request)
            if choice == "cancel" and session["cancel_url"]:
                return RedirectResponse(self._address(session, "cancel_url"), status_code=303)
            self._carry_out(choice, session)
            session = self._session(request) or session
        if session["status"] == "complete":
            return RedirectResponse(self._address(session, "success_url"), status_code=303)
        declined = choice == "decline"
        return self.show(request, _("Your card was declined. Try another one.") if declined else None)

    def act(self, session_id: str, choice: str) -> None:
        """Carry out a choice on an open session; SandboxError when there is none."""
        with self.store.transaction():
            session = happenings.open_session(self.store, session_id)
            if session["status"] == "open":
                self._carry_out(choice, session)

    def _carry_out(self, choice: str, session: Json) -> None:
        if choice == "card":
            happenings.pay_by_card(self.store, session, late_balance=self.behaviour.late_balance)
        elif choice == "decline":
            happenings.decline_card(self.store, session)
        elif choice in ("debit", "debit_fails"):
            settles = choice == "debit"
            happenings.start_debit(self.store, session, settles=settles, after=self.behaviour.debit_after)

    def _session(self, request: Request) -> Json | None:
        try:
            with self.store.transaction():
                return happenings.open_session(self.store, request.path_params["session"])
        except SandboxError:
            return None

    def _address(self, session: Json, name: str) -> str:
        """Where to go back to; without the origin when it is our own, whatever name of this machine the payer used."""
        address = str(session[name] or "/").replace(PLACEHOLDER, session["id"])
        return address.removeprefix(self._origin) if address.startswith(self._origin + "/") else address

    def _closed(self, request: Request, sentence: str, back: str | None, status: int) -> Response:
        return self._render(request, "stripe_sandbox/closed.html", ClosedPage(sentence, back), status)

    def _render(self, request: Request, template: str, page: object, status: int) -> Response:
        with i18n.speaking(i18n.negotiate(request.headers.get("accept-language", ""))):
            html = self.templates.environment.get_template(template).render(
                page=page, locale=i18n.current_locale(), direction=i18n.direction()
            )
        return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})
