"""A workspace on each database: SQLite, and PostgreSQL in a temporary cluster where Debian's is installed."""

import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import psycopg
import pytest

from core.workspace.workspace import Workspace

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
NOBODY = 65534
numbers = count(1)


class Cluster:
    """One PostgreSQL on a socket of its own, with a migrated database that each test gets a copy of."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.root = os.getuid() == 0
        if self.root:
            os.chown(folder, NOBODY, NOBODY)
        self.run("initdb", "-D", self.folder / "data", "-U", "tests", "--auth=trust", "--no-sync", "-E", "UTF8")
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c max_connections=60"
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", options, "start")
        self.command('CREATE DATABASE "empty"')
        Workspace.open(self.url("empty"), self.folder).close()

    def run(self, program, *arguments):
        as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if self.root else []
        command = [*as_nobody, BIN / program, *arguments]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def command(self, sql):
        with psycopg.connect(host=str(self.folder), user="tests", dbname="postgres", autocommit=True) as connection:
            connection.execute(sql)

    def url(self, name):
        return f"postgresql://tests@/{name}?host={self.folder}"

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


@pytest.fixture(params=["sqlite", "postgresql"])
def workspace(request, tmp_path):
    if request.param == "sqlite":
        workspace = Workspace.open(tmp_path)
        yield workspace
        workspace.close()
        return
    cluster = request.getfixturevalue("cluster")
    name = f"test{next(numbers)}"
    cluster.command(f'CREATE DATABASE "{name}" TEMPLATE "empty"')
    workspace = Workspace.open(cluster.url(name), tmp_path / "files")
    yield workspace
    workspace.close()
    cluster.command(f'DROP DATABASE "{name}"')
