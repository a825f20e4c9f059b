"""A notebook's client of the playground."""

import warnings

from gradio_client import Client


def notebook(address: str) -> Client:
    """A client with a heartbeat of its own.

    It reads no proxies from the environment: its heartbeat's thread does that again and again, while pytest takes
    PYTEST_CURRENT_TEST out of the same environment, and the thread falls over that name.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Client(address, verbose=False, httpx_kwargs={"trust_env": False})
