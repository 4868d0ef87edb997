"""Sungrow."""
