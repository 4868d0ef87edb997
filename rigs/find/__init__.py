"""Finds the devices of a house: who answers on networks and serial lines, who that is, how a site file says it."""
