"""Telling a webhook: one JSON body to the address an administrator wrote down, and to no other."""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

log = logging.getLogger(__name__)
PATIENCE_S = 10.0


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A webhook is the address an administrator wrote down, and no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(url: str, content: Mapping[str, Any]) -> str:
    """How it went, in words; never raises for what the other side does."""
    request = urllib.request.Request(
        url, json.dumps(content).encode(), {"Content-Type": "application/json", "User-Agent": "Plainsight"}
    )
    try:
        with urllib.request.build_opener(NoRedirects).open(request, timeout=PATIENCE_S) as answer:
            return f"HTTP {answer.status}"
    except urllib.error.HTTPError as error:
        told = f"HTTP {error.code}"
    except (OSError, ValueError) as error:
        told = f"not reached ({type(error).__name__})"
    log.warning("a webhook was not told: %s", told)
    return told
