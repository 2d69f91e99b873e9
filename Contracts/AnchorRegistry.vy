# pragma version 0.4.3
# pragma evm-version paris
"""
@title AnchorRegistry
@license MIT
@notice Roots of transparency logs, and revocations, in the order in which accounts gave them.
        Nothing here can be changed or taken back, by nobody: there is no owner, no upgrade, no payment.
        What is kept says nothing about people: roots of Merkle trees, sizes, and salted hashes.
@dev    An entry belongs to the account that sent it, so nobody can write in another's name, or keep
        another from writing. Entries are events; for each log of each account the storage keeps one
        accumulator over all of them, so that events that somebody leaves out, adds or reorders are noticed:

            accumulator = keccak256(accumulator before || root || size)      (zero before the first)

        and, packed into one word, the number of entries and the size of the last.
"""

event Anchored:
    account: indexed(address)
    log_id: indexed(bytes32)    # SHA-256 over the log's origin
    size: indexed(uint256)      # leaves under the root
    root: bytes32
    accumulator: bytes32

event Revoked:
    account: indexed(address)
    key: indexed(bytes32)       # salted hash of a document or a grant

accumulators: HashMap[address, HashMap[bytes32, bytes32]]
heads: HashMap[address, HashMap[bytes32, uint256]]      # count << 64 | size
revocations: HashMap[address, HashMap[bytes32, uint256]]


@external
def anchor(log_id: bytes32, size: uint64, root: bytes32):
    """
    @notice Appends a root. A log grows: the size is larger than the last one, so that sending the same
            anchor twice leaves one.
    """
    head: uint256 = self.heads[msg.sender][log_id]
    assert convert(size, uint256) > head & (2**64 - 1), "not larger"
    accumulator: bytes32 = keccak256(
        concat(self.accumulators[msg.sender][log_id], root, convert(size, bytes32)))
    self.accumulators[msg.sender][log_id] = accumulator
    self.heads[msg.sender][log_id] = (((head >> 64) + 1) << 64) | convert(size, uint256)
    log Anchored(
        account=msg.sender, log_id=log_id, size=convert(size, uint256), root=root,
        accumulator=accumulator)


@external
def revoke(key: bytes32):
    """
    @notice Says that what the key stands for is revoked. The first time counts; it is never undone.
    """
    assert self.revocations[msg.sender][key] == 0, "revoked"
    self.revocations[msg.sender][key] = block.timestamp
    log Revoked(account=msg.sender, key=key)


@external
@view
def head(account: address, log_id: bytes32) -> (uint256, uint256, bytes32):
    """
    @return The number of entries, the size of the last, and the accumulator over all.
    """
    packed: uint256 = self.heads[account][log_id]
    return packed >> 64, packed & (2**64 - 1), self.accumulators[account][log_id]


@external
@view
def revokedAt(account: address, key: bytes32) -> uint256:
    """
    @return Seconds since 1970, or 0 where it is not revoked.
    """
    return self.revocations[account][key]
