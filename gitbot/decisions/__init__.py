"""What the stories decide: pure functions over facts that a job has gathered. Pure.

Consent, requirements, rights, claims, who is told what, what is left of a command, whether a shown
plan still holds, and the table of commands. Each has a table of cases as its test.
"""
