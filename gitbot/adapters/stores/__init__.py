"""Everything that gitbot keeps in SQL tables, one module a port; ``records`` makes them. Pure."""
