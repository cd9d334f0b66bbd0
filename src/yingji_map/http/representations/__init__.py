"""Response bodies, one file a family of addresses."""
