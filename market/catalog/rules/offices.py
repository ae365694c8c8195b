"""How each office writes its numbers, and the one form in which we keep them (the EPO's docdb).

Sources: WIPO ST.6, ST.10/C and ST.16; the EPO's page of number formats for docdb and epodoc. A normaliser is given what
stands between office and kind code, without spaces and separators, and the check digit that followed a point (or an
empty text); it gives the number, or None for what is no number of that office. Normal forms stay as they are.
"""

import re
from collections.abc import Callable

Normaliser = Callable[[str, str], str | None]

_WO_SIX_DIGITS_FROM = 51_231  # publications of 4 July 2002 and later have six digits after the year
_ERAS = {"M": "M", "T": "T", "S": "S", "H": "H", "R": "R", "明": "M", "大": "T", "昭": "S", "平": "H", "令": "R"}
_JP_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|MEIJI|TAISHO|SHOWA|SHO|HEISEI|HEI|REIWA|[明大昭平令MTSHR])\s*(\d{1,2})\s*[-‐‑–/]\s*(\d{1,6})"
)
_JP_WORDS = re.compile(r"特許第|特開|特表|特公|特願|実開|実公|第|号|公報")
_INDIA = {
    "DEL": "DE", "DELNP": "DN", "MUM": "MU", "MUMNP": "MN", "CHE": "CH", "CHENP": "CN", "KOL": "KO", "KOLNP": "KN",
    "MAS": "MA", "CAL": "CA", "BOM": "BO",
}  # fmt: skip


def _century(two: str) -> str:
    """The four digits of a year after 1977 that was written with two."""
    return ("19" if int(two) >= 78 else "20") + two


def japanese(text: str) -> str:
    """Write years of an emperor in one way: `特開平6-12345`, `Hei 6-12345` and `H06-012345` become `H0612345`."""
    text = _JP_WORDS.sub("", text)

    def era(match: re.Match[str]) -> str:
        return f"{_ERAS[match.group(1)[0]]}{int(match.group(2)):02}{int(match.group(3))}"

    text = _JP_ERA.sub(era, text)
    short = re.fullmatch(r"((?:JP)?\s*)(\d{1,2})-(\d{4,6})(\s*[A-Z]\d?)?", text)
    if short:  # without the era's letter: Heisei ended its numbers at 11, Showa began with 38
        year = int(short.group(2))
        letter = "H" if 1 <= year <= 11 else "S" if 38 <= year <= 64 else ""
        if letter:
            return f"{short.group(1)}{letter}{year:02}{int(short.group(3))}{short.group(4) or ''}"
    return re.sub(
        r"((?:19|20)\d{2})[-‐‑–/](\d{1,6})(?!\d)", lambda match: match.group(1) + match.group(2).zfill(6), text
    )


def _ep(body: str, check: str) -> str | None:
    if re.fullmatch(r"\d{1,7}", body) and int(body) and not check:
        return body.zfill(7)
    if re.fullmatch(r"\d{8}", body):
        return body  # an application: two digits of the year, six of the number
    epodoc = re.fullmatch(r"(?:19|20)(\d\d)0(\d{6})", body)
    return epodoc.group(1) + epodoc.group(2) if epodoc and not check else None


def _us(body: str, check: str) -> str | None:
    if check:
        return None
    lettered = re.fullmatch(r"(D|RE|PP|H|T|X|AI)0*([1-9]\d{0,6})", body)
    if lettered:
        return lettered.group(1) + lettered.group(2)
    published = re.fullmatch(r"(20\d\d)0(\d{6})", body)
    if published:
        return published.group(1) + published.group(2)
    if re.fullmatch(r"20\d{8,9}", body):
        return body
    stripped = body.lstrip("0")
    return stripped if re.fullmatch(r"\d{1,8}", stripped) else None


def _wo(body: str, check: str) -> str | None:
    match = re.fullmatch(r"((?:19|20)\d\d)(\d{5,6})|(\d\d)(\d{5,6})", body)
    if match is None or check:
        return None
    year = match.group(1) or _century(match.group(3))
    serial = int(match.group(2) or match.group(4))
    if int(year) >= 2004:
        return f"{year}{serial:06}"
    six = int(year) == 2003 or (int(year) == 2002 and serial >= _WO_SIX_DIGITS_FROM) or serial > 99_999
    return f"{year[2:]}{serial:06}" if six else f"{year[2:]}{serial:05}"


