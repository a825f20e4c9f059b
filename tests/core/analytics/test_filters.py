"""Filters survive a URL whole, whatever they hold, and a hostile URL changes nothing it should not."""

from dataclasses import fields
from datetime import datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.analytics.clause import clause
from core.analytics.filters import FLAGS, LISTS, Filters

TEXT = st.text(max_size=30)
NAMES = st.lists(TEXT, max_size=4, unique=True).map(tuple)
AMOUNTS = st.decimals(0, 1000, places=6)


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    values: dict[str, object] = {name: draw(NAMES) for name in draw(st.sets(st.sampled_from(LISTS), max_size=5))}
    values |= dict.fromkeys(draw(st.sets(st.sampled_from(FLAGS))), True)
    if draw(st.booleans()):
        values["since"] = draw(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))
        values["min_cost"] = draw(AMOUNTS)
        values["max_ttft_s"] = draw(st.floats(0, 100))
        values["min_tokens"] = draw(st.integers(0, 10**9))
        values["text"] = draw(TEXT)
    return Filters(origin=draw(st.sampled_from(["live", "sample", "import", "all"])), **values)  # type: ignore[arg-type]


def spoken(chosen: Filters) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else value for name, value in chosen.query().items()}


@given(filters())
def test_a_url_holds_them_whole(chosen: Filters) -> None:
    assert Filters.of(spoken(chosen)) == chosen


@given(st.dictionaries(st.sampled_from([field.name for field in fields(Filters)]), st.lists(TEXT, max_size=3)))
def test_any_url_gives_some_filters(query: dict[str, list[str]]) -> None:
    found = Filters.of(query)
    assert clause(found).sql
    assert found.origin in ("live", "sample", "import", "all")


@given(filters())
def test_values_never_stand_in_the_sql(chosen: Filters) -> None:
    made = clause(chosen)
    assert made.sql.count("?") == len(made.parameters)
    for value in (*chosen.models, *chosen.users, chosen.text):
        if len(value) > 3 and not value.isascii():
            assert value not in made.sql


def test_what_cannot_be_read_is_left_out() -> None:
    query = {
        "since": ["yesterday"], "until": ["2026-01-01T00:00:00+02:00"], "min_cost": ["NaN"], "max_cost": ["1e99"],
        "min_ttft_s": ["inf"], "min_tokens": ["-1"], "origin": ["nobody"], "unpriced": ["yes"], "other": ["x"],
    }  # fmt: skip
    assert Filters.of(query) == Filters()
    assert Filters.of({"min_cost": ["0.5"]}).min_cost == Decimal("0.5")
