"""SolarEdge inverters."""
