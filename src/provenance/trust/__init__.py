"""Trust: which authorities may vouch for a signer, and which one does vouch for this chain.

It says to which anchor a chain leads, and on which list, and refuses chains in which a certificate acts as an authority
without being one.
"""

from .certificates import SignerCertificate
from .folder import TrustFolder
from .identity import ChainIdentity, identify, identify_time_stamp
from .lists import Purpose, TrustAnchor, TrustList
from .store import TrustStore, Vouched

__all__ = [
    "ChainIdentity",
    "Purpose",
    "SignerCertificate",
    "TrustAnchor",
    "TrustFolder",
    "TrustList",
    "TrustStore",
    "Vouched",
    "identify",
    "identify_time_stamp",
]
