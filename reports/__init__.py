"""Rendering of what a run recorded."""
