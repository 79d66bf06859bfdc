"""Lets aws-sam-translator make a plain template of a SAM template. Shell.

https://github.com/aws/serverless-application-model
"""

from __future__ import annotations

import functools
import logging
from importlib.util import find_spec
from typing import Any

from gitbot.language.cloudformation.sam import SAM, Translated, Translator

_WARM_UP: dict[str, Any] = {
    "Transform": SAM,
    "Resources": {
        "Function": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Handler": "a.b",
                "Runtime": "python3.12",
                "InlineCode": "a",
                "Policies": [{"S3ReadPolicy": {"BucketName": "a"}}],
                "Events": {
                    "Rest": {"Type": "Api", "Properties": {"Path": "/", "Method": "get"}},
                    "Http": {"Type": "HttpApi"},
                    "Timer": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 hour)"}},
                },
            },
        },
        "Table": {"Type": "AWS::Serverless::SimpleTable"},
        "Steps": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {"Definition": {"StartAt": "a"}, "Role": "arn:aws:iam::123456789012:role/a"},
        },
    },
}  # fmt: skip


def has_sam() -> bool:
    """Whether aws-sam-translator is installed."""
    return find_spec("samtranslator") is not None


def open_sam() -> Translator | None:
    """What translates templates; None when aws-sam-translator is not installed.

    Everything that it opens is opened here: afterwards it needs neither files nor the network. It has no
    credentials and asks for none.
    """
    if not has_sam():
        return None
    import boto3
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.policy_template_processor.processor import PolicyTemplatesProcessor
    from samtranslator.translator.translator import Translator as Sam

    logging.disable(logging.CRITICAL)  # it warns of metrics that nobody collects
    # aws-sam-translator reads two files of its own again with each template.
    reading = functools.cache(PolicyTemplatesProcessor._read_json)
    PolicyTemplatesProcessor._read_json = staticmethod(reading)
    # The session says which region's names are right. These are no credentials.
    session = boto3.Session(
        region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )

    def translate(template: dict[str, Any]) -> Translated:
        try:
            made = Sam({}, Parser(), boto_session=session).translate(template, {})
        except InvalidDocumentException as error:
            causes = [(getattr(one, "_logical_id", None), str(one.message)) for one in error.causes]
            return Translated(template=None, refused=tuple(causes))
        except Exception as error:  # noqa: BLE001  (it fails in many ways on forms that it does not check)
            return Translated(template=None, refused=((None, f"{type(error).__name__}."),))
        return Translated(template=made)

    translate(dict(_WARM_UP))
    return translate
