"""The engine; knows no UI."""

__version__ = "0.1.0"
