"""Everything configurable, read once: environment first, then .env, then .streamlit/secrets.toml, then defaults."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from core.errors import SettingsError

SECRETS = Path(".streamlit/secrets.toml")


class SecretsFile(PydanticBaseSettingsSource):
    """.streamlit/secrets.toml: top-level `NAME = "value"` lines, spelled like the environment variables."""

    def __init__(self, settings: type[BaseSettings], path: Path = SECRETS) -> None:
        super().__init__(settings)
        try:
            found = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} is not valid TOML ({error}); mend or remove it.") from None
        self.values = {name.lower(): value for name, value in found.items()}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self.values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        known = self.settings_cls.model_fields
        return {name: value for name, value in self.values.items() if name in known}


class Settings(BaseSettings):
    """One immutable object. A field's name in capitals is its environment variable."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    # where things are
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    database_url: SecretStr | None = None

    # providers
    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str = "https://api.anthropic.com"
    ollama_base_url: str | None = None
    lm_studio_base_url: str | None = None
    lm_studio_api_key: SecretStr | None = None
    vllm_base_url: str | None = None
    vllm_api_key: SecretStr | None = None

    # models
    default_ai_model: str | None = None
    default_ai_provider: str | None = None
    fallback_models: Annotated[tuple[str, ...], NoDecode] = ()
    demo_models: bool = True
    embedding_model: str | None = None
    """Compares questions in the semantic cache; without one, their words are compared."""

    # manners
    max_retries: int = Field(default=3, ge=0, le=10)
    timeout: float = Field(default=30.0, gt=0, le=3600)
    first_token_timeout: float | None = Field(default=None, gt=0)
    idle_timeout: float | None = Field(default=None, gt=0)
    total_timeout: float = Field(default=600.0, gt=0)
    direct_wire: bool = True

    # the log
    payloads: Literal["full", "masked", "off"] = "full"
    retention_days: int | None = Field(default=None, ge=1, le=36_500)
    """Calls and what was said go when they are older; their sums stay. Without it, everything is kept."""

    # tools
    http_tool_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    mcp_servers: Annotated[tuple[str, ...], NoDecode] = ()
    mcp_tokens: SecretStr = SecretStr("")

    # watching
    alarm_webhook: str | None = None
    digest_folder: Path | None = None
    digest_webhook: str | None = None

    @field_validator("allowed_hosts", "fallback_models", "http_tool_hosts", "mcp_servers", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator(
        "openai_base_url",
        "anthropic_base_url",
        "ollama_base_url",
        "lm_studio_base_url",
        "vllm_base_url",
        "alarm_webhook",
        "digest_webhook",
    )
    @classmethod
    def _base(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise ValueError("must be a URL such as http://localhost:11434, without user name or password")
        return value.strip().rstrip("/")

    @property
    def first_token_s(self) -> float:
        return self.first_token_timeout or self.timeout

    @property
    def idle_s(self) -> float:
        return self.idle_timeout or self.timeout

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, dotenv_settings, SecretsFile(settings_cls)


def load_settings(**overrides: object) -> Settings:
    """Read the settings. Raises SettingsError: one sentence that names the variable and the fix."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        variable = str(first["loc"][0]).upper() if first["loc"] else "A setting"
        reason = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
        raise SettingsError(f"{variable} {reason}; correct it and start again.", variable=variable) from None
