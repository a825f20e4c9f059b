"""The engine; knows no UI."""
