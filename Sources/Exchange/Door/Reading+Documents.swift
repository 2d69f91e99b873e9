import Consent
import FHIR
import Identity
import Primitives

extension Reading {
  /// The newest version of the record that a reference leads to, if it is there and for the caller to
  /// read.
  func readable(_ target: ReferenceTarget) throws -> FoundRecord? {
    let key = exchange.keys.recordKey(target.type, target.id)
    guard let row = try snapshot.newestVersion(of: key), !row.isDeleted else { return nil }
    return try visible(row, for: .read, scope: .read, type: target.type)
  }

  /// The records of some types in a chart that the caller may read, in the order in which they are kept.
  func readable(
    _ types: [String], slot: Int64, _ body: (FoundRecord) throws -> Void
  ) throws {
    let index = exchange.keys.index
    let tokens = types.filter { caller.reaches($0, .read) }
      .map { RecordIndex.token(IndexTerm.type($0), of: $0, index) }
    var walk = IndexWalk(snapshot: snapshot, slot: slot, tokens: tokens, after: nil)
    while let position = try walk.next() {
      // Tokens may collide: what a record is, it says itself.
      guard let row = try snapshot.version(row: position.row), !row.isDeleted,
        let record = try visible(row, for: .read, scope: .read),
        types.contains(record.record.type)
      else { continue }
      try body(record)
    }
  }
}

extension Passage {
  /// Adds what the release of records that were made into one document needs to have on record.
  mutating func disclose(
    document records: some Sequence<FoundRecord>, asked query: String, _ reading: Reading
  ) throws {
    let sorted = records.sorted { ($0.record.type, $0.record.id) < ($1.record.type, $1.record.id) }
    try disclose(
      sorted.map(\.record), under: sorted.map(\.permits), .read, reading, query: query)
  }
}
