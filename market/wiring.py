"""Where the parts meet: which handler hears which fact, which job is done by whom, which gateway a setting chooses."""

import importlib
import pkgutil
import time
from collections.abc import Callable
from dataclasses import dataclass

import market
from market.accounts import handlers as accounts_handlers
from market.accounts import jobs as accounts_jobs
from market.accounts import queries as accounts
from market.accounts.events import MemberRemoved, OrganisationCreated, OrganisationVerified
from market.catalog import jobs as catalog_jobs
from market.catalog.gateway import Fetcher, Neighbours, PatentOffice
from market.config import SANDBOX_KEY, Settings
from market.deals import handlers as deals_handlers
from market.deals import jobs as deals_jobs
from market.deals.gateway import Sealer, Typesetter, Watermarker
from market.desk.gateway import Outbox
from market.discovery import handlers as discovery_handlers
from market.discovery import jobs as discovery_jobs
from market.discovery import queries as discovery
from market.discovery.gateway import Percolator, SearchIndex
from market.discovery.service.neighbours import IndexNeighbours
from market.integrations.epo_ops import EpoOps
from market.integrations.fallback_engine import FallbackIndex
from market.integrations.fetcher import PublicFetcher
from market.integrations.mailers import FolderMailer, SmtpMailer
from market.integrations.meilisearch_engine.engine import MeilisearchIndex
from market.integrations.pyhanko_sealer import PyHankoSealer
from market.integrations.storage import folder_store, s3_store
from market.integrations.stripe_gateway import StripeGateway, mode_of
from market.integrations.stripe_sandbox.app import Sandbox
from market.integrations.tantivy_engine.engine import TantivyIndex
from market.integrations.tantivy_engine.percolator import TantivyPercolator
from market.integrations.typst_typesetter import TypstTypesetter
from market.integrations.watermark import TypstWatermarker
from market.kit import health, mail
from market.kit.db import Database
from market.kit.events import Bus
from market.kit.files import FileStore
from market.kit.gateways import Gateways
from market.kit.jobs import JobRun, Registry, Worker
from market.kit.mail import Mailer, Sender
from market.kit.runtime import Runtime
from market.kit.templating import Addresses, Templates
from market.needs import handlers as needs_handlers
from market.needs import jobs as needs_jobs
from market.payments import jobs as payments_jobs
from market.payments.events import InvoicePaid
from market.payments.gateway import PaymentGateway
from market.payments.service.paying import wrong_mode
from market.routes import all_routes
from market.support import library
from market.support.rules.glossary import explained

SANDBOX_PATH = "/_sandbox/stripe"


def import_models() -> None:
    """Import every package's tables, so that the metadata is whole."""
    for package in pkgutil.iter_modules(market.__path__, "market."):
        if package.ispkg:
            for module in pkgutil.iter_modules(
                [f"{market.__path__[0]}/{package.name.rpartition('.')[2]}"], package.name + "."
            ):
                if module.name.endswith(".models"):
                    importlib.import_module(module.name)


@dataclass(frozen=True)
class Wired:
    """A whole application without its HTTP shell."""

    settings: Settings
    db: Database
    gateways: Gateways
    templates: Templates
    registry: Registry
    runtime: Runtime
    checks: dict[str, health.Check]

    def worker(self, name: str = "worker") -> Worker:
        """A worker over the same database and gateways."""
        worker = Worker(JobRun(self.db, self.gateways, self.settings.site), self.registry, name)
        self.db.after_commit.append(worker.wake)
        return worker


def wire(settings: Settings) -> Wired:
    """Put the application together as the settings say."""
    import_models()
    database = Database(settings.database, subscribers())
    gateways = outside(settings)
    templates = Templates(
        Addresses(all_routes()),
        settings.site,
        sandbox=settings.sandbox,
        sample_world=settings.sample_world,
        compiled=settings.folder("templates"),
    )
    templates.environment.globals |= {"explained": explained, "guides_for": library.for_state}
    runtime = Runtime(
        db=database,
        gateways=gateways,
        templates=templates,
        load_actor=accounts.load_actor,
        load_marks=discovery.marks_of,
        secret=settings.secret,
        base_url=settings.site,
        sandbox=settings.sandbox,
        sample_world=settings.sample_world,
        count_queries=settings.count_queries,
    )
    checks = {
        "database": health.database_check(database),
        "migrations": health.migrations_check(database),
        "search": gateways[SearchIndex].health,
        "worker": health.worker_check(database),
        "payments": lambda: wrong_mode(database, gateways[PaymentGateway].mode),
    }
    return Wired(settings, database, gateways, templates, work(templates, settings), runtime, checks)


