"""Behaviour that several makers share."""
