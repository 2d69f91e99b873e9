import Exchange

/// A transaction sees its own changes: what a read must find is sent before it.
extension PostgreSQLTransaction {
  func chart(tag: [UInt8]) throws -> ChartRow? { try look { try $0.chart(tag: tag) } }
  func chart(slot: Int64) throws -> ChartRow? { try look { try $0.chart(slot: slot) } }
  func charts(after slot: Int64, limit: Int) throws -> [ChartRow] {
    try look { try $0.charts(after: slot, limit: limit) }
  }
  func dataKeys(slot: Int64) throws -> [DataKeyRow] { try look { try $0.dataKeys(slot: slot) } }
  func newestVersion(of key: RecordKey) throws -> VersionRow? {
    try look(first: { try sendVersions(of: key) }, { try $0.newestVersion(of: key) })
  }
  func version(of key: RecordKey, number: Int64) throws -> VersionRow? {
    try look(
      first: { try sendVersions(of: key) }, { try $0.version(of: key, number: number) })
  }
  func version(row: Int64) throws -> VersionRow? {
    try look(first: { try sendVersions(with: row) }, { try $0.version(row: row) })
  }
  func versions(rows: [Int64]) throws -> [VersionRow] {
    try look(first: sendVersions) { try $0.versions(rows: rows) }
  }
  func history(of key: RecordKey, before number: Int64, limit: Int) throws -> [VersionRow] {
    try look(
      first: { try sendVersions(of: key) },
      { try $0.history(of: key, before: number, limit: limit) })
  }
  func versions(before row: Int64, limit: Int) throws -> [VersionRow] {
    try look(first: sendVersions) { try $0.versions(before: row, limit: limit) }
  }
  func versions(after row: Int64, limit: Int) throws -> [VersionRow] {
    try look(first: sendVersions) { try $0.versions(after: row, limit: limit) }
  }
  func records(slot: Int64, after row: Int64, limit: Int) throws -> [VersionRow] {
    try look(first: sendVersions) { try $0.records(slot: slot, after: row, limit: limit) }
  }
  func item(_ kind: ItemKind, key: [UInt8]) throws -> [UInt8]? {
    try look { try $0.item(kind, key: key) }
  }
  func itemKeys(_ kind: ItemKind) throws -> [[UInt8]] { try look { try $0.itemKeys(kind) } }
  func items(_ kind: ItemKind) throws -> [(key: [UInt8], sealed: [UInt8])] {
    try look { try $0.items(kind) }
  }
  func items(
    _ kind: ItemKind, prefix: [UInt8], after key: [UInt8]?, limit: Int
  ) throws -> [(key: [UInt8], sealed: [UInt8])] {
    try look { try $0.items(kind, prefix: prefix, after: key, limit: limit) }
  }
  func counter(_ key: [UInt8]) throws -> Int64 { try look { try $0.counter(key) } }
  func tileRoots(level: Int, from index: Int64, to end: Int64) throws -> [[UInt8]] {
    try look { try $0.tileRoots(level: level, from: index, to: end) }
  }
  func tileRoots(afterLevel level: Int, index: Int64, limit: Int) throws -> [TileRootRow] {
    try look { try $0.tileRoots(afterLevel: level, index: index, limit: limit) }
  }
  func checkpoints() throws -> [CheckpointRow] { try look { try $0.checkpoints() } }
  func newestCheckpoint() throws -> CheckpointRow? { try look { try $0.newestCheckpoint() } }
  func outbox(dueAt time: Int64, limit: Int) throws -> [OutboxRow] {
    try look { try $0.outbox(dueAt: time, limit: limit) }
  }
  func outboxRows() throws -> [OutboxRow] { try look { try $0.outboxRows() } }
  func hasReceived(_ messageID: [UInt8]) throws -> Bool {
    try look { try $0.hasReceived(messageID) }
  }
}

/// The audit rows of this commit are not in the table yet; they follow those that are.
extension PostgreSQLTransaction {
  func auditSize() throws -> Int64 { firstSequence + Int64(audits.count) }

  func auditRows(from sequence: Int64, limit: Int) throws -> [AuditRow] {
    let stored = try look { try $0.auditRows(from: sequence, limit: limit) }
    let own = audits.lazy.filter { $0.sequence >= sequence }
    return stored + own.prefix(max(0, limit - stored.count))
  }

  func auditRows(slot: Int64, before sequence: Int64, limit: Int) throws -> [AuditRow] {
    let own = audits.reversed().filter { $0.slot == slot && $0.sequence < sequence }.prefix(limit)
    guard own.count < limit else { return Array(own) }
    return try own
      + look { try $0.auditRows(slot: slot, before: sequence, limit: limit - own.count) }
  }

  func leafHashes(from sequence: Int64, to end: Int64) throws -> [[UInt8]] {
    let stored = try look { try $0.leafHashes(from: sequence, to: end) }
    return stored
      + audits.lazy.filter { $0.sequence >= sequence && $0.sequence < end }.map(\.leafHash)
  }
}
