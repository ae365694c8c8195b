"""Tables of what is counted."""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from market.kit.db import Table


class ListingView(Table, table=True):
    """How often a listing's page was opened on a day (UTC), by people outside of its institution. Nobody is named."""

    __tablename__ = "listing_view"
    __table_args__ = (CheckConstraint("views > 0", name="views_positive"),)

    technology_id: str = Field(foreign_key="technology.id", primary_key=True, ondelete="CASCADE")
    day: date = Field(primary_key=True)
    views: int
