"""PostGIS: the only floor that speaks SQL."""
