"""Before the vote, nothing that leaves the server tells who answers: every byte of every answer is read for names."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from core.compare.panes import PaneSpec, Setup, from_link
from core.errors import InvalidError
from core.platform import Platform, open_platform
from core.settings import load_settings
from tests.playground.door import Recorded, served
from tests.playground.notebook import notebook
from tests.playground.tab import Tab
from tests.upstreams.server import Upstream

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # Gradio counts with an older pandas
PANES = ("demo/swift", "openai/gpt-4o", "ollama/llama3.2:latest", "openai/leak")


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream(models=("gpt-4o", "o3", "llama3.2:latest", "leak")) as server:
        yield server


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Platform]:
    """A hosted provider, a local server and the simulated models, all configured."""
    wanted = load_settings(
        _env_file=None, data_dir=tmp_path_factory.mktemp("data"), max_retries=0, openai_base_url=upstream.v1,
        openai_api_key="sk-blind-no-secret-0000", ollama_base_url=upstream.url,
    )  # fmt: skip
    with open_platform(wanted) as opened:
        opened.ai.wait_until_warm(60)
        yield opened


def names(platform: Platform) -> set[str]:
    """Every configured model, provider and address, whole and bare."""
    found: set[str] = set()
    for model in platform.ai.models():
        bare = model.id.partition("/")[2]
        found |= {model.id, bare, bare.partition(":")[0], model.label, re.sub(r" \(.*\)$", "", model.label)}
        found.add(model.provider)
    for provider in platform.ai.providers():
        if provider.configured:
            found |= {provider.name, re.sub(r" \(.*\)$", "", provider.label)}
            found.add(urlsplit(provider.base_url or "").netloc)
    return found - {""}


def leaks(platform: Platform, told: str) -> set[str]:
    return {
        name for name in names(platform) if re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", told, re.IGNORECASE)
    }


def links(told: str) -> list[str]:
    """Set-ups as they stand in addresses, which name the models to whoever unpacks them."""
    found = []
    for text in set(re.findall(r"eN[\w\-]{20,}", told)):
        try:
            from_link(text)
            found.append(text)
        except InvalidError:
            continue
    return found


def test_nothing_that_is_sent_tells_a_name_before_the_vote(platform: Platform) -> None:
    assert {"gpt-4o", "openai", "ollama", "llama3.2", "Swift", "demo"} <= names(platform)
    recorders: list[Recorded] = []
    board = platform.compare.board(Setup(tuple(PaneSpec(model=name) for name in PANES), blind=True))
    with served(platform, recorders) as door, Tab(door, f"board={board.board_id}") as tab:
        tab.load()
        tab.idle()
        tab.http.get(f"{door}gradio_api/info")
        tab.do(tab.by_name["question"], "submit", value={"text": "hello", "files": []})
        tab.until(lambda: board.matches)
        tab.do(tab.labelled("Show the answers as they come"), "click")
        tab.idle()
        assert {pane.last.status for pane in board.view().panes} == {"ok", "error"}
        told = "\n".join([*recorders[0].told, tab.page, str(tab.values[tab.by_name["address"]])])
        assert "▮▮▮" in told, "a simulated model names itself, and that must be hidden"
        assert "No answer." in told
        assert leaks(platform, told) == set()
        assert links(told) == []
        del recorders[0].told[:]
        tab.do(tab.labelled("Tie"), "click")
        tab.idle()
        assert leaks(platform, "\n".join(recorders[0].told)) >= {"gpt-4o", "Swift", "leak"}


def test_a_notebook_is_told_no_name_before_the_vote(platform: Platform) -> None:
    recorders: list[Recorded] = []
    with served(platform, recorders) as door:
        client = notebook(door)
        asked = client.predict("hello", list(PANES), True, True, api_name="/compare_models")
        assert leaks(platform, str(asked)) == set()
        told = [one for one in recorders[0].told if "board" in one]
        assert told
        assert leaks(platform, "\n".join(told)) == set()
        assert leaks(platform, str(client.predict(asked["board"], "A", api_name="/vote"))) >= set(PANES[:3])
