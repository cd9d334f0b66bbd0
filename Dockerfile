# Runtime image: the service with its embedded PostGIS; point YINGJI_DATABASE__URL at a server for production.
FROM node:20-bookworm-slim AS frontend
WORKDIR /app
COPY frontend/package.json frontend/package-lock.json frontend/
RUN cd frontend && npm ci --no-audit --no-fund
COPY frontend frontend
RUN cd frontend && npm run build

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-15 postgresql-15-postgis-3 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --home-dir /var/lib/yingji yingji
WORKDIR /app
COPY requirements.lock pyproject.toml README.md ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY src src
COPY layers layers
COPY migrations migrations
COPY sample_data sample_data
COPY --from=frontend /app/src/yingji_map/web/static/app src/yingji_map/web/static/app
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e .
USER yingji
ENV YINGJI_DATA_DIR=/var/lib/yingji/data
VOLUME /var/lib/yingji
HEALTHCHECK --interval=10s --start-period=120s CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz')"
CMD ["yingji", "up"]
