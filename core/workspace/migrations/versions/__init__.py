"""One file per step; the number in front is its revision."""
