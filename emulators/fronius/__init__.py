"""Fronius inverters."""
