"""Signing where content is made: in a web service, around an image pipeline, around a text generator.

`SigningMiddleware` signs what an ASGI application answers, `SignedPipeline` what diffusers and its like return, and
`SignedGeneration` what transformers generates. A queue's worker needs none of them: it calls `Signer.sign_bytes`.
"""

from .asgi import SigningMiddleware
from .images import SignedImages, SignedPipeline
from .routes import IfUnsigned, SigningRule
from .text import SignedGeneration, SignedText

__all__ = [
    "IfUnsigned",
    "SignedGeneration",
    "SignedImages",
    "SignedPipeline",
    "SignedText",
    "SigningMiddleware",
    "SigningRule",
]
