"""my-PV."""
