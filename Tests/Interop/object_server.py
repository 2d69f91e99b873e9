#!/usr/bin/env python3
"""A throw-away service that speaks S3, by PyPI `moto`, for the tests.

usage: object_server.py

Prints its URL once it listens on a free port of this machine, with an empty bucket `charts` in it, and
ends when its standard input does: with whoever started it, however that ends.
"""

import logging
import os
import sys

import boto3
from moto.server import ThreadedMotoServer


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket="charts")
    print(url, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
