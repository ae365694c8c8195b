"""The pure half of search: words, synonyms, typing errors, questions, filters, facets, marks."""
