"""Which models are there, keys that rotate, and addresses that change."""

import pytest

from core.errors import InvalidError, SettingsError, UnknownModelError
from core.llm.providers import Providers
from core.llm.service import AIService
from core.messages import Message, TurnRequest
from core.settings import Settings
from tests.core.llm.conftest import KEY, QUICK, settings_for


@pytest.fixture
def fresh(tmp_path, journal, upstream):
    made = []

    def build(**changes):
        service = AIService(settings_for(upstream, tmp_path, **changes), journal, manners=QUICK)
        made.append(service.open(warm_after_s=600))  # LiteLLM is not needed until somebody asks
        return service

    yield build
    for service in made:
        service.close()


def ids(service, refresh=False):
    return [info.id for info in service.models(refresh)]


def test_local_models_are_asked_of_their_servers(fresh, upstream):
    upstream.models = ("one", "two")
    service = fresh()
    assert {"ollama/one", "lm_studio/two", "vllm/one"} <= set(ids(service))
    assert service.model("ollama/one").local
    assert service.model("ollama/one").supports == {"tools", "documents", "json_schema"}
    upstream.models = ("three",)
    assert "ollama/one" in ids(service)
    assert "ollama/three" in ids(service, refresh=True)


@pytest.mark.parametrize(("busy", "asked"), [([""], 2), (["1"], 2), (["", ""], 2), (["30"], 1), (["soon"], 2)])
def test_a_busy_server_is_asked_for_its_list_once_more(fresh, upstream, busy, asked):
    upstream.busy = list(busy)
    service = fresh(openai_api_key=None, anthropic_api_key=None, ollama_base_url=None, lm_studio_base_url=None)
    found = [name for name in ids(service) if name.startswith("vllm/")]
    assert bool(found) == (len(busy) < asked)
    times = [one.at for one in upstream.requests if one.path == "/v1/models"]
    assert len(times) == asked
    assert asked == 1 or times[1] - times[0] >= (1.0 if busy == ["1"] else 0.5)


def test_of_the_vendors_models_those_that_the_key_may_use(fresh, upstream):
    upstream.models = ("gpt-4o", "gpt-4o-mini", "text-embedding-3-small")
    service = fresh()
    assert [name for name in ids(service) if name.startswith("openai/")] == ["openai/gpt-4o", "openai/gpt-4o-mini"]
    known = service.model("openai/gpt-4o")
    assert known.context_window == 128_000
    assert {"tools", "images", "json_schema"} <= known.supports
    assert known.price_in is not None


def test_real_models_come_first_and_the_default_is_one_of_them(fresh, upstream):
    upstream.models = ("gpt-4o",)
    service = fresh()
    listed = service.models()
    assert not listed[0].simulated
    assert listed[-1].simulated
    assert service.default_model() == listed[0].id


def test_a_key_that_is_refused_is_said_on_every_model(fresh, upstream):
    upstream.required_key = "another"
    service = fresh()
    service.models(refresh=True)
    told = next(info for info in service.models() if info.provider == "openai")
    assert not told.available
    assert "OPENAI_API_KEY" in told.reason


def test_the_configured_default(fresh):
    assert fresh(default_ai_model="gpt-4o", default_ai_provider="openai").default_model() == "openai/gpt-4o"
    assert fresh(default_ai_model="vllm/meta/llama").default_model() == "vllm/meta/llama"


def test_without_anything_the_simulated_models_answer(service):
    assert service.default_model() == "demo/swift"
    with pytest.raises(UnknownModelError):
        service.model("demo/nobody")
    with pytest.raises(UnknownModelError):
        service.model("nonsense")


def test_without_even_those_a_sentence_says_what_to_set(tmp_path, journal):
    service = AIService(Settings(_env_file=None, data_dir=tmp_path, demo_models=False), journal).open()
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        service.default_model()
    view = service.start(TurnRequest("openai/gpt-4o", (Message.of("user", "Hi"),))).wait(20)
    assert view.status == "refused"
    assert "OPENAI_API_KEY" in view.error
    service.close()


def test_a_key_is_replaced_while_running(fresh, upstream):
    service = fresh()
    request = TurnRequest("openai/echo", (Message.of("user", "Hi"),))
    service.start(request).wait(20)
    service.set_key("openai", "sk-new-key-000000000000")
    service.start(request).wait(20)
    used = [one.headers["Authorization"] for one in upstream.chats()]
    assert used == [f"Bearer {KEY}", "Bearer sk-new-key-000000000000"]


def test_a_changed_address_drops_its_key(fresh, upstream):
    service = fresh()
    service.set_key("openai", None, "http://127.0.0.1:9/v1")
    told = next(info for info in service.providers() if info.name == "openai")
    assert (told.configured, told.masked_key) == (False, "")
    service.set_key("vllm", None, "http://127.0.0.1:9/v1")
    assert next(info for info in service.providers() if info.name == "vllm").masked_key == ""
    with pytest.raises(SettingsError):
        service.set_key("nobody", "x")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:11434",
        "ftp://x",
        "http://me:secret@host",
        "http://[::1",
        "http://h:0",
        "http://h/?a",
        "http://h\x00",
    ],
)
def test_an_address_that_is_none_is_refused(fresh, url):
    service = fresh()
    with pytest.raises(InvalidError):
        service.set_key("vllm", None, url)


def test_a_new_address_of_a_local_server_is_asked_under_v1(fresh, upstream):
    service = fresh(ollama_base_url="http://127.0.0.1:9")
    service.set_key("ollama", None, f" {upstream.url}/ ")
    assert service.check_provider("ollama").ok


def test_no_repr_shows_a_key(fresh, upstream, tmp_path):
    service, providers = fresh(), Providers(settings_for(upstream, tmp_path))
    everything = [
        service.providers(),
        service.models(),
        providers.all(),
        providers.deployment("vllm/x"),
    ]
    assert KEY not in repr(everything)
    assert "…cdef" in repr(service.providers())


def test_the_key_is_nowhere_in_the_folder(fresh, tmp_path, journal):
    service = fresh()
    for model in ("leak", "401", "echo"):
        service.start(TurnRequest(f"openai/{model}", (Message.of("user", "Hi"),), cache="exact")).wait(20)
    journal.ledger.settle()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes()
    assert KEY not in str(journal.rows("select * from calls"))
