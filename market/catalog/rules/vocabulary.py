"""The words of the catalogue: sectors, what is offered, kinds of licence, price, stage and IP rights, with their labels.

Each vocabulary maps the key that is stored to the label (a msgid) that is shown.
"""

from dataclasses import dataclass
from functools import cache

import pycountry

from market.kit.i18n import _


@dataclass(frozen=True)
class Sector:
    """A sector as a shop owner would name it; `nace` lists the NACE Rev. 2.1 sections that it falls into."""

    key: str
    label: str
    nace: tuple[str, ...]


SECTORS: dict[str, Sector] = {
    sector.key: sector
    for sector in (
        Sector("food", _("Farming and food"), ("A", "C", "I")),
        Sector("health", _("Health and medicine"), ("R", "C")),
        Sector("biotech", _("Biotechnology and medicines"), ("C", "N")),
        Sector("chemistry", _("Chemicals and processes"), ("C",)),
        Sector("materials", _("Materials and coatings"), ("C",)),
        Sector("manufacturing", _("Manufacturing and tools"), ("C",)),
        Sector("machinery", _("Machines and fluid systems"), ("C",)),
        Sector("robotics", _("Robots and automation"), ("C", "K")),
        Sector("electronics", _("Electronics and optics"), ("C",)),
        Sector("measurement", _("Sensors and measuring"), ("C", "N")),
        Sector("software", _("Software and data"), ("K",)),
        Sector("communications", _("Communications and media"), ("J", "K")),
        Sector("energy", _("Energy and batteries"), ("B", "D")),
        Sector("environment", _("Water, waste and climate"), ("E",)),
        Sector("construction", _("Building and construction"), ("F", "M")),
        Sector("transport", _("Vehicles and transport"), ("C", "H")),
        Sector("aerospace", _("Aircraft and space"), ("C", "H")),
        Sector("consumer", _("Consumer goods, education and culture"), ("G", "Q", "S", "T")),
    )
}

# The categories of NASA's catalogue, technologies then software, in lower case.
NASA_CATEGORIES = {
    "aerospace": "aerospace",
    "communications": "communications",
    "electrical and electronics": "electronics",
    "environment": "environment",
    "health medicine and biotechnology": "health",
    "information technology and software": "software",
    "instrumentation": "measurement",
    "manufacturing": "manufacturing",
    "materials and coatings": "materials",
    "mechanical and fluid systems": "machinery",
    "optics": "electronics",
    "power generation and storage": "energy",
    "propulsion": "aerospace",
    "robotics automation and control": "robotics",
    "sensors": "measurement",
    "autonomous systems": "robotics",
    "business systems and project management": "software",
    "crew and life support": "health",
    "data and image processing": "software",
    "data servers processing and handling": "software",
    "design and integration tools": "software",
    "environmental science (earth air space exoplanet)": "environment",
    "operations": "software",
    "structures and mechanisms": "machinery",
    "system testing": "measurement",
    "vehicle management (space/air/ground)": "transport",
}

# Words under which other catalogues file their technologies; the first that occurs in a category decides.
SECTOR_WORDS = (
    ("biotech", "biotech"),
    ("pharma", "biotech"),
    ("drug", "biotech"),
    ("vaccine", "biotech"),
    ("life science", "biotech"),
    ("medic", "health"),
    ("health", "health"),
    ("diagnos", "health"),
    ("agri", "food"),
    ("food", "food"),
    ("farm", "food"),
    ("aero", "aerospace"),
    ("space", "aerospace"),
    ("robot", "robotics"),
    ("automation", "robotics"),
    ("software", "software"),
    ("comput", "software"),
    ("data", "software"),
    ("information tech", "software"),
    ("telecom", "communications"),
    ("communicat", "communications"),
    ("media", "communications"),
    ("battery", "energy"),
    ("energy", "energy"),
    ("power", "energy"),
    ("solar", "energy"),
    ("water", "environment"),
    ("waste", "environment"),
    ("climate", "environment"),
    ("environment", "environment"),
    ("construct", "construction"),
    ("building", "construction"),
    ("sensor", "measurement"),
    ("instrument", "measurement"),
    ("measur", "measurement"),
    ("imaging", "measurement"),
    ("electr", "electronics"),
    ("optic", "electronics"),
    ("photon", "electronics"),
    ("semiconduct", "electronics"),
    ("vehicle", "transport"),
    ("automotive", "transport"),
    ("transport", "transport"),
    ("chem", "chemistry"),
    ("material", "materials"),
    ("coating", "materials"),
    ("nano", "materials"),
    ("manufactur", "manufacturing"),
    ("mechanic", "machinery"),
    ("machine", "machinery"),
    ("engineering", "machinery"),
    ("educat", "consumer"),
    ("consumer", "consumer"),
    ("sport", "consumer"),
)

