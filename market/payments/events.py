"""What payments tells the others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InvoiceIssued:
    """An invoice has gone out; `deal_id` is the deal that owes it."""

    invoice_id: str
    deal_id: str


@dataclass(frozen=True)
class InvoicePaid:
    """An invoice is paid in full; `kind` is the kind of its obligation, such as `upfront`."""

    invoice_id: str
    deal_id: str
    kind: str
