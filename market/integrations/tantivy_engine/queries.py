"""Questions and filters as tantivy queries, built piece by piece: nothing that a visitor typed is ever parsed."""

from collections.abc import Iterable
from typing import assert_never

from tantivy import FieldType, Occur, Query, Schema, TextAnalyzer

from market.discovery import gateway
from market.discovery.rules import filters as f
from market.discovery.rules import typos
from market.discovery.rules.question import Part, Question, parts
from market.integrations.tantivy_engine.schema import STEMMED, WEIGHED

LARGEST = 2**63 - 1
BEGUN, MISTYPED, SAME = 0.6, 0.1, 0.8  # a finished word scores by BM25; these are fixed, below it


def question_query(schema: Schema, stemmer: TextAnalyzer, question: Question) -> Query:
    """The query of a question; everything when it has no words."""
    if not question.words:
        return Query.const_score_query(Query.all_query(), 1.0)
    if question.mode == "need":
        return _need(schema, stemmer, question.words)
    return _keywords(schema, question)


def part_query(schema: Schema, part: Part) -> Query:
    """One part of a keyword question by itself."""
    return _part(schema, part)


def stem_query(schema: Schema, stem: str) -> Query:
    """One stem of a need by itself."""
    return _any(Query.term_query(schema, name, stem) for name in STEMMED)


def _any(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


# --- all words


def _keywords(schema: Schema, question: Question) -> Query:
    found = parts(question)
    clauses = [(Occur.Must, _part(schema, part)) for part in found]
    clauses += [(Occur.Should, query) for query in _weights(schema, question.words)]
    return Query.boolean_query(clauses)


def _part(schema: Schema, part: Part) -> Query:
    last = len(part.words) - 1
    each = [_word(schema, word, prefix=part.prefix and i == last) for i, word in enumerate(part.words)]
    own = each[0] if len(each) == 1 else Query.boolean_query([(Occur.Must, query) for query in each])
    if not part.same:
        return own
    same = _any(_phrase(schema, phrase) for phrase in part.same)
    return _any([own, Query.const_score_query(same, SAME)])


def _phrase(schema: Schema, phrase: tuple[str, ...]) -> Query:
    if len(phrase) == 1:
        return Query.term_query(schema, "all", phrase[0])
    return Query.phrase_query(schema, "all", list(phrase))


def _word(schema: Schema, word: str, *, prefix: bool) -> Query:
    queries = [Query.term_query(schema, "all", word)]
    if prefix:
        begun = Query.fuzzy_term_query(schema, "all", word, distance=0, prefix=True)
        queries.append(Query.const_score_query(begun, BEGUN))
    mistyped = _mistyped(schema, word, prefix=prefix)
    if mistyped:
        queries.append(Query.const_score_query(_any(mistyped), MISTYPED))
    return queries[0] if len(queries) == 1 else _any(queries)


def _mistyped(schema: Schema, word: str, *, prefix: bool) -> list[Query]:
    """A right first letter and all forgiven errors behind it; or, where two are forgiven, a wrong one that counts twice."""
    most = typos.allowed(word)
    if not most or not word[0].isalnum():
        return []
    tails = f"tails.{word[0]}"
    queries = [Query.fuzzy_term_query(schema, tails, word[1:], distance=most, prefix=prefix)]
    if most > 1:
        queries.append(Query.fuzzy_term_query(schema, "all", word, distance=1, prefix=prefix))
    return queries


def _weights(schema: Schema, words: tuple[str, ...]) -> list[Query]:
    """What lifts a listing: words in its title, keywords, summary; the words side by side; the begun word in its title."""
    found = [
        Query.boost_query(Query.term_query(schema, f"in_{name}", word), weight)
        for name, weight in WEIGHED.items()
        for word in words
    ]
    begun = Query.fuzzy_term_query(schema, "in_title", words[-1], distance=0, prefix=True)
    found.append(Query.const_score_query(begun, WEIGHED["title"]))
    if len(words) > 1:
        found.append(Query.boost_query(Query.phrase_query(schema, "in_title", list(words)), WEIGHED["title"]))
        found.append(Query.phrase_query(schema, "all", list(words), slop=2))
    return found


# --- needs


def _need(schema: Schema, stemmer: TextAnalyzer, words: tuple[str, ...]) -> Query:
    """BM25 over the whole text, and once more over the title, added up: a word counts wherever it stands.

    The weights were chosen on award abstracts of one research topic (SBIR), and measured on others (SciFact).
    """
    stems = stems_of(stemmer, words)
    return _any(
        Query.boost_query(Query.term_query(schema, name, stem), weight)
        for stem in stems
        for name, weight in STEMMED.items()
    )


def stems_of(stemmer: TextAnalyzer, words: tuple[str, ...]) -> list[str]:
    """The stems of some words, each once."""
    return list(dict.fromkeys(stemmer.analyze(" ".join(words))))


# --- filters


def filtered(query: Query, schema: Schema, tree: f.Filter) -> Query:
    """The query within what a filter lets through; the filter does not change scores."""
    tree = f.simplified(tree)
    if tree == f.EVERYTHING:
        return query
    return Query.boolean_query(
        [(Occur.Must, query), (Occur.Must, Query.const_score_query(filter_query(schema, tree), 0.0))]
    )


def filter_query(schema: Schema, tree: f.Filter) -> Query:
    """A simplified filter as a query."""
    match tree:
        case f.Eq(field, value):
            return _term(schema, field, value)
        case f.In(field, values):
            return _any(_term(schema, field, value) for value in values)
        case f.Range(field, low, high):
            low, high = max(low or 0, 0), LARGEST if high is None else high
            if high < low:
                return Query.empty_query()
            return Query.range_query(schema, _number(field), FieldType.Unsigned, low, min(high, LARGEST))
        case f.And(inner):
            if not inner:
                return Query.all_query()
            return Query.boolean_query([(Occur.Must, filter_query(schema, part)) for part in inner])
        case f.Or(inner):
            return _any(filter_query(schema, part) for part in inner) if inner else Query.empty_query()
        case f.Not(part):
            return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, filter_query(schema, part))])
        case _ as unknown:
            assert_never(unknown)


def _term(schema: Schema, field: str, value: f.Value) -> Query:
    if field in gateway.FLAG_FILTERS:
        return Query.term_query(schema, field, bool(value))
    if field in gateway.NUMBER_FILTERS:
        number = int(value)
        return Query.term_query(schema, field, number) if 0 <= number <= LARGEST else Query.empty_query()
    if field not in gateway.TEXT_FILTERS:
        raise ValueError(f"{field} is no field to filter by")
    return Query.term_query(schema, field, str(value))


def _number(field: str) -> str:
    if field not in gateway.NUMBER_FILTERS:
        raise ValueError(f"{field} is no number")
    return field
