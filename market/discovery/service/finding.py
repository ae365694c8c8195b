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
        result = index.search(request)
        if result.total == 0 and asked.question.mode == "keyword" and len(asked.question.words) > 1:
            return relaxed(index, request, result)
        return Found(result, asked.question)
    except IndexUnavailable as error:
        log.warning("search goes on without its engine: %s", error)
        hits, total = queries.by_title(db, asked.question.words, refinements(asked.chosen), asked.page, PER_PAGE)
        return Found(replace(EMPTY, hits=hits, total=total), asked.question, degraded=True)


def closest(db: Session, index: SearchIndex, question: Question, chosen: Chosen, limit: int) -> Found:
    """The technologies closest to a described need, whatever its length; by words of titles where the engine is down."""
    request = SearchRequest(question, base=VISIBLE, refine=refinements(chosen), per_page=limit)
    try:
        return Found(index.search(request), question)
    except IndexUnavailable as error:
        log.warning("a need is looked for without the engine: %s", error)
        hits, total = queries.by_title(db, question.words[:1], refinements(chosen), 1, limit)
        return Found(replace(EMPTY, hits=hits, total=total), question, degraded=True)


def relaxed(index: SearchIndex, request: SearchRequest, nothing: SearchResult) -> Found:
    """Leave out the words that nothing has, then the commonest ones, until something is found."""
    frequency = {word: _frequency(index, request, word) for word in request.question.words}
    known = sorted((word for word, n in frequency.items() if n), key=lambda word: -frequency[word])
    dropped = [word for word, n in frequency.items() if not n]
    while known:
        if dropped:
            question = request.question.without(*dropped)
            result = index.search(replace(request, question=question))
            if result.total:
                return Found(result, question, tuple(word for word in request.question.words if word in dropped))
        dropped.append(known.pop(0))
    return Found(nothing, request.question)


def _frequency(index: SearchIndex, request: SearchRequest, word: str) -> int:
    return index.search(replace(request, question=Question((word,)), facets=(), page=1, per_page=0)).total


def titles(db: Session, index: SearchIndex, question: Question, limit: int) -> list[str]:
    """The ids of the technologies to suggest while somebody types."""
    try:
        hits = index.search(SearchRequest(question, base=VISIBLE, per_page=limit)).hits
    except IndexUnavailable:
        hits, _total = queries.by_title(db, question.words, {}, 1, limit)
    return [hit.id for hit in hits]
