"""Schemas are checked, values are held against them, and nothing a schema names is fetched."""

import pytest

from core.errors import InvalidError
from core.json_schema import check_schema, misfit
from tests.upstreams.server import Upstream


def test_a_schema_that_is_none_is_refused_in_one_sentence():
    for broken in ({"type": "nonsense"}, {"required": "city"}, [1]):
        with pytest.raises(InvalidError, match=r"^The JSON schema is not valid( at type| at required)?: .*\.$"):
            check_schema(broken)
    check_schema({"type": "object"})
    check_schema(True)


def test_what_is_wrong_is_named_with_its_place():
    schema = {"type": "object", "properties": {"towns": {"type": "array", "items": {"type": "string"}}}}
    assert misfit({"towns": ["Ghent"]}, schema) == ""
    assert misfit({"towns": ["Ghent", 3]}, schema).startswith("at towns/1: 3 is not")
    assert misfit({}, False)


def test_a_reference_to_another_host_is_never_fetched():
    with Upstream() as elsewhere:
        assert "not in it" in misfit({}, {"$ref": f"{elsewhere.url}/v1/models"})
        assert elsewhere.requests == []
