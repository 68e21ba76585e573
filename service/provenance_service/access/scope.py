"""What a key allows."""

from enum import StrEnum


class Scope(StrEnum):
    """What a key allows; one scope does not hold another."""

    VERIFY = "verify"  # examine and compare files, jobs among them
    DETECT = "detect"  # ask detectors
    SIGN = "sign"  # sign assets by a profile
    SIGNATURE = "signature"  # sign raw data, as a key behind a service does
    REGISTER = "registry:write"  # register signed files, and take them out again
    ADMIN = "admin"  # make, list and revoke keys
