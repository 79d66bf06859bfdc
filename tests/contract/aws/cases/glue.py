"""Cases of the types of Glue."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import Case


def _database(**more: Any) -> dict[str, Any]:
    return {"CatalogId": "123456789012", "DatabaseInput": {"Name": "features", **more}}


def _permissions(*names: str) -> list[dict[str, Any]]:
    principal = {"DataLakePrincipalIdentifier": "arn:aws:iam::123456789012:role/analyst"}
    return [{"Principal": principal, "Permissions": list(names)}]


_WHOLE = _database(
    Description="what models read",
    LocationUri="s3://features/tables",
    Parameters={"classification": "parquet", "rows": 3},
    CreateTableDefaultPermissions=_permissions("SELECT"),
)
_OTHER = _database(
    LocationUri="s3://features/others",
    Parameters='{"classification": "iceberg"}',
    CreateTableDefaultPermissions=_permissions("ALL"),
)

CASES = (
    Case(
        type="AWS::Glue::Database",
        creating="CreateDatabase",
        absent="gone",
        minimal=lambda world: _database(),
        full=lambda world: _WHOLE,
        changes=lambda world: {"DatabaseInput": _OTHER["DatabaseInput"]},
        attributes=frozenset({"DatabaseName"}),
        stack="""\
features:
  type: AWS::Glue::Database
  properties:
    CatalogId: "123456789012"
    DatabaseInput: {Name: features, Description: what models read, Parameters: {rows: 3}}
""",
        samples={
            "CatalogId": ["123456789012"] * 2,
            "DatabaseInput/Name": ["features", "features"],
            "DatabaseInput/LocationUri": ["s3://features/a", "s3://features/b"],
            "DatabaseInput/Parameters": [{"a": "1"}, {"a": "2"}],
            "DatabaseInput/CreateTableDefaultPermissions": [
                _permissions("SELECT"),
                _permissions("ALL"),
            ],
        },
        beside={"DatabaseInput": lambda world, name: {"Name": "features"}},
    ),
)
