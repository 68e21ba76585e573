"""An issuer of tokens."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey


class SignIn:
    """An issuer with its own keys, which counts how often it is asked for them."""

    def __init__(self):
        self.keys = [RSAKey.generate_key(2048, parameters={"kid": "first"})]
        self.asked = 0
        self.broken = False
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if issuer.broken:
                    self.send_error(500)
                    return
                if self.path.endswith("openid-configuration"):
                    answer = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"}
                else:
                    issuer.asked += 1
                    answer = KeySet(issuer.keys).as_dict(private=False)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def claims(self, **changed):
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "editor",
            "aud": "provenance",
            "exp": now + 60,
            "scope": "verify openid",
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key=None, header=None, **changed):
        key = key or self.keys[-1]
        header = header or {"alg": "RS256" if isinstance(key, RSAKey) else "ES256", "kid": key.kid}
        return jwt.encode(header, self.claims(**changed), key)


def encoded(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
