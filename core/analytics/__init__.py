"""What it means: read-only SQL in, DataFrame out."""
