"""Time zones: what Python's zoneinfo says, the SQL says, too; a bucket's span holds exactly its moments."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analytics.zones import bucket, following, offsets, span, to_local, to_utc, zone, zones
from core.errors import InvalidError

NAMES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana",
    "Africa/Cairo",
)  # fmt: skip
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2036, 1, 1)).map(lambda at: at.replace(microsecond=0))
ZONES = st.sampled_from(NAMES)


@given(MOMENTS, ZONES)
def test_a_wall_clock_is_zoneinfos(moment: datetime, name: str) -> None:
    expected = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(name)).replace(tzinfo=None)
    assert to_local(moment, name) == expected


@given(MOMENTS, ZONES, st.integers(0, 900))
def test_offsets_hold_from_their_moment_on(since: datetime, name: str, days: int) -> None:
    steps = offsets(name, since, since + timedelta(days=days))
    for number, (start, shift) in enumerate(steps):
        assert to_local(start, name) - start == shift
        if number:
            assert to_local(start - timedelta(seconds=1), name) - start + timedelta(seconds=1) == steps[number - 1][1]


@given(MOMENTS, ZONES, st.sampled_from(["hour", "day", "week", "month"]))
def test_a_buckets_span_holds_its_moments(moment: datetime, name: str, grain: str) -> None:
    start = bucket(moment, grain, name)  # type: ignore[arg-type]
    since, until = span(start, grain, name)  # type: ignore[arg-type]
    assert since <= moment < until or to_local(moment, name) != to_local(to_utc(to_local(moment, name), name), name)


@given(MOMENTS, st.sampled_from(["hour", "day", "week", "month"]))
def test_spans_follow_each_other(moment: datetime, grain: str) -> None:
    start = bucket(moment, grain, "Europe/Berlin")  # type: ignore[arg-type]
    assert span(start, grain, "Europe/Berlin")[1] == to_utc(following(start, grain), "Europe/Berlin")  # type: ignore[arg-type]


def test_an_unknown_zone_is_said_so() -> None:
    for name in ("Moon/Base", "../../etc/passwd", "", "\0"):
        with pytest.raises(InvalidError, match="not a time zone"):
            zone(name)
    assert "Europe/Berlin" in zones()
