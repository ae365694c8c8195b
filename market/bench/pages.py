"""Pages under load: how many a second, how long one takes, what it costs, next to a bare reply in the same minutes.

The load goes round: the bare reply, a listing without and with a signed-in reader, a search, an enquiry; again and again.
Medians of the rounds are told, so that a busy moment of the machine counts little and hits everybody alike.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

from market.bench.load import Order, request, send
from market.bench.measuring import Round, anonymous_pss_mb, middle, percentile, pss_mb
from market.bench.world import Server, Visitor, World, form_token, page_request, saying_hello
from market.kit.csrf import FIELD
from seed.generate import Zipf, vocabulary

READERS = 16
WRITERS = 64
POSTS_EACH = 8
VISITORS = 16
VISITS = 1000
QUESTIONS = 100

Say = Callable[[str, int, int], None]
"""Told what is being measured, and how many rounds of how many are done."""


@dataclass(frozen=True)
class Plan:
    """How long to measure: so many rounds of `seconds` for each kind of page, `warm_up` seconds before."""

    rounds: int = 5
    seconds: float = 3.0
    warm_up: float = 2.0
    posts: int = WRITERS * POSTS_EACH


@dataclass
class Kind:
    """A kind of page: its requests, or where they come from, and the rounds seen so far."""

    requests: list[str]
    connections: int = READERS
    posts: Iterator[str] | None = None
    rounds: list[Round] = field(default_factory=list)

    def order(self, server: Server, plan: Plan, seconds: float) -> Order:
        """The order of one round. Visits start at another place each time; an enquiry is sent only once."""
        if self.posts is not None:
            batch = list(itertools.islice(self.posts, plan.posts))
            return Order(
                server.port,
                batch,
                self.connections,
                once=True,
                expect=303,
                expect_header="location: /deals/",
                pid=server.pid,
            )
        at = (len(self.rounds) * 397) % len(self.requests)
        return Order(
            server.port, self.requests[at:] + self.requests[:at], self.connections, seconds=seconds, pid=server.pid
        )


def measure(world: World, plan: Plan, say: Say) -> dict[str, Any]:
    """Measure every kind of page; the answer has the form that `market bench pages --json` prints."""
    with world.serving() as server, saying_hello(world.folder) as bare:
        hello = Kind([request("/")])
        kinds = _kinds(world, server)
        everything = [("hello", hello, bare), *((name, kind, server) for name, kind in kinds.items())]
        for name, kind, target in everything:
            say(f"warming up {name}", 0, plan.rounds)
            if kind.posts is None:
                send(kind.order(target, plan, plan.warm_up))
        for turn in range(plan.rounds):
            for name, kind, target in everything:
                say(name, turn, plan.rounds)
                kind.rounds.append(send(kind.order(target, plan, plan.seconds)))
        say("done", plan.rounds, plan.rounds)
        return {
            "size": len(world.addresses),
            "hello": _told(hello),
            "pages": {name: _told(kind) | _beside(kind, hello) for name, kind in kinds.items()},
            "rss_mb": round(pss_mb(server.pid), 1),
            "anonymous_mb": round(anonymous_pss_mb(server.pid), 1),
        }


def _told(kind: Kind) -> dict[str, Any]:
    return {
        "rps": round(middle([each.rate for each in kind.rounds]), 1),
        "p50_ms": round(middle([percentile(each.times, 0.5) for each in kind.rounds]) * 1000, 2),
        "p99_ms": round(middle([percentile(each.times, 0.99) for each in kind.rounds]) * 1000, 2),
    }


def _beside(kind: Kind, hello: Kind) -> dict[str, Any]:
    """What a page takes, and its rate as a share of the bare reply's: round by round, then the median."""
    shares = [mine.rate / bare.rate for mine, bare in zip(kind.rounds, hello.rounds, strict=True) if bare.rate]
    wrong = next((each.first_error for each in kind.rounds if each.first_error), "")
    return {
        "cpu_ms": round(middle([each.cpu / max(1, len(each.times)) for each in kind.rounds]) * 1000, 2),
        "queries": max(each.queries for each in kind.rounds),
        "bytes": max(each.size for each in kind.rounds),
        "ratio_to_hello": round(middle(shares), 4),
        "errors": sum(each.errors for each in kind.rounds),
    } | ({"first_error": wrong} if wrong else {})


# --- what is asked for


def _kinds(world: World, server: Server) -> dict[str, Kind]:
    visitors = world.visitors(VISITORS)
    chance = random.Random(1)  # noqa: S311 - the same visits every time
    liked = Zipf(chance.sample(world.addresses, len(world.addresses)))  # some are read far more often than others
    visits = [f"/technologies/{liked.pick(chance)}" for _ in range(VISITS)]
    return {
        "listing_anonymous": Kind([page_request(path) for path in visits]),
        "listing_signed_in": Kind([page_request(path, visitors[n % VISITORS]) for n, path in enumerate(visits)]),
        "search": Kind([page_request(path) for path in _questions(chance)]),
        "enquiry_post": Kind([], WRITERS, _enquiries(world, server, visitors)),
    }


def _questions(chance: random.Random) -> list[str]:
    """Searches: one word or two, half of them with a filter; one in ten is the list without any question."""
    known = vocabulary()
    words = [known.lists[name] for name in ("material", "method", "general", "quality")]
    asked = []
    for number in range(QUESTIONS):
        sector = str(known.sectors.pick(chance))
        text = " ".join(
            [str(known.things[sector].pick(chance)), *([words[number % 4].pick(chance)] if number % 3 == 0 else [])]
        )
        query = {} if number % 10 == 0 else {"q": text}
        query |= {"sector": sector} if number % 2 else {}
        asked.append(f"/search?{urlencode(query)}")
    often = Zipf(asked)
    return [str(often.pick(chance)) for _ in range(VISITS)]


def _enquiries(world: World, server: Server, visitors: list[Visitor]) -> Iterator[str]:
    """First questions of every company about one technology after the other; no company asks twice about the same."""
    tokens = [form_token(server, each, f"/technologies/{world.addresses[0]}/enquire") for each in visitors]
    for address in itertools.cycle(world.addresses):
        for visitor, token in zip(visitors, tokens, strict=True):
            form = urlencode(
                {
                    FIELD: token,
                    "intended_use": "We make coated parts for small boats and would like to try this on two of them.",
                    "field_of_use": "Coatings for small boats",
                },
                quote_via=quote_plus,
            )
            yield request(f"/technologies/{address}/enquire", cookie=visitor.cookie, form=form)
