import ClinicalFormats
import Exchange
import Foundation
import Primitives
import TestSupport

/// A node with a patient who was vaccinated, has a result and is insured.
struct CardScene: Sendable {
  static let address = "https://node.example:8443"

  let node: TestNode

  init(_ engine: TestEngine = .sqlite, name: String = "Samplewood family") async throws {
    node = try await TestNode(name: name, engine: engine)
    try await node.store(
      Sample.patient("p"), Sample.patient("q", family: "Otherwood"),
      Self.immunization("i", of: "p"), Self.immunization("other", of: "q"),
      Sample.observation("o", of: "p"), Self.coverage("c", of: "p"), Sample.condition("d", of: "p"))
  }

  var exchange: Exchange { node.exchange }

  func order(_ records: String..., patient: String = "p") -> HealthCardOrder {
    HealthCardOrder(patient: patient, records: records, issuer: Self.address)
  }

  func link(_ passcode: String? = nil, cap: Int64 = 5) -> HealthLinkOrder {
    var order = HealthLinkOrder(patient: "p", base: Self.address)
    order.passcode = passcode.map { Redacted($0) }
    order.passcodeCap = cap
    return order
  }

  static let visitor = LinkVisitor(recipient: "Dr. Example", networkAddress: nil, requestID: "r")

  static func immunization(_ id: String, of patient: String) -> [UInt8] {
    Sample.json(
      """
      {"resourceType":"Immunization","id":"\(id)","status":"completed",
       "vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"207"}]},
       "patient":{"reference":"Patient/\(patient)"},"occurrenceDateTime":"2021-01-29",
       "lotNumber":"0000007"}
      """)
  }

  static func coverage(_ id: String, of patient: String) -> [UInt8] {
    Sample.json(
      """
      {"resourceType":"Coverage","id":"\(id)","status":"active","subscriberId":"S-1",
       "beneficiary":{"reference":"Patient/\(patient)"},"payor":[{"display":"Example Insurance"}]}
      """)
  }

  /// The manifest's files, open.
  static func files(
    _ answer: HealthLinkAnswer, _ text: Redacted<String>
  ) throws -> [HealthLinkFile] {
    guard case .manifest(let bytes) = answer else { return [] }
    let link = try HealthLink(parsing: text.exposed)
    return try HealthLinkManifest(parsing: bytes).files.compactMap { file in
      guard case .embedded(let sealed) = file.place else { return nil }
      return try HealthLinkFile(opening: Array(sealed.utf8), with: link.key)
    }
  }

  /// What stands behind the node's address in a link.
  static func token(_ text: Redacted<String>) throws -> String {
    try String(HealthLink(parsing: text.exposed).address.dropFirst(address.count + 5))
  }
}
