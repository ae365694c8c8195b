"""Components: what a person reads and what an assistive program hears, checked on the rendered gallery."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import nodes
from markupsafe import Markup

from market.kit.forms import FormState
from market.kit.templating import TEMPLATES
from market.kit.web import ErrorPage
from tests.look import gallery
from tests.look.pages import EmptyHome, SampleHome

COMPONENTS = sorted((TEMPLATES / "_components").glob("*.html"))
IN_THE_FRAME = {
    "error_summary",
    "flash_messages",
    "nav_link",
    "confirm_page",
}  # seen in post_form and base.html; a page of its own


class Tags(HTMLParser):
    """Every start tag of a page with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def values(self, attribute: str) -> list[str]:
        return [attrs[attribute] for _tag, attrs in self.tags if attribute in attrs]


@pytest.fixture(scope="module")
def html() -> str:
    return gallery.render(gallery.GalleryPage(), gallery.OFFICER)


@pytest.fixture(scope="module")
def tags(html: str) -> Tags:
    return Tags(html)


def call(macro: str, *args: object, **named: object) -> Markup:
    """Call `file.macro` as a page would."""
    file, name = macro.split(".")
    module = gallery.templates().environment.get_template(f"_components/{file}.html").module
    return getattr(module, name)(*args, **named)


def source(file: Path) -> str:
    """A template without its comments."""
    return re.sub(r"{#.*?#}", "", file.read_text(), flags=re.DOTALL)


def test_every_macro_is_shown_in_the_gallery():
    """Who looks for a component finds it in the gallery, in use."""
    shown = source(TEMPLATES / "_components" / "gallery.html")
    macros = {name for file in COMPONENTS for name in re.findall(r"{%-? macro ([a-z]\w*)\(", source(file))}
    missing = {name for name in macros if not re.search(rf"\b{name}\(", shown)}

    assert set() == missing - IN_THE_FRAME


def test_macros_translate_only_their_own_sentences():
    """What a person wrote never passes through gettext, which would take it for trusted markup."""
    found = [(file.name, call) for file in COMPONENTS for call in re.findall(r"\b_\(\s*[^\s\"][^)]*\)", source(file))]

    assert [] == found


def test_no_page_carries_style_or_script_inline():
    """The policy forbids inline style and script; no template of ours has any (mails excepted)."""
    bad = re.compile(r"<style|<script(?![^>]*(?:\ssrc=|ld\+json))|\sstyle=|\son[a-z]+=\"|javascript:", re.IGNORECASE)
    found = [
        str(file.relative_to(TEMPLATES))
        for file in TEMPLATES.rglob("*.html")
        if not {"mail", "_mail"} & set(file.parts) and bad.search(file.read_text())
    ]
    assert [] == found


def test_ids_are_unique_and_references_lead_somewhere(tags: Tags):
    """Labels, hints and errors are tied to their fields."""
    ids = tags.values("id")
    assert sorted(set(ids)) == sorted(ids)

    wanted = {
        name
        for attribute in ("for", "aria-describedby", "aria-labelledby")
        for text in tags.values(attribute)
        for name in text.split()
    }
    assert set() == wanted - set(ids)


def test_every_field_has_a_label(tags: Tags):
    """No field is nameless for a screen reader."""
    labelled = set(tags.values("for"))
    nameless = [
        attrs.get("name")
        for tag, attrs in tags.tags
        if tag in ("input", "select", "textarea")
        and attrs.get("type") != "hidden"
        and attrs.get("id") not in labelled
        and "aria-label" not in attrs
    ]
    assert [] == nameless


def test_every_form_that_changes_something_carries_the_token(html: str):
    """A POST form without the token would be refused."""
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", html, re.DOTALL)

    assert forms
    assert [] == [form for form in forms if 'name="csrf_token"' not in form]


def test_what_was_typed_comes_back_escaped(html: str):
    """Nothing needs to be typed again, and nothing typed becomes markup."""
    assert 'value="&lt;b&gt;Fish&lt;/b&gt; &amp; chips"' in html
    assert "<b>Fish" not in html


def test_a_password_never_comes_back():
    """A password is not sent back to the screen."""
    field = call("forms.password_field", FormState({"password": "correct horse"}), "password", "Password")

    assert "correct horse" not in field


def test_the_error_summary_names_each_field_and_leads_to_it():
    """The summary says which field, what is wrong, and one click goes there."""
    form = FormState({}, {"title": "Fill in this field."}, "Please mend this.")
    field = call("forms.text_field", form, "title", "Title of the listing")
    summary = call("forms.error_summary", form)

    assert 'id="f-title"' in field
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="f-title-error"' in field
    assert '<a href="#f-title">Title of the listing: Fill in this field.</a>' in summary
    assert "Please mend this." in summary
    assert "autofocus" in summary


@pytest.mark.parametrize(
    ("kind", "typed", "shown"),
    [
        ("url", "our page", "text"), ("date", "tomorrow", "text"), ("time", "noon", "text"),
        ("date", "2020-01-01", "date"), ("time", "09:00", "time"), ("email", "me", "email"),
    ],
)  # fmt: skip
def test_what_does_not_fit_its_kind_is_shown_as_it_was_typed(kind: str, typed: str, shown: str):
    """A browser empties a date field that holds no date; after a mistake the words stay."""
    field = call("forms.text_field", FormState({"x": typed}, {"x": "Mend this."}), "x", "X", kind=kind)

    assert f'type="{shown}"' in field
    assert f'value="{typed}"' in field


