"""What the person in the field reads first."""

from datetime import datetime

from yingji_map.domain.run import RunRecord
from yingji_map.domain.warning import BEIJING

README = "README.txt"
_TEXT = """应急一张图 离线包

制作时间：{made_at}（北京时间）
风险：{risk}

怎么用
1. 整个解压到一个文件夹，不要只拖出其中一个文件。
2. 用 QGIS 3.22 或更新的版本打开 yingji.qgs，不需要网络。
3. 只想看某个图层：QGIS 里添加 yingji.gpkg，样式已经在里面。

有什么
yingji.qgs      QGIS 工程：分组、样式、注记
yingji.gpkg     全部图层和各灾种风险格网，CGCS2000 经纬度（EPSG:4490）
layers.pmtiles  图层瓦片，缩放级别 6 到 12
risk_*.pmtiles  各灾种风险瓦片
dem.pmtiles     地形高程瓦片（Terrarium 编码）
legend/         图例图片
manifest.json   每个图层的版本、更新时间，每个文件的 SHA-256

要知道
- 包里的数据停在制作时间，回到办公室请换新包。
- 不含电话、责任人等不公开的字段。
- 在外面改的数据，带回来用“导入”合并，没改的行不会产生新版本。
"""


def readme_text(made_at: datetime, run: RunRecord | None) -> str:
    """Return the page with its times."""
    risk = "没有运行" if run is None else f"{_beijing(run.valid_at)} 的运行"
    return _TEXT.format(made_at=_beijing(made_at), risk=risk)


def _beijing(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
