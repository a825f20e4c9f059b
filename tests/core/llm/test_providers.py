"""Providers × features: every cell of docs/providers.md is true, over a real socket."""

import pytest

from tests.core.llm.provider_table import FEATURES, FILE, PROVIDERS, render

CELLS = [(provider, name) for provider in PROVIDERS for name in FEATURES if provider not in FEATURES[name][1]]


@pytest.mark.parametrize(("provider", "feature"), CELLS, ids=[f"{provider}-{name}" for provider, name in CELLS])
def test_cell(make, journal, upstream, provider, feature):
    assert FEATURES[feature][0](make(), provider, journal, upstream)


def test_the_page_says_what_was_checked():
    assert FILE.read_text("utf-8") == render(), "run python -m tests.core.llm.provider_table"