def subscribers() -> Bus:
    """Who hears which fact."""
    bus = Bus()
    discovery_handlers.subscribe(bus)
    needs_handlers.subscribe(bus)
    bus.subscribe(InvoicePaid, deals_handlers.settle_deal)
    bus.subscribe(OrganisationCreated, accounts_handlers.ask_operators)
    bus.subscribe(OrganisationVerified, accounts_handlers.tell_owners)
    bus.subscribe(MemberRemoved, accounts_handlers.tell_removed)
    return bus


def outside(settings: Settings) -> Gateways:
    """Which implementation serves which Protocol."""
    gateways = Gateways()
    gateways.put(
        FileStore, s3_store(settings.storage_url) if settings.storage_url else folder_store(settings.folder("files"))
    )
    if settings.smtp_url:
        gateways.put(Mailer, SmtpMailer(settings.smtp_url))
    else:
        folder = FolderMailer(settings.folder("outbox"))
        gateways.put(Mailer, folder)
        gateways.put(Outbox, folder)
    gateways.put(PaymentGateway, payment_gateway(settings))
    gateways.put(Typesetter, TypstTypesetter())
    gateways.put(Sealer, PyHankoSealer(settings.seal_path, settings.seal_secret, make=not settings.seal_certificate))
    gateways.put(Watermarker, TypstWatermarker())
    gateways.put(SearchIndex, search_index(settings))
    gateways.put(Percolator, TantivyPercolator())
    gateways.put(Neighbours, IndexNeighbours(gateways))
    gateways.put(Fetcher, PublicFetcher())
    gateways.put(PatentOffice, EpoOps(settings.epo_ops_key, settings.epo_ops_secret))
    return gateways


def search_index(settings: Settings) -> SearchIndex:
    """A Meilisearch server where one is named, with a replica beside us; else tantivy in process."""
    if settings.meili_url:
        server = MeilisearchIndex(settings.meili_url, settings.meili_key)
        return FallbackIndex(server, TantivyIndex(settings.folder("search")))
    return TantivyIndex(settings.folder("search"))


def payment_gateway(settings: Settings) -> PaymentGateway:
    """Stripe with the given key; else the same code before the sandbox beside us."""
    if settings.sandbox:
        return StripeGateway(
            SANDBOX_KEY,
            mode="sandbox",
            base=settings.local_site + SANDBOX_PATH,
            webhook_secrets=settings.webhook_secrets,
        )
    key = settings.stripe_secret_key
    return StripeGateway(key, mode=mode_of(key), webhook_secrets=settings.webhook_secrets)


def payment_sandbox(settings: Settings, templates: Templates, clock: Callable[[], float] = time.time) -> Sandbox:
    """The sandbox to mount at SANDBOX_PATH; its hosted page is shown to people, its webhooks stay on this machine."""
    return Sandbox(
        settings.folder("sandbox") / "stripe.sqlite3",
        settings.site + SANDBOX_PATH,
        settings.local_site + "/webhooks/stripe",
        templates,
        api_key=SANDBOX_KEY,
        webhook_secret=settings.webhook_secrets[0],
        clock=clock,
    )


def work(templates: Templates, settings: Settings) -> Registry:
    """Who does which job, and what comes round by itself."""
    registry = Registry()
    registry.handle("mail.send", mail.send_job(templates, Sender("Ponte", settings.mail_from)))
    discovery_jobs.register(registry, settings.secret)
    accounts_jobs.register(registry)
    catalog_jobs.register(registry)
    payments_jobs.register(registry)
    deals_jobs.register(registry)
    needs_jobs.register(registry)
    return registry