def test_a_form_without_faults_has_no_summary():
    """Nobody is alarmed without need."""
    assert "" == call("forms.error_summary", FormState({"title": "x"})).strip()


@pytest.mark.parametrize(("required", "expected"), [(True, ""), (False, "(optional)")])
def test_optional_fields_say_so(required: bool, expected: str):
    """Optional is said in words; everything else is required."""
    field = call("forms.text_field", FormState(), "x", "X", required=required)

    assert bool(expected) == ("(optional)" in field)
    assert required == (" required" in field)


def test_a_state_has_a_word_and_a_shape():
    """Colour alone never carries the meaning."""
    shapes = {
        kind: re.search(r"#(\w+)", call("content.status", "Paid", kind))
        for kind in ("plain", "active", "good", "warn", "danger")
    }

    assert 5 == len({match and match[1] for match in shapes.values()})


def test_every_icon_in_use_is_drawn():
    """No picture is missing from the sprite."""
    drawn = set(gallery.icons())
    used = {
        name
        for file in TEMPLATES.rglob("*.html")
        for name in re.findall(r"\bicon\(\"(\w+)\"|icon_name=\"(\w+)\"", file.read_text())
        for name in name
        if name
    }
    assert set() == used - drawn


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 418, 422, 429, 500, 503])
def test_every_error_says_what_to_do_next(status: int):
    """An error page has the sentence of the error, an advice, and a way on."""
    page = gallery.render(ErrorPage(status=status, sentence="There is no such thing."))

    assert "There is no such thing." in page
    assert f"Error {status}" in page
    assert "Search technologies" in page


def test_the_first_page_stands_without_any_listing():
    """On the first day, with nothing in it, the first page is still whole."""
    page = gallery.render(EmptyHome())

    assert "Browse by sector" not in page
    assert "Three steps" in page


def test_the_first_page_shows_sectors_and_newest_listings():
    """Sectors lead into the search, with their counts; new listings are shown with their price."""
    page = gallery.render(SampleHome())

    assert 'href="/search?sector=food"' in page
    assert "1,204" in page
    assert "€5,000 to €20,000" in page


def test_a_visitor_is_invited_and_a_member_sees_for_whom_they_act():
    """The header tells who you are, and offers no door that does not open."""
    visitor, member = gallery.render(EmptyHome()), gallery.render(EmptyHome(), gallery.OFFICER)

    assert "Sign in" in visitor
    assert 'href="/deals"' not in visitor
    assert "University of Exampleton, Technology Transfer Office" in member
    assert 'href="/deals"' in member


def test_a_mail_has_subject_text_and_frame():
    """Both halves of a mail say in a sample world that it is one."""
    environment = gallery.templates().environment
    text = environment.from_string(
        '{% extends "_mail/base.txt" %}{% block subject %}An offer{% endblock %}{% block main %}Read it.{% endblock %}'
    ).render()
    page = environment.from_string(
        '{% extends "_mail/base.html" %}{% from "_mail/parts.html" import mail_button, mail_facts, mail_quote, mail_text %}'
        '{% block main %}{{ mail_text("A & B") }}{{ mail_quote("Hello") }}{{ mail_facts([("Fee", "1")]) }}'
        '{{ mail_button("https://ponte.test/x", "Read") }}{% endblock %}'
    ).render(subject="An offer", locale="en", direction="ltr")

    assert text.startswith("Subject: An offer\n\nRead it.")
    assert "Sample world" in text
    assert "A &amp; B" in page
    assert 'href="https://ponte.test/x"' in page
    assert "no money moves" in page


def test_every_page_calls_the_macros_as_they_are():
    """A page that names a macro or an argument wrongly is found here, not by a visitor."""
    environment = gallery.templates().environment
    shapes: dict[tuple[str, str], tuple[list[str], int]] = {}
    for file in COMPONENTS:
        for macro in environment.parse(file.read_text()).find_all(nodes.Macro):
            names = [str(argument.name) for argument in macro.args]
            shapes[f"_components/{file.name}", macro.name] = (names, len(names) - len(macro.defaults))

    faults = [
        fault
        for file in TEMPLATES.rglob("*.html")
        for fault in misfits(environment.parse(file.read_text()), shapes, str(file.relative_to(TEMPLATES)))
    ]
    assert [] == faults


def misfits(tree: nodes.Template, shapes: dict[tuple[str, str], tuple[list[str], int]], name: str) -> Iterator[str]:
    """The calls in a template that do not fit the macro they mean."""
    imported: dict[str, tuple[list[str], int]] = {}
    for statement in tree.find_all(nodes.FromImport):
        where = statement.template.value if isinstance(statement.template, nodes.Const) else ""
        for each in statement.names:
            macro, alias = (each, each) if isinstance(each, str) else each
            if where.startswith("_components/") and (where, macro) not in shapes:
                yield f"{name}: no macro {macro} in {where}"
            elif where.startswith("_components/"):
                imported[alias] = shapes[where, macro]
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in imported:
            known, needed = imported[call.node.name]
            given = {*known[: len(call.args)], *(pair.key for pair in call.kwargs)} - {"caller"}
            if len(call.args) > len(known) or given - set(known) or set(known[:needed]) - given:
                yield f"{name}:{call.lineno}: {call.node.name}({', '.join(sorted(given))})"
