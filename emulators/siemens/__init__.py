"""Siemens."""
