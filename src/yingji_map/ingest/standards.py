"""`layers/standard/*.yaml` as tables of standards."""

from pathlib import Path

from yingji_map.domain.layer import Title
from yingji_map.domain.standard import ShelterStandard, Standards, SupplyStandard
from yingji_map.ingest.yaml_source import read_model

FOLDER = "standard"
_NONE = Title(zh="未提供标准", en="No standard given")


def read_standards(layers_dir: Path) -> Standards:
    """Read the tables of standards; by one that is not there nothing is judged.

    Raises
    ------
    InvalidDefinition
        A file breaks the schema.
    """
    shelter, supply = (layers_dir / FOLDER / name for name in ("shelter.yaml", "supply.yaml"))
    return Standards(
        shelter=read_model(shelter, ShelterStandard)
        if shelter.is_file()
        else ShelterStandard(id="shelter", title=_NONE),
        supply=read_model(supply, SupplyStandard)
        if supply.is_file()
        else SupplyStandard(id="supply", title=_NONE),
    )
