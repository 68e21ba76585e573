"""The service: the toolkit's reports and signatures over HTTP, and a page to drop a file on.

A file that is sent to be examined or signed is deleted after its answer. Kept are, until they expire: reports that were
asked to be kept; the files of a job until they are examined; what was signed, for a day, where the request had an
Idempotency-Key. The registry keeps manifests and fingerprints, and the audit log who signed and registered.
"""
