"""wallbe, on Phoenix Contact charge controllers."""
