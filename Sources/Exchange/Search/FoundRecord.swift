import Consent
import FHIR

/// A record that is open to the caller.
struct FoundRecord {
  let record: ClosedRecord
  let permits: [Permit]
  /// What it is open for.
  var action = ConsentAction.search

  var target: ReferenceTarget { ReferenceTarget(type: record.type, id: record.id) }

  func resource() throws -> Resource { try record.resource(under: permits, for: action) }

  func release() throws -> ReleasedResource { try record.release(under: permits, for: action) }
}
