"""CloudFormation templates: reads them, and writes each as the module that says the same. Pure.

``reader`` reads the text into nodes; ``sam`` has a template of SAM translated; ``groups`` writes what means
something else in a spec as a spec has it; ``sections`` makes the ``spec`` of a module of the nodes, with the help
of ``parameters``, ``names``, ``conditions``, ``lifecycles`` and the ``writer`` of values. ``functions`` lists what values
may call: ``references``, ``text_functions``, ``list_functions`` and ``mappings``. ``coercing`` brings values to the types
that a property wants. What gitbot does not do is a diagnostic at its line. ``converting`` prints the same as a spec.
"""
