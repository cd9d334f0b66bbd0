"""A picture of layers as QGIS draws them: features over OGC API Features, styles over `/styles`.

Run with the Python that has QGIS (`apt install python3-qgis`):
`QT_QPA_PLATFORM=offscreen python3 qgis_picture.py http://127.0.0.1:8000 picture.png WEST,SOUTH,EAST,NORTH layer …`
"""

import sys
import tempfile
import urllib.request
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

_SIZE = (1200, 800)
_ZONE = "EPSG:4544"  # CGCS2000 / 3-degree Gauss-Kruger CM 105E: the county's map sheets


def styled_layer(base: str, name: str, folder: Path) -> QgsVectorLayer:
    """Return a layer as the “OGC API - Features” dialog adds it, with the service's own style."""
    uri = (
        f"pagingEnabled='true' pageSize='1000' restrictToRequestBBOX='1' typename='{name}' "
        f"url='{base}/ogc' version='OGC_API_FEATURES'"
    )
    layer = QgsVectorLayer(uri, name, "OAPIF")
    if not layer.isValid():
        sys.exit(f"{name}: {layer.dataProvider().error().message()}")
    qml = folder / f"{name}.qml"
    urllib.request.urlretrieve(f"{base}/styles/{name}.qml", qml)  # noqa: S310 - an address of ours
    said, is_loaded = layer.loadNamedStyle(str(qml))
    if not is_loaded:
        sys.exit(f"{name}: {said}")
    return layer


def main(base: str, picture: str, bounds: str, names: list[str]) -> None:
    """Draw the layers, the first one on top."""
    application = QgsApplication([], False)  # noqa: FBT003 - without a window
    application.initQgis()
    with tempfile.TemporaryDirectory() as folder:
        layers = [styled_layer(base, name, Path(folder)) for name in names]
        settings = QgsMapSettings()
        settings.setLayers(layers)
        settings.setDestinationCrs(QgsCoordinateReferenceSystem(_ZONE))
        settings.setOutputSize(QSize(*_SIZE))
        settings.setBackgroundColor(QColor("#f3f5f2"))
        settings.setOutputDpi(96)
        settings.setExtent(QgsRectangle(*map(float, bounds.split(","))))
        job = QgsMapRendererParallelJob(settings)
        job.start()
        job.waitForFinished()
        faults = [f"{error.layerID}: {error.message}" for error in job.errors()]
        counts = {layer.name(): layer.featureCount() for layer in layers}
    job.renderedImage().save(picture)
    print(Qgis.QGIS_VERSION, counts, *faults)  # noqa: T201 - what was drawn


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
