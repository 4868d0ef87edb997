"""Random houses, random days: seeded, judged at the meter, for as many ticks as wanted."""
