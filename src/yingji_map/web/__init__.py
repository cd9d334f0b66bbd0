"""Pages for people: the built map page and its assets."""
