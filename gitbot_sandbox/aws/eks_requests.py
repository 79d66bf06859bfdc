"""Check what is asked of EKS about node groups, and fill in what is not. Shell.

https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.models import ec2_backends
from moto.eks.exceptions import InvalidParameterException

_UPDATED = {"maxUnavailable": 1, "updateStrategy": "DEFAULT"}


def refuse(words: str) -> InvalidParameterException:
    """The refusal of a request that EKS does not take."""
    return InvalidParameterException(message=words)


def known(backend: Any, template: Mapping[str, str]) -> dict[str, str]:
    """The template with its id, name and version."""
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    found = [
        one
        for one in ec2.launch_templates.values()
        if template.get("id", one.id) == one.id and template.get("name", one.name) == one.name
    ]
    if not found:
        raise refuse(f"The launch template {template} does not exist")
    numbers = {str(one.number) for one in found[0].versions}
    number = template.get("version") or str(found[0].default_version_number)
    if number not in numbers:
        raise refuse(f"Launch template version {number} does not exist")
    return {"id": found[0].id, "name": found[0].name, "version": number}


def how_to_update(asked: Any) -> dict[str, Any]:
    """How machines are replaced, with the defaults. Refuses a number beside a percentage."""
    counted = {"maxUnavailablePercentage", "maxUnavailable"} & set(asked or ())
    if len(counted) > 1:
        raise refuse("You cannot specify both maxUnavailable and maxUnavailablePercentage")
    has = {"updateStrategy": "DEFAULT"} if counted else _UPDATED
    return {**has, **(asked or {})}


def check_template(template: Any) -> None:
    """Refuse a launch template that is named twice or not at all."""
    if template and ("id" in template) == ("name" in template):
        raise refuse("Either provide launch template ID or launch template name in the request.")


def check_release(release: str | None, version: str) -> None:
    """Refuse a release of images that is another version's."""
    if release and not release.startswith(f"{version}."):
        raise refuse(
            f"Requested release version {release} is not valid for kubernetes version {version}."
        )
