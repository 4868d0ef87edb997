"""Tibber."""
