"""Files in: read, normalised and judged; nothing is written here."""
