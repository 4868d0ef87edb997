"""PRACHT."""
