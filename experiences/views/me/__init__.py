"""`/me/`: an owner's own pages, reached by a one-time code or by the browser that is remembered."""
