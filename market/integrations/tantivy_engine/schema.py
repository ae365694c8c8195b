"""What a document becomes in the tantivy index.

all      every word in order: all must match here; phrases of synonyms
tails    the same words without their first letter, under that letter: typing errors behind a right first letter
title, keywords, summary, organisation    to weigh where a word stands
stem_all, stem_title    stemmed, for needs described in sentences
gist     title, keywords and summary, stored, to find similar listings
"""

import hashlib
from collections import defaultdict
from typing import Any

from tantivy import Document, Filter, Index, Schema, SchemaBuilder, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from market.discovery import gateway
from market.discovery.gateway import IndexDocument
from market.discovery.rules.words import words

VERSION = 3
WEIGHED = {"title": 3.0, "keywords": 2.0, "summary": 1.0, "organisation": 1.5}
STEMMED = {"stem_all": 1.0, "stem_title": 0.3}
WORDS, STEMS = "ponte_words", "ponte_stems"


def build() -> Schema:
    """The fields and how they are indexed."""
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    for name in gateway.TEXT_FILTERS:
        if name != "id":
            builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in gateway.NUMBER_FILTERS:
        builder.add_unsigned_field(name, indexed=True, fast=True)
    for name in gateway.FLAG_FILTERS:
        builder.add_boolean_field(name, indexed=True, fast=True)
    builder.add_unsigned_field("newest", fast=True)
    builder.add_unsigned_field("responsive", fast=True)
    builder.add_text_field("all", tokenizer_name=WORDS, index_option="position")
    builder.add_json_field("tails", tokenizer_name=WORDS, index_option="basic")
    for name in WEIGHED:
        builder.add_text_field(
            f"in_{name}", tokenizer_name=WORDS, index_option="position" if name == "title" else "freq"
        )
    for name in STEMMED:
        builder.add_text_field(name, tokenizer_name=STEMS, index_option="freq")
    builder.add_text_field("gist", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def fingerprint() -> str:
    """A mark of how documents are turned into an index; an index with another one must be rebuilt."""
    told = repr((VERSION, gateway.TEXT_FIELDS, gateway.TEXT_FILTERS, gateway.NUMBER_FILTERS, WEIGHED, STEMMED))
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def stemmer() -> TextAnalyzer:
    """Words to English stems; the text is folded before."""
    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer("english")).build()


def prepare(index: Index) -> Index:
    """Tell an opened index our two ways of splitting text."""
    index.register_tokenizer(WORDS, TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    index.register_tokenizer(STEMS, stemmer())
    return index


def document(schema: Schema, given: IndexDocument) -> Document:
    """The tantivy document of a listing."""
    texts = {name: words(text) for name, text in gateway.searchable(given).items()}
    everything = [word for name in gateway.TEXT_FIELDS for word in texts[name]]
    fields: dict[str, Any] = gateway.filterable(given)
    fields |= {f"in_{name}": " ".join(texts[name]) for name in WEIGHED}
    fields |= {
        "newest": gateway.newest_key(given),
        "responsive": gateway.responsive_key(given),
        "all": " ".join(everything),
        "tails": _tails(everything),
        "stem_all": " ".join(everything),
        "stem_title": " ".join(texts["title"]),
        "gist": " ".join(dict.fromkeys([*texts["title"], *texts["keywords"], *texts["summary"]])),
    }
    return Document.from_dict(fields, schema)


def _tails(everything: list[str]) -> dict[str, str]:
    tails: defaultdict[str, list[str]] = defaultdict(list)
    for word in dict.fromkeys(everything):
        if len(word) > 2:
            tails[word[0]].append(word[1:])
    return {letter: " ".join(found) for letter, found in tails.items()}
