"""Public views: parse, call one function, render."""
