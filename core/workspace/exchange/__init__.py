"""Conversations in and out: this product's own JSON, Markdown, PDF, and what other products export."""
