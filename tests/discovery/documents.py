"""Index documents for the tests, with the fields that matter to each."""

from typing import Any

from market.catalog.rows import IndexDocument


def document(technology_id: str, title: str, **given: Any) -> IndexDocument:
    """A published listing in which only the given fields say anything."""
    fields: dict[str, Any] = {
        "summary": "",
        "keywords": [],
        "description": "",
        "problem": "",
        "advantages": "",
        "applications": "",
        "organisation": "",
        "inventors": [],
        "sectors": [],
        "technology_fields": [],
        "trl": None,
        "country": "",
        "ip_status": "none",
        "offers": ["licence"],
        "licences": [],
        "price_band": "on_request",
        "has_prototype": False,
        "published_at": 1_700_000_000,
        "updated_at": 1_700_000_000,
        "org_id": "org1",
        "state": "published",
        "version": 1,
    }
    return IndexDocument(id=technology_id, title=title, **(fields | given))
