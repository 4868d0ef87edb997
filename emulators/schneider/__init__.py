"""Schneider Electric."""
