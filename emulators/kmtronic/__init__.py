"""KMTronic, and what its relays switch."""
