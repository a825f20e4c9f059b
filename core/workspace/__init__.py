"""What people make: assistants, prompts, conversations, users, budgets; SQLAlchemy on SQLite or PostgreSQL."""
