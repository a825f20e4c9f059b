"""Where a deployment is asked: the base URL as LiteLLM wants it, and never a provider's default for a local server."""

from core import errors
from core.llm.wire import faults
from core.llm.wire.seam import Deployment

_NEED_A_BASE = ("hosted_vllm/", "lm_studio/", "ollama/", "ollama_chat/")


def address(deployment: Deployment) -> str | None:
    """The base URL, or None for a provider's own. LiteLLM would send local providers without one to api.openai.com."""
    base = deployment.base_url.rstrip("/") if deployment.base_url else None
    if base is None and deployment.litellm_model.startswith(_NEED_A_BASE):
        name = faults.variable(deployment, "BASE_URL")
        raise faults.error(
            errors.BadRequestError,
            deployment,
            sentence=f"{faults.label(deployment)} has no address; set {name} and start again.",
        )
    if base is not None and deployment.dialect == "anthropic":
        return base.removesuffix("/v1")
    return base
