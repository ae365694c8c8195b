"""What a new word of the source means for a listing that may have been edited here meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from market.catalog.rules.text import telling_sentence

# What a source may change on a listing; everything else (state, contact, offered terms, files) belongs to the editor.
FIELDS = (
    "reference",
    "title",
    "summary",
    "sector",
    "category",
    "department",
    "country",
    "trl",
    "stage",
    "offers",
    "licences",
    "price_kind",
    "price_low",
    "price_high",
    "currency",
    "keywords",
    "source_url",
    "picture_url",
    "problem",
    "advantages",
    "comparison",
    "applications",
    "description",
)


@dataclass(frozen=True)
class Merge:
    """What to write, and the fields where the editor's own words were kept against a new word of the source."""

    write: Mapping[str, Any]
    kept: tuple[str, ...]


def _same(one: Any, other: Any) -> bool:
    """Equal, where nothing, an empty text and an empty list are all nothing, and tuples are lists."""
    return (list(one) if isinstance(one, list | tuple) else one or None) == (
        list(other) if isinstance(other, list | tuple) else other or None
    )


def same_listing(current: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What a file that was exported here changes when it comes back: field -> new value; an empty cell changes nothing.

    The summary that an import makes of a description, the other catalogue's word for the sector, and a fixed price that
    is sold at once are no changes.
    """
    changed = {
        name: new[name]
        for name in FIELDS
        if name != "category" and not _same(new[name], None) and not _same(current[name], new[name])
    }
    if not current["summary"] and new["summary"] == telling_sentence(new["description"]):
        changed.pop("summary", None)
    if (current["price_kind"], new["price_kind"]) == ("express", "fixed"):
        changed.pop("price_kind", None)
    if new["price_kind"] == "on_request" and not new["currency"]:
        changed.pop("price_kind", None)
    return changed


def merge(current: Mapping[str, Any], told: Mapping[str, Any], new: Mapping[str, Any]) -> Merge:
    """Merge field by field: what the source changed is taken, unless the field was edited here since `told`."""
    write: dict[str, Any] = {}
    kept: list[str] = []
    for name in FIELDS:
        if _same(told.get(name), new[name]) or _same(current[name], new[name]):
            continue
        if _same(current[name], told.get(name)) or _same(current[name], None):
            write[name] = new[name]
        else:
            kept.append(name)
    return Merge(write, tuple(kept))