OFFERS = {
    "licence": _("Licence"),
    "option": _("Option"),
    "joint_research": _("Joint research"),
    "contract_research": _("Contract research"),
    "student_project": _("Student project"),
}

LICENCES = {
    "exclusive": _("Exclusive"),
    "sole": _("Sole"),
    "non_exclusive": _("Non-exclusive"),
}

GRANTS = {**LICENCES, "option": _("Option")}

PRICES = {
    "on_request": _("Price on request"),
    "free": _("Free"),
    "fixed": _("Fixed price"),
    "range": _("Price range"),
    "express": _("Express licence at a fixed price"),
}

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "KRW", "BRL", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN")

STATES = {
    "draft": _("Draft"),
    "published": _("Published"),
    "stale": _("To be confirmed"),
    "hidden": _("Hidden"),
    "withdrawn": _("Withdrawn"),
}
VISIBLE = ("published", "stale")

TRL = {
    1: _("Basic principles observed"),
    2: _("Concept formulated"),
    3: _("Proof of concept"),
    4: _("Tested in the laboratory"),
    5: _("Tested in a relevant environment"),
    6: _("Demonstrated in a relevant environment"),
    7: _("Prototype works in its real environment"),
    8: _("Complete and qualified"),
    9: _("Proved in daily use"),
}
PROTOTYPE_FROM = 6

IP_KINDS = {
    "patent": _("Patent"),
    "application": _("Patent application"),
    "know_how": _("Know-how"),
    "software": _("Software"),
    "design": _("Design"),
    "plant_variety": _("Plant variety"),
    "material": _("Material"),
}

IP_STATUS = {
    "granted": _("Granted"),
    "pending": _("Pending"),
    "lapsed": _("Lapsed"),
    "unregistered": _("Not registered"),
    "unknown": _("Not checked"),
}

BANDS = {
    "free": _("Free"),
    "to_5k": _("Up to 5,000"),
    "to_25k": _("5,000 to 25,000"),
    "to_100k": _("25,000 to 100,000"),
    "above": _("More than 100,000"),
    "on_request": _("On request"),
}


@cache
def countries() -> tuple[str, ...]:
    """All ISO 3166 alpha-2 codes."""
    return tuple(sorted(country.alpha_2 for country in pycountry.countries))


def sector_label(key: str | None) -> str:
    """The msgid of a sector's name, or an empty text."""
    sector = SECTORS.get(key or "")
    return sector.label if sector else ""


def sector_of(category: str) -> str | None:
    """Find the sector for what another catalogue calls a category: by key, by name, by NASA's list, by a telling word."""
    folded = " ".join(category.casefold().replace("&", "and").replace(",", " ").split())
    if folded in SECTORS:
        return folded
    if folded in NASA_CATEGORIES:
        return NASA_CATEGORIES[folded]
    for sector in SECTORS.values():
        if folded == sector.label.casefold().replace(",", ""):
            return sector.key
    return next((key for word, key in SECTOR_WORDS if word in folded), None)


def price_band(kind: str, low_major: int | None) -> str:
    """The band of a price for search; amounts are compared in major units of whatever currency they are in."""
    if kind == "free":
        return "free"
    if low_major is None or kind == "on_request":
        return "on_request"
    return next(
        (band for limit, band in ((5_000, "to_5k"), (25_000, "to_25k"), (100_000, "to_100k")) if low_major <= limit),
        "above",
    )


def ip_summary(statuses: list[str], kinds: list[str]) -> str:
    """One word for all rights of a listing: the strongest status, or `unregistered` where nothing is registered."""
    for status in ("granted", "pending", "unknown", "lapsed"):
        if status in statuses:
            return status
    return "unregistered" if kinds else "none"
