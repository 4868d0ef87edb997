"""PQ Plus."""
