"""Two wires to a provider behind one interface: general (LiteLLM does all) and direct (LiteLLM translates, we move)."""
