"""The numbers of the first page."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from market.accounts.models import Organisation
from market.catalog.models import Technology
from market.catalog.rules import vocabulary as words

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_O: Any = Organisation.__table__  # type: ignore[attr-defined]
_FIGURES = (
    select(
        func.count().label("technologies"),
        func.count(func.distinct(_O.c.id)).label("institutions"),
        func.count(func.distinct(_O.c.country)).label("countries"),
    )
    .select_from(_T.join(_O, _O.c.id == _T.c.organisation_id))
    .where(_T.c.state.in_(words.VISIBLE))
)


def figures(db: Session) -> tuple[int, int, int]:
    """How many technologies are to be had, of how many institutions, in how many countries."""
    row = db.execute(_FIGURES).one()
    return row.technologies, row.institutions, row.countries
