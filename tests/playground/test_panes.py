"""Eight panes through the real door, whatever is stopped, fails, is slow or reloaded: what a pane shows is its own."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import gradio as gr
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from charts import look
from core.compare.board import Board
from core.compare.panes import MOST, PaneSpec, Setup
from core.messages import Message
from core.platform import Platform, open_platform
from core.settings import load_settings
from playground import markup
from playground.compare_part import compare_part
from playground.desk import Desk
from playground.plain import readable
from tests.playground.door import served
from tests.playground.tab import Tab
from tests.upstreams.server import Upstream


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Platform]:
    """Real HTTP calls to an upstream whose model names say how it behaves; each call is tried once."""
    wanted = load_settings(
        _env_file=None, data_dir=tmp_path_factory.mktemp("data"), openai_base_url=upstream.v1, openai_api_key="sk-none",
        max_retries=0,
    )  # fmt: skip
    with open_platform(wanted) as platform:
        platform.ai.wait_until_warm(60)
        yield platform


@pytest.fixture(scope="module")
def door(platform: Platform) -> Iterator[str]:
    with served(platform) as address:
        yield address


BEHAVIOURS = ("", "", "+slow-40", "+slow-150", "+500", "+429", "+cut-after-3", "+reasoning", "+nousage", "+empty-200")


@st.composite
def models(draw: st.DrawFn) -> list[str]:
    """One for each pane; every pane's answer has a length of its own, so that no other pane's can pass for it."""
    return [
        f"openai/tokens-{5 + 3 * place}-rate-{draw(st.sampled_from([60, 200, 900]))}{draw(st.sampled_from(BEHAVIOURS))}"
        for place in range(MOST)
    ]


ACTIONS = st.tuples(
    st.sampled_from(["stop", "stop", "again", "reload", "stop all"]), st.integers(0, MOST - 1), st.integers(0, 120)
)


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # Gradio counts its events with an older pandas
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    names=[f"openai/tokens-{5 + 3 * place}-rate-900" for place in range(MOST - 1)] + ["openai/tokens-26-rate-60"],
    actions=[("again", 7, 16), ("again", 4, 0)],
    fair=False,
)
@given(names=models(), actions=st.lists(ACTIONS, min_size=1, max_size=4), fair=st.booleans())
def test_text_receipt_and_rows_of_each_pane_belong_together(
    door: str, platform: Platform, names: list[str], actions: list[tuple[str, int, int]], fair: bool
) -> None:
    link = Setup(tuple(PaneSpec(model=name) for name in names), fair=fair).link()
    tab = opened(door, compare=link)
    board = platform.compare.find(board_id(tab))
    tab.do(tab.by_name["question"], "submit", value={"text": "Which one are you?", "files": []})
    tab.until(lambda: board.matches)
    for action, index, wait_ms in actions:
        board.matches[-1].wait(wait_ms / 1000)
        if action == "reload":
            with tab:  # the old page goes away as it is, in the middle of whatever it is told
                tab.heard()  # what the door begins with later is no news to the page that is loaded now
            tab = opened(door, board=board.board_id)
        elif action == "stop all":
            tab.do(tab.labelled("Stop all"), "click")
        else:
            tab.do(pane(tab, index, "Ask again" if action == "again" else "Stop"), "click")
    tab.idle()
    board.matches[-1].wait(30)
    with tab, opened(door, board=board.board_id) as fresh:
        fresh.idle()
        platform.ledger.settle()
        for index in range(MOST):
            told = check_pane(platform, board, index, names[index])
            assert shown(fresh, index) == told
            assert shown(tab, index) == told


def test_a_watcher_overtaken_before_it_drew_empties_nothing(platform: Platform) -> None:
    """Gradio ends a handler that drew nothing by setting all that it could have drawn to nothing."""
    with gr.Blocks():
        desk = Desk(platform.compare, compare_part(), platform.workspace)
    board = platform.compare.board(Setup((PaneSpec(model="openai/tokens-5-rate-60"),) * 2, fair=False), "local")
    page: Any = SimpleNamespace(session_hash="one")

    async def drawings(watcher: Any) -> list[Any]:
        return [drawn async for drawn in watcher]

    async def overtaken() -> tuple[list[Any], list[Any], list[Any]]:
        before = board.view()
        board.ask(Message.of("user", "Which one are you?"))
        first = desk.watch(board, page, before)
        seen = [await anext(first)]
        later = [asyncio.create_task(drawings(desk.watch(board, page, board.view()))) for _ in range(2)]
        await asyncio.sleep(0)  # both wait now, the second for the first of them
        return seen + await drawings(first), await later[0], await later[1]

    for drawn in asyncio.run(overtaken()):
        assert drawn
        assert drawn[-1] == {desk.part.badge: gr.skip()}


def opened(door: str, **query: str) -> Tab:
    tab = Tab(door, urlencode(query))
    tab.load()
    tab.until(lambda: "board=" in str(tab.values[tab.by_name["address"]].get("value")))
    return tab


def board_id(tab: Tab) -> str:
    return str(tab.values[tab.by_name["address"]]["value"]).rpartition("board=")[2]


def pane(tab: Tab, index: int, button: str) -> int:
    return next(one for one in tab.within(f"pane-{index}") if tab.values[one].get("value") == button)


def shown(tab: Tab, index: int) -> tuple[str, str]:
    """The newest answer and the line below it, as the page has them."""
    inside = tab.within(f"pane-{index}")
    chat = next(one for one in inside if tab.kind(one) == "chatbot")
    receipt = [one for one in inside if tab.kind(one) == "html"][-1]
    said = [one for one in tab.values[chat]["value"] or () if one["role"] == "assistant" and not one.get("metadata")]
    content = said[-1]["content"] if said else ""
    text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    return text, str(tab.values[receipt]["value"])


def check_pane(platform: Platform, board: Board, index: int, name: str) -> tuple[str, str]:
    """The board's own view held against the ledger; answers with what a page must show for it."""
    view = board.view().panes[index]
    match, last = board.matches[-1], view.last
    assert last is not None
    assert last.status in ("ok", "error", "cancelled")
    lot = match.lots[view.key]
    rows = platform.ledger.rows(
        "SELECT call_id, requested_model, match_id, tags, status, output_tokens FROM calls WHERE turn_id = ?",
        [lot.request.turn_id if lot.turn is None else lot.turn.id],
    )
    if not rows:  # stopped before its call left: then there is nothing to show, and nothing that could be paid
        assert (last.status, last.text) == ("cancelled", "")
        assert last.receipt is None or not last.receipt.attempts
        return "", markup.receipt(view)
    ((call, requested, match_id, tags, status, tokens),) = rows
    assert last.receipt is not None
    assert [one.call_id for one in last.receipt.attempts] == [call]
    assert (requested, match_id, list(tags), status) == (name, match.match_id, [f"pane:{view.key}"], last.status)
    assert tokens == last.receipt.usage.output_tokens
    kept = platform.ledger.payload(call)
    assert kept is not None
    assert last.text == ((kept.response or {}).get("text") or "")
    if last.status == "ok":
        assert len(last.text.split()) == 5 + 3 * index
        assert look.tokens(tokens) in markup.receipt(view)
    return readable(last.text), markup.receipt(view)
