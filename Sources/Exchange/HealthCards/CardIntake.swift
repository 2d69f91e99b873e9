import ClinicalFormats
import Crypto
import FHIR
import Foundation
import Primitives

/// The records that a verified card becomes in a chart. Their ids follow from the card and the chart, so that
/// the same card makes the same records.
struct CardIntake {
  let resources: [Resource]

  /// - Throws: `invalid` for a card without records.
  init(
    _ text: String, _ found: HealthCardVerification, patient: String, at now: Instant
  ) throws {
    let all = found.content?.resources ?? []
    func id(_ number: Int) -> String {
      let name = "peerchart-health-card/\(found.digest)/\(patient)/\(number)"
      return Hex.encode(Array(SHA256.hash(data: Array(name.utf8)).prefix(16)))
    }
    let addresses = Dictionary(
      uniqueKeysWithValues: all.enumerated().map { number, resource in
        (
          "resource:\(number)",
          resource.type == "Patient" ? "Patient/\(patient)" : "\(resource.type)/\(id(number))"
        )
      })
    var taken: [Resource] = []
    for (number, resource) in all.enumerated() where resource.type != "Patient" {
      let tree = Self.resolved(resource.root, addresses)
      guard case .object(let members) = tree else { continue }
      taken.append(
        try Resource(parsing: Self.object(members, id: id(number)).serialized()))
    }
    guard !taken.isEmpty, let issuer = found.issuer else {
      throw PeerChartError(.invalid, "there are no records on this card")
    }
    let targets = taken.map {
      JSONTree.object([("reference", .string("\($0.type)/\($0.id ?? "")"))])
    }
    taken.append(
      try Resource(
        parsing: Self.provenance(
          id: id(-1), targets: targets, issuer: issuer, name: found.issuerName, text: text,
          issued: found.issued ?? now
        ).serialized()))
    resources = taken
  }

  private static func object(_ members: [(String, JSONTree)], id: String) -> JSONTree {
    .object(members.prefix(1) + [("id", .string(id))] + members.dropFirst())
  }

  /// References within the card become references within the chart.
  private static func resolved(_ value: JSONValue, _ addresses: [String: String]) -> JSONTree {
    switch value.kind {
    case .object:
      .object(
        value.members.map { name, member in
          if name == "reference", let target = member.string.flatMap({ addresses[$0] }) {
            (name, .string(target))
          } else {
            (name, resolved(member, addresses))
          }
        })
    case .array: .array(value.elements.map { resolved($0, addresses) })
    default: JSONTree(value)
    }
  }

  /// Who signed what, with the signed text itself: it can be checked again for as long as the chart is kept.
  private static func provenance(
    id: String, targets: [JSONTree], issuer: String, name: String?, text: String, issued: Instant
  ) -> JSONTree {
    let who: JSONTree = [
      "identifier": ["system": "urn:ietf:rfc:3986", "value": .string(issuer)],
      "display": .string(name ?? issuer),
    ]
    return [
      "resourceType": "Provenance", "id": .string(id), "target": .array(targets),
      "recorded": .string(issued.description),
      "activity": [
        "coding": [
          [
            "system": "http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion", "code": "LA",
            "display": "legally authenticated",
          ]
        ]
      ],
      "agent": [
        [
          "type": [
            "coding": [
              [
                "system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
                "code": "author",
              ]
            ]
          ], "who": who,
        ]
      ],
      "signature": [
        [
          "type": [
            [
              "system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.1",
              "display": "Author's Signature",
            ]
          ],
          "when": .string(issued.description), "who": who, "targetFormat": "application/fhir+json",
          "sigFormat": "application/jose", "data": .string(Base64.encode(Array(text.utf8))),
        ]
      ],
    ]
  }
}

/// By what a card and a chart are told to be of one person.
struct CardPerson {
  private let families: Set<String>
  private let givens: Set<String>
  private let birthDate: String?

  init(_ patient: Resource) {
    let names = patient.root["name"]?.elements.map { $0 } ?? []
    families = Set(names.compactMap { $0["family"]?.string.map(Self.folded) })
    givens = Set(
      names.flatMap { $0["given"]?.elements.compactMap { $0.string.map(Self.folded) } ?? [] })
    birthDate = patient.root["birthDate"]?.string
  }

  /// The same birth date, a family name and a given name in common.
  func isSame(as other: CardPerson) -> Bool {
    birthDate != nil && birthDate == other.birthDate
      && !families.isDisjoint(with: other.families) && !givens.isDisjoint(with: other.givens)
  }

  private static func folded(_ text: String) -> String {
    text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
      .filter(\.isLetter)
  }
}
