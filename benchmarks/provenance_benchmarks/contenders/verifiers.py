"""C2PA verifiers, each brought to the questions of the report: unchanged? by whom? when? does the history hold?

What a tool does not say stays unanswered. Where it gives one word for all questions, that word is read as its own
documentation reads it; `verifier:c2pa-python` shows what an editor would conclude from that word.
"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

import c2pa

from provenance import Verifier
from provenance.asset import open_asset
from provenance.credentials import SignerState
from provenance.distribution import NAME, VERSION
from provenance.sources.c2pa import second_engine
from provenance.sources.c2pa.engine import ReadOutcome
from provenance.trust import TrustStore

from ..errors import ContenderError
from ..samples import Sample
from . import Contender, Outcome

Answers = Mapping[str, str]

_ABSENT: Final = {"integrity": "absent", "signer": "none", "time": "none"}
_UNREADABLE: Final = {**_ABSENT, "integrity": "unreadable"}


class _Verifier:
    batch = 16
    modalities = frozenset({"manifest"})

    def __init__(self, name: str, package: str, read: Callable[[Sample], Answers]) -> None:
        self.name, self.version, self._read = name, VERSION if package == NAME else version(package), read

    def card(self) -> Mapping[str, Any]:
        return {"name": self.name, "version": self.version}

    def examine(self, samples: Sequence[Sample]) -> list[Outcome]:
        return [Outcome(answers=self._read(sample)) for sample in samples]


def verifier(name: str) -> Contender:
    """The verifier of this name. Raises `ContenderError`."""
    readers: dict[str, tuple[str, Callable[[], Callable[[Sample], Answers]]]] = {
        "provenance": (NAME, _provenance),
        "c2pa-python": ("c2pa-python", _c2pa_python),
        "encypher-c2pa": ("encypher-c2pa", _encypher),
        "fast-c2pa-python": ("fast-c2pa-python", _fast_c2pa),
    }
    if name not in readers:
        raise ContenderError(f"no verifier called {name}; there are: {', '.join(readers)}")
    package, reader = readers[name]
    try:
        return _Verifier(name, package, reader())
    except ModuleNotFoundError:
        raise ContenderError(f"verifier:{name} needs the package {package}: pip install '{NAME}[bench]'") from None


def _provenance() -> Callable[[Sample], Answers]:
    ours = Verifier(sources=("c2pa",))

    def read(sample: Sample) -> Answers:
        credentials = ours.verify(sample.data).credentials
        # `known` is our own word: the standard knows signers on a trust list, and all others.
        signer = SignerState.UNTRUSTED if credentials.signer.state is SignerState.KNOWN else credentials.signer.state
        return {
            "integrity": credentials.integrity.state, "signer": signer, "time": credentials.time.state,
            "history": credentials.history.state,
        }  # fmt: skip

    return read


def _c2pa_python() -> Callable[[Sample], Answers]:
    # The official lists alone: given our known signers too, it would call them trusted because we said so.
    trust = {"trust_anchors": TrustStore.profile("c2pa").engine_anchors()}
    context = c2pa.Context.from_dict({"trust": trust, "verify": {"remote_manifest_fetch": False}})

    def read(sample: Sample) -> Answers:
        try:
            with (
                open_asset(sample.data) as asset,
                c2pa.Reader(asset.media_type, io.BytesIO(sample.data), context=context) as reader,
            ):
                state, store = reader.get_validation_state(), json.loads(reader.json())
        except c2pa.C2paError as error:
            return _of_error(str(error))
        return _of_state(str(state), store)

    return read


def _of_error(message: str) -> Answers:
    if message.startswith("ManifestNotFound"):
        return _ABSENT
    if message.startswith("Remote"):
        return {**_ABSENT, "integrity": "remote"}
    return _UNREADABLE if message.startswith(("NotSupported", "Io")) else {**_ABSENT, "integrity": "broken"}


def _of_state(state: str, store: Mapping[str, Any]) -> Answers:
    """`Trusted` and `Valid`: unchanged; `Invalid`: the tool vouches for nothing, which its users read as altered."""
    signature = store.get("manifests", {}).get(store.get("active_manifest", ""), {}).get("signature_info") or {}
    return {
        "integrity": "altered" if state == "Invalid" else "intact",
        "signer": "trusted" if state == "Trusted" else "untrusted",
        "time": "claimed" if signature.get("time") else "none",
    }


def _encypher() -> Callable[[Sample], Answers]:
    def read(sample: Sample) -> Answers:
        with open_asset(sample.data) as asset:
            reading = second_engine.read(asset.content(), asset.media_type)
        # It is asked without trust lists, so that it says nothing of who signed.
        if reading.outcome is ReadOutcome.READ:
            return {"integrity": "intact" if reading.verdict in ("Valid", "Trusted") else "altered"}
        return {
            "integrity": {ReadOutcome.REMOTE: "remote", ReadOutcome.ABSENT: "absent"}.get(reading.outcome, "unreadable")
        }

    return read


def _fast_c2pa() -> Callable[[Sample], Answers]:
    import fast_c2pa_python

    def read(sample: Sample) -> Answers:
        with open_asset(sample.data) as asset:
            try:
                answer = fast_c2pa_python.read_c2pa_from_bytes(sample.data, asset.media_type)
            except RuntimeError as error:
                return _of_error(str(error).removeprefix("Failed to read C2PA data: "))
        if answer is None:
            return _ABSENT
        record = json.loads(answer) if isinstance(answer, str) else answer
        return _of_state(str(record.get("validation_state", "")), record)

    return read
