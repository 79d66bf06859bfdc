"""Show entities as the JSON of GitHub's REST API and webhooks. Pure apart from git reads."""
