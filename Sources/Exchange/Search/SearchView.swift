import Consent
import FHIR
import Identity
import Primitives

/// What one caller sees of one snapshot when searching: records are decided about before anything else
/// is asked of them, as matches and as what a chain, a `_has` or an include leads to alike.
final class SearchView {
  let reading: Reading
  private var linked: [ReferenceTarget: Resource?] = [:]
  /// Referring records, opened: those of one candidate are often those of the next.
  private var sources: [SourceName: ReferringRecord?] = [:]
  private var sourceBytes = 0
  private static let mostSourceBytes = 8 << 20

  private struct SourceName: Hashable {
    let row: Int64
    let type: String
  }

  init(_ reading: Reading) { self.reading = reading }

  /// The records that candidates lead to.
  func rows(of candidates: Candidates) -> CandidateRows {
    CandidateRows(candidates, in: reading.snapshot)
  }

  /// The record in a row, if it is of the type and for the caller.
  func record(_ row: VersionRow, of type: String?) throws -> FoundRecord? {
    try reading.visible(row, for: .search, scope: .search, type: type)
  }

  /// The newest version of the record that a reference leads to.
  func record(_ target: ReferenceTarget) throws -> FoundRecord? {
    let key = reading.exchange.keys.recordKey(target.type, target.id)
    guard let row = try reading.snapshot.newestVersion(of: key), !row.isDeleted else { return nil }
    return try record(row, of: target.type)
  }

  /// The records of a type that refer to a target.
  func referring(
    of type: String, to target: ReferenceTarget, terms: [IndexTerm]?,
    _ body: (ReferringRecord) throws -> Bool
  ) throws {
    let index = reading.exchange.keys.index
    let tokens = (terms ?? [IndexTerm.type(type)]).map { RecordIndex.token($0, of: type, index) }
    var walk = IndexWalk(
      snapshot: reading.snapshot, slot: nil, tokens: Array(Set(tokens)), after: nil)
    while let position = try walk.next() {
      guard let source = try source(at: position, of: type) else { continue }
      guard try body(source) else { return }
    }
  }

  private func source(
    at position: IndexEntryPosition, of type: String
  ) throws -> ReferringRecord? {
    let name = SourceName(row: position.row, type: type)
    if let known = sources[name] { return known }
    let source = try reading.snapshot.version(row: position.row)
      .flatMap { try record($0, of: type) }.map(ReferringRecord.init)
    sourceBytes += source?.found.record.byteCount ?? 0
    if sourceBytes > Self.mostSourceBytes {
      sources = [:]
      sourceBytes = source?.found.record.byteCount ?? 0
    }
    sources[name] = .some(source)
    return source
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
    try referring(of: type, to: target, terms: parameter.terms(in: type, for: target)) { source in
      isFound = try source.refers(to: target, by: parameter) && body(source.resource)
      return !isFound
    }
    return isFound
  }
}
