"""Victron Energy."""
