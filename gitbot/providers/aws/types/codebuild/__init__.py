"""The types of CodeBuild."""
