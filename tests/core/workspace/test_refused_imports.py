"""Files that are no export, or pretend to be one: refused in one sentence, and nothing of them stays."""

import hashlib
import io
import json
import zipfile

import pytest

from core.errors import InvalidError


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("conversations.json", b" " * (150 * 2**20))
    return out.getvalue()


OWN = {"plainsight": "conversation", "format": 1, "title": "x"}
MESSAGE = {"id": "1", "role": "user", "text": "x"}
X = hashlib.sha256(b"x").hexdigest()
REF = {"sha256": X, "name": "x.png", "media_type": "image/png", "kind": "image", "size": 1}
FILE = {"name": "x", "media_type": "image/png", "base64": "eA=="}
REFUSED = {
    "empty": b"",
    "text": b"hello",
    "nothing": b"[]",
    "number": b"[1]",
    "other": b'{"a": 1}',
    "deep": b"[" * 100_000,
    "nan": b'{"plainsight": NaN}',
    "huge number": b'{"a": ' + b"9" * 10_000 + b"}",
    "infinite": b'{"a": 1e999}',
    "doubled": b'{"plainsight": "conversation", "plainsight": "conversation"}',
    "unknown entry": json.dumps({**OWN, "run": "rm"}).encode(),
    "unknown in message": json.dumps({**OWN, "messages": [{**MESSAGE, "x": 1}]}).encode(),
    "wrong kind": json.dumps({**OWN, "messages": [{**MESSAGE, "text": 5}]}).encode(),
    "wrong role": json.dumps({**OWN, "messages": [{**MESSAGE, "role": "root"}]}).encode(),
    "same id twice": json.dumps({**OWN, "messages": [MESSAGE, MESSAGE]}).encode(),
    "circle": json.dumps(
        {**OWN, "messages": [{**MESSAGE, "parent": "2"}, {**MESSAGE, "id": "2", "parent": "1"}]}
    ).encode(),
    "self": json.dumps({**OWN, "messages": [{**MESSAGE, "parent": "1"}]}).encode(),
    "damaged file": json.dumps(
        {**OWN, "files": {"../../x": {"name": "x", "media_type": "a/b", "base64": "eA=="}}}
    ).encode(),
    "attachment not there": json.dumps({**OWN, "messages": [{**MESSAGE, "attachments": [REF]}]}).encode(),
    "no picture": json.dumps({**OWN, "messages": [{**MESSAGE, "attachments": [REF]}], "files": {X: FILE}}).encode(),
    "later format": json.dumps({**OWN, "format": 2}).encode(),
    "zip": b"PK\x03\x04nonsense",
    "zip bomb": bomb(),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_export_changes_nothing(workspace, name):
    with pytest.raises(InvalidError) as refused:
        workspace.conversations.import_(REFUSED[name])
    assert str(refused.value).endswith(".")
    assert len(str(refused.value)) < 300
    assert workspace.conversations.list() == []


def test_one_bad_conversation_among_good_ones_leaves_nothing_behind(workspace):
    with pytest.raises(InvalidError):
        workspace.conversations.import_(
            json.dumps([{**OWN, "messages": [MESSAGE]}, {**OWN, "messages": [{**MESSAGE, "parent": "1"}]}]).encode()
        )
    assert workspace.conversations.list() == []
