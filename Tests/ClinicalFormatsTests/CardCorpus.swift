import ClinicalFormats
import FHIR
import Foundation
import Primitives
import TestSupport

/// Other people's health cards, good and bad, where they are there.
enum CardCorpus {
  static let folder = SharedFolder.url?.appendingPathComponent("corpus/smart-health-card")
  static var isPresent: Bool {
    folder.map { FileManager.default.fileExists(atPath: $0.path) } ?? false
  }
  static let absence = "no corpus of health cards: PEERCHART_SHARED names a folder that has one"

  static func bytes(_ name: String) throws -> [UInt8] {
    guard let folder else { return [] }
    return Array(try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  static let specAddress = "https://spec.smarthealth.cards/examples/issuer"
  /// A day on which the cards of the corpus are good.
  static let day = Instant("2026-01-01T00:00:00Z") ?? Instant(millisecondsSinceEpoch: 0)

  /// Trusts the issuer of the standard's examples, under whatever addresses.
  static func verifier(_ addresses: String...) throws -> HealthCardVerifier {
    let keys = try HealthCardKeySet(parsing: bytes("spec-issuer.jwks.json"))
    let known = Set(addresses.isEmpty ? [specAddress] : addresses)
    return HealthCardVerifier(at: day) { address in
      known.contains(address)
        ? HealthCardIssuer(address: address, name: "Example issuer", keySet: keys) : nil
    }
  }
}
