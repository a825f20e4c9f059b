"""Budgets, rate limits, sanitising, access."""
