"""Keep everything that gitbot stores in SQL tables, one module for each port. Shell."""
