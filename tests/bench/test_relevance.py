"""The judged topics say what they should, and the measures measure it."""

import gzip

import pytest

from market.bench import relevance
from market.discovery.gateway import searchable
from market.discovery.rules.words import words
from market.integrations.tantivy_engine.engine import TantivyIndex

STYLES = {"keywords", "typo", "prefix", "synonym", "need"}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """The sample world's listings in an index."""
    index = TantivyIndex(tmp_path_factory.mktemp("own"))
    index.rebuild([relevance.sample_documents()])
    return index


def test_there_are_a_hundred_topics_in_five_styles():
    """Every style has its share, and every judged listing exists."""
    topics = relevance.topics()
    listings = {each.id for each in relevance.sample_documents()}

    assert len(topics) >= 100
    assert dict.fromkeys(STYLES, True) == {
        style: sum(each.style == style for each in topics) >= 20 for style in {each.style for each in topics}
    }
    assert set() == {key for each in topics for key in each.grades} - listings
    assert len(topics) == len({each.text for each in topics})


def test_a_perfect_order_is_worth_one_and_an_empty_answer_nothing():
    """Grades weigh 2^grade - 1, discounted by the logarithm of the rank."""
    grades = {"a": 3, "b": 1}

    assert 1.0 == relevance.ndcg(["a", "b", "c"], grades)
    assert 0.0 == relevance.ndcg([], grades)
    assert 0.7098 == pytest.approx(relevance.ndcg(["b", "a"], grades), abs=1e-4)
    assert 0.5 == relevance.reciprocal_rank(["x", "b", "a"], grades)
    assert 0.5 == relevance.recall(["b"], grades)


def test_nobody_who_mistypes_or_says_it_otherwise_finds_nothing(index):
    """Typing errors and synonyms always find something, and what fits stands first nearly always."""
    scores = relevance.own(index)

    assert 0 == scores["typo"]["zero_hits"]
    assert 0 == scores["synonym"]["zero_hits"]
    assert dict.fromkeys(STYLES, True) == {style: row["ndcg_at_10"] >= 0.85 for style, row in scores.items()}


def test_a_synonym_topic_cannot_be_passed_by_the_words_it_uses():
    """Of each, at least one word stands in no listing that fits."""
    texts = {each.id: set(words(" ".join(searchable(each).values()))) for each in relevance.sample_documents()}
    for topic in relevance.topics():
        if topic.style == "synonym":
            asked = words(topic.text)
            for key in topic.grades:
                assert set(asked) - texts[key], topic.text


def test_scifact_is_read_as_it_is_published(tmp_path):
    """Title and text become title and description; only positive judgements count; both modes are measured."""
    with gzip.open(tmp_path / "corpus.jsonl.gz", "wt") as out:
        out.write('{"_id": "1", "title": "Cells", "text": "Light divides cells."}\n')
        out.write('{"_id": "2", "title": "Stones", "text": "Stones do not divide."}\n')
    (tmp_path / "queries.jsonl").write_text('{"_id": "7", "text": "Cells divide in light"}\n')
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n7\t1\t1\n7\t2\t0\n")

    scores = relevance.scifact(TantivyIndex(tmp_path / "index"), tmp_path)

    assert {"ndcg_at_10": 1.0, "recall_at_100": 1.0} == scores["need"]
    assert {"keyword", "need"} == set(scores)
