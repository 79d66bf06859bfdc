"""The API that people and the command line ask a server by. Shell."""

from gitbot.webhooks.api.routes import Api
from gitbot.webhooks.api.serving import Limits, blueprint, is_api, of_http
from gitbot.webhooks.api.table import ROUTES

__all__ = ["ROUTES", "Api", "Limits", "blueprint", "is_api", "of_http"]
