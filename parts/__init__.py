"""Parts, orders and trade-in: the room is kept, nothing stands in it yet."""
