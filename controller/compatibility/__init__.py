"""The compatibility list as data: rows, variants and firmware levels."""
