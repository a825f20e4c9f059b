"""Matches, panes, votes, ratings, experiments."""
