"""An experiment's tables before anything was answered claim nothing."""

import pandas as pd

from core.compare.results import FIXED, summarise
from playground.experiment_view import cell_rows, summary_rows


def frame(score: float | None) -> pd.DataFrame:
    rows = []
    for name in ("Swift", "Scholar"):
        told = dict.fromkeys(FIXED) | {"case": "c1", "repeat": 0, "contender": name, "contender_id": name}
        asked = {"status": "not asked"} if score is None else {"status": "ok", "call_id": "call", "cost": 0.01}
        rows.append(told | {"question": "2+2?"} | asked | {"contains": score, "score": score})
    return pd.DataFrame(rows).astype({"score": float, "contains": float, "total_s": float, "ttft_s": float})


def test_nobody_is_best_and_nothing_was_paid_before_an_answer() -> None:
    nothing = frame(None)
    for line in summary_rows(summarise(nothing, ["contains"])):
        assert line[1:] == ["–", "– to –", "–", "–", "–", "0", "–", "not measured", ""]
    assert {(line[4], line[6], line[8]) for line in cell_rows(nothing, ["contains"])} == {("", "–", "")}
    first, second = summary_rows(summarise(frame(1.0), ["contains"]))
    assert (first[3], second[3]) == ("best", "+0.0%")


def test_every_grade_and_the_way_to_the_call_stand_in_the_line() -> None:
    answered = frame(0.5)
    (line, _) = cell_rows(answered, ["contains"])
    assert (line[3], line[4], line[8]) == ("50.0%", "contains 50.0%", "[Open](/calls?call=call)")
    (summed, _) = summary_rows(summarise(answered, ["contains"]), ["contains"])
    assert summed[-1] == "contains 50.0%"
