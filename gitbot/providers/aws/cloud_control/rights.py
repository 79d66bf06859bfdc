"""Say which rights Cloud Control needs for a type: its own, and those of AWS's handlers. Pure.

A handler works with the caller's rights:
https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/security.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from gitbot.providers.aws.rights import Rights

READS: Final = frozenset(
    f"cloudformation:{one}" for one in ("GetResource", "GetResourceRequestStatus", "ListResources")
)
MAKES: Final = "cloudformation:CreateResource"
CHANGES: Final = "cloudformation:UpdateResource"
REMOVES: Final = "cloudformation:DeleteResource"
WRITES: Final = frozenset({MAKES, CHANGES, REMOVES})
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudcontrolapi.html"""

_VIA_SERVICE = """
airflow apprunner appflow athena auditmanager backup backup-gateway cassandra codeartifact codeguru-reviewer comprehend
connect dms dynamodb ecr eks elasticfilesystem es finspace firehose forecast fsx geo glue groundstation healthlake
iotsitewise kafka kendra kinesis kinesisvideo lambda lex license-manager lookoutequipment lookoutmetrics lookoutvision
managedblockchain memorydb mgn monitron mq nimble omics profile proton qldb rds redshift redshift-serverless rekognition
s3 sagemaker secretsmanager ses sns sqlworkbench sqs ssm ssm-contacts ssm-incidents storagegateway timestream translate
wisdom workmail workspaces workspaces-web xray
"""
VIA_SERVICE: Final = frozenset(_VIA_SERVICE.split())
"""Services that ask KMS as whoever asked them, and have one name in ``kms:ViaService`` and in actions.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#viaService_table
"""

PASS_ROLE: Final = "iam:PassRole"
_READING: Final = ("read", "list")
_WRITING: Final = ("create", "update", "delete", "tagging")
_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9*]+")
"""What IAM takes for an action; some handlers list something else."""


def rights_of(handlers: Mapping[str, Sequence[str]]) -> Rights:
    """The rights for a type whose handlers need these permissions, by verb.

    ``iam:PassRole`` is left out: the policy allows it apart, and for some services alone.
    """
    return Rights(
        reads=READS | _actions(handlers, _READING), writes=WRITES | _actions(handlers, _WRITING)
    )


def takes_roles(handlers: Mapping[str, Sequence[str]]) -> str:
    """Whom the type gives roles to, as a pattern of service principals; empty: to nobody.

    The handlers do not say it. The service that a creation calls most is asked, and services whose names begin
    like it: tasks of ``ecs`` run as ``ecs-tasks``.
    """
    if PASS_ROLE not in _named(handlers, _WRITING):
        return ""
    service = _most_called(handlers)
    return f"{service}*.amazonaws.com" if service else ""


def decrypts_through(handlers: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The services through which the changes of the type decrypt: all that are called and ask KMS themselves.

    Empty: the service of the type is none that says so, and its handlers may ask KMS on their own.
    """
    called = {one.partition(":")[0] for one in _named(handlers, _WRITING)}
    return VIA_SERVICE & called if _most_called(handlers) in VIA_SERVICE else frozenset()


def _most_called(handlers: Mapping[str, Sequence[str]]) -> str:
    """The service that a creation calls most; empty where nobody says it."""
    services = Counter(one.partition(":")[0].lower() for one in handlers.get("create", ()))
    for other in ("iam", "kms", "ec2", "s3", "logs"):
        if len(services) > 1:
            services.pop(other, None)
    [(service, _)] = services.most_common(1) or [("", 0)]
    return service


def _actions(handlers: Mapping[str, Sequence[str]], verbs: Sequence[str]) -> frozenset[str]:
    named = _named(handlers, verbs) - {PASS_ROLE}
    return frozenset(one for one in named if _ACTION.fullmatch(one))


def _named(handlers: Mapping[str, Sequence[str]], verbs: Sequence[str]) -> frozenset[str]:
    """The permissions, with services in small letters, as IAM documents them."""
    told = (action.partition(":") for verb in verbs for action in handlers.get(verb, ()))
    return frozenset(f"{service.lower()}:{action}" for service, _, action in told)
