"""The one place that imports LiteLLM: environment first; its retries, callbacks, cache and look-ups are off."""

import asyncio
import contextlib
import importlib
import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from uuid import uuid4

_ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # no price download at import
    "LITELLM_MODE": "PRODUCTION",  # no load_dotenv behind our settings' back
    "REQUEST_TIMEOUT": "120",  # instead of 6000 s
    "REPEATED_STREAMING_CHUNK_LIMIT": "100000",  # 100 equal chunks are no error
    "LITELLM_DISABLE_BUG_REPORT_LINK": "true",
    "LITELLM_DISABLE_REDACT_SECRETS": "true",  # its filter on the web server's loggers imports it amid a log call
}
_lock = threading.Lock()
_custom: dict[str, Any] = {}
_loaded: list[Any] = []


class LateEncoding:
    """LiteLLM hands a tokenizer to every call: 42 MB and 0.4 s that are only worth paying when one is used."""

    def __getattr__(self, name: str) -> Any:
        from litellm.litellm_core_utils.default_encoding import encoding  # loads the tokenizer's table

        return getattr(encoding, name)


def load() -> Any:
    """LiteLLM, imported and quietened. The first call takes seconds of CPU, so make it on a background thread."""
    if _loaded:
        return _loaded[0]
    with _lock:
        os.environ.update(_ENVIRONMENT)
        litellm: Any = _imported()
        litellm.suppress_debug_info = True
        litellm.drop_params = True
        litellm.callbacks = []
        litellm.cache = None
        litellm.num_retries = 0
        litellm.disable_hf_tokenizer_download = True
        for logger in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
            logging.getLogger(logger).setLevel(logging.CRITICAL)  # its records quote requests; ours say what is needed
        litellm.main.encoding = LateEncoding()
        _slim(litellm)
        _install_custom(litellm)
        _loaded.append(litellm)
        return litellm


def _imported() -> Any:
    """While it is being imported its log filter already stands in every logger and imports more of it: a record of
    another thread would meet the half-made package (KeyError, deadlock). So nothing logs for these seconds."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        return importlib.import_module("litellm")
    finally:
        logging.disable(before)


def _slim(litellm: Any) -> None:
    """Some 17 MB that hardly anybody reads again: a tokenizer, parsed and spelled, and the price map's same words and
    figures thousands of times over."""
    utils = vars(litellm.utils)
    utils.pop("json_data", None)
    utils.pop("claude_json_str", None)
    utils["__getattr__"] = _with_tokenizer(utils["__getattr__"])
    known: dict[tuple[type, Any], Any] = {}
    for entry in litellm.model_cost.values():
        for name, value in entry.items():
            if isinstance(value, str | float):
                entry[name] = known.setdefault((type(value), value), value)


def _with_tokenizer(before: Callable[[str], Any]) -> Callable[[str], Any]:
    """What LiteLLM's module answers when a name is not in it: the tokenizer is read from its file when it is used."""

    def look_up(name: str) -> Any:
        if name == "claude_json_str":
            folder = resources.files("litellm.litellm_core_utils.tokenizers")
            return folder.joinpath("anthropic_tokenizer.json").read_text("utf-8")
        return before(name)

    return look_up


def unlogged(function: str, **arguments: Any) -> dict[str, Any]:
    """What to give LiteLLM's `function` so that it keeps no books on the call: it would price the answer and describe
    it at length for callbacks that are not there, a quarter of its CPU. Ours are the ledger's.

    As LiteLLM's proxy does, the call's log is made beforehand and handed over.
    """
    litellm = load()
    named = {**arguments, "litellm_call_id": str(uuid4())}
    log, named = litellm.utils.function_setup(function, litellm.utils.Rules(), datetime.now(), **named)
    log.__class__ = _unkept()
    return {**named, "litellm_logging_obj": log}


@cache
def _unkept() -> type:
    from litellm.litellm_core_utils.litellm_logging import Logging

    def nothing(*_: object, **__: object) -> None:
        pass

    async def nothing_later(*_: object, **__: object) -> None:
        pass

    def never(*_: object) -> bool:
        return False

    at_once = (
        "_response_cost_calculator",
        "handle_sync_success_callbacks_for_async_calls",
        "post_call",
        "success_handler",
        "failure_handler",
    )
    later = ("async_success_handler", "dispatch_success_handlers", "async_failure_handler", "dispatch_failure_handlers")
    replaced = dict.fromkeys(at_once, nothing) | dict.fromkeys(later, nothing_later)
    return type("Unkept", (Logging,), {**replaced, "claim_async_success_log": never})


def loaded() -> bool:
    return bool(_loaded)


async def close_clients() -> None:
    """Close what LiteLLM keeps open for the running loop; it caches by the loop's id, which a later one may inherit."""
    if not _loaded:
        return
    cache = _loaded[0].in_memory_llm_clients_cache
    mine = f"-{id(asyncio.get_running_loop())}"
    for name in [name for name in cache.cache_dict if str(name).endswith(mine)]:
        client = cache.cache_dict.pop(name)
        with contextlib.suppress(Exception):  # a client that fails while being closed is closed
            await client.close()


def register_custom_provider(name: str, handler: Any) -> None:
    """Make `name/model` reach `handler` (a litellm.CustomLLM) through LiteLLM's own hook; the newest handler counts."""
    litellm = load()
    with _lock:
        _custom[name] = handler
        _install_custom(litellm)


def _install_custom(litellm: Any) -> None:
    litellm.custom_provider_map = [{"provider": name, "custom_handler": made} for name, made in _custom.items()]
    for name in _custom:
        for known in (litellm.provider_list, litellm._custom_providers):
            if name not in known:
                known.append(name)
