"""A workspace on each database that this machine can run."""

import pytest

from core.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace.open(tmp_path)
    yield workspace
    workspace.close()
