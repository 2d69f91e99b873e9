import Identity
import Primitives

/// libFuzzer's entry: the first byte picks the parser, the rest is its input. Built with
/// `-sanitize=fuzzer -parse-as-library`; a trap, a hang or unbounded memory is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzInvitation(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.first else { return 0 }
  let bytes = Array(input.dropFirst())
  let text = String(decoding: bytes, as: UTF8.self)
  switch choice % 6 {
  case 0: fuzzInvitationText(text)
  case 1: _ = try? IdentityStatement(parsing: bytes)
  case 2: _ = try? RotationStatement(parsing: bytes)
  case 3: _ = PeerCertificateCheck.claimedNode(inLeaf: bytes)
  case 4: _ = try? ScopeSet(parsing: text)
  default:
    _ = NodeAddress(text)
    _ = BearerToken(text)
    _ = NodeName(text)
  }
  return 0
}

/// What is accepted has one form: it is written again to the same text.
private func fuzzInvitationText(_ text: String) {
  guard let invitation = try? Invitation(parsing: text) else { return }
  precondition(text == invitation.text || text == invitation.textForQRCode)
}
