"""Reads a running stack of CloudFormation. Shell."""

from __future__ import annotations

import json

from gitbot.errors import CloudError, UserError
from gitbot.language.cloudformation.adopting import RunningStack
from gitbot.providers.aws.connection import Connection


def read_stack(aws: Connection, name: str) -> RunningStack:
    """The stack of this name, as CloudFormation has it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html

    Raises:
        UserError: there is no such stack.
        CloudError, TransientError: it cannot be read.
    """
    try:
        (stack,) = aws.call("cloudformation", "describe_stacks", StackName=name)["Stacks"]
    except CloudError as error:
        if "does not exist" in str(error):
            raise UserError(
                f"there is no CloudFormation stack {name!r} in {aws.region} of account {aws.account}"
            ) from error
        raise
    # What macros such as SAM made of the template, which names the objects that there are.
    asked = {"StackName": name, "TemplateStage": "Processed"}
    template = aws.call("cloudformation", "get_template", **asked)["TemplateBody"]
    pages = aws.pages(
        "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=name
    )
    return RunningStack(
        name=str(stack["StackName"]),
        # botocore gives a template in JSON as a map, and one in YAML as its text.
        template=template if isinstance(template, str) else json.dumps(template, indent=1),
        parameters={
            one["ParameterKey"]: one.get("ParameterValue", "")
            for one in stack.get("Parameters", ())
        },
        objects={
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for one in pages
            if one.get("PhysicalResourceId") and not one["ResourceStatus"].startswith("DELETE_")
        },
    )
