"""Build the clients with which people change the local AWS behind gitbot's back. Shell."""

from __future__ import annotations

from typing import Any

from gitbot_sandbox.aws.gate import CONSOLE
from gitbot_sandbox.aws.trail import PERSONS_ADDRESS, person_agent


def console_client(url: str, service: str, region: str, *, person: str) -> Any:
    """A boto3 client for the service at ``url``, whose calls ``person`` makes in the console."""
    # Imported here: they take longer than all else of a start.
    import boto3
    import botocore.session
    from botocore.config import Config

    from gitbot.providers.aws.api_models import API_MODELS
    from gitbot.providers.aws.connection import BUILDING

    config = Config(user_agent_extra=f"{CONSOLE} {person_agent(person, PERSONS_ADDRESS)}")
    with BUILDING:
        core = botocore.session.get_session()
        core.register_component("data_loader", API_MODELS)
        # Any: the stubs' overloads take only literal service names.
        session: Any = boto3.Session(
            aws_access_key_id="AKIASANDBOX",
            aws_secret_access_key="sandbox",
            region_name=region,
            botocore_session=core,
        )
        return session.client(service, endpoint_url=url, config=config)
