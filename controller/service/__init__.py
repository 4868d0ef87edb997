"""What the controller offers its users in real time: history, an API, pages. The loop knows nothing of it."""
