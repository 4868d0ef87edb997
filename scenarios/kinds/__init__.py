"""What each kind of device is asked for."""
