"""Open a QGIS project or layer definition, say what is in it, and draw it (run by QGIS's Python)."""

import json
import sys
import tempfile
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCoordinateTransform,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsLayerDefinition,
    QgsMapLayer,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsSettings,
)
from qgis.PyQt.QtCore import QSettings, QSize
from qgis.PyQt.QtGui import QColor


def told_about(layer: Any) -> dict[str, Any]:
    """Say what QGIS made of a layer."""
    facts = {"title": layer.name(), "is_valid": layer.isValid(), "provider": layer.providerType()}
    if layer.type() != QgsMapLayer.VectorLayer:
        return facts
    renderer = layer.renderer()
    facts |= {
        "count": layer.featureCount(),
        "renderer": renderer.type(),
        "labels": layer.labelsEnabled(),
        "aliases": {field.name(): field.alias() for field in layer.fields()},
    }
    if renderer.type() == "categorizedSymbol":
        facts["classes"] = [str(category.value()) for category in renderer.categories()]
        facts["colours"] = [category.symbol().color().name() for category in renderer.categories()]
    elif renderer.type() == "singleSymbol":
        facts["colours"] = [renderer.symbol().color().name()]
    return facts


def draw(project: Any, path: str, scale: float) -> dict[str, Any]:
    """Draw what is visible of the county as the project would show it."""
    settings = QgsMapSettings()
    settings.setDestinationCrs(project.crs())
    root = project.layerTreeRoot()
    shown = [layer for layer in root.layerOrder() if root.findLayer(layer.id()).isVisible()]
    settings.setLayers(shown)
    settings.setOutputSize(QSize(1400, 1000))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(QColor("#EEEEE2"))
    home = next(layer for layer in project.mapLayers().values() if layer.name() == "乡镇")
    way = QgsCoordinateTransform(home.crs(), project.crs(), project)
    extent = way.transformBoundingBox(home.extent())
    extent.scale(scale)
    settings.setExtent(extent)
    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.mapSettingsScope(settings))
    settings.setExpressionContext(context)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    picture.save(path)
    colours = {
        picture.pixelColor(x, y).name()
        for x in range(0, picture.width(), 2)
        for y in range(0, picture.height(), 2)
    }
    return {"errors": [error.message for error in job.errors()], "colours": sorted(colours)}


def main() -> None:
    """Print one JSON document about the file named first; draw it to the second, if named."""
    QSettings.setPath(QSettings.IniFormat, QSettings.UserScope, tempfile.mkdtemp())
    has_window = False
    application = QgsApplication([], has_window, tempfile.mkdtemp())
    application.initQgis()
    QgsSettings().setValue("cache/directory", tempfile.mkdtemp())
    said = []
    QgsApplication.messageLog().messageReceived.connect(
        lambda text, _tag, level: said.append(text) if level > 1 else None
    )
    project = QgsProject.instance()
    if sys.argv[1].endswith(".qlr"):
        is_read, message = QgsLayerDefinition.loadLayerDefinition(
            sys.argv[1], project, project.layerTreeRoot()
        )
        said += [message] if message else []
    else:
        is_read = project.read(sys.argv[1])
    document = {
        "is_read": is_read,
        "crs": project.crs().authid(),
        "title": project.title(),
        "groups": [group.name() for group in project.layerTreeRoot().findGroups(recursive=True)],
        "layers": {layer.id(): told_about(layer) for layer in project.mapLayers().values()},
    }
    if len(sys.argv) > 2:
        document["picture"] = draw(project, sys.argv[2], float(sys.argv[3]))
    document["said"] = said
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()
    project.clear()
    application.exitQgis()


if __name__ == "__main__":
    main()
