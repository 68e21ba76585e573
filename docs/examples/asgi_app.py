"""A service whose pictures and texts are signed on their way out. Run: python docs/examples/asgi_app.py."""

import io
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from PIL import Image

import provenance
from provenance_signing import Credential, Signer
from provenance_signing.keys.development import create
from provenance_signing.pipeline import SigningMiddleware, SigningRule

app = FastAPI()


@app.get("/images/{prompt}")
def picture(prompt: str, request: Request) -> Response:
    """Stands for an image model."""
    request.state.prompt = prompt  # for the rule's facts
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(out, "PNG")
    return Response(out.getvalue(), media_type="image/png")


@app.get("/answers/{prompt}")
def answer(prompt: str) -> Response:
    """Stands for a language model."""
    return Response(f"# Answer\n\nThis is about {prompt}.\n", media_type="text/markdown")


def facts(scope: dict, _headers: dict) -> dict:
    """What is said of a picture; its prompt is recorded as a hash."""
    return {"model": "Example Model", "prompt": scope["state"]["prompt"]}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        files = create(Path(folder))  # for development; see docs/signing.md
        signer = Signer(Credential.load(files.credential), profile="ai-generated")
        rules = {"/images": SigningRule(signer, facts), "/answers": SigningRule(signer, {"model": "Example Writer"})}
        server = uvicorn.Server(uvicorn.Config(SigningMiddleware(app, routes=rules), port=0, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        verifier = provenance.Verifier(trust=files.root)
        for path, name in (("/images/boat", "boat.png"), ("/answers/boats", "boats.md")):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as response:
                report = verifier.verify(response.read(), name=name)
                print(path, response.headers["Provenance-Manifest"], report.conclusion.headline.text, sep="\n  ")
        server.should_exit = True
        thread.join()
