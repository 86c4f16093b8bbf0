"""The doors of the authorization server: /auth, and the documents by which an app finds it."""
