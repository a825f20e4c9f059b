"""Answers given before, in a file of their own."""
