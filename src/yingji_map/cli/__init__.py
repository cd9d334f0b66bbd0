"""The command line: one file a noun, each calling one service."""
