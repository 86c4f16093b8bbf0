# The service in an image: everything it needs and nothing that builds it. It runs as a numbered user, writes only to
# /data (SQLite, when that is the database) and may have a read-only root file system (docs/decisions/0005-the-image.md).

ARG PYTHON=3.11.14-slim-bookworm
ARG NODE=20.19.5-bookworm-slim

# The styles and scripts of the pages come from npm; nothing else of Node goes further.
FROM node:${NODE} AS pages
WORKDIR /src
COPY api/pages/web/package.json api/pages/web/package-lock.json ./
RUN npm ci --no-audit --no-fund --ignore-scripts

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_PYTHON=/opt/oneplan/bin/python
RUN python -m venv --without-pip /opt/oneplan
WORKDIR /src
COPY requirements-run.lock ./
RUN pip install --require-hashes --only-binary :all: -r requirements-run.lock
COPY pyproject.toml README.md ./
COPY plan plan
COPY auth auth
COPY db db
COPY api api
COPY fhir fhir
COPY --from=pages /src/node_modules /node_modules
RUN /opt/oneplan/bin/python -m api.pages.building --packages /node_modules
RUN pip install --no-deps .

FROM python:${PYTHON}
COPY --from=build /opt/oneplan /opt/oneplan
RUN install -d -o 10001 -g 10001 -m 0700 /data
ENV PATH=/opt/oneplan/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ONEPLAN_PRODUCTION=true \
    ONEPLAN_PORT=8000 \
    ONEPLAN_DATABASE=sqlite:////data/oneplan.db
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['ONEPLAN_PORT'] + '/readyz', timeout=2)"]
ENTRYPOINT ["oneplan"]
CMD ["serve", "--host", "0.0.0.0"]
