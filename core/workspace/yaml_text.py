"""Plain data as YAML that is pleasant to read and to edit: long texts as blocks, keys in the order given."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from core.workspace.untrusted import NUMBER


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


_ODD = re.compile("[\x85\u2028\u2029\ufeff]|[^\n -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that YAML would take for a line's end, or not take at all."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _ODD.search(text) or NUMBER.match(text) else "|" if "\n" in text else ""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style or None)


_Dumper.add_representer(str, _text)


def write_yaml(data: Mapping[str, Any]) -> str:
    return yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
