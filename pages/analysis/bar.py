"""The filter bar of every analysis page: period, origin and filters, one state that lives in the URL."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import streamlit as st

from core.analytics.behind import spoken
from core.analytics.dimensions import FILTERED
from core.analytics.filters import COUNTS, MONEY, NONE, SECONDS, Filters, Origin
from core.analytics.pairing import Pairing
from core.analytics.zones import to_local, zones
from core.platform import Platform
from pages.analysis import period as periods
from pages.analysis.origins import origin_banner, pick_origin
from pages.analysis.printing import SHEET, print_button
from pages.analysis.saved import saved_views
from pages.analysis.scheme import watch_scheme
from pages.analysis.view import View, known
from pages.frame import plain

LISTING = "Calls"
STATE, WRITTEN = "analysis_view", "analysis_query"
OFFERED = ("models", "providers", "teams", "users", "assistants", "prompts", "tags", "doors", "statuses")


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def filter_bar(platform: Platform, *, title: str) -> Filters:
    """Draws the title and the bar; returns the filters with both ends of the period resolved (None for all time)."""
    view, adopted = _current()
    if title != LISTING:
        view = view.filtered(behind=(), paired=())  # what one figure was made from is no filter for other figures
    view = pick_origin(platform, view)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title(title, anchor=False, width="content")
        with st.container(horizontal=True, vertical_alignment="bottom", width="content", gap="small"):
            view = _period(view, adopted)
            view = _filters(platform, view, adopted)
            view = saved_views(platform, view)
            with st.container(width="content"):
                print_button()
    st.html(SHEET)
    watch_scheme()
    chosen = origin_banner(platform, view)
    if chosen != view:
        _keep(chosen)
        st.rerun()
    view = _chips(view)
    _keep(view)
    return view.resolved(now())


def current_view() -> View:
    return cast(View, st.session_state[STATE])


def zone_of_browser() -> str:
    name = st.context.timezone
    return name if name and known(name) else "UTC"


def _current() -> tuple[View, bool]:
    """The URL wins when somebody else wrote it (a link, a click on a figure); otherwise what was last looked at."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    known_names = {name: values for name, values in query.items() if name in _names()}
    if STATE in st.session_state and (not known_names or known_names == st.session_state.get(WRITTEN)):
        return st.session_state[STATE], False
    return View.of(known_names, time_zone=zone_of_browser()), True


def _names() -> set[str]:
    return {*Filters.__dataclass_fields__, "period"}


def _keep(view: View) -> None:
    st.session_state[STATE] = view
    wanted = {name: [value] if isinstance(value, str) else list(value) for name, value in view.query().items()}
    foreign = {name: st.query_params.get_all(name) for name in st.query_params if name not in _names()}
    if {name: st.query_params.get_all(name) for name in st.query_params} != {**foreign, **wanted}:
        st.query_params.from_dict({**foreign, **wanted})
    st.session_state[WRITTEN] = wanted


def _seed(key: str, value: Any, force: bool) -> None:
    if force or key not in st.session_state:
        st.session_state[key] = value


def _period(view: View, adopted: bool) -> View:
    _seed("bar_period", view.period, adopted)
    if st.session_state["bar_period"] != view.period and not adopted and view.period == "custom":
        view = view.filtered(since=None, until=None)
    chosen = st.selectbox(
        "Period", list(periods.PERIODS), format_func=periods.PERIODS.__getitem__, key="bar_period",
        label_visibility="collapsed", width=170,
    )  # fmt: skip
    if chosen != "custom":
        return view if chosen == view.period else view.but(period=chosen).filtered(since=None, until=None)
    zone, today = view.filters.time_zone, to_local(now(), view.filters.time_zone).date()
    since, until = view.filters.since, view.filters.until
    first = to_local(since, zone).date() if since else today - timedelta(days=29)
    last = to_local(until - timedelta(microseconds=1), zone).date() if until else today
    _seed("bar_dates", (first, last), adopted)
    picked = st.date_input("From and to", key="bar_dates", label_visibility="collapsed", width=230)
    days: tuple[date, ...] = picked if isinstance(picked, tuple) else (picked,)
    if len(days) != 2 or (view.period == "custom" and days == (first, last)):
        return view if len(days) != 2 or view.period == "custom" else view.custom(first, last)
    return view.custom(days[0], days[1])


