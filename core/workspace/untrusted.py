"""YAML and JSON that somebody else wrote, read as plain data: bounded, without tags, aliases or doubled keys."""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from core.errors import InvalidError

YAML_BYTES = 512 * 1024
DEPTH = 24
DIGITS = 18

NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?(?:[eE][-+]?[0-9]{1,2})?\Z")


class _Loader(yaml.SafeLoader):
    """Scalars are text, true, false, null or a number of at most 18 digits; nothing else has a meaning."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|)\Z"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), ["t", "f"])
_Loader.add_implicit_resolver("tag:number", NUMBER, list("-+0123456789"))
_Loader.add_constructor("tag:number", lambda loader, node: _number(str(node.value)))


def read_yaml(text: str, what: str = "file") -> Any:
    """Plain data out of YAML. Raises InvalidError, one sentence that begins with "This `what`"."""
    if len(text) > YAML_BYTES:
        raise InvalidError(f"This {what} is larger than {YAML_BYTES // 1024} KB; shorten it.")
    try:
        _check_events(text, what)
        loader = _Loader(text)
        node = loader.get_single_node()
        _check_keys(node, what)
        return None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise InvalidError(f"This {what} is not valid YAML{where}; correct it and try again.") from None


def read_json(data: bytes | str, what: str = "file") -> Any:
    """Plain data out of JSON; NaN, doubled keys, huge numbers and nesting without end are refused."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        return json.loads(
            text, object_pairs_hook=_unique(what), parse_int=_number, parse_float=_number, parse_constant=_refuse
        )
    except InvalidError:
        raise
    except (ValueError, RecursionError):
        raise InvalidError(f"This {what} is not valid JSON; export it again.") from None


def only_keys(found: Any, allowed: Mapping[str, Any] | frozenset[str] | set[str], what: str) -> dict[str, Any]:
    """`found` as a dict that has no other keys. Raises InvalidError."""
    if not isinstance(found, dict):
        raise InvalidError(f"This {what} must be a list of names and values.")
    for key in found:
        if key not in allowed:
            raise InvalidError(f"This {what} holds the unknown entry {str(key)[:60]!r}; remove it.")
    return found


def _check_events(text: str, what: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidError(f"This {what} uses a YAML alias; write the value out.")
        if getattr(event, "tag", None):
            raise InvalidError(f"This {what} uses a YAML tag; tags are not read here.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH:
                raise InvalidError(f"This {what} is nested more than {DEPTH} levels deep.")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_keys(root: yaml.Node | None, what: str) -> None:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                    raise InvalidError(f"This {what} names {str(key.value)[:60]!r} twice, or by something not a word.")
                key.tag = "tag:yaml.org,2002:str"
                seen.add(key.value)
                waiting.append(value)


def _unique(what: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) != len(found):
            raise InvalidError(f"This {what} names an entry twice; export it again.")
        return made

    return pairs


def _number(text: str) -> int | float:
    if len(text) > 2 * DIGITS + 6:
        raise ValueError("a number with more digits than anything counts")
    if text.lstrip("+-").isdigit():
        return int(text)
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number")
