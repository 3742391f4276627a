"""What is answered without asking the model: schema, health, OpenAPI, and the headers of all."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from features.json_schema import project_schema
from models.registry import Release
from serving.routes import ROUTES
from serving.wording.envelope import CODES
from tests.serving.conftest import Caller, tiny_project


def test_the_schema_is_that_of_the_catalogue(service: Caller, release: Release) -> None:
    answer = service.get("/schema")
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json() == project_schema(release.model.catalogue)
    jsonschema.validate(tiny_project(), answer.json())


def test_it_says_that_it_lives(service: Caller) -> None:
    assert service.get("/livez").json() == {"status": "alive"}


def test_readiness_names_the_model(service: Caller, release: Release) -> None:
    assert service.get("/readyz").json() == {
        "status": "ready",
        "model": {
            "catalogue": "tiny@1",
            "version": "1",
            "digest": release.version.digest,
            "simulated": False,
            "reviewed": False,
        },
        "refused_release": None,
        "reference": {"standards": None, "duplicates": [], "refused": {}},
        "beside": {
            "shadow": None,
            "pilot": None,
            "refused": {},
            "answers": {"recorded": 0, "refused": 0, "failed": 0, "dropped": 0},
        },
        "mlflow_alias": "none",
        "release_record": "none",
    }


@pytest.mark.parametrize(
    "path", ["/", "/schema", "/openapi.json", "/livez", "/readyz", "/metrics", "/nothing"]
)
def test_every_answer_has_the_protective_headers(service: Caller, path: str) -> None:
    headers = service.get(path).headers
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers.get_list("cache-control") == ["no-store"]
    (policy,) = headers.get_list("content-security-policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "server" not in headers


def test_the_questions_have_them_too_and_nothing_of_the_framework(service: Caller) -> None:
    headers = service.post("/score", {"project": tiny_project()}).headers
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert not [name for name in headers if "bento" in name.lower()]
    assert "server" not in headers


def test_a_head_request_has_no_body(service: Caller) -> None:
    answer = service.call("HEAD", "/schema")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.fixture
def openapi(service: Caller) -> dict[str, Any]:
    document: dict[str, Any] = service.get("/openapi.json").json()
    return document


def test_openapi_has_every_route_and_no_other(openapi: dict[str, Any]) -> None:
    told = {path.removesuffix("/{file}"): found for path, found in openapi["paths"].items()}
    assert set(told) == set(ROUTES)
    for path, operations in told.items():
        assert list(operations) == ["post" if "POST" in ROUTES[path].methods else "get"]


def test_openapi_tells_every_error_in_our_form(openapi: dict[str, Any]) -> None:
    assert set(openapi["components"]["responses"]) == {str(status) for status in CODES}
    score = openapi["paths"]["/score"]["post"]["responses"]
    of_access = {"401", "403", "429"}
    assert {"400", "405", "408", "409", "413", "415", "422", "431", "500", "503", "504"} == (
        set(score) - {"200"} - of_access
    )
    assert of_access < set(score)
    assert {"401", "403"} < set(openapi["paths"]["/metrics"]["get"]["responses"])
    assert "401" not in openapi["paths"]["/livez"]["get"]["responses"]
    assert "ValidationError" not in json.dumps(openapi)


def test_what_is_answered_meets_the_document(service: Caller, openapi: dict[str, Any]) -> None:
    checks = {
        "ExplainedScore": service.post("/score", {"project": tiny_project()}).json(),
        "Error": service.post("/score", {"project": {}}).json(),
        "Project": tiny_project(),
    }
    for name, answer in checks.items():
        validator(openapi, name).validate(answer)
    with pytest.raises(jsonschema.ValidationError):
        validator(openapi, "Error").validate([{"error": "in a list"}])


def validator(openapi: dict[str, Any], name: str) -> jsonschema.Draft202012Validator:
    """A validator of one of the document's schemas."""
    whole = {"$ref": f"#/components/schemas/{name}", "components": openapi["components"]}
    return jsonschema.Draft202012Validator(whole)
