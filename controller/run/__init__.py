"""The loop at work on one device: reading it, judging what it says, giving it what is wanted."""
