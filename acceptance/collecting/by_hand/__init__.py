"""One readable script that a person runs on a server: the question beside it, the answer back."""
