"""Direct marketers, who ask and are answered."""
