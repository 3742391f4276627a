"""The pages' own files, each given whole."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send


class WholeFiles(StaticFiles):
    """The ASGI application that answers with a file. It is small: nobody gets a part of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        heard = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": heard}, receive, send)

    def get_path(self, scope: Scope) -> str:
        """The path below the folder, as it is asked for: no other leads to the same file.

        Raises:
            HTTPException: 404 for a path that could be written more simply.
        """
        path = super().get_path(scope)
        if f"{scope['root_path']}/{path}" != scope["path"]:
            raise HTTPException(404)
        return path

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at a path below the folder, or why it has not changed.

        Raises:
            HTTPException: 404 where there is none.
        """
        response = await super().get_response(path, scope)
        response.headers["Accept-Ranges"] = "none"
        return response
