"""Signing: credentials, manifests by profile, and signed assets that are read back before they are handed out."""
