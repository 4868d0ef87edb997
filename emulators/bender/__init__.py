"""Bender (ebee) charge controllers, and the stations built on them."""
