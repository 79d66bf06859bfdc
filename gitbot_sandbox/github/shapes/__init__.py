"""Entities as the JSON that GitHub's REST API and webhooks show. Pure apart from git reads."""
