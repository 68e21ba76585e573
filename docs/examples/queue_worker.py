"""Workers that sign what comes over a queue. Run: python docs/examples/queue_worker.py."""

import io
import queue
import tempfile
import threading
from pathlib import Path

from PIL import Image

import provenance
from provenance.errors import ProvenanceError
from provenance_signing import Credential, Signer
from provenance_signing.keys.development import create


def work(jobs: queue.Queue, done: queue.Queue, signer: Signer) -> None:
    """Signs jobs until None comes. One that cannot be signed is reported, and the rest goes on."""
    while (job := jobs.get()) is not None:
        name, data, facts = job
        try:
            done.put((name, signer.sign_bytes(data, name=name, **facts), None))
        except ProvenanceError as error:  # this item: trying it again would fail in the same way
            done.put((name, None, str(error)))
        except Exception as error:  # a fault of the worker's; it too must not stop the queue
            done.put((name, None, f"unexpected: {error!r}"))


def picture(colour: str) -> bytes:
    """Stands for what a model made."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(out, "PNG")
    return out.getvalue()


with tempfile.TemporaryDirectory() as folder:
    files = create(Path(folder))  # for development; see docs/signing.md
    signer = Signer(Credential.load(files.credential), profile="ai-generated")  # one for all threads
    jobs, done = queue.Queue(maxsize=100), queue.Queue()
    workers = [threading.Thread(target=work, args=(jobs, done, signer)) for _ in range(2)]
    for worker in workers:
        worker.start()

    model = {"model": "Example Model"}
    jobs.put(("boat.png", picture("teal"), model))
    jobs.put(("broken.png", picture("red")[:100], model))  # poison: cut off
    jobs.put(("nameless.png", picture("green"), {}))  # poison: the profile needs the model
    jobs.put(("answer.md", b"# Answer\n\nForty-two.\n", model))
    for _ in workers:
        jobs.put(None)
    for worker in workers:
        worker.join()

    verifier = provenance.Verifier(trust=files.root)
    for name, signed, error in sorted(done.queue):
        print(name, error or verifier.verify(signed, name=name).conclusion.headline.text, sep="\n  ")
