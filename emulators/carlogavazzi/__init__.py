"""Carlo Gavazzi."""
