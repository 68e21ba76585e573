"""A client that sends jobs and waits for them."""

import httpx

from ..patience import PATIENCE, eventually


def post(service, files, **options):
    return httpx.post(f"{service.url}/v1/jobs", files=[("file", each) for each in files], timeout=PATIENCE, **options)


def finished(service, job, **options):
    found = {}

    def is_over():
        found.update(httpx.get(f"{service.url}/v1/jobs/{job}", **options).json())
        return found["state"] != "running"

    eventually(is_over)
    return found


def results(service, job, **options):
    found, after = [], 0
    while after is not None:
        page = httpx.get(f"{service.url}/v1/jobs/{job}/results", params={"after": after, "limit": 7}, **options).json()
        found += page["items"]
        after = page["next"]
    return found
