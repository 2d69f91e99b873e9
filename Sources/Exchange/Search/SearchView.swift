import Consent
import FHIR
import Identity
import Primitives

/// What one caller sees of one snapshot when searching: records are decided about before anything else
/// is asked of them, as matches and as what a chain, a `_has` or an include leads to alike.
final class SearchView {
  let reading: Reading
  private var linked: [ReferenceTarget: Resource?] = [:]

  init(_ reading: Reading) { self.reading = reading }

  /// The record at a position of the index, if it is of the type and for the caller.
  func record(at position: IndexEntryPosition, of type: String? = nil) throws -> FoundRecord? {
    guard let row = try reading.snapshot.version(row: position.row) else { return nil }
    return try found(row, of: type)
  }

  /// The newest version of the record that a reference leads to.
  func record(_ target: ReferenceTarget) throws -> FoundRecord? {
    let key = reading.exchange.keys.recordKey(target.type, target.id)
    guard let row = try reading.snapshot.newestVersion(of: key), !row.isDeleted else { return nil }
    return try found(row, of: target.type)
  }

  private func found(_ row: VersionRow, of type: String?) throws -> FoundRecord? {
    try reading.visible(row, for: .search, scope: .search, type: type)
  }

  /// The records of a type that refer to a target.
  func referring(
    of type: String, to target: ReferenceTarget, terms: [IndexTerm]?,
    _ body: (FoundRecord) throws -> Bool
  ) throws {
    let index = reading.exchange.keys.index
    let tokens = (terms ?? [IndexTerm.type(type)]).map { RecordIndex.token($0, of: type, index) }
    var walk = IndexWalk(
      snapshot: reading.snapshot, slot: nil, tokens: Array(Set(tokens)), after: nil)
    while let position = try walk.next() {
      guard let found = try record(at: position, of: type) else { continue }
      guard try body(found) else { return }
    }
  }
}

extension SearchView: SearchLinks {
  func resource(_ target: ReferenceTarget) throws -> Resource? {
    if let known = linked[target] { return known }
    let resource = try record(target)?.resource()
    linked[target] = .some(resource)
    return resource
  }

  func contains(
    of type: String, referringTo target: ReferenceTarget, by parameter: SearchParameter,
    where body: (Resource) throws -> Bool
  ) throws -> Bool {
    var isFound = false
    try referring(of: type, to: target, terms: parameter.terms(in: type, for: target)) { found in
      let resource = try found.resource()
      isFound = try parameter.localTargets(in: resource).contains(target) && body(resource)
      return !isFound
    }
    return isFound
  }
}
