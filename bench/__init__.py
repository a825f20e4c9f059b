"""Benchmarks: each prints its own table and compares side by side in one run."""
