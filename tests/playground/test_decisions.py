"""The comparison at hand becomes a record on the page and from a notebook, and is asked again beside it."""

import pytest

from core.compare.panes import PaneSpec, Setup
from core.messages import Message, Parameters
from core.platform import Platform
from tests.playground.notebook import notebook
from tests.playground.tab import Tab

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # Gradio counts with an older pandas
FEW = Parameters(max_tokens=8)
PAIR = tuple(PaneSpec(f"demo/{name}", parameters=FEW) for name in ("swift", "scholar"))


def record(tab: Tab) -> str:
    shown = [one for one in tab.values.values() if "record" in (one.get("elem_classes") or ())]
    return str(shown[0].get("value"))


def test_the_comparison_at_hand_is_kept_and_run_again_on_the_page(playground: str, platform: Platform) -> None:
    board = platform.compare.board(Setup(PAIR))
    board.ask(Message.of("user", "What is a receipt?")).wait()
    with Tab(playground, f"board={board.board_id}") as tab:
        tab.load()
        tab.idle()
        tab.do(tab.labelled("Decisions"), "select")
        tab.idle()
        source = tab.labelled("Based on")
        (here,) = [value for label, value in tab.values[source]["choices"] if label == "The comparison at hand"]
        tab.values[source]["value"] = here
        tab.values[tab.labelled("Title")]["value"] = "Which one?"
        tab.values[tab.labelled("Decided")]["value"] = "the first"
        tab.do(tab.labelled("Save with today's numbers"), "click")
        tab.until(lambda: "# Which one?" in record(tab))
        kept = platform.compare.decisions.all()[0]
        assert all(f"/calls?call={call}" in record(tab) for call in kept.calls)
        again = [one for one, props in tab.values.items() if props.get("value") == "Run again"][
            -1
        ]  # the first is on Experiments
        tab.do(again, "click")
        tab.until(lambda: "**Run again:**" in record(tab))
        tab.idle()
    assert [run.n for run in platform.compare.decisions.get(kept.id).again] == [1]


def test_a_notebook_keeps_a_comparison_and_asks_again(playground: str) -> None:
    client = notebook(playground)
    brief = [{"model": spec.model, "parameters": {"max_tokens": 8}} for spec in PAIR]
    asked = client.predict("What is a receipt?", brief, api_name="/compare_models")
    made = client.predict("Which?", "the first", board=asked["board"], api_name="/decide")
    assert client.predict(made, api_name="/decision_again") is None
    text = client.predict(made, "markdown", api_name="/decision_export")
    assert "**Asked:** What is a receipt?" in text
    assert all(call in text for pane in asked["panes"] for call in pane["call_ids"])
    assert len([line for line in text.splitlines() if line.startswith("| A")]) == 2
