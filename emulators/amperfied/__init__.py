"""Amperfied."""
