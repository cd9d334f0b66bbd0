"""The words and the rules: no input or output, no clock, no log."""
