"""Make moto's launch templates keep their data, versions and tags apart, and refuse as EC2 does. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
"""

from __future__ import annotations

import re
import sys
from functools import wraps
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.utils import parse_user_data

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.tag_index import ec2_objects, index
from gitbot_sandbox.aws.tokens import once_by_token

_NAME = re.compile(r"[a-zA-Z0-9().\-/_]{3,128}")


def patch() -> None:
    """Make the patches of this module."""
    for call in ("create_launch_template", "create_launch_template_version"):
        wrap(LaunchTemplates, call, _checked)
        wrap(LaunchTemplates, call, once_by_token)
    wrap(LaunchTemplate, "__init__", _own_tags_apart)
    wrap(LaunchTemplate, "create_version", _whole_data)
    wrap(LaunchTemplates, "create_launch_template_version", _from_source)
    for call in ("describe_launch_templates", "describe_launch_template_versions"):
        wrap(LaunchTemplates, call, _all_of_them)
    wrap(EC2Backend, "describe_launch_templates", _all_known)
    wrap(EC2Backend, "delete_launch_template", _known)
    wrap(EC2Backend, "modify_launch_template", _known_version)
    templates = ec2_objects("launch-template", lambda ec2: ec2.launch_templates.values())
    index(ec2_backends, "ec2:launch-template", templates)


def _checked(original: Any) -> Any:
    """Defects: any name is taken, and data that says nothing or contradicts itself."""

    @wraps(original)
    def create(self: Any) -> Any:
        name = self._get_param("LaunchTemplateName")
        data = self._get_param("LaunchTemplateData") or {}
        if original.__name__ == "create_launch_template" and not _NAME.fullmatch(name or ""):
            raise EC2ClientError(
                "InvalidLaunchTemplateName.MalformedException",
                "A launch template name must be between 3 and 128 characters, and may contain "
                "letters, numbers, and the following characters: - ( ) . / _.",
            )
        if not data and not self._get_param("SourceVersion"):
            raise EC2ClientError(
                "MissingParameter", "The request must contain the parameter LaunchTemplateData"
            )
        if "InstanceType" in data and "InstanceRequirements" in data:
            raise EC2ClientError(
                "InvalidParameterCombination",
                "You can't specify InstanceType and InstanceRequirements in the same request.",
            )
        if "NetworkInterfaces" in data and {"SecurityGroupIds", "SecurityGroups"} & data.keys():
            raise EC2ClientError(
                "InvalidParameterCombination",
                "Network interfaces and an instance-level security groups may not be specified "
                "on the same request",
            )
        return original(self)

    return create


def _own_tags_apart(original: Any) -> Any:
    """Defects: a template's tags are put into its data too, and stay as they were at its creation."""

    @wraps(original)
    def __init__(self: Any, backend: Any, name: Any, data: Any, *rest: Any) -> None:
        specifications = [
            one
            for one in data.get("TagSpecifications") or ()
            if one.get("ResourceType") != "launch-template"
        ]
        kept = {key: value for key, value in data.items() if key != "TagSpecifications"}
        if specifications:
            kept["TagSpecifications"] = specifications
        original(self, backend, name, kept, *rest)

    LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, tags: None)  # type: ignore[assignment]
    return __init__


def _whole_data(original: Any) -> Any:
    """Defect: user data that is absent is shown as such, and that of a later version cannot be used."""

    @wraps(original)
    def create_version(self: Any, data: dict[str, Any], description: str) -> Any:
        kept = {key: value for key, value in data.items() if value is not None}
        if isinstance(kept.get("UserData"), str):
            kept["UserData"] = parse_user_data(kept["UserData"])
        return original(self, kept, description)

    return create_version


def _from_source(original: Any) -> Any:
    """Defect: SourceVersion is ignored: the new version should inherit what it does not give itself."""

    @wraps(original)
    def create_launch_template_version(self: Any) -> Any:
        source, own = self._get_param("SourceVersion"), self._get_param("LaunchTemplateId")
        if source:
            backend = self.ec2_backend
            template = (
                backend.get_launch_template(own)
                if own
                else backend.get_launch_template_by_name(self._get_param("LaunchTemplateName"))
            )
            inherited = template.get_version(source).data
            given = self._get_param("LaunchTemplateData") or {}
            self.params = {**self.params, "LaunchTemplateData": {**inherited, **given}}
        return original(self)

    return create_launch_template_version


def _all_of_them(original: Any) -> Any:
    """Defect: without MaxResults only 15 are described, and nothing says that there are more."""

    @wraps(original)
    def describe(self: Any) -> Any:
        if not self._get_param("MaxResults"):
            self.params = {**self.params, "MaxResults": sys.maxsize}
        return original(self)

    return describe


def _all_known(original: Any) -> Any:
    """Defect: identifiers of templates that are gone are passed over."""

    @wraps(original)
    def describe_launch_templates(
        self: Any, template_names: Any = None, template_ids: Any = None, filters: Any = None
    ) -> Any:
        for one in template_ids or ():
            self.get_launch_template(one)
        return original(self, template_names, template_ids, filters)

    return describe_launch_templates


def _known(original: Any) -> Any:
    """Defect: an unknown identifier is called an unknown name."""

    @wraps(original)
    def delete_launch_template(self: Any, name: str, tid: str | None) -> Any:
        if tid is not None:
            self.get_launch_template(tid)
        return original(self, name, tid)

    return delete_launch_template


def _known_version(original: Any) -> Any:
    """Defect: as with the deletion."""

    @wraps(original)
    def modify_launch_template(
        self: Any, default_version: str, template_name: Any = None, template_id: Any = None
    ) -> Any:
        if template_id is not None:
            self.get_launch_template(template_id)
        return original(self, default_version, template_name, template_id)

    return modify_launch_template
