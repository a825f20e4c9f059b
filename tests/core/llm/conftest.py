"""A service on a real ledger, whose facts are also kept in a list as they were submitted."""

import pytest

from core.ledger.facts import CallEnded, CallStarted
from core.ledger.ledger import Ledger
from core.llm.service import AIService
from core.settings import Settings


class Journal:
    """Passes everything on; `calls` are the rows of calls as they ended, oldest first."""

    def __init__(self, ledger):
        self.ledger, self.facts = ledger, []

    def submit(self, fact):
        self.facts.append(fact)
        return self.ledger.submit(fact)

    def rows(self, sql, parameters=()):
        return self.ledger.rows(sql, parameters)

    @property
    def calls(self):
        return [fact.call for fact in self.facts if isinstance(fact, CallEnded)]

    @property
    def kinds(self):
        return [type(fact) for fact in self.facts if isinstance(fact, CallStarted | CallEnded)]


@pytest.fixture
def journal(tmp_path):
    ledger = Ledger.open(tmp_path)
    yield Journal(ledger)
    ledger.close()


@pytest.fixture
def settings(tmp_path):
    return Settings(_env_file=None, data_dir=tmp_path)


@pytest.fixture
def service(settings, journal):
    made = AIService(settings, journal).open()
    yield made
    made.close()
