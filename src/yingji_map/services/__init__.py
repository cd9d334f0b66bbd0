"""Use cases, one a file: the only place where ingest, store, engine and publish meet."""
