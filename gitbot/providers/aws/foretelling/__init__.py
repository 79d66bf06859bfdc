"""What AWS will refuse, told in the plan: a registry of questions, one a module.

A question says which deeds of a plan it concerns, what AWS is asked about them, and what follows for people.
A new one is a module here and a row in ``questions.py``.
"""
