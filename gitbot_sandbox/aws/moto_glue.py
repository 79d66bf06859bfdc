"""Make moto's databases of Glue keep their tags and have the defaults that AWS's have. Shell.

https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDatabase.html
https://docs.aws.amazon.com/glue/latest/webapi/API_TagResource.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.glue.models import FakeDatabase, GlueBackend

from gitbot_sandbox.aws.moto_patch import at_most_fifty, forgets_tags, wrap

_EVERYBODY = [
    {
        "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
        "Permissions": ["ALL"],
    }
]


def patch() -> None:
    """Make all patches of this module."""
    wrap(GlueBackend, "create_database", _in_small_letters)
    wrap(GlueBackend, "delete_database", forgets_tags(lambda self, name: [_arn(self, name)]))
    wrap(GlueBackend, "tag_resource", at_most_fifty(_tags, _too_many))
    wrap(FakeDatabase, "__init__", _with_permissions)


def _arn(backend: Any, name: str) -> str:
    place = f"{backend.partition}:glue:{backend.region_name}:{backend.account_id}"
    return f"arn:{place}:database/{name}"


def _tags(backend: Any, arn: str) -> Any:
    return backend.tagger.get_tag_dict_for_resource(arn)


def _too_many() -> JsonRESTError:
    return JsonRESTError("InvalidInputException", "An object has at most 50 tags")


def _in_small_letters(original: Any) -> Any:
    """Defect: a name keeps its capital letters."""

    @wraps(original)
    def create_database(self: Any, database_name: str, *args: Any, **given: Any) -> Any:
        return original(self, database_name.lower(), *args, **given)

    return create_database


def _with_permissions(original: Any) -> Any:
    """Defect: a database without permissions lets nobody in, where AWS's lets in whom IAM lets."""

    @wraps(original)
    def __init__(self: Any, database_name: str, database_input: Any, catalog_id: str) -> None:
        given = {"CreateTableDefaultPermissions": _EVERYBODY, **database_input}
        original(self, database_name, given, catalog_id)

    return __init__
