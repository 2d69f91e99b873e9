// libFuzzer entry for `.sec` (run by `make fuzz`). Build with -sanitize=fuzzer -parse-as-library
// against the module SecDocument; seeds are the decoded files of Tests/Vectors/sec.
import Crypto
import Primitives
import SecDocument

private let key = try? Curve25519.KeyAgreement.PrivateKey(
  rawRepresentation: Array(SHA256.hash(data: Array("peerchart sec test key alice".utf8))))

/// The first byte chooses the parser, the others are its input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSecDocument(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.first, let key else { return 0 }
  let rest = Array(input.dropFirst())
  switch choice % 4 {
  case 0: _ = try? SecReader.open(rest, with: [.x25519(key)])
  case 1: _ = try? SecFile.inspect(SecBytesSource(rest))
  case 2: _ = try? SignedManifest(bytes: rest)
  default: _ = try? SecFile.replacingProof(of: rest, by: [65])
  }
  return 0
}
