"""Finding: ask the engine; where nothing has all the words, ask with fewer; where it is down, look at titles only."""

import logging
from dataclasses import dataclass, replace

from sqlmodel import Session

from market.discovery import queries
from market.discovery.forms import PER_PAGE, Asked
from market.discovery.gateway import IndexUnavailable, SearchIndex, SearchRequest, SearchResult
from market.discovery.rules.facets import FIELDS, VISIBLE, Chosen, refinements
from market.discovery.rules.question import Question

log = logging.getLogger("market.discovery")

ONE_BY_ONE = 5  # words; of more, the commonest goes unasked, so that the number of searches stays small
EMPTY = SearchResult((), 0, {}, "", 0.0)


@dataclass(frozen=True)
class Found:
    """`dropped`: words that were left out since no listing has all of them. `degraded`: the engine did not answer."""

    result: SearchResult
    question: Question
    dropped: tuple[str, ...] = ()
    degraded: bool = False


def find(db: Session, index: SearchIndex, asked: Asked) -> Found:
    """What a visitor sees for what was asked."""
    request = SearchRequest(
        question=asked.question,
        base=VISIBLE,
        refine=refinements(asked.chosen),
        facets=FIELDS,
        sort=asked.sort,
        page=asked.page,
        per_page=PER_PAGE,
    )
    try:
        return ask(index, request)
    except IndexUnavailable as error:
        log.warning("search goes on without its engine: %s", error)
        hits, total = queries.by_title(db, asked.question.words, refinements(asked.chosen), asked.page, PER_PAGE)
        return Found(replace(EMPTY, hits=hits, total=total), asked.question, degraded=True)


def closest(db: Session, index: SearchIndex, question: Question, chosen: Chosen, limit: int) -> Found:
    """The technologies closest to a described need, whatever its length; by words of titles where the engine is down."""
    request = SearchRequest(question, base=VISIBLE, refine=refinements(chosen), per_page=limit)
    try:
        result = index.search(request)
        return Found(result, question, degraded=result.degraded)
    except IndexUnavailable as error:
        log.warning("a need is looked for without the engine: %s", error)
        hits, total = queries.by_title(db, question.words[:1], refinements(chosen), 1, limit)
        return Found(replace(EMPTY, hits=hits, total=total), question, degraded=True)


def ask(index: SearchIndex, request: SearchRequest) -> Found:
    """Search; leave words out where nothing has all of them. Raises IndexUnavailable."""
    result = index.search(request)
    if result.total == 0 and request.question.mode == "keyword" and len(request.question.words) > 1:
        return relaxed(index, request, result)
    return Found(result, request.question, degraded=result.degraded)


def relaxed(index: SearchIndex, request: SearchRequest, nothing: SearchResult) -> Found:
    """Leave out the words that nothing has, then as few of the others as can be, the commonest before the rare ones."""
    frequency = {word: _frequency(index, request, word) for word in request.question.words}
    known = sorted((word for word, n in frequency.items() if n), key=lambda word: -frequency[word])
    dropped = [word for word, n in frequency.items() if not n]
    if dropped and known:
        found = _without(index, request, dropped)
        if found.result.total:
            return found
    while len(known) > 1:
        if len(known) <= ONE_BY_ONE:
            for word in known:
                found = _without(index, request, [*dropped, word])
                if found.result.total:
                    return found
        dropped.append(known.pop(0))
    return Found(nothing, request.question, degraded=nothing.degraded)


def _without(index: SearchIndex, request: SearchRequest, dropped: list[str]) -> Found:
    """The search without these words; it is made whole only when something is found."""
    asked = replace(request, question=request.question.without(*dropped))
    result = index.search(replace(asked, facets=(), page=1, per_page=0))
    if result.total:
        result = index.search(asked)
    return Found(
        result, asked.question, tuple(word for word in request.question.words if word in dropped), result.degraded
    )


def _frequency(index: SearchIndex, request: SearchRequest, word: str) -> int:
    return index.search(replace(request, question=Question((word,)), facets=(), page=1, per_page=0)).total


def titles(db: Session, index: SearchIndex, question: Question, limit: int) -> list[str]:
    """The ids of the technologies to suggest while somebody types."""
    try:
        hits = index.search(SearchRequest(question, base=VISIBLE, per_page=limit)).hits
    except IndexUnavailable:
        hits, _total = queries.by_title(db, question.words, {}, 1, limit)
    return [hit.id for hit in hits]
