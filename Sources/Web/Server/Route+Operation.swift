import Exchange
import FHIR
package import Primitives

/// A FHIR operation (R4 3.2) and what it is called on.
package struct OperationCall: Hashable, Sendable {
  package let name: OperationName
  /// Nil for the whole node.
  package let type: String?
  /// Nil for all records of the type.
  package let id: String?

  package init(_ name: OperationName, type: String? = nil, id: String? = nil) {
    self.name = name
    self.type = type
    self.id = id
  }
}

/// The operations that this node offers. The raw value is what stands in the path.
package enum OperationName: String, Hashable, Sendable, CaseIterable {
  case chart = "$chart"
  case docref = "$docref"
  case document = "$document"
  case everything = "$everything"
  case export = "$export"
  case graphql = "$graphql"
  case `import` = "$import"
  case lastn = "$lastn"
  case meta = "$meta"
  case summary = "$summary"
  case validate = "$validate"
  case subscriptionStatus = "$status"
  case subscriptionEvents = "$events"

  /// What an operation may be called on.
  package enum Level: Hashable, Sendable { case system, type, instance }

  package var levels: Set<Level> {
    switch self {
    case .docref, .lastn: [.type]
    case .chart, .everything: [.instance]
    case .export: [.system, .type, .instance]
    case .graphql: [.system, .instance]
    case .import: [.system]
    case .meta: [.system, .type, .instance]
    case .document, .summary, .validate: [.type, .instance]
    case .subscriptionStatus: [.type, .instance]
    case .subscriptionEvents: [.instance]
    }
  }

  /// The only type that has the operation; nil where every type does.
  package var type: String? {
    switch self {
    case .docref: "DocumentReference"
    case .document: "Composition"
    case .chart, .everything, .summary: "Patient"
    case .lastn: "Observation"
    case .export, .graphql, .import, .meta, .validate: nil
    case .subscriptionStatus, .subscriptionEvents: "Subscription"
    }
  }

  /// The canonical URL of the OperationDefinition.
  package var definition: String {
    switch self {
    case .docref: "http://hl7.org/fhir/us/core/OperationDefinition/docref"
    case .document: "http://hl7.org/fhir/OperationDefinition/Composition-document"
    case .everything: "http://hl7.org/fhir/OperationDefinition/Patient-everything"
    case .export: "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"
    case .graphql: "http://hl7.org/fhir/OperationDefinition/Resource-graphql"
    // Nobody has published a definition of these.
    case .chart: "urn:peerchart:operation:chart"
    case .import: "urn:peerchart:operation:import"
    case .lastn: "http://hl7.org/fhir/OperationDefinition/Observation-lastn"
    case .meta: "http://hl7.org/fhir/OperationDefinition/Resource-meta"
    case .summary: "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"
    case .validate: "http://hl7.org/fhir/OperationDefinition/Resource-validate"
    case .subscriptionStatus:
      SubscriptionProfile.base + "OperationDefinition/backport-subscription-status"
    case .subscriptionEvents:
      SubscriptionProfile.base + "OperationDefinition/backport-subscription-events"
    }
  }

  /// By GET only what changes nothing and takes no resource (R4 3.2.0.1).
  package var methods: [String] {
    switch self {
    case .chart, .docref, .document, .everything, .export, .graphql, .lastn, .meta, .summary:
      ["GET", "POST"]
    case .import, .validate: ["POST"]
    case .subscriptionStatus, .subscriptionEvents: ["GET", "POST"]
    }
  }

  /// Whether a type, or a record of it, has the operation.
  package func isOffered(on type: String, _ level: Level) -> Bool {
    guard levels.contains(level) else { return false }
    // Of the patients together, and of the members of a Group (Bulk Data Access 2.0).
    if self == .export { return type == (level == .type ? "Patient" : "Group") }
    return self.type.map { $0 == type } ?? true
  }

  /// What OperationDefinition calls its code.
  package var code: Substring { rawValue.dropFirst() }
}

extension OperationCall {
  /// Reads the path below `/fhir` where its last segment is an operation.
  ///
  /// - Throws: `not-supported` for an operation that is not offered, or not there.
  package init(segments: ArraySlice<String>) throws(PeerChartError) {
    guard let name = segments.last.flatMap(OperationName.init), segments.count <= 3 else {
      throw PeerChartError(
        .notSupported, "this node offers no such operation; see /fhir/metadata for those it has")
    }
    let place = Array(segments.dropLast())
    let level: OperationName.Level = place.isEmpty ? .system : place.count == 1 ? .type : .instance
    if let type = place.first {
      guard ResourceType.isKnown(type) else {
        throw PeerChartError(.notFound, "FHIR R4 has no resource type of that name")
      }
    }
    guard name.levels.contains(level), place.isEmpty || name.isOffered(on: place[0], level) else {
      throw PeerChartError(.notSupported, "\(name.rawValue) cannot be called on this")
    }
    self.init(name, type: place.first, id: place.count > 1 ? place[1] : nil)
  }

  /// The pattern of the path, for the log.
  package var pattern: String {
    switch (type, id) {
    case (nil, _): "/fhir/\(name.rawValue)"
    case (_, nil): "/fhir/:type/\(name.rawValue)"
    default: "/fhir/:type/:id/\(name.rawValue)"
    }
  }
}
