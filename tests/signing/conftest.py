"""What the tests of signing share: one development credential an algorithm, made as a user makes it."""

from collections.abc import Callable
from pathlib import Path

import pytest

import provenance
from provenance_signing.algorithms import Algorithm
from provenance_signing.credential import Credential
from provenance_signing.keys.development import DevelopmentFiles, create
from provenance_signing.signer import Signer


@pytest.fixture(scope="session")
def development(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Algorithm], DevelopmentFiles]:
    """The files of a development credential for an algorithm, made on first use."""
    made: dict[Algorithm, DevelopmentFiles] = {}

    def files(algorithm: Algorithm = Algorithm.ES256) -> DevelopmentFiles:
        if algorithm not in made:
            folder: Path = tmp_path_factory.mktemp("credentials") / algorithm
            made[algorithm] = create(folder, organisation="Example newsroom", algorithm=algorithm)
        return made[algorithm]

    return files


@pytest.fixture(scope="session")
def credential(development: Callable[..., DevelopmentFiles]) -> Credential:
    """The development credential for ES256."""
    return Credential.load(development().credential)


@pytest.fixture(scope="session")
def authority_root(development: Callable[..., DevelopmentFiles]) -> bytes:
    """The root above it, in PEM: what a verifier is given to trust it."""
    return development().root.read_bytes()


@pytest.fixture(scope="session")
def trusting(authority_root: bytes) -> provenance.Verifier:
    """A verifier that trusts that root."""
    return provenance.Verifier(trust=authority_root)


@pytest.fixture(scope="session")
def signer(credential: Credential) -> Signer:
    """Signs what a model made."""
    return Signer(credential, profile="ai-generated")
