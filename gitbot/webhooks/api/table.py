"""All routes of the API. Pure."""

from __future__ import annotations

from gitbot.webhooks.api import me
from gitbot.webhooks.api.routes import Route

ROUTES: tuple[Route, ...] = me.ROUTES
