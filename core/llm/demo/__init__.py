"""Simulated models, so that everything works before the first key: labelled as such, and pleasant to meet."""
