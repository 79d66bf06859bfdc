"""The commands that people write: the table of verbs, and how a text is read. Pure."""
