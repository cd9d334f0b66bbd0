"""Arrays in, arrays out: cells, risk, travel times; no IO, no clock."""
