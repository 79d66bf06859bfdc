"""Make moto's Secrets Manager keep and reset what AWS does. Shell.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
"""

from __future__ import annotations

from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make all patches of this module."""
    from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend

    wrap(SecretsManagerBackend, "update_secret", _to_an_empty_description)
    wrap(FakeSecret, "create_replicas", _with_their_keys)


def _to_an_empty_description(update: Any) -> Any:
    """Defect: a description cannot be emptied."""

    def updated(self: Any, secret_id: str, *args: Any, **given: Any) -> str:
        answer = str(update(self, secret_id, *args, **given))
        if given.get("description") == "":
            self.secrets[secret_id].description = ""
        return answer

    return updated


def _with_their_keys(create: Any) -> Any:
    """Defect: every replica is encrypted with the key of AWS."""

    def created(self: Any, replica_regions: Any, force_overwrite: bool) -> Any:
        replicas = create(self, replica_regions, force_overwrite)
        keys = {one["Region"]: one.get("KmsKeyId") for one in replica_regions or ()}
        for replica in replicas:
            replica.config["KmsKeyId"] = keys[replica.region] or replica.config["KmsKeyId"]
        return replicas

    return created
