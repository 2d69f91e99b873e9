import ClinicalFormats
import FuzzDriver
import Primitives

/// What strangers hand over as health cards and links: files, codes, signed texts, payloads, key sets, lists,
/// manifests, sealed files. The first byte picks the parser, the rest is its input.
@main enum HealthCardFuzz {
  static func main() {
    let verifier = HealthCardVerifier(at: Instant(millisecondsSinceEpoch: 0)) { _ in nil }
    let key = Redacted([UInt8](repeating: 1, count: HealthLink.keyLength))
    FuzzDriver.run { input in
      guard let choice = input.first else { return }
      let bytes = Array(input.dropFirst())
      let text = String(decoding: bytes, as: UTF8.self)
      switch choice % 8 {
      case 0: precondition(!verifier.verify(bytes).isEmpty)
      case 1: precondition(!verifier.checks(of: HealthCardContent(bytes)).isEmpty)
      case 2: _ = (try? HealthCardKeySet(parsing: bytes))?.findings(issuer: nil)
      case 3: _ = (try? HealthCardRevocationList(parsing: bytes))?.serialized
      case 4:
        guard let link = try? HealthLink(parsing: text) else { return }
        let again = try? HealthLink(parsing: link.text.exposed)
        precondition(again?.address == link.address && again?.flags == link.flags)
      case 5: _ = try? HealthLinkManifest(parsing: bytes).serialized
      case 6: _ = try? HealthLinkRequest(parsing: bytes).serialized
      default: _ = try? HealthLinkFile(opening: bytes, with: key)
      }
    }
  }
}