def _filters(platform: Platform, view: View, adopted: bool) -> View:
    chosen = sum(bool(getattr(view.filters, name)) for name in OFFERED)
    with st.popover(
        f"Filters{f' ({chosen})' if chosen else ''}", icon=":material/filter_list:", on_change="rerun"
    ) as box:
        if not box.open:
            return view
        choices = platform.analytics.choices(view.resolved(now()))
        for name in OFFERED:
            held = getattr(view.filters, name)
            options = list(dict.fromkeys([*choices[name], *held]))
            if not options or (len(options) == 1 and not held):
                continue
            _seed(f"bar_{name}", [value for value in held if value in options], adopted)
            picked = st.multiselect(
                FILTERED[name].label, options, key=f"bar_{name}", placeholder="All",
                format_func=lambda value: "(none)" if value == NONE else str(value),
            )  # fmt: skip
            view = view.filtered(**{name: tuple(picked)})
        names = list(dict.fromkeys([view.filters.time_zone, zone_of_browser(), "UTC", *zones()]))
        _seed("bar_zone", view.filters.time_zone, adopted)
        view = view.filtered(time_zone=st.selectbox("Time zone", names, key="bar_zone"))
    return view


def _chips(view: View) -> View:
    """One line that says what is filtered, and a way back."""
    filters = view.filters
    parts = []
    for name in (*OFFERED, "errors", "caches", "turns", "conversations", "experiments", "calls"):
        values = getattr(filters, name)
        if values:
            shown = ", ".join(plain(value or "(none)", 40) for value in values[:3])
            more = f" and {len(values) - 3} more" if len(values) > 3 else ""
            label = FILTERED[name].label if name in FILTERED else name.capitalize()
            parts.append(f"{label}: **{shown}**{more}")
    parts += [f"**{plain(spoken(word), 60)}**" for word in filters.behind if not word.startswith("not:")]
    if left := [spoken(word) for word in filters.behind if word.startswith("not:")]:
        parts.append(f"**{plain('; '.join(left), 200)}**")
    if pairing := Pairing.of(filters.paired):
        parts.append(f"Comparisons with **{plain(pairing.key, 40)}** and another {pairing.by}")
    parts += [
        f"**{name.replace('_', ' ')}**"
        for name in ("unpriced", "fallback", "retried", "truncated", "wasted")
        if getattr(filters, name)
    ]
    parts += [
        f"{name.replace('_', ' ')}: **{plain(getattr(filters, name))}**"
        for name in (*MONEY, *SECONDS, *COUNTS, "text")
        if getattr(filters, name) not in (None, "")
    ]
    if view.period == "custom" and filters.since and filters.until:
        ends = [to_local(moment, filters.time_zone) for moment in (filters.since, filters.until)]
        parts.append(f"{ends[0]:%d %b %Y %H:%M} – {ends[1]:%d %b %Y %H:%M}")
    if not parts:
        return view
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(" · ".join(parts), width="content")
        if st.button("Clear", icon=":material/close:", type="tertiary", key="bar_clear"):
            origin: Origin = filters.origin
            fresh = View(filters=Filters(origin=origin, time_zone=filters.time_zone), said_origin=view.said_origin)
            for key in [key for key in st.session_state if str(key).startswith("bar_")]:
                del st.session_state[key]
            _keep(fresh)
            st.rerun()
    return view


def narrow(**changes: Any) -> None:
    """Change the filters from the page and run it again."""
    _keep(current_view().filtered(**changes))
    for name in changes:
        st.session_state.pop(f"bar_{name}", None)
    st.rerun()
