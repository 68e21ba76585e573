"""Signed assets changed by a grammar of attacks, to see whether the verifier claims more than it may. `make attack`.

principals ──► stores ──► carriers, bases ──► mutations (boxes, forgeries, histories, containers, strings)
                                                    │  one case: bytes, and the truth about them
                                                    ▼
                              run.py: worker processes ──► oracle.py: what the report may not say ──► tables.py

Only what anybody may use is asked for a verdict: the `Verifier`, its report, the renderings and the command.
"""
