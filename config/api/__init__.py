"""The API's composition: router, permissions, problems."""
