"""Coverage, claims, service and recalls: the room is kept, nothing stands in it yet."""
