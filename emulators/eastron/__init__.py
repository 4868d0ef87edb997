"""Eastron."""
