"""alpitronic."""
