"""The steps of the main journey, as a person takes them in a browser: what they read and what they click."""

import email
import email.message
import email.policy
import io
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typst
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.live import LiveServer
from tests.story.conftest import accessible, picture

PASSWORD = "horses like quiet stables"
COLUMNS = ("Tech ID", "Name of the technology", "Area", "In one sentence", "How it works", "Patents")
ROWS = [
    (
        "P-1", "Pump without bearings", "Mechanical", "A pump that needs no oil and runs for ten years.",
        "A ring of magnets holds the wheel.", "EP 9901001 B1",
    ),
    (
        "P-2", "Heat from laundry water", "Energy", "A coil that takes the heat out of waste water.",
        "Warm water flows past a coil of copper and warms the fresh water.", "",
    ),
    ("P-3", "", "Energy", "A row whose title was forgotten.", "Nobody can list this.", ""),
    (
        "P-4", "Drone that looks under bridges", "Robotics", "A drone that finds cracks by sound.",
        "A small hammer taps, a microphone listens.", "EP 9901002 B1",
    ),
]  # fmt: skip


def catalogue(path: Path, rows: list[tuple[str, ...]] = ROWS) -> Path:
    """An institute's spreadsheet with headings of its own."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(COLUMNS)
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    path.write_bytes(stream.getvalue())
    return path


def photograph(path: Path) -> Path:
    """A picture of the thing."""
    source = "#set page(width: 320pt, height: 180pt, margin: 0pt, fill: teal)\n"
    source += "#place(center + horizon, circle(radius: 50pt, fill: white))"
    path.write_bytes(typst.compile(source.encode(), format="png", ppi=72.0))
    return path


@dataclass
class Story:
    """The journey on one live server. `keep` takes pictures of the pages and runs axe on them."""

    live: LiveServer
    keep: bool = True
    seen: set[str] = field(default_factory=set)

    def look(self, page: Page, name: str) -> None:
        """Keep a picture of the page at both widths, and see that everybody can use it."""
        if self.keep and name not in self.seen:
            self.seen.add(name)
            accessible(page)
            picture(page, f"{len(self.seen):02}-{name}")

    # --- mail

    def mails(self, to: str) -> list[email.message.EmailMessage]:
        """The mails to an address that lie in the outbox folder, oldest first."""
        found = []
        for path in sorted((self.live.folder / "outbox").glob("*.eml")):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if to in str(mail["To"]):
                found.append(mail)
        return found

    def mail(self, to: str, subject: str) -> str:
        """The text of the newest mail to an address with these words in its subject; waits for the worker."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for mail in reversed(self.mails(to)):
                if subject.lower() in str(mail["Subject"]).lower():
                    text = mail.get_body(("plain",))
                    assert text is not None
                    return str(text.get_content())
            time.sleep(0.1)
        told = [str(mail["Subject"]) for mail in self.mails(to)]
        raise AssertionError(f"no mail about {subject!r} to {to}: {told}")

    # --- accounts

    def register(self, page: Page, name: str, address: str) -> None:
        """Open an account and prove the address by the link in the mail."""
        page.goto("/")
        self.look(page, "home")
        page.get_by_role("link", name="Register", exact=True).first.click()
        self.look(page, "register")
        page.get_by_label("Your name").fill(name)
        page.get_by_label("E-mail address").fill(address)
        page.get_by_label("Password").fill("123")
        page.get_by_role("button", name="Create account").click()
        expect(page.get_by_label("Your name")).to_have_value(name)
        expect(page.locator("#main, main").get_by_text("Use at least 10 characters").first).to_be_visible()
        self.look(page, "register-refused")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create account").click()
        link = re.search(r"http://\S+/confirm/\S+", self.mail(address, "confirm"))
        assert link is not None
        page.goto(link.group(0))
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm and sign in").click()

    def found(self, page: Page, kind: str, name: str, country: str) -> None:
        """Register the organisation."""
        page.goto("/organisations/new")
        page.get_by_label(kind).check()
        page.get_by_label("Full name").fill(name)
        page.get_by_label("Country").select_option(country)
        page.get_by_label("City").fill("Bari")
        page.get_by_label("Registration number").fill("IT-123456")
        self.look(page, "organisation-new")
        page.get_by_role("button", name="Register the organisation").click()

    def verify(self, operator: Page, name: str) -> None:
        """The operator looks at the organisation and marks it as checked."""
        operator.goto("/desk")
        self.look(operator, "desk")
        operator.get_by_role("link", name=name).first.click()
        self.look(operator, "desk-organisation")
        operator.get_by_role("button", name="Mark as checked").click()
        expect(operator.get_by_text("marked as checked")).to_be_visible()

    # --- catalogue

    def import_catalogue(self, officer: Page, file: Path, words: str) -> None:
        """Upload the spreadsheet, match the columns, look at the preview, import."""
        officer.goto("/imports/new")
        self.look(officer, "import-start")
        officer.get_by_label("File").set_input_files(file)
        officer.get_by_role("button", name="Read the file").click()
        if officer.get_by_role("heading", name="Fields and columns").is_visible():
            officer.get_by_label("Title").select_option(label="Name of the technology")
            officer.get_by_label("Sector").select_option(label="Area")
            officer.get_by_label("One-sentence summary").select_option(label="In one sentence")
            officer.get_by_label("Description").select_option(label="How it works")
            self.look(officer, "import-columns")
            officer.get_by_role("button", name="Look at the result").click()
        expect(officer.get_by_text("A row without a title").or_(officer.get_by_text("title")).first).to_be_visible()
        self.look(officer, "import-preview")
        officer.get_by_role("button", name="Import", exact=True).click()
        expect(officer.locator("main")).to_contain_text(words)
        self.look(officer, "import-done")

    def write_listing(self, officer: Page, folder: Path, title: str) -> str:
        """Write a listing by hand with a patent, a picture and offered terms; publish it; give its address."""
        officer.goto("/listings")
        self.look(officer, "own-listings")
        officer.get_by_role("link", name="New listing").click()
        officer.get_by_label("Title").fill(title)
        officer.get_by_role("button", name="Begin the listing").click()
        officer.get_by_label("One-sentence summary").fill(
            "A valve for small bottling plants that closes without a hammer blow and saves pipes."
        )
        officer.get_by_label("Sector").select_option(label="Machines and fluid systems")
        officer.get_by_label("Advantages").fill("90 % less shock in the pipe\nNo electricity")
        officer.get_by_label("Description").fill("A soft cone of silicone slows the last millimetre of the way. " * 3)
        officer.get_by_label("Licence", exact=True).check()
        officer.get_by_label("Exclusive", exact=True).check()
        officer.get_by_label("On request").check()
        officer.get_by_role("button", name="Save", exact=True).click()
        self.look(officer, "editor-texts")

        officer.get_by_role("link", name="Patents and rights").click()
        officer.get_by_label("Number (optional)").fill("EP 9901234 B1")
        officer.get_by_role("button", name="Add", exact=True).click()
        expect(officer.get_by_role("cell", name="EP9901234B1", exact=True)).to_be_visible()
        self.look(officer, "editor-rights")

        officer.get_by_role("link", name="Pictures and files").click()
        officer.get_by_label("File").set_input_files(photograph(folder / "valve.png"))
        officer.get_by_label("What it shows").fill("The valve, cut open")
        officer.get_by_role("button", name="Add", exact=True).click()
        expect(officer.get_by_role("img", name="The valve, cut open")).to_be_visible()
        self.look(officer, "editor-files")

        officer.get_by_role("link", name="Offered terms").click()
        officer.get_by_label("Exclusive", exact=True).check()
        officer.get_by_label("For use in").fill("Bottling of drinks")
        officer.get_by_label("Where", exact=True).select_option(["IT", "FR"])
        officer.get_by_label("For how long (optional)").fill("10")
        officer.get_by_label("Upfront fee (optional)", exact=True).fill("12 000")
        officer.get_by_label("Royalty (optional)").fill("4")
        officer.get_by_role("button", name="Save the terms").click()
        self.look(officer, "editor-terms")
        officer.get_by_role("button", name="Publish").click()
        expect(officer.get_by_role("heading", name=title, level=1)).to_be_visible()
        self.look(officer, "listing-own")
        return officer.url

    # --- finding

    def search(self, buyer: Page, title: str) -> None:
        """Find the listing with a typing error, by a prefix, and through a filter; read it."""
        for words in ("siletn vavle", "valv", "silent valve"):
            self._until_found(buyer, words, title)
        buyer.goto("/search?q=silent")
        self.look(buyer, "search")
        expect(buyer.locator("mark").first).to_be_visible()
        offered = buyer.get_by_role("checkbox", name=re.compile("Machines and fluid systems"))
        offered.check()
        shown = buyer.get_by_role("button", name="Show results")
        if shown.is_visible():
            shown.click()
        expect(buyer).to_have_url(re.compile("sector=machinery"))
        expect(buyer.get_by_role("link", name=re.compile("Silent"))).to_be_visible()
        self.look(buyer, "search-filtered")
        buyer.get_by_role("link", name=re.compile("Silent")).first.click()
        expect(buyer.get_by_role("heading", name=title, level=1)).to_be_visible()
        self.look(buyer, "listing")

    def _until_found(self, buyer: Page, words: str, title: str) -> None:
        """Search until the worker has put the listing into the index."""
        end = time.monotonic() + 15
        while True:
            buyer.goto(f"/search?q={words.replace(' ', '+')}")
            if title in buyer.locator("main").inner_text():
                return
            assert time.monotonic() < end, f"{words!r} does not find {title!r}"
            time.sleep(0.2)

    # --- the deal

    def enquire(self, buyer: Page) -> str:
        """Send the enquiry from the listing; give the address of the deal."""
        buyer.get_by_role("link", name="Ask about this technology").first.click()
        buyer.get_by_label("What do you want to use it for?").fill("too short")
        buyer.get_by_label("In which field?").fill("Bottling of olive oil")
        buyer.get_by_role("button", name="Send the enquiry").click()
        expect(buyer.get_by_text("Use at least 20 characters").first).to_be_visible()
        expect(buyer.get_by_label("In which field?")).to_have_value("Bottling of olive oil")
        self.look(buyer, "enquiry-refused")
        buyer.get_by_label("What do you want to use it for?").fill(
            "We fill 400,000 bottles of olive oil a year, and our pipes crack from the hammer of the valves."
        )
        buyer.get_by_label("In which countries?").select_option(["IT"])
        self.look(buyer, "enquiry")
        buyer.get_by_role("button", name="Send the enquiry").click()
        expect(buyer.get_by_text("has to answer the enquiry")).to_be_visible()
        self.look(buyer, "deal-buyer-waits")
        return buyer.url.split("#")[0]

    def negotiate(self, officer: Page, buyer: Page, deal: str) -> None:
        """The officer answers and offers, the buyer changes two terms, the officer accepts."""
        officer.goto("/deals")
        self.look(officer, "deals")
        officer.goto(deal)
        expect(officer.get_by_text("Your turn: answer the enquiry")).to_be_visible()
        expect(officer.get_by_text(re.compile("By .* 20"))).to_be_visible()
        self.look(officer, "deal-answer")
        officer.get_by_label("Your answer").fill("Gladly. It is free for oil.")
        officer.get_by_role("button", name="Answer the enquiry").click()
        officer.get_by_role("link", name="Make an offer").first.click()
        expect(officer.get_by_label("Field of use")).to_have_value("Bottling of drinks")
        officer.get_by_label("Upfront fee (optional)", exact=True).fill("plenty")
        officer.get_by_role("button", name="Send the offer").click()
        expect(officer.get_by_label("Upfront fee (optional)", exact=True)).to_have_value("plenty")
        officer.get_by_label("Upfront fee (optional)", exact=True).fill("12000")
        self.look(officer, "offer-form")
        officer.get_by_role("button", name="Send the offer").click()
        expect(officer.get_by_text("has to answer the offer")).to_be_visible()

        buyer.goto(deal)
        self.look(buyer, "deal-offer")
        buyer.get_by_role("link", name="Change the terms").click()
        buyer.get_by_label("Upfront fee (optional)", exact=True).fill("9000")
        buyer.get_by_label("Royalty on net sales (optional)").fill("3.5")
        buyer.get_by_label("Words to go with it").fill("We are eleven people.")
        buyer.get_by_role("button", name="Send the offer").click()
        expect(buyer.get_by_text("Changed since the version before:").first).to_be_visible()

        officer.goto(deal)
        self.look(officer, "deal-countered")
        officer.get_by_role("link", name=re.compile("What changed since version")).first.click()
        self.look(officer, "offers-compared")
        officer.goto(deal)
        officer.get_by_role("link", name="Read and accept").click()
        self.look(officer, "offer-accept")
        officer.locator("main form button").first.click()

    def sign(self, officer: Page, buyer: Page, deal: str) -> bytes:
        """The agreement goes out; both sides read and sign; gives the PDF."""
        officer.goto(deal)
        officer.get_by_role("button", name="Send the agreement for signature").click()
        self._reload_until(buyer, deal, "agreement to sign")
        for page, name in ((buyer, "Carla Jensen"), (officer, "Otto Rossi")):
            page.goto(f"{deal}/agreement")
            page.get_by_label("Your full name").fill("Somebody Else")
            page.locator("input[name=consent]").check()
            page.get_by_role("button", name="Sign the agreement").click()
            expect(page.get_by_label("Your full name")).to_have_value("Somebody Else")
            self.look(page, "agreement")
            page.get_by_label("Your full name").fill(name)
            page.get_by_role("button", name="Sign the agreement").click()
            expect(page.get_by_text("signed").first).to_be_visible()
        page = buyer
        page.goto(f"{deal}/agreement")
        href = page.get_by_role("link", name="Open the PDF").get_attribute("href")
        answer = page.request.get(href or "")
        return answer.body()

    def _reload_until(self, page: Page, address: str, words: str) -> None:
        end = time.monotonic() + 30
        while True:
            page.goto(f"{address}/agreement")
            if page.get_by_label("Your full name").is_visible():
                return
            assert time.monotonic() < end, f"no {words}"
            time.sleep(0.3)

    # --- money

    def pay(self, buyer: Page, deal: str) -> None:
        """Open the invoice, try a declined card, then pay; come back and wait for the bank's word."""
        buyer.goto(deal)
        self.look(buyer, "deal-to-pay")
        buyer.get_by_role("link", name="Open the invoice and pay").click()
        self.look(buyer, "invoice")
        buyer.get_by_role("button", name="Pay", exact=True).click()
        self.look(buyer, "checkout")
        buyer.get_by_role("button", name="Try a card that is declined").click()
        expect(buyer.get_by_role("alert")).to_be_visible()
        buyer.get_by_role("button", name="Pay by card").click()
        buyer.wait_for_url(re.compile("/invoices/"))
        end = time.monotonic() + 20
        while "Paid in full" not in buyer.locator("main").inner_text():
            assert time.monotonic() < end, "the payment did not arrive"
            time.sleep(0.2)
            buyer.goto(buyer.url.split("?")[0].removesuffix("/return"))
        self.look(buyer, "invoice-paid")

    def check_end(self, people: dict[str, Page], deal: str) -> None:
        """Both sides see the running licence and the same timeline."""
        told: dict[str, list[str]] = {}
        for who, page in people.items():
            page.goto(deal)
            end = time.monotonic() + 15
            while "Licence active" not in page.locator("main").inner_text():
                assert time.monotonic() < end
                time.sleep(0.2)
                page.goto(deal)
            told[who] = page.locator(".timeline-title").all_inner_texts()
            self.look(page, f"deal-active-{who}")
        assert len(set(map(tuple, told.values()))) == 1
        assert any("Invoice" in title and "paid" in title for title in next(iter(told.values())))


def ledger(live: LiveServer) -> Any:
    """What the proof of the books says."""
    return live.market("check-ledger")
