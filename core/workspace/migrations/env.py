"""Runs the numbered steps on the connection that core/workspace/database.py hands over."""

from alembic import context

from core.workspace.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=False)
context.run_migrations()
