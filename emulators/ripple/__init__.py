"""Ripple-control receivers."""
