"""The exchange, by the services that publish its day-ahead prices."""
