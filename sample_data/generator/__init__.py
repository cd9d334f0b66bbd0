"""Maker of the sample county; stands alone and imports nothing from yingji_map."""
