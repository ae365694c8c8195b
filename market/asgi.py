"""For ASGI servers: `uvicorn market.asgi:app`."""

from market.app import create_app
from market.config import load

app = create_app(load())
