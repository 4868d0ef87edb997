"""Janitza."""
