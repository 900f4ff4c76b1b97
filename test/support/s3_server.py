"""Serves S3 on this machine by moto, which checks signatures: prints a port and keys as JSON, and ends with its input.

usage: python s3_server.py <bucket>
"""
import json
import logging
import os
import sys
import threading

os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "0"

from flask import request  # noqa: E402
from moto.core import DEFAULT_ACCOUNT_ID  # noqa: E402
from moto.iam.access_control import S3IAMRequest  # noqa: E402
from moto.iam.models import iam_backends  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from moto.s3.models import s3_backends  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def check_paths_as_sent():
    """As S3 does: moto has decoded a key's escapes before it computes the signature."""
    original = S3IAMRequest.__init__

    def initialize(self, **arguments):
        original(self, **{**arguments, "path": request.environ["REQUEST_URI"]})

    S3IAMRequest.__init__ = initialize


def main(bucket):
    check_paths_as_sent()
    iam = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    iam.create_user("us-east-1", "tester")
    iam.put_user_policy("tester", "all", json.dumps(POLICY))
    key = iam.create_access_key("tester")
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(bucket, "us-east-1")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    keys = {"accessKeyId": key.access_key_id, "secretAccessKey": key.secret_access_key}
    print(json.dumps({"port": server.port, **keys}), flush=True)
    sys.stdin.read()


main(sys.argv[1])
