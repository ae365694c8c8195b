"""A browser without JavaScript for the tests: real HTTP shell, real templates, form tokens taken from the page."""

import re
from html.parser import HTMLParser
from typing import Any, Self

import httpx2
from starlette.testclient import TestClient

from market.app import create_app
from market.wiring import Wired

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}


class Form(HTMLParser):
    """The fields of the forms of a page, in the order in which they stand."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._select: str | None = None
        self._area: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                {"action": given.get("action", ""), "method": given.get("method", "get").lower(), "fields": []}
            )
        elif self.forms and given.get("name"):
            self._field(tag, given, dict(attrs))
        elif tag == "option" and self._select and "selected" in dict(attrs):
            self.forms[-1]["fields"].append((self._select, given.get("value", "")))

    def _field(self, tag: str, given: dict[str, str], attrs: dict[str, str | None]) -> None:
        fields = self.forms[-1]["fields"]
        if tag == "input" and given.get("type") not in ("submit", "file", "checkbox", "radio"):
            fields.append((given["name"], given.get("value", "")))
        elif tag == "input" and given.get("type") in ("checkbox", "radio") and "checked" in attrs:
            fields.append((given["name"], given.get("value", "on")))
        elif tag == "select":
            self._select = given["name"]
        elif tag == "textarea":
            self._area = given["name"]
            fields.append((self._area, ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            name, before = self.forms[-1]["fields"][-1]
            self.forms[-1]["fields"][-1] = (name, before + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None


class Visitor:
    """One visitor with a cookie jar. `get` and `submit` keep the page they land on in `page`."""

    def __init__(self, client: Any, origin: str) -> None:
        self.client = client
        self.same_origin = {"Sec-Fetch-Site": "same-origin", "Origin": origin}
        self.page: Any = None

    @classmethod
    def at(cls, url: str) -> Self:
        """A visitor of a live server."""
        return cls(httpx2.Client(base_url=url, follow_redirects=True, timeout=20), url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_args: object) -> None:
        self.client.close()

    @property
    def text(self) -> str:
        """The words of the page in hand, tags taken away, spaces folded."""
        html = re.sub(r"(?s)<(script|style|svg)\b.*?</\1>", " ", self.page.text)
        return re.sub(r"\s+", " ", re.sub(r"(?s)<[^>]+>", " ", html))

    def get(self, path: str, **kwargs: Any) -> Any:
        """Open an address."""
        self.page = self.client.get(path, headers={"Accept": "text/html"}, **kwargs)
        return self.page

    def submit(self, action: str, *, files: Any = None, form: int | None = None, **fields: Any) -> Any:
        """Send the form of the page in hand whose action is (or ends with) `action`, with `fields` typed in."""
        found = [f for f in Form(self.page.text).forms if f["action"].split("?")[0].endswith(action)]
        if not found:
            raise AssertionError(
                f"no form with action {action!r} on {self.page.url}: {[f['action'] for f in Form(self.page.text).forms]}"
            )
        chosen = found[form or 0]
        data: dict[str, Any] = {}
        for name, value in chosen["fields"]:
            data[name] = value if name not in data else [*_listed(data[name]), value]
        data |= {name: value for name, value in fields.items() if value is not None}
        for name in [name for name, value in fields.items() if value is None]:
            data.pop(name, None)
        return self.post(chosen["action"] or str(self.page.url), data, files=files)

    def post(self, path: str, data: dict[str, Any], *, files: Any = None, headers: dict[str, str] | None = None) -> Any:
        """Send a POST as a page of ours would."""
        self.page = self.client.post(
            path, data=data, files=files, headers=headers or self.same_origin | {"Accept": "text/html"}
        )
        return self.page

    def token(self) -> str:
        """A form token of the page in hand."""
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', self.page.text)
        return found.group(1) if found else ""


class Browser(Visitor):
    """A visitor of an application in this process."""

    def __init__(self, wired: Wired) -> None:
        self.wired = wired
        client = TestClient(create_app(wired), follow_redirects=True, raise_server_exceptions=False)
        super().__init__(client, "http://testserver")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
