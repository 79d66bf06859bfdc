"""The types of CodeCommit."""
