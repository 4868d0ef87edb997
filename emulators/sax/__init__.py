"""SAX Power."""
