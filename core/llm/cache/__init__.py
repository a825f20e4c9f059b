"""Answers given before, in a file of their own: found again exactly, or by a question that says the same."""
