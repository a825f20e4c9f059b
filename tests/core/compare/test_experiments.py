"""Experiments over the real engine: planned, run, capped, paused, and never paying twice for a cell."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from core.compare.results import changes, results
from core.compare.runner import Progress
from core.platform import Platform, open_platform
from core.settings import load_settings
from core.workspace.case_files import NewCase
from tests.upstreams.server import Upstream

ROOT = Path(__file__).resolve().parents[3]


def models(platform: Platform, count: int) -> list[str]:
    return [model.id for model in platform.ai.models() if model.simulated and "embeddings" not in model.supports][
        :count
    ]


def short(platform: Platform, count: int) -> list[dict]:
    """The same, answering in a few words."""
    return [{"model": name, "parameters": {"max_tokens": 12}} for name in models(platform, count)]


def dataset(platform: Platform, count: int) -> str:
    kept = platform.workspace.datasets.create("cases")
    platform.workspace.datasets.add(
        kept.id, [NewCase(variables={"question": f"receipt {n}?"}, expected="receipt") for n in range(count)]
    )
    return kept.id


def until(platform: Platform, experiment: str, wanted: Callable[[Progress], bool], within: float = 60) -> Progress:
    deadline = time.monotonic() + within
    while not wanted(progress := platform.compare.experiments.progress(experiment)):
        assert time.monotonic() < deadline, progress
        time.sleep(0.01)
    return progress


def finished(platform: Platform, experiment: str) -> str:
    return until(platform, experiment, lambda progress: progress.state != "running").state


def test_a_grid_runs_to_its_end_and_is_graded(platform: Platform) -> None:
    experiments = platform.compare.experiments
    plan = experiments.plan(
        "first",
        dataset(platform, 3),
        short(platform, 2),
        repeats=2,
        graders=[{"kind": "contains"}, {"kind": "latency", "most": 60}, {"kind": "exact", "value": "never this"}],
        at_once=8,
    )
    forecast = experiments.forecast(plan)
    assert forecast.cells == 12
    experiment = experiments.create(plan)
    assert experiments.progress(experiment).state == "draft"
    experiments.start(experiment)
    assert finished(platform, experiment) == "finished"
    found = platform.compare.results(experiment)
    assert len(found.cells) == 12
    assert set(found.cells["status"]) == {"ok"}
    assert found.cells["latency 60"].eq(1).all()
    assert found.cells["exact never this"].eq(0).all()
    assert found.summary["cases"].tolist() == [3, 3]
    assert set(found.spent) == {"experiment"}
    again = experiments.rerun(experiment)
    assert experiments.get(again).plan.previous_id == experiment
    assert changes(found.cells, found.cells).empty


def test_a_cap_stops_and_a_resume_pays_for_the_rest_only(platform: Platform) -> None:
    experiments = platform.compare.experiments
    plan = experiments.plan("capped", dataset(platform, 30), models(platform, 1), cap_usd=0.0000001, at_once=1)
    experiment = experiments.create(plan)
    experiments.start(experiment)
    assert finished(platform, experiment) == "capped"
    assert experiments.progress(experiment).done < 30
    assert "cap of $0.00000010" in experiments.progress(experiment).note


def test_what_was_cancelled_still_counts_in_the_whole(platform: Platform) -> None:
    experiments = platform.compare.experiments
    experiment = experiments.create(experiments.plan("cancelled", dataset(platform, 12), short(platform, 1), at_once=1))
    experiments.start(experiment)
    experiments.cancel(experiment)
    ended = until(platform, experiment, lambda progress: not progress.running)
    assert (ended.total, ended.failed) == (12, 0)


def test_pause_lets_running_calls_end_and_resume_goes_on(platform: Platform) -> None:
    experiments = platform.compare.experiments
    experiment = experiments.create(experiments.plan("paused", dataset(platform, 12), short(platform, 1), at_once=2))
    experiments.start(experiment)
    until(platform, experiment, lambda progress: progress.done > 0)
    experiments.pause(experiment)
    assert experiments.progress(experiment).state == "paused"
    experiments.start(experiment)
    assert finished(platform, experiment) == "finished"
    platform.ledger.settle()
    paid = platform.ledger.rows(
        "SELECT count(*), count(DISTINCT tags[1]) FROM calls WHERE experiment_id = ?", [experiment]
    )
    assert paid == [(12, 12)]


def test_progress_after_a_restart_is_what_it_was(tmp_path: Path, upstream: Upstream) -> None:
    """Cells, judgements, failures and money, read back from the ledger alone."""
    settings = load_settings(
        _env_file=None, data_dir=tmp_path / "data", openai_base_url=upstream.v1, openai_api_key="sk-none", max_retries=0
    )
    with open_platform(settings) as platform:
        experiments = platform.compare.experiments
        judge = models(platform, 1)[0]
        graders = [{"kind": "pairwise", "judge": judge}, {"kind": "rubric", "rubric": "Is it kind?", "judge": judge}]
        contenders = [*short(platform, 2), {"model": "openai/400"}]
        experiment = experiments.create(experiments.plan("judged", dataset(platform, 3), contenders, graders=graders))
        assert experiments.progress(experiment).total == 9 + 9 + 3 * 3 * 2
        experiments.start(experiment)
        expected = experiments.progress(experiment)
        assert expected.total == 9 + 9 + 3 * 3 * 2, "judges are expected from the first moment on"
        assert finished(platform, experiment) == "finished"
        live = experiments.progress(experiment)
        assert (live.done, live.failed, live.total) == (6 + 6 + 3 * 2, 3, 21), "no judge reads an answer there is not"
        plan = experiments.plan("broken off", dataset(platform, 4), ["openai/tokens-400-rate-40"], at_once=2)
        broken = experiments.create(plan)
        experiments.start(broken)
        until(platform, broken, lambda progress: progress.running == 2)
        experiments.cancel(broken)
        stopped = until(platform, broken, lambda progress: not progress.running)
        assert (stopped.done, stopped.failed, stopped.total, stopped.state) == (0, 0, 4, "cancelled")
    with open_platform(settings) as platform:
        experiments = platform.compare.experiments
        after = experiments.progress(experiment)
        assert (after.done, after.failed, after.total, after.state) == (18, 3, 21, "finished")
        assert (after.spent, after.unpriced) == (live.spent, live.unpriced)
        later = experiments.progress(broken)
        assert (later.done, later.failed, later.total, later.state) == (0, 0, 4, "cancelled")
        experiments.start(experiment)
        assert finished(platform, experiment) == "finished"
        again = experiments.progress(experiment)
        assert (again.done, again.failed, again.total) == (18, 3, 21)


CHILD = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from core.platform import open_platform
from core.settings import load_settings
from core.workspace.case_files import NewCase
settings = load_settings(_env_file=None, data_dir=Path({data!r}), openai_base_url={url!r}, openai_api_key="sk-none",
    max_retries=0)
with open_platform(settings) as platform:
    experiments = platform.compare.experiments
    experiment = {experiment!r}
    if not experiment:
        kept = platform.workspace.datasets.create("many")
        platform.workspace.datasets.add(kept.id, [NewCase(variables={{"question": f"case-{{n}}"}}) for n in range(100)])
        models = ["openai/tokens-3+slow-40", "openai/tokens-4+slow-40"]
        experiment = experiments.create(experiments.plan("killed", kept.id, models, at_once={at_once}))
    experiments.start(experiment)
    print(experiment, flush=True)
    while experiments.progress(experiment).state == "running":
        time.sleep(0.01)
        print(experiments.progress(experiment).done, flush=True)
    platform.ledger.settle()
    rows = platform.ledger.rows(
        "SELECT count(*) FILTER (status = 'ok'), count(DISTINCT tags[1]) FILTER (status = 'ok') FROM calls "
        "WHERE experiment_id = ?", [experiment])
    print("paid", *rows[0], flush=True)
"""
AT_ONCE = 12


