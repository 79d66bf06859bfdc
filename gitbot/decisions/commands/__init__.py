"""The table of commands, and the parser that finds commands in a text. Pure."""
