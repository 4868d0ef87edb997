"""Solplanet (AISWEI)."""
