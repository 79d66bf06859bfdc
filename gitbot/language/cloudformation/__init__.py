"""CloudFormation templates: reads them, and writes each as the module that says the same. Pure.

``reader`` reads the text into nodes, ``sections`` makes the ``spec`` of a module of them, with the help
of ``parameters``, ``references`` and ``functions``; ``coercing`` brings values to the types that a
property wants. What gitbot does not do is a diagnostic at its line.
"""
