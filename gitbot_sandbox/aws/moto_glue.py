"""Make moto's databases of Glue keep their tags and have the defaults that AWS's have. Shell.

https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDatabase.html
https://docs.aws.amazon.com/glue/latest/webapi/API_TagResource.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.glue.models import FakeDatabase, GlueBackend

from gitbot_sandbox.aws.moto_patch import wrap

_EVERYBODY = [
    {
        "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
        "Permissions": ["ALL"],
    }
]


def patch() -> None:
    """Make all patches of this module."""
    wrap(GlueBackend, "create_database", _in_small_letters)
    wrap(GlueBackend, "delete_database", _with_its_tags)
    wrap(GlueBackend, "tag_resource", _at_most_fifty)
    wrap(FakeDatabase, "__init__", _with_permissions)


def _arn(backend: Any, name: str) -> str:
    place = f"{backend.partition}:glue:{backend.region_name}:{backend.account_id}"
    return f"arn:{place}:database/{name}"


def _in_small_letters(original: Any) -> Any:
    """Defect: a name keeps its capital letters."""

    @wraps(original)
    def create_database(self: Any, database_name: str, *args: Any, **given: Any) -> Any:
        return original(self, database_name.lower(), *args, **given)

    return create_database


def _with_its_tags(original: Any) -> Any:
    """Defect: the tags of a database stay when it goes."""

    @wraps(original)
    def delete_database(self: Any, database_name: str) -> None:
        original(self, database_name)
        self.tagger.delete_all_tags_for_resource(_arn(self, database_name))

    return delete_database


def _at_most_fifty(original: Any) -> Any:
    """Defect: any number of tags is taken."""

    @wraps(original)
    def tag_resource(self: Any, resource_arn: str, tags: dict[str, str] | None) -> None:
        present = self.tagger.get_tag_dict_for_resource(resource_arn)
        if len({**present, **(tags or {})}) > 50:
            raise JsonRESTError("InvalidInputException", "An object has at most 50 tags")
        original(self, resource_arn, tags)

    return tag_resource


def _with_permissions(original: Any) -> Any:
    """Defect: a database without permissions lets nobody in, where AWS's lets in whom IAM lets."""

    @wraps(original)
    def __init__(self: Any, database_name: str, database_input: Any, catalog_id: str) -> None:
        given = {"CreateTableDefaultPermissions": _EVERYBODY, **database_input}
        original(self, database_name, given, catalog_id)

    return __init__
