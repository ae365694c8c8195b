FROM python:3.13-slim AS build
WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
COPY market market
COPY seed seed
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -c constraints.txt -e .

FROM python:3.13-slim
RUN useradd --system --create-home --home-dir /data ponte
WORKDIR /app
COPY --from=build /venv /venv
COPY pyproject.toml README.md ./
COPY market market
COPY templates templates
COPY migrations migrations
COPY seed seed
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
USER ponte
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["market", "serve", "--workers", "2"]
