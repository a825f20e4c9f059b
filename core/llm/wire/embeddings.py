"""An embeddings answer checked and put in the order of what was asked."""

from collections.abc import Mapping
from typing import Any

from core import errors
from core.errors import ModelError
from core.llm.wire import faults
from core.llm.wire.seam import Deployment
from core.llm.wire.sse import loads


def read_embeddings(body: bytes, expected: int, deployment: Deployment) -> tuple[list[list[float]], Mapping[str, Any]]:
    """(vectors in order, raw usage). Raises ModelError for anything else."""
    failure: ModelError | None = None
    try:
        answer = loads(body)
        rows = sorted(answer["data"], key=lambda row: int(row["index"]))
        vectors = [[float(value) for value in row["embedding"]] for row in rows]
        if len(vectors) == expected:
            usage = answer.get("usage")
            return vectors, usage if isinstance(usage, dict) else {}
        failure = faults.error(errors.ProtocolError, deployment)
    except (ValueError, TypeError, KeyError, AttributeError):
        failure = faults.error(errors.ProtocolError, deployment, said=body[:500].decode("utf-8", "replace"))
    raise failure
