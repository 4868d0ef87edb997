"""Socomec."""
