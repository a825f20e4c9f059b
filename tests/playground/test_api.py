"""A notebook's way in: gradio_client under stable names."""

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from core.platform import Platform
from core.workspace.case_files import NewCase
from tests.playground.notebook import notebook


@pytest.fixture(scope="module")
def client(playground: str) -> Client:
    return notebook(playground)


def models(platform: Platform, count: int = 2) -> list[str]:
    return [model.id for model in platform.ai.models() if model.simulated and "embeddings" not in model.supports][
        :count
    ]


def test_stable_names(client: Client) -> None:
    names = set(client.view_api(return_format="dict")["named_endpoints"])
    assert names == {
        "/compare_models", "/follow_up", "/vote", "/ranking", "/preferences", "/judge_votes",
        "/experiment_create", "/experiment_start",
        "/experiment_pause", "/experiment_cancel", "/experiment_progress", "/experiment_results", "/experiment_export",
        "/decide", "/decision_again", "/decision_export",
    }  # fmt: skip


def test_a_blind_comparison_and_its_vote(client: Client, platform: Platform) -> None:
    chosen = models(platform)
    brief = [{"model": name, "parameters": {"max_tokens": 8}} for name in chosen]
    asked = client.predict("What is a receipt?", brief, True, True, api_name="/compare_models")
    assert [pane["model"] for pane in asked["panes"]] == [None, None]
    before = client.predict(api_name="/ranking")["votes"]
    voted = client.predict(asked["board"], "A", "better", "facts", api_name="/vote")
    assert {pane["model"] for pane in voted["panes"]} == set(chosen)
    assert voted["winner"] == "A"
    platform.ledger.settle()
    assert client.predict(api_name="/ranking")["votes"] == before + 1
    again = client.predict(asked["board"], "And then?", api_name="/follow_up")
    assert again["round"] == 2
    with pytest.raises(AppError, match="2 to 8 panes"):
        client.predict("hello", [chosen[0]], api_name="/compare_models")


def test_an_experiment_from_a_notebook(client: Client, platform: Platform) -> None:
    kept = platform.workspace.datasets.create("cases")
    platform.workspace.datasets.add(kept.id, [NewCase(variables={"question": "2+2?"}, expected="4") for _ in range(2)])
    made = client.predict(
        "trial", kept.id, models(platform), None, 1, [{"kind": "contains"}], 1.0, 4, api_name="/experiment_create"
    )
    assert made["cells"] == 4
    told = client.predict(made["experiment"], api_name="/experiment_start")
    while told["state"] == "running":
        told = client.predict(made["experiment"], api_name="/experiment_progress")
    assert (told["state"], told["done"]) == ("finished", 4)
    found = client.predict(made["experiment"], api_name="/experiment_results")
    assert len(found["cells"]) == 4
    assert client.predict(made["experiment"], "csv", api_name="/experiment_export").startswith("cell,")
    decision = client.predict("Which?", "the first", "", "", made["experiment"], api_name="/decide")
    assert "# Which?" in client.predict(decision, "markdown", api_name="/decision_export")
