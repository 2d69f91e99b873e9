import Crypto
import Primitives

/// A key file of these lines with a checksum that fits, written from the page and not by the vault.
func checked(_ lines: [String]) -> [UInt8] {
  let body = lines.map { $0 + "\n" }.joined()
  let digest = Array(SHA256.hash(data: Array(body.utf8)).prefix(8))
  return Array((body + "check \(Hex.encode(digest))\n").utf8)
}
