"""Comparing is tested over the real engine, and where it matters against a real upstream that keeps count."""

from tests.upstreams.fixture import _upstream_server, upstream  # noqa: F401
