"""Coverage, claims, service and recalls."""
