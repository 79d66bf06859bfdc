"""AWS::KMS::Alias as a table. Shell.

AliasName: replace. TargetKeyId (the id or ARN of a key) is changed in place. It has no tags: its owner is
the owner of the key. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
"""

from __future__ import annotations

from gitbot.model.schema import Parent
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import last_part
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.table import Create, Delete, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.kms.family import KMS


def _with_id(properties: Properties) -> Properties:
    """A key's ARN and its id are one: AWS shows the id."""
    key = properties.get("TargetKeyId")
    return {**properties, "TargetKeyId": last_part(key)} if isinstance(key, str) else properties


_SENDS = ("AliasName", "TargetKeyId")

ALIAS = native_type(
    Table(
        name="AWS::KMS::Alias",
        noun="alias",
        dialect=KMS,
        listing=Plain(
            dialect=KMS,
            call="list_aliases",
            answer="Aliases",
            name=Name(property="AliasName", longest=256),
        ),
        shows=shown(*_SENDS),
        addresses=shown("AliasName"),
        create=Create(
            call="create_alias",
            sends=_SENDS,
            gives=lambda _, given: str(given["AliasName"]),
            taken=frozenset({"AlreadyExistsException"}),
        ),
        delete=Delete(call="delete_alias"),
        updates=(Update(call="update_alias", sends=("TargetKeyId",)),),
        natural_key=("AliasName",),
        parent=Parent(type="AWS::KMS::Key", reference="TargetKeyId"),
        normalise=_with_id,
    )
)
