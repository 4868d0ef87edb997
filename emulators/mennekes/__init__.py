"""MENNEKES."""
