"""The sandbox without a network: the official SDK calls it in the same process. The sample world is paid for this way."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from market.integrations.stripe_gateway import StripeGateway
from market.integrations.stripe_sandbox.app import Call, Sandbox

if TYPE_CHECKING:
    import stripe

ADDRESS = "http://sandbox.invalid/_sandbox/stripe"


def direct_gateway(sandbox: Sandbox, api_key: str) -> StripeGateway:
    """A gateway whose calls go straight into `sandbox`; nothing listens on its address."""
    return StripeGateway(api_key, mode="sandbox", base=ADDRESS, http_client=_client(sandbox))


def _client(sandbox: Sandbox) -> "stripe.HTTPClient":
    import stripe  # noqa: PLC0415 - takes a second

    class Direct(stripe.HTTPClient):
        """Answers by a function call."""

        name = "direct"

        def request(
            self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_more: Any
        ) -> tuple[str, int, Mapping[str, str]]:
            parts = urlsplit(url)
            call = Call(
                method=method.upper(),
                target=parts.path.removeprefix(urlsplit(ADDRESS).path),
                query=parts.query,
                body=(post_data or "").encode(),
                headers={name.lower(): value for name, value in (headers or {}).items()},
            )
            status, text, answered = sandbox.answer(call)
            return text, status, answered

        def close(self) -> None:
            """Nothing is open."""

    return Direct()
