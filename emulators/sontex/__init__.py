"""Sontex."""
