"""When a right ends at the latest: an estimate from its dates, never what a register says.

Extensions (supplementary certificates, patent term adjustment) and unpaid fees are not counted. Sources: TRIPS art. 33,
35 U.S.C. 154, 161 and 173, Regulation (EC) 6/2002 art. 12, Regulation (EC) 2100/94 art. 19, the offices' design acts.
"""

from calendar import monthrange
from datetime import date

_US_TWENTY_YEARS = date(1995, 6, 8)
_US_DESIGN_FIFTEEN = date(2015, 5, 13)
_JP_DESIGN_FROM_FILING = date(2020, 4, 1)
_CN_DESIGN_FIFTEEN = date(2021, 6, 1)
_UTILITY_MODELS = ("U", "Y")
_TEN_YEARS = ("CN", "DE", "ES", "FR", "IT", "JP", "KR")


def years_after(start: date, years: int) -> date:
    """The same day some years later; 29 February becomes the last day of February where there is none (EPC rule 131)."""
    year = start.year + years
    return date(year, start.month, min(start.day, monthrange(year, start.month)[1]))


def estimate(
    kind: str, office: str, *, filed_on: date | None, granted_on: date | None = None, kind_code: str = ""
) -> date | None:
    """The last day that the right can last by its dates alone; None where the dates do not tell, or it never ends.

    `kind` is one of vocabulary.IP_KINDS; `office` a WIPO ST.3 code; `kind_code` tells utility models.
    """
    if kind in ("patent", "application"):
        return _patent(office, filed_on, granted_on, kind_code)
    if kind == "design":
        return _design(office, filed_on, granted_on)
    if kind == "plant_variety" and granted_on is not None:
        return years_after(granted_on, 25 if office in ("EU", "QZ") else 20)
    return None


def _patent(office: str, filed_on: date | None, granted_on: date | None, kind_code: str) -> date | None:
    if filed_on is None:
        return years_after(granted_on, 17) if granted_on and office == "US" and granted_on < _US_TWENTY_YEARS else None
    if kind_code[:1] in _UTILITY_MODELS and office in _TEN_YEARS:
        return years_after(filed_on, 10)
    twenty = years_after(filed_on, 20)
    if office == "US" and filed_on < _US_TWENTY_YEARS and granted_on is not None:
        return max(twenty, years_after(granted_on, 17))
    return twenty


def _design(office: str, filed_on: date | None, granted_on: date | None) -> date | None:
    if office == "US":
        if granted_on is None:
            return None
        old = (filed_on is not None and filed_on < _US_DESIGN_FIFTEEN) or granted_on < _US_DESIGN_FIFTEEN
        return years_after(granted_on, 14 if old else 15)
    if office == "JP" and granted_on is not None and filed_on is not None and filed_on < _JP_DESIGN_FROM_FILING:
        return years_after(granted_on, 20)
    if filed_on is None:
        return None
    if office == "CN":
        return years_after(filed_on, 15 if filed_on >= _CN_DESIGN_FIFTEEN else 10)
    return years_after(filed_on, {"IN": 15, "KR": 20}.get(office, 25))
