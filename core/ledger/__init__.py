"""What happened: facts, append-only; journal, loader, schema, rollups; the only room that opens DuckDB."""
