"""应急一张图: one map of hazards, people and rescue capacity for an emergency bureau."""

__version__ = "0.1.0"
