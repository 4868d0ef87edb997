"""Compleo."""
