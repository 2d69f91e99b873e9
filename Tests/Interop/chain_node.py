"""An EVM chain (PyPI alysis) behind JSON-RPC on a free port of this machine, which can be told to misbehave.

Prints the port and the key of the funded account, a line each; ends when its standard input does. Beside
Ethereum's own calls it knows:

    test_snapshot            remember the chain as it is
    test_reorg               go back to what was remembered, then mine as many empty blocks as were lost, one more
    test_mine N              mine N empty blocks
    test_mode MODE           good, nonsense, stall, lost (transactions are taken and forgotten), dear (fees are
                             above every cap), failing (status 500), foreign (another chain's number)
    test_sent                how many transactions were sent

`finalized` is what lies FINAL blocks below the newest.
"""

import copy
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from alysis import Node, RPCNode
from ethereum_rpc import RPCError

FINAL = 12
CHAIN = 1337


class Chain:
    def __init__(self):
        self.node = Node(root_balance_wei=10**24, chain_id=CHAIN)
        self.kept = None
        self.mode = "good"
        self.sent = 0
        self.lock = threading.Lock()

    def height(self):
        return int(RPCNode(self.node).rpc("eth_blockNumber"), 16)

    def call(self, method, params):
        if method == "test_snapshot":
            self.kept = copy.deepcopy(self.node)
            return True
        if method == "test_reorg":
            lost = self.height()
            self.node, self.kept = self.kept, copy.deepcopy(self.kept)
            lost -= self.height()
            # Another moment, so that the blocks are others although nothing is in them.
            self.node.mine_block(timestamp=int(time.time()) + 1000)
            for _ in range(lost):
                self.node.mine_block()
            return lost
        if method == "test_mine":
            for _ in range(params[0]):
                self.node.mine_block()
            return True
        if method == "test_mode":
            self.mode = params[0]
            return True
        if method == "test_sent":
            return self.sent
        if method == "eth_maxPriorityFeePerGas":
            return "0x3b9aca00"
        if method == "eth_chainId" and self.mode == "foreign":
            return "0x1"
        if method == "eth_sendRawTransaction":
            self.sent += 1
            if self.mode == "lost":
                from eth_utils import keccak
                return "0x" + keccak(bytes.fromhex(params[0][2:])).hex()
        if method == "eth_getBlockByNumber" and params[0] == "finalized":
            params = [hex(max(0, self.height() - FINAL)), params[1]]
        answer = RPCNode(self.node).rpc(method, *params)
        if method == "eth_getBlockByNumber" and self.mode == "dear" and answer:
            answer["baseFeePerGas"] = hex(10**15)
        return answer


CHAIN_NODE = Chain()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        method = question["method"]
        if not method.startswith("test_"):
            if CHAIN_NODE.mode == "stall":
                time.sleep(3600)
            if CHAIN_NODE.mode == "nonsense":
                return self.answer(200, b'{"jsonrpc":"2.0","id":1,"result":{"0x":[[[')
            if CHAIN_NODE.mode == "failing":
                return self.answer(500, b"")
        answer = {"jsonrpc": "2.0", "id": question["id"]}
        try:
            with CHAIN_NODE.lock:
                answer["result"] = CHAIN_NODE.call(method, question.get("params", []))
        except RPCError as error:
            answer["error"] = {
                "code": int(getattr(error.code, "value", error.code) or -32000),
                "message": str(error.message),
            }
        self.answer(200, json.dumps(answer).encode())


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    key = CHAIN_NODE.node.root_private_key
    print(server.server_address[1], "0x" + (key.hex() if isinstance(key, bytes) else key), sep="\n", flush=True)
    server.serve_forever()
