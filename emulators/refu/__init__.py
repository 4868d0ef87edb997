"""Advanced Energy inverters, built by REFUsol."""
