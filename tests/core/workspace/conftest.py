"""A workspace on each database: SQLite, and PostgreSQL in a temporary cluster where Debian's is installed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from core.workspace.schema import metadata
from core.workspace.workspace import Workspace

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
NOBODY = 65534


class Cluster:
    """One PostgreSQL on a socket of its own, with one migrated database that each test finds empty."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.root = os.getuid() == 0
        if self.root:
            os.chown(folder, NOBODY, NOBODY)
        self.run("initdb", "-D", self.folder / "data", "-U", "tests", "--auth=trust", "--no-sync", "-E", "UTF8")
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c max_connections=60"
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", options, "start")
        self.url = f"postgresql://tests@/postgres?host={self.folder}"
        Workspace.open(self.url, self.folder).close()

    def run(self, program, *arguments):
        as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if self.root else []
        command = [*as_nobody, BIN / program, *arguments]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def empty(self):
        """As after the first opening: every row goes, and the next opening puts the first ones back."""
        deletes = "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))
        with psycopg.connect(host=str(self.folder), user="tests", dbname="postgres", autocommit=True) as connection:
            connection.execute(deletes)

    def stop(self):
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def cluster():
    if BIN is None:
        pytest.skip("PostgreSQL is not installed; `apt-get install postgresql` runs these tests on it as well.")
    folder = tempfile.mkdtemp(prefix="plainsight-postgres-")
    cluster = Cluster(folder)
    yield cluster
    cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A SQLite file after its first opening, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    Workspace.open(folder).close()
    return folder / "workspace.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def workspace(request, tmp_path):
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "workspace.db")
        where = tmp_path
    else:
        cluster = request.getfixturevalue("cluster")
        cluster.empty()
        where = cluster.url
    workspace = Workspace.open(where, tmp_path / "files")
    yield workspace
    workspace.close()
