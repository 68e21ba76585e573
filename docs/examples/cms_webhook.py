"""A webhook of a content management system: each upload is verified, and the editor sees the answer beside it.

Run: PROVENANCE_SERVER=http://127.0.0.1:8000 python docs/examples/cms_webhook.py

The system calls `POST /uploaded?name=photo.jpg` with the file as the body (WordPress: `wp_handle_upload`, then
`wp_remote_post`), and keeps what comes back with the picture.
"""

import os

import uvicorn
from fastapi import FastAPI, HTTPException, Request

from provenance.client import AsyncClient, ServiceError

# What an editor should look at before the picture runs. Nothing is blocked: a mark that is missing proves nothing.
LOOK_AT = ("altered", "broken", "disputed")

app = FastAPI()
client = AsyncClient(os.environ.get("PROVENANCE_SERVER", "http://127.0.0.1:8000"), language="fr")


@app.post("/uploaded")
async def uploaded(request: Request, name: str) -> dict[str, object]:
    """The line to show beside the picture, and whether somebody should look at it."""
    try:
        report = await client.verify(await request.body(), name=name)
    except ServiceError as error:
        # The upload goes on: the system asks again later.
        raise HTTPException(503, str(error), headers={"Retry-After": "60"}) from None
    return {
        "headline": report.conclusion.headline.text,
        "origin": report.conclusion.origin,
        "assurance": report.conclusion.assurance,
        "advice": [each.text for each in report.conclusion.advice],
        "look": report.credentials.integrity.state in LOOK_AT,
    }


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ.get("PORT", "9000")))
