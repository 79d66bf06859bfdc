"""GitHub's door: verify a delivery, parse it, know its commands, name the job it wakes. Shell."""

from gitbot.webhooks.app import create_app
from gitbot.webhooks.commands import ParsedCommand, parse_commands
from gitbot.webhooks.parse import Delivery, MalformedDeliveryError, parse
from gitbot.webhooks.route import route

__all__ = [
    "Delivery",
    "MalformedDeliveryError",
    "ParsedCommand",
    "create_app",
    "parse",
    "parse_commands",
    "route",
]