def child(data: Path, url: str, experiment: str) -> subprocess.Popen[str]:
    code = CHILD.format(root=str(ROOT), data=str(data), url=url, experiment=experiment, at_once=AT_ONCE)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=data.parent)


def test_a_killed_experiment_of_200_cells_pays_for_every_cell_once(tmp_path: Path, upstream: Upstream) -> None:
    first = child(tmp_path / "data", upstream.v1, "")
    assert first.stdout is not None
    experiment = first.stdout.readline().strip()
    for line in first.stdout:
        if int(line) >= 60:
            break
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    first.stdout.close()
    before = asked(upstream)
    second = child(tmp_path / "data", upstream.v1, experiment)
    told, _ = second.communicate(timeout=120)
    assert second.returncode == 0
    assert told.strip().splitlines()[-1] == "paid 200 200"
    after = asked(upstream)
    assert len(before) < 200 == len(after)
    twice = {cell for cell, count in after.items() if count > 1}
    assert len(twice) <= AT_ONCE, "only what was under way at the kill is asked a second time"
    assert max(after.values()) <= 2
    assert twice <= set(before)


def asked(upstream: Upstream) -> Counter[tuple[str, str]]:
    """What the provider was asked: how often each model got each case."""
    return Counter(
        (request.model, request.body["messages"][-1]["content"])
        for request in upstream.requests
        if request.path.endswith("/chat/completions")
    )


def test_results_of_an_experiment_that_never_ran(platform: Platform) -> None:
    experiments = platform.compare.experiments
    plan = experiments.plan("idle", dataset(platform, 2), models(platform, 2), graders=[{"kind": "contains"}])
    kept = experiments.get(experiments.create(plan))
    found = results(kept, platform.compare.records, experiments.judgements, platform.compare.name_of_key)
    assert set(found.cells["status"]) == {"not asked"}
    assert found.sentence == "No graded answers yet."
