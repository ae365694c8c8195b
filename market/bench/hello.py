"""The measure of all pages: a bare reply of Starlette, served as Ponte is, with nothing in between."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


async def hello(_request: Request) -> Response:
    """Two words."""
    return PlainTextResponse("Hello, world")


def main() -> None:
    """Serve it on the port given."""
    uvicorn.run(
        Starlette(routes=[Route("/", hello)]),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
    )


if __name__ == "__main__":
    main()
