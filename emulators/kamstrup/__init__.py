"""Kamstrup, and what is relabelled."""
