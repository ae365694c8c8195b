"""The style sheets: colours that can be read, few bytes, nothing from elsewhere."""

import re

import pytest

from market.kit.templating import STATIC, TEMPLATES

CSS = STATIC / "css"
AA_TEXT = 4.5
AA_SHAPE = 3.0
PAIRS = [
    ("ink", "paper"),
    ("ink", "ground"),
    ("ink", "sunken"),
    ("ink-soft", "paper"),
    ("ink-soft", "ground"),
    ("ink-soft", "accent-soft"),
    ("ink", "accent-soft"),
    ("ink", "mark"),
    ("accent", "paper"),
    ("accent", "ground"),
    ("accent", "accent-soft"),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("danger", "danger-soft"),
    ("danger", "paper"),
    ("danger-strong", "danger-soft"),
]


def tokens(scheme: str) -> dict[str, str]:
    """The colours of a scheme, by name."""
    css = (CSS / "ponte.css").read_text()
    light, dark = css.split("@media (prefers-color-scheme: dark)", 1)
    colour = re.compile(r"--([\w-]+): (#[0-9a-f]{3,6});")
    found = dict(colour.findall(light))
    return found | dict(colour.findall(dark.split("/* --- Elements ---")[0])) if scheme == "dark" else found


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(scheme: str, text: str, ground: str):
    """Every text has the contrast of WCAG AA on its ground, by day and by night."""
    colours = tokens(scheme)

    assert AA_TEXT <= contrast(colours[text], colours[ground])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "ground"])
def test_the_edge_of_a_field_can_be_seen(scheme: str, ground: str):
    """Fields and steps stand out from their ground."""
    colours = tokens(scheme)

    assert AA_SHAPE <= contrast(colours["line-strong"], colours[ground])


def test_the_style_is_small():
    """Two requests, less than 48 kB before compression."""
    base = (TEMPLATES / "base.html").read_text()

    assert 2 == base.count('rel="stylesheet"')
    assert sum(file.stat().st_size for file in CSS.glob("*.css")) < 48_000


def test_nothing_comes_from_elsewhere():
    """No font, picture or script is asked from a third party; every file that is named exists."""
    for file in [*CSS.glob("*.css"), *(STATIC / "js").glob("*.js")]:
        text = file.read_text()
        assert not re.search(r"https?://(?!www\.w3\.org)", text)
        for name in re.findall(r"url\(\"?([^\")]+)\"?\)|from \"([^\"]+)\"", text):
            assert (file.parent / "".join(name)).resolve().exists()


def test_colours_have_one_home():
    """A colour is written once, as a token; components only name it."""
    assert [] == re.findall(r"#[0-9a-f]{3,6}\b|rgb\(", (CSS / "components.css").read_text())


def test_every_class_in_use_is_styled():
    """A class that no sheet knows is a typing error."""
    css = "".join(file.read_text() for file in CSS.glob("*.css"))
    known = set(re.findall(r"\.([a-z][\w-]*)", css)) | {"button-secondary"}  # the kind without a colour of its own
    used = {
        (str(file.relative_to(TEMPLATES)), name)
        for file in TEMPLATES.rglob("*.html")
        for value in re.findall(r'class="([^"{}]+)"', file.read_text())
        for name in value.split()
    }
    assert set() == {(file, name) for file, name in used if name not in known}
