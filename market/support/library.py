"""The shelf of guides: the Markdown files beside this module, read once, rendered once."""

from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

from market.kit.errors import NotFound
from market.support.rules import guide, picture

SHELF = Path(__file__).parent / "guides"
TABLE = '<div class="table-scroll" role="group" aria-label="Table" tabindex="0"><table class="table">'
LEVELS = list(guide.LEVELS)
TOPICS = list(guide.TOPICS)


@cache
def guides() -> tuple[guide.Guide, ...]:
    """All guides, by topic, the easy ones first."""
    found = [guide.parse(path.stem, path.read_text(encoding="utf-8")) for path in SHELF.glob("*.md")]
    return tuple(sorted(found, key=lambda each: (TOPICS.index(each.topic), LEVELS.index(each.level), each.title)))


def find(slug: str) -> guide.Guide:
    """One guide; NotFound."""
    for each in guides():
        if each.slug == slug:
            return each
    raise NotFound


@cache
def html_of(slug: str) -> Markup:
    """A guide's text as HTML; raw HTML in it would be shown as it is written, not carried out."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    html = str(markdown.render(find(slug).text))
    html = html.replace('style="text-align:right"', 'class="is-num"')
    html = html.replace("<table>", TABLE).replace("</table>", "</table></div>")
    html = html.replace("<h2>Checklist</h2>\n<ul>", '<h2>Checklist</h2>\n<ul class="checklist">')
    return Markup(html)  # noqa: S704 - made from our own files, without raw HTML


@cache
def picture_of(slug: str) -> Markup:
    """A guide's picture as inline SVG."""
    return Markup(picture.drawn(find(slug).picture, "picture-title"))  # noqa: S704 - everything in it is escaped


def for_state(state: str) -> list[guide.Guide]:
    """The guides to propose in a deal's situation."""
    return guide.for_state(guides(), state)
