import FuzzDriver
import Identity
import Primitives

/// What reaches a node before anybody is known to it: invitations, statements, certificates, tokens,
/// scopes. The first byte picks the parser, the rest is its input.
@main enum InvitationFuzz {
  static func main() {
    FuzzDriver.run { input in
      guard let choice = input.first else { return }
      let bytes = Array(input.dropFirst())
      let text = String(decoding: bytes, as: UTF8.self)
      switch choice % 6 {
      case 0: readInvitation(text)
      case 1: _ = try? IdentityStatement(parsing: bytes)
      case 2: _ = try? RotationStatement(parsing: bytes)
      case 3: _ = PeerCertificateCheck.claimedNode(inLeaf: bytes)
      case 4:
        guard let scopes = try? ScopeSet(parsing: text) else { return }
        precondition((try? ScopeSet(parsing: scopes.description)) == scopes)
      default:
        if let address = NodeAddress(text) {
          precondition(NodeAddress(address.description) == address)
        }
        _ = BearerToken(text)
        _ = NodeName(text)
      }
    }
  }

  /// What is accepted has one form: it is written again to the same text.
  private static func readInvitation(_ text: String) {
    guard let invitation = try? Invitation(parsing: text) else { return }
    precondition(text == invitation.text || text == invitation.textForQRCode)
  }
}
