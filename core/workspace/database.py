"""One engine to the workspace's database, SQLite or PostgreSQL, brought up to date when it is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError

from core.errors import ConflictError, PlatformError, SettingsError

MIGRATIONS = Path(__file__).parent / "migrations"
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA synchronous=FULL",  # what a page shows as sent must outlive a power cut
)


class Database:
    """Short transactions on one engine. `reading()` sees one moment; `writing()` takes the write lock at once."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.dialect = self.engine.dialect.name
        self._writer = self.engine.execution_options(immediate=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        try:
            with self.engine.begin() as connection:
                yield connection
        except OperationalError as error:
            raise _unreachable(error) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        try:
            with self._writer.begin() as connection:
                yield connection
        except IntegrityError:
            raise ConflictError("Somebody else changed this at the same moment; reload and try again.") from None
        except OperationalError as error:
            raise _unreachable(error) from error

    def migrate(self) -> None:
        """Run the numbered steps that this database has not seen. Quick when there are none."""
        try:
            with self._writer.begin() as connection:
                if self.dialect == "postgresql":
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20261122)")
                if _revision(connection) != newest_revision():
                    _upgrade(connection)
        except OperationalError as error:
            reason = str(error.orig).splitlines()[0] if error.orig else "no answer"
            raise SettingsError(
                f"The workspace database cannot be opened ({reason}); check DATABASE_URL or the folder's permissions.",
                variable="DATABASE_URL",
            ) from None

    def close(self) -> None:
        self.engine.dispose()


def _unreachable(error: OperationalError) -> PlatformError:
    reason = str(error.orig).splitlines()[0] if error.orig else "no answer"
    return PlatformError(f"Conversations and settings cannot be read or written just now ({reason}).")


def newest_revision() -> str:
    return max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # slow to import, and needed only when there is a step to run
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _engine(url: str) -> sa.Engine:
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    except ArgumentError:
        raise SettingsError(
            "DATABASE_URL is not a database address; write postgresql://user:password@host/name, or leave it out.",
            variable="DATABASE_URL",
        ) from None
    if parsed.get_backend_name() == "postgresql":
        return sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=10,
            connect_args={"connect_timeout": 10},
        )
    if parsed.get_backend_name() != "sqlite":
        raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite:///.", variable="DATABASE_URL")
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, pool_size=10, max_overflow=20)
    sa.event.listen(engine, "connect", _set_up_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late to hold what was read
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
