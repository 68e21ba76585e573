"""A client that has pictures signed."""

import io
import json

import httpx

from ..patience import PATIENCE

AI = {"profile": "ai-generated", "model": "Example Model"}


def saved(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def sign(press, content, facts=AI):
    service, key = press
    return httpx.post(f"{service.url}/v1/sign", files={"file": ("a.jpg", content)}, data={"facts": json.dumps(facts)},
                      headers=key, timeout=PATIENCE)  # fmt: skip