def _jp(body: str, check: str) -> str | None:
    era = re.fullmatch(r"([MTSHR])(\d\d)0*([1-9]\d{0,5})", body)
    if era and not check:
        return era.group(1) + era.group(2) + era.group(3)
    if re.fullmatch(r"(19|20)\d{8}", body) and not check:
        return body
    stripped = body.lstrip("0")
    return stripped if re.fullmatch(r"\d{1,7}", stripped) and not check else None


def chinese_check_digit(digits: str) -> str:
    """The check digit behind a Chinese application number of 8 or 12 digits (GB/T and CNIPA's rule: modulo 11)."""
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11
    return "X" if rest == 10 else str(rest)


def _cn(body: str, check: str) -> str | None:
    patent = body.startswith("ZL")
    body = body.removeprefix("ZL")
    if re.fullmatch(r"\d{12}[\dX]", body) or (patent and re.fullmatch(r"\d{8}[\dX]", body)):
        body, check = body[:-1], check or body[-1]
    if check:
        applied = re.fullmatch(r"\d{8}|\d{12}", body)
        return body if applied and chinese_check_digit(body) == check else None
    return body if re.fullmatch(r"\d{7,9}|(19|20)\d{10}", body) else None


def _kr(body: str, check: str) -> str | None:
    if check or not body.isdigit():
        return None
    long = re.fullmatch(r"(?:[12]0)?((?:19|20)\d\d)(\d{7})", body)
    if long:
        year, serial = long.groups()
        return f"{year[2:]}{serial}" if int(year) <= 1997 else year + serial
    if len(body) == 9:
        return body
    stripped = body.lstrip("0")
    return f"10{stripped:0>7}" if 0 < len(stripped) <= 7 else None


def _gb(body: str, check: str) -> str | None:
    if check:
        return None
    if re.fullmatch(r"19[01]\d{6}|189\d{6}", body):
        return body  # before 1916: the year and five digits
    stripped = body.lstrip("0")
    return stripped if re.fullmatch(r"\d{1,7}", stripped) else None


def _de(body: str, check: str) -> str | None:
    del check  # the check digit of a file number says nothing that the number does not
    if re.fullmatch(r"[1-9]\d(?:19|20)\d{8}", body):
        return body
    stripped = body.lstrip("0")
    return stripped if re.fullmatch(r"\d{3,8}", stripped) else None


def _fr(body: str, check: str) -> str | None:
    stripped = body.lstrip("0")
    return stripped if re.fullmatch(r"\d{1,7}", stripped) and not check else None


def _it(body: str, check: str) -> str | None:
    local = re.fullmatch(r"([A-Z]{2})((?:19|20)\d\d)[A-Z]?(\d{1,6})", body)
    if local and not check:
        return f"{local.group(1)}{local.group(2)}{int(local.group(3)):04}"
    if re.fullmatch(r"[12]0(19|20)\d{11}", body):
        return body
    stripped = body.lstrip("0")
    return stripped if re.fullmatch(r"\d{1,8}", stripped) and not check else None


def _in(body: str, check: str) -> str | None:
    if check:
        return None
    filed = re.fullmatch(r"0*(\d{1,5})([A-Z]{3,5})((?:19|20)\d\d)", body)
    if filed and filed.group(2) in _INDIA:
        return f"{filed.group(3)}{_INDIA[filed.group(2)]}{int(filed.group(1)):05}"
    older = re.fullmatch(r"((?:19|20)\d\d)([A-Z]{2})(\d{1,5})", body)
    if older and older.group(2) in _INDIA.values():
        return f"{older.group(1)}{older.group(2)}{int(older.group(3)):05}"
    if re.fullmatch(r"20\d{10}", body):
        return body
    stripped = body.lstrip("0")
    return stripped if re.fullmatch(r"\d{1,7}", stripped) else None


def other(body: str, check: str) -> str | None:
    """Any other office: its digits, with a year's letters or an utility model's letter before them."""
    return body if re.fullmatch(r"[A-Z]{0,2}\d{2,13}", body) and not check else None


NORMALISERS: dict[str, Normaliser] = {
    "EP": _ep, "US": _us, "WO": _wo, "JP": _jp, "CN": _cn, "KR": _kr, "GB": _gb, "DE": _de, "FR": _fr, "IT": _it,
    "IN": _in,
}  # fmt: skip
