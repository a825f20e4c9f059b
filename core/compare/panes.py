"""What stands in a pane: a model or an assistant version, a prompt version, parameters; and a set-up of several."""

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.errors import InvalidError
from core.messages import Parameters

LEAST, MOST = 2, 8
_PARAMETERS = ("temperature", "max_tokens", "top_p", "seed", "reasoning_effort")
_LONGEST_LINK = 20_000
_LONGEST_VALUE = 24
SETTINGS = ";"
"""In a key, what stands between the choice and its settings, and between these."""


@dataclass(frozen=True, slots=True)
class PaneSpec:
    """One choice. `model` is a catalogue id; with an assistant it may be empty, then the assistant's own counts."""

    model: str = ""
    assistant_id: str | None = None
    assistant_version: int | None = None
    prompt_id: str | None = None
    prompt_version: int | None = None
    system_prompt: str = ""
    parameters: Parameters = field(default_factory=Parameters)

    @property
    def key(self) -> str:
        """What stands in a vote and in a ranking: catalogue id or assistant@version, #prompt@version behind it, and
        then ;name=value for each setting that the pane changes."""
        prompted = f"{self.choice}#{self.prompt_id}@{self.prompt_version or 0}" if self.prompt_id else self.choice
        return SETTINGS.join((prompted, *(f"{name}={value}" for name, value in self._settings())))

    def _settings(self) -> list[tuple[str, str]]:
        """Those that say something, always in this order."""
        told: list[tuple[str, Any]] = [("model", self.model if self.assistant_id else "")]
        told += _plain(self.parameters).items()
        if self.system_prompt.strip():
            told.append(("system", _brief(self.system_prompt.strip())))
        return [(name, _value(value)) for name, value in told if value not in (None, "")]

    @property
    def choice(self) -> str:
        """The same without prompt and settings: what a picker offers."""
        return f"assistant:{self.assistant_id}@{self.assistant_version or 0}" if self.assistant_id else self.model

    def chosen(self, choice: str) -> "PaneSpec":
        """This pane with another model or assistant in it."""
        if not choice.startswith("assistant:"):
            return replace(self, model=choice, assistant_id=None, assistant_version=None)
        name, _, version = choice.removeprefix("assistant:").rpartition("@")
        return replace(self, model="", assistant_id=name, assistant_version=int(version or 0) or None)


@dataclass(frozen=True, slots=True)
class Setup:
    """A comparison that can be linked to, saved and named."""

    panes: tuple[PaneSpec, ...]
    fair: bool = True
    blind: bool = False
    synced: bool = True

    def link(self) -> str:
        """The text of `?compare=`: compressed JSON, safe in a URL. It holds no question and no answer."""
        text = json.dumps(to_json(self), separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def from_link(text: str) -> Setup:
    """Raises InvalidError: one sentence. A link is data from a stranger."""
    if len(text) > _LONGEST_LINK:
        raise InvalidError("This comparison link is too long to be one of ours; open the playground without it.")
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacked = zlib.decompressobj().decompress(packed, 200_000)
        return from_json(json.loads(unpacked))
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        raise InvalidError(
            "This comparison link is damaged; ask for it again or open the playground without it."
        ) from None


def to_json(setup: Setup) -> dict[str, Any]:
    panes = [_sparse(asdict(pane) | {"parameters": _sparse(_plain(pane.parameters))}) for pane in setup.panes]
    return {"panes": panes, "fair": setup.fair, "blind": setup.blind, "synced": setup.synced}


def from_json(found: Any) -> Setup:
    """Unknown keys are ignored, wrong types refused. Raises InvalidError."""
    panes = found.get("panes") if isinstance(found, Mapping) else None
    if not isinstance(panes, list) or not 1 <= len(panes) <= MOST:
        raise InvalidError(f"A comparison has {LEAST} to {MOST} panes.")
    return Setup(
        tuple(_pane(pane) for pane in panes),
        fair=found.get("fair") is not False,
        blind=found.get("blind") is True,
        synced=found.get("synced") is not False,
    )


def _pane(found: Any) -> PaneSpec:
    if not isinstance(found, Mapping):
        raise InvalidError("A pane of this comparison is not readable.")
    given = found.get("parameters")
    parameters = given if isinstance(given, Mapping) else {}
    return PaneSpec(
        model=_text(found, "model", 300),
        assistant_id=_text(found, "assistant_id", 100) or None,
        assistant_version=_whole(found, "assistant_version"),
        prompt_id=_text(found, "prompt_id", 100) or None,
        prompt_version=_whole(found, "prompt_version"),
        system_prompt=_text(found, "system_prompt", 20_000),
        parameters=Parameters(
            temperature=_number(parameters, "temperature", 0, 2),
            max_tokens=_whole(parameters, "max_tokens"),
            top_p=_number(parameters, "top_p", 0, 1),
            seed=_whole(parameters, "seed"),
            reasoning_effort=_text(parameters, "reasoning_effort", 20) or None,
        ),
    )


def _text(found: Mapping[str, Any], name: str, longest: int) -> str:
    value = found.get(name) or ""
    if not isinstance(value, str) or len(value) > longest:
        raise InvalidError(f"A pane's {name.replace('_', ' ')} is not readable.")
    return value


def _whole(found: Mapping[str, Any], name: str) -> int | None:
    value = found.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 10_000_000:
        raise InvalidError(f"A pane's {name.replace('_', ' ')} must be a whole number.")
    return value


def _number(found: Mapping[str, Any], name: str, least: float, most: float) -> float | None:
    value = found.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidError(f"A pane's {name.replace('_', ' ')} must be between {least} and {most}.")
    return float(value)


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _brief(text: str) -> str:
    """Its first words, which a person recognises, and a digest, which no other text has."""
    words = re.sub(r"\W+", "-", text[:200]).strip("-").casefold()[:_LONGEST_VALUE].strip("-")
    digest = hashlib.blake2s(text.encode(errors="replace"), digest_size=4).hexdigest()
    return f"{words}~{digest}" if words else digest


def bare(key: str) -> str:
    """The model or assistant version of a contender's key, without prompt and settings."""
    return key.partition(SETTINGS)[0].partition("#")[0]


def in_words(settings: str) -> str:
    """A key's settings for people: "temperature 0.2, system prompt “be brief” (1f2e3d4c)"."""
    return ", ".join(_in_words(*one.partition("=")[::2]) for one in settings.split(SETTINGS) if one)


def _in_words(name: str, value: str) -> str:
    if name != "system":
        return f"{name.replace('_', ' ')} {value}"
    words, _, digest = value.rpartition("~")
    return f"system prompt “{words.replace('-', ' ')}” ({digest})" if words else f"system prompt {digest}"


def _plain(parameters: Parameters) -> dict[str, Any]:
    return {name: getattr(parameters, name) for name in _PARAMETERS}


def _sparse(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value not in (None, "", {})}
