"""Heidelberg."""
