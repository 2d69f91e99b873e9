"""The contract, run by an EVM that is not ours (py-evm through alysis). `make test` runs it."""

import pathlib
import unittest

from alysis import Node, RPCNode
from eth_keys import keys
from eth_utils import keccak
from ethereum_rpc import RPCError
from vyper import compile_code
import rlp

SOURCE = pathlib.Path(__file__).with_name("AnchorRegistry.vy")
CHAIN = 1337
GWEI = 10**9


def quantity(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def word(value):
    return value if isinstance(value, bytes) else value.to_bytes(32, "big")


def call_data(signature, *values):
    return keccak(text=signature)[:4] + b"".join(word(value) for value in values)


class Refused(Exception):
    pass


class Account:
    def __init__(self, chain, key):
        self.chain = chain
        self.key = keys.PrivateKey(key)
        self.address = self.key.public_key.to_canonical_address()

    def send(self, data, to=b"", value=0):
        nonce = int(self.chain.rpc("eth_getTransactionCount", "0x" + self.address.hex(), "latest"), 16)
        fields = [
            quantity(CHAIN), quantity(nonce), quantity(GWEI), quantity(20 * GWEI), quantity(1_000_000),
            to, quantity(value), data, [],
        ]
        signature = self.key.sign_msg_hash(keccak(b"\x02" + rlp.encode(fields)))
        raw = b"\x02" + rlp.encode(
            fields + [quantity(signature.v), quantity(signature.r), quantity(signature.s)])
        try:
            name = self.chain.rpc("eth_sendRawTransaction", "0x" + raw.hex())
        except RPCError as error:
            raise Refused(str(error)) from None
        receipt = self.chain.rpc("eth_getTransactionReceipt", name)
        if int(receipt["status"], 16) != 1:
            raise Refused(receipt)
        return receipt


class AnchorRegistryTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.compiled = compile_code(SOURCE.read_text(), output_formats=["bytecode", "bytecode_runtime"])

    def setUp(self):
        node = Node(root_balance_wei=10**24, chain_id=CHAIN)
        self.chain = RPCNode(node)
        self.funded = Account(self.chain, node.root_private_key)
        receipt = self.funded.send(bytes.fromhex(self.compiled["bytecode"][2:]))
        self.contract = bytes.fromhex(receipt["contractAddress"][2:])
        self.log = keccak(b"a log")

    def call(self, data):
        result = self.chain.rpc(
            "eth_call",
            {"to": "0x" + self.contract.hex(), "data": "0x" + data.hex(), "from": "0x" + bytes(20).hex()},
            "latest")
        return bytes.fromhex(result[2:])

    def head(self, account, log):
        result = self.call(call_data("head(address,bytes32)", b"\0" * 12 + account.address, log))
        return int.from_bytes(result[:32], "big"), int.from_bytes(result[32:64], "big"), result[64:]

    def anchor(self, size, root, account=None, log=None):
        data = call_data("anchor(bytes32,uint64,bytes32)", log or self.log, size, root)
        return (account or self.funded).send(data, self.contract)

    def second_account(self):
        other = Account(self.chain, b"\x07" * 32)
        self.funded.send(b"", other.address, value=10**20)
        return other

    def test_the_accumulator_covers_every_root_in_its_order(self):
        accumulator = bytes(32)
        for count, size in enumerate([1, 2, 300, 2**64 - 1], start=1):
            root = keccak(word(size))
            receipt = self.anchor(size, root)
            accumulator = keccak(accumulator + root + word(size))
            self.assertEqual(self.head(self.funded, self.log), (count, size, accumulator))
            (entry,) = receipt["logs"]
            self.assertEqual(
                entry["topics"],
                ["0x" + part.hex() for part in [
                    keccak(text="Anchored(address,bytes32,uint256,bytes32,bytes32)"),
                    b"\0" * 12 + self.funded.address, self.log, word(size)]])
            self.assertEqual(entry["data"], "0x" + (root + accumulator).hex())

    def test_a_log_only_grows(self):
        self.anchor(10, b"\x01" * 32)
        for size in [10, 9, 0]:
            with self.assertRaises(Refused):
                self.anchor(size, b"\x02" * 32)
        self.assertEqual(self.head(self.funded, self.log)[:2], (1, 10))
        self.anchor(11, b"\x02" * 32)

    def test_nobody_writes_in_anothers_name(self):
        other = self.second_account()
        self.anchor(10, b"\x01" * 32)
        self.anchor(3, b"\x02" * 32, account=other)
        self.assertEqual(self.head(self.funded, self.log)[:2], (1, 10))
        self.assertEqual(self.head(other, self.log)[:2], (1, 3))

    def test_two_logs_of_one_account_do_not_meet(self):
        self.anchor(10, b"\x01" * 32)
        self.anchor(3, b"\x02" * 32, log=keccak(b"another"))
        self.assertEqual(self.head(self.funded, self.log)[:2], (1, 10))

    def test_a_revocation_is_there_for_good(self):
        other = self.second_account()
        key = keccak(b"salted")
        asked = call_data("revokedAt(address,bytes32)", b"\0" * 12 + self.funded.address, key)
        self.assertEqual(int.from_bytes(self.call(asked), "big"), 0)
        other.send(call_data("revoke(bytes32)", key), self.contract)
        self.assertEqual(int.from_bytes(self.call(asked), "big"), 0)
        receipt = self.funded.send(call_data("revoke(bytes32)", key), self.contract)
        time = int.from_bytes(self.call(asked), "big")
        self.assertGreater(time, 1_700_000_000)
        self.assertEqual(receipt["logs"][0]["topics"][2], "0x" + key.hex())
        with self.assertRaises(Refused):
            self.funded.send(call_data("revoke(bytes32)", key), self.contract)
        self.assertEqual(int.from_bytes(self.call(asked), "big"), time)

    def test_it_takes_no_money_and_knows_no_other_call(self):
        for data, value in [(b"", 1), (b"", 0), (b"\x01\x02\x03\x04", 0),
                            (call_data("revoke(bytes32)", 5), 1)]:
            with self.assertRaises(Refused):
                self.funded.send(data, self.contract, value)

    def test_a_later_anchor_costs_less_than_45000_gas(self):
        first = int(self.anchor(1, b"\x01" * 32)["gasUsed"], 16)
        later = [int(self.anchor(size, b"\xff" * 32)["gasUsed"], 16) for size in (2, 2**40, 2**64 - 1)]
        self.assertLess(first, 90_000)
        self.assertLess(max(later), 45_000)
        if __name__ == "__main__":
            print(f"gas: first anchor {first}, later {later}")


if __name__ == "__main__":
    unittest.main()
