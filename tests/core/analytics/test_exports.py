"""Exports hold exactly the filtered calls, in three formats, without a cell that a spreadsheet would run."""

import csv
import json
import time
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.analytics.cells import safe
from core.analytics.exports import Export, Exports
from core.analytics.filters import Filters
from core.errors import InvalidError, NotFoundError
from tests.core.analytics.conftest import Made

PICKED = Filters(users=("=dot",), models=("openai/gpt-large", "lab/<b>unpriced & odd</b>"))


def finished(job: Export) -> Path:
    deadline = time.monotonic() + 60
    while not job.finished and not job.error and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not job.error
    assert job.done == job.total
    assert job.share == 1
    return job.path


def made_exports(made: Made, tmp_path: Path) -> Exports:
    return Exports(made.analytics.reader, tmp_path / "exports", page=997)


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_it_holds_exactly_those_calls(made: Made, tmp_path: Path, format: str) -> None:
    wanted = {
        call.call_id: call
        for call in made.calls
        if call.origin == "live" and call.user_id == "=dot" and call.served_model in PICKED.models
    }
    path = finished(made_exports(made, tmp_path).start(PICKED, format))
    if format == "csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["user_id"] for row in rows} == {"'=dot"}
    elif format == "jsonl":
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    else:
        rows = pq.read_table(path).to_pylist()
    assert {row["call_id"] for row in rows} == set(wanted)
    assert len(rows) == len(wanted)
    for row in rows:
        call = wanted[row["call_id"]]
        cost = call.cost_total.quantize(Decimal("1e-9")) if call.cost_total is not None else None
        assert (Decimal(row["cost_total"]) if row["cost_total"] not in ("", None) else None) == cost
        assert str(row["input_tokens"] if row["input_tokens"] is not None else "") == (
            "" if call.input_tokens is None else str(call.input_tokens)
        )


def test_nothing_to_export_is_a_file_with_a_head(made: Made, tmp_path: Path) -> None:
    store = made_exports(made, tmp_path)
    nothing = Filters(users=("nobody",))
    assert finished(store.start(nothing, "csv")).read_text().startswith("call_id,turn_id,")
    assert pq.read_table(finished(store.start(nothing, "parquet"))).num_rows == 0


def test_it_can_be_stopped_and_refused(made: Made, tmp_path: Path) -> None:
    store = made_exports(made, tmp_path)
    with pytest.raises(InvalidError):
        store.start(Filters(), "exe")
    with pytest.raises(NotFoundError):
        store.get("../../etc/passwd")
    job = store.start(Filters(origin="all"), "jsonl")
    store.cancel(job.id)
    deadline = time.monotonic() + 30
    while not job.error and not job.finished and time.monotonic() < deadline:
        time.sleep(0.02)
    assert job.finished or job.error == "The export was stopped."
    assert not list((tmp_path / "exports").glob("*.part"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\r=x", " =x", "＝x"])
def test_cells_that_would_run_are_text(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("value", ["plain", "a=b", "", 5, -5, None, 1.5])
def test_other_cells_stay(value: object) -> None:
    assert safe(value) == value
