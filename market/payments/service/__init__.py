"""Use cases of money, by stage: invoicing, paying, settling, inbox, ledger, proof. The seam for other packages is here."""

from market.payments.service.invoicing import issue_invoice, open_obligation

__all__ = ["issue_invoice", "open_obligation"]
