"""JSON, tiles and pages over HTTP: parse, call one service, represent."""
