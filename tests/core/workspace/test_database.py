"""The database: migrations equal the schema, run once, and say in one sentence what is wrong with an address."""

import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from core.errors import SettingsError
from core.workspace.database import newest_revision
from core.workspace.message_tree import NewMessage
from core.workspace.schema import metadata
from core.workspace.workspace import Workspace


def ours(thing, name, kind, reflected, compare_to):
    return not (name or "").startswith(("messages_fts", "ix_messages_text_trigrams", "alembic_version"))


def test_the_migrations_lead_to_the_schema(workspace):
    with workspace.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, metadata) == []
        revision = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    assert revision == newest_revision()


def test_sqlite_is_in_wal_mode_with_foreign_keys(tmp_path):
    workspace = Workspace.open(tmp_path)
    with workspace.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    workspace.close()
    assert (tmp_path / "workspace.db").is_file()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense://", "postgresql://127.0.0.1:1/nowhere?connect_timeout=2"])
def test_a_wrong_address_is_one_sentence(url):
    with pytest.raises(SettingsError) as refused:
        Workspace.open(url)
    assert "DATABASE_URL" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_password_never_stands_in_the_sentence():
    with pytest.raises(SettingsError) as refused:
        Workspace.open("postgresql://me:canary-secret@127.0.0.1:1/nowhere?connect_timeout=2")
    assert "canary-secret" not in str(refused.value)


def test_many_threads_write_at_once(workspace):
    conversation = workspace.conversations.create()
    failures = []

    def write(number):
        try:
            for step in range(5):
                workspace.conversations.add(conversation.id, NewMessage(role="user", text=f"{number} {step}"))
                workspace.conversations.list()
        except Exception as error:  # noqa: BLE001  what a thread raises has to reach the test
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert workspace.conversations.path(conversation.id)[0].sibling_count == 40
