"""The decisions of the jobs, as functions over facts that a job has gathered. Pure.

One module for each question: consent, requirements, rights, claims, who is told what, what earlier
applies have left, whether a shown plan is stale, and the table of commands. The test of each is a
table of cases.
"""
