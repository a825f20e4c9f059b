"""A service on a real ledger, whose facts are also kept in a list as they were submitted."""

import pytest

from core.ledger.facts import CallEnded, CallStarted
from core.ledger.ledger import Ledger
from core.llm.backoff import Manners
from core.llm.service import AIService
from core.settings import Settings
from tests.upstreams.server import Upstream

KEY = "sk-canary-0123456789abcdef"
QUICK = Manners(retries=2, base_s=0.01, longest_s=0.02, patience_s=1.5)


class Journal:
    """Passes everything on to the ledger; `calls` are the rows of calls as they ended, oldest first."""

    def __init__(self, ledger):
        self.ledger, self.facts = ledger, []

    def submit(self, fact):
        self.facts.append(fact)
        return self.ledger.submit(fact)

    def rows(self, sql, parameters=()):
        return self.ledger.rows(sql, parameters)

    @property
    def ends(self):
        return [fact for fact in self.facts if isinstance(fact, CallEnded)]

    @property
    def calls(self):
        return [fact.call for fact in self.ends]

    @property
    def kinds(self):
        return [type(fact) for fact in self.facts if isinstance(fact, CallStarted | CallEnded)]


def settings_for(upstream, folder, **changes):
    """All five providers are the upstream."""
    known = {
        "openai_api_key": KEY,
        "openai_base_url": upstream.v1,
        "anthropic_api_key": KEY,
        "anthropic_base_url": upstream.url,
        "ollama_base_url": upstream.url,
        "lm_studio_base_url": upstream.v1,
        "vllm_base_url": upstream.v1,
        "vllm_api_key": KEY,
    }
    return Settings(_env_file=None, data_dir=folder, **(known | changes))


@pytest.fixture(scope="package")
def _server():
    with Upstream() as server:
        yield server


@pytest.fixture
def upstream(_server):
    _server.reset()
    return _server


@pytest.fixture(scope="package")
def _journal(tmp_path_factory):
    ledger = Ledger.open(tmp_path_factory.mktemp("ledger"))
    yield Journal(ledger)
    ledger.close()


@pytest.fixture
def journal(_journal):
    """One ledger for all tests, since opening one takes longer than most of them; the list starts empty."""
    _journal.facts.clear()
    return _journal


@pytest.fixture(scope="package")
def _demo_service(tmp_path_factory, _journal):
    made = AIService(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("demo")), _journal).open()
    yield made
    made.close()


@pytest.fixture
def service(_demo_service, journal):
    """With the simulated models only."""
    return _demo_service


@pytest.fixture(scope="package")
def _services(tmp_path_factory, _journal, _server):
    made = {}

    def build(manners=QUICK, guard=None, **changes):
        """A service with these settings; the same one when it was asked for before and has no guard."""
        place = repr((manners, sorted(changes.items()), guard))
        if place not in made:
            settings = settings_for(_server, tmp_path_factory.mktemp("made"), **changes)
            made[place] = AIService(settings, _journal, guard=guard, manners=manners).open()
            made[place].wait_until_warm(60)
        return made[place]

    yield build
    for service in made.values():
        service.close()


@pytest.fixture
def make(_services, journal, upstream):
    """Services whose five providers are all the upstream; their retries hardly wait."""
    return _services
