"""Pictures of guides, drawn from a few words: boxes one after the other, bars, points in time. SVG text, no I/O.

The figures keep to 360 units of width, so that their words are readable on a telephone; colours are the style sheet's.
"""

import re
from html import escape
from textwrap import wrap

from market.support.rules.guide import Picture

WIDTH = 360
LINE = 20


def drawn(picture: Picture, name: str) -> str:
    """The picture as inline SVG, named by its title; `name` makes the title's id; ValueError for an unknown kind."""
    parts, height = {"steps": _steps, "bars": _bars, "times": _times}.get(picture.kind, _unknown)(picture)
    return (
        f'<svg class="picture" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}">'
        f'<title id="{name}">{escape(described(picture))}</title>{"".join(parts)}</svg>'
    )


def described(picture: Picture) -> str:
    """What the picture shows, in words: its title and everything in it."""
    said = "; ".join(f"{text}: {value}" if value else text for text, value in picture.items)
    return f"{picture.title}. {said}."


def _unknown(picture: Picture) -> tuple[list[str], int]:
    raise ValueError(f"no picture of the kind {picture.kind}")


def _text(x: int, y: int, words: str, css: str = "picture-text") -> str:
    return f'<text class="{css}" x="{x}" y="{y}">{escape(words)}</text>'


def _steps(picture: Picture) -> tuple[list[str], int]:
    """Boxes under one another with arrows between; a value stands below its text, quieter."""
    parts, y = [], 2
    for at, (text, value) in enumerate(picture.items):
        lines = [(line, "picture-text picture-strong") for line in wrap(text, 38)]
        lines += [(line, "picture-text") for line in wrap(value, 42)]
        height = len(lines) * LINE + 18
        if at:
            parts.append(f'<path class="picture-line" d="M180 {y - 24}v18m-6-7 6 7 6-7"/>')
        parts.append(f'<rect class="picture-box" x="2" y="{y}" width="356" height="{height}" rx="8"/>')
        parts += [_text(16, y + 24 + LINE * row, line, css) for row, (line, css) in enumerate(lines)]
        y += height + 26
    return parts, y - 24


def _bars(picture: Picture) -> tuple[list[str], int]:
    """A bar for each item; the first number of its value is its length."""
    sizes = [size_of(value) for _label, value in picture.items]
    top = max(sizes) or 1
    parts, y = [], 4
    for (text, value), size in zip(picture.items, sizes, strict=True):
        for line in wrap(text, 44):
            parts.append(_text(0, y + 14, line))
            y += LINE
        length = max(round(230 * size / top), 2)
        parts.append(f'<rect class="picture-bar" x="0" y="{y}" width="{length}" height="20" rx="3"/>')
        parts.append(_text(length + 8, y + 15, value, "picture-text picture-strong"))
        y += 34
    return parts, y


def size_of(value: str) -> float:
    """The first number in a text: 12000 of 'EUR 12,000 a year'; 0 where there is none."""
    found = re.search(r"\d[\d,]*(?:\.\d+)?", value)
    return float(found[0].replace(",", "")) if found else 0.0


def _times(picture: Picture) -> tuple[list[str], int]:
    """Points on a line, when and what."""
    parts, points, y = [], [], 14
    for when, what in picture.items:
        points.append(y)
        lines = wrap(what, 38)
        parts.append(_text(30, y + 5, when, "picture-text picture-strong"))
        parts += [_text(30, y + 5 + LINE * row, line) for row, line in enumerate(lines, start=1)]
        y += LINE * (len(lines) + 1) + 14
    line = f'<path class="picture-line" d="M10 {points[0]}V{points[-1]}"/>'
    dots = [f'<circle class="picture-dot" cx="10" cy="{point}" r="7"/>' for point in points]
    return [line, *dots, *parts], y - 14
