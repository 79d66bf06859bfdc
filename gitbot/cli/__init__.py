"""Commands for people: one module a group, imported when it is used."""
