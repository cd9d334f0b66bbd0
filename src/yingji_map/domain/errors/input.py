"""What is wrong with a file, a definition or a parameter that was handed in."""

from yingji_map.domain.errors.base import InvalidInput, NotFound


class InvalidDefinition(InvalidInput):
    """A YAML definition breaks its schema: `file`, `line`, `reason`."""

    code = "invalid-definition"
    title_zh, title_en = "定义文件有误", "Invalid definition"
    zh = "{file} 第 {line} 行：{reason}"
    en = "{file} line {line}: {reason}"


class InvalidParameter(InvalidInput):
    """A request parameter is out of its domain: `parameter`, `value`, `reason_zh`, `reason_en`."""

    code = "invalid-parameter"
    title_zh, title_en = "参数有误", "Invalid parameter"
    zh = "参数 {parameter} = {value}：{reason}"
    en = "Parameter {parameter} = {value}: {reason}"


class InvalidGeometry(InvalidInput):
    """A geometry is not usable: `reason_zh`, `reason_en`, optionally `lon`, `lat` of the fault."""

    code = "invalid-geometry"
    title_zh, title_en = "图形有误", "Invalid geometry"
    zh = "图形不可用：{reason}"
    en = "Geometry cannot be used: {reason}"


class UnreadableFile(InvalidInput):
    """A file cannot be read as what it claims to be: `file`, `reason_zh`, `reason_en`."""

    code = "unreadable-file"
    title_zh, title_en = "文件读不了", "Unreadable file"
    zh = "{file}：{reason}"
    en = "{file}: {reason}"


class UnknownCrs(InvalidInput):
    """A file does not say its coordinate system: `file`, `candidates`, `hint_zh`, `hint_en`."""

    code = "unknown-crs"
    title_zh, title_en = "坐标系不明", "Unknown coordinate system"
    zh = (
        "{file} 没有坐标系说明（缺 .prj 或 CRS）。{hint}请问清楚再用 --crs 指明，"
        "例如 --crs EPSG:4490；没有写入任何数据"
    )
    en = (
        "{file} does not state its coordinate system (no .prj or CRS). {hint}Ask, then name it "
        "with --crs, for example --crs EPSG:4490; nothing was written"
    )


class CrsNotConvertible(InvalidInput):
    """A coordinate system has no known way to CGCS2000: `file`, `crs`."""

    code = "crs-not-convertible"
    title_zh, title_en = "坐标系转不了", "Coordinate system cannot be converted"
    zh = (
        "{file} 的坐标系 {crs} 转到 CGCS2000 需要当地转换参数，硬转会偏出上百米。"
        "请先用测绘部门的参数转换；没有写入任何数据"
    )
    en = (
        "{file}: turning {crs} into CGCS2000 takes local parameters; without them places would be "
        "off by a hundred metres. Convert it with the surveyors' parameters first; "
        "nothing was written"
    )


class ImportRefused(InvalidInput):
    """Rows break the layer's rules, nothing was written: `layer`, `refused`, `read`, `first`."""

    code = "import-refused"
    title_zh, title_en = "导入被拒", "Import refused"
    zh = "图层 {layer}：读到 {read} 行，{refused} 行不合规，没有写入任何数据。首个问题：{first}"
    en = "Layer {layer}: {read} rows read, {refused} refused, nothing was written. First: {first}"


class RasterRefused(InvalidInput):
    """A raster breaks its layer's rules, nothing was written: `file`, `reason_zh`, `reason_en`."""

    code = "raster-refused"
    title_zh, title_en = "栅格被拒", "Raster refused"
    zh = "{file}：{reason}；没有写入任何数据"
    en = "{file}: {reason}; nothing was written"


class ImportNotFound(NotFound):
    """No import has this number: `import_id`."""

    code = "import-not-found"
    title_zh, title_en = "没有这次导入", "Import not found"
    zh = "没有第 {import_id} 次导入"
    en = "No import {import_id}"


class FolderUndecided(InvalidInput):
    """Nobody can tell which layer some files belong to; nothing was written: `files`, `first`."""

    code = "folder-undecided"
    title_zh, title_en = "有文件认不出图层", "Files of unknown layers"
    zh = "{count} 个文件认不出属于哪个图层，什么也没有导入：{first}"
    en = "{count} files fit no layer for certain, nothing was imported: {first}"
