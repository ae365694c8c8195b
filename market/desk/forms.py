"""What an operator types."""

from pydantic import Field

from market.kit.forms import Form


class UnverifyForm(Form):
    """Why an organisation's check is taken back."""

    reason: str = Field("", max_length=500)
