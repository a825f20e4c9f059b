"""The only room that knows LiteLLM: catalogue, attempt, service (retry, fallback), usage, prices, tokens, demo."""
