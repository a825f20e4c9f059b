"""Decisions keep the numbers of their day; exports carry them, and carry no formula and no markup."""

import json
import time
from collections.abc import Callable

import pandas as pd
import pytest

from core.compare.decision_files import export as export_decision
from core.compare.decision_files import table
from core.compare.decisions import facts
from core.compare.exporting import export, voted_preferences
from core.compare.panes import PaneSpec, Setup
from core.errors import InvalidError
from core.messages import Message, Parameters
from core.platform import Platform, open_platform
from core.settings import Settings
from core.workspace.case_files import NewCase


def until(true: Callable[[], object]) -> None:
    ends = time.monotonic() + 60
    while not true():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.02)


@pytest.fixture
def experiment(platform: Platform) -> str:
    names = [model.id for model in platform.ai.models() if model.simulated and "embeddings" not in model.supports][:2]
    kept = platform.workspace.datasets.create("cases")
    cases = [NewCase(variables={"question": "=1+1 receipt?"}, expected="x") for _ in range(2)]
    platform.workspace.datasets.add(kept.id, cases)
    short = [{"model": name, "parameters": {"max_tokens": 12 + place}} for place, name in enumerate(names)]
    experiments = platform.compare.experiments
    made = experiments.create(
        experiments.plan("trial", kept.id, short, graders=[{"kind": "length", "least": 1}], at_once=8)
    )
    experiments.start(made)
    until(lambda: experiments.progress(made).state != "running")
    return made


def test_a_record_shows_the_same_numbers_later(platform: Platform, experiment: str) -> None:
    compare = platform.compare
    with pytest.raises(InvalidError):
        compare.decide(title="", choice="x", experiment_id=experiment)
    made = compare.decide(title="Which <b>model</b>?", choice="the first", reason="cheap", experiment_id=experiment)
    before = compare.decisions.get(made)
    compare.experiments.start(compare.experiments.rerun(experiment))
    assert compare.decisions.get(made) == before
    assert len(before.calls) == 4
    text = export_decision(before, "markdown").decode()
    assert "\\<b\\>" in text
    assert before.calls[0] in text
    assert "&lt;b&gt;" in export_decision(before, "html").decode()
    assert export_decision(before, "pdf").startswith(b"%PDF")
    assert (
        f"(https://us.example/calls?call={before.calls[0]})"
        in export_decision(before, "markdown", "https://us.example/").decode()
    )
    with pytest.raises(InvalidError, match="http"):
        export_decision(before, "html", "javascript:alert(1)//")


def test_a_file_taken_along_links_its_calls_by_the_address_of_the_installation(
    platform: Platform, experiment: str
) -> None:
    made = platform.compare.decide(title="Which?", choice="the first", experiment_id=experiment)
    kept = platform.compare.decisions.get(made)
    link = f"https://sight.example/calls?call={kept.calls[0]}"
    for kind in ("markdown", "html"):
        assert link in export_decision(kept, kind, "https://sight.example/").decode()
        alone = export_decision(kept, kind).decode()
        assert kept.calls[0] in alone
        assert "/calls?" not in alone  # it would lead nowhere


def test_an_experiment_run_again_is_set_beside_its_record_also_after_a_restart(settings: Settings) -> None:
    asked = [{"model": "demo/swift", "parameters": {"max_tokens": 8, "temperature": heat}} for heat in (0.0, 0.7)]
    with open_platform(settings) as platform:
        compare, cases = platform.compare, [NewCase(variables={"question": f"receipt {n}?"}) for n in range(3)]
        dataset = platform.workspace.datasets.create("cases")
        platform.workspace.datasets.add(dataset.id, cases)
        plan = compare.experiments.plan("trial", dataset.id, asked, graders=[{"kind": "length", "least": 1}], at_once=1)
        first = compare.experiments.create(plan)
        compare.experiments.start(first)
        until(lambda: compare.experiments.progress(first).state == "finished")
        made = compare.decide(title="Which?", choice="the cool one", experiment_id=first)
        before = compare.decisions.get(made)
        again = compare.run_again(made)
        compare.experiments.pause(again)
        assert "its figures follow" in str(facts(compare.decisions.get(made)))
    with open_platform(settings) as platform:
        compare = platform.compare
        compare.experiments.start(again)
        until(lambda: compare.decisions.get(made).again)
        now = compare.decisions.get(made)
        assert (now.rows, now.calls, now.sentence) == (before.rows, before.calls, before.sentence)
        assert (now.again[0].n, now.expected) == (3, {})
        assert not set(now.again[0].calls) & set(before.calls)
        name = platform.ai.model("demo/swift").label
        warm, cool = (f"{name} · temperature {heat}, max tokens 8" for heat in ("0.7", "0"))
        assert sorted(line[0] for line in table(now)[1]) == sorted([cool, cool, warm, warm])
        assert "its figures follow" not in str(facts(now))


def test_exports(platform: Platform, experiment: str, tmp_path) -> None:
    found = platform.compare.results(experiment)
    assert "'=1+1 receipt?" in export(found, "csv").decode()
    rows = [json.loads(line) for line in export(found, "jsonl").decode().splitlines()]
    assert len(rows) == 4
    (tmp_path / "x.parquet").write_bytes(export(found, "parquet"))
    assert len(pd.read_parquet(tmp_path / "x.parquet")) == 4
    assert export(found, "preferences") == b""  # all graded alike
    with pytest.raises(InvalidError):
        export(found, "xls")


def test_votes_become_preference_pairs(platform: Platform) -> None:
    few = Parameters(max_tokens=8)
    board = platform.compare.board(Setup(tuple(PaneSpec(f"demo/{one}", parameters=few) for one in ("swift", "critic"))))
    match = board.ask(Message.of("user", "What is a receipt?"))
    for lot in match.lots.values():
        lot.turn.wait(30)
    platform.compare.vote(board, "A")
    platform.ledger.settle()
    (pair,) = [json.loads(line) for line in voted_preferences(platform.compare.records).decode().splitlines()]
    assert pair["prompt"] == "What is a receipt?"
    made = platform.compare.decide(title="Which?", choice="the first")
    calls = {view.last.receipt.attempts[-1].call_id for view in board.view().panes}
    assert set(platform.compare.decisions.get(made).calls) == calls
    assert pair["chosen"] == match.lots[board.panes[0].key].view.text
