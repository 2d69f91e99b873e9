import Consent
import FHIR

/// A record that the caller may search.
struct FoundRecord {
  let record: ClosedRecord
  let permits: [Permit]

  var target: ReferenceTarget { ReferenceTarget(type: record.type, id: record.id) }

  func resource() throws -> Resource { try record.resource(under: permits, for: .search) }
}
