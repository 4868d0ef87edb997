"""VIVAVIS, formerly Goerlitz."""
