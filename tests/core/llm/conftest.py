"""A service on a journal that keeps facts in memory."""

from concurrent.futures import Future

import pytest

from core.llm.service import AIService
from core.settings import Settings


class MemoryJournal:
    def __init__(self):
        self.facts = []

    def submit(self, fact):
        self.facts.append(fact)
        future = Future()
        future.set_result(len(self.facts))
        return future


@pytest.fixture
def journal():
    return MemoryJournal()


@pytest.fixture
def settings(tmp_path):
    return Settings(_env_file=None, data_dir=tmp_path)


@pytest.fixture
def service(settings, journal):
    made = AIService(settings, journal).open()
    yield made
    made.close()
