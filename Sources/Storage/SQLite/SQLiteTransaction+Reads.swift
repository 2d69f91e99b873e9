import Exchange

/// A transaction sees its own changes: reads go to the same connection.
extension SQLiteTransaction {
  func chart(tag: [UInt8]) throws -> ChartRow? { try snapshot.chart(tag: tag) }
  func chart(slot: Int64) throws -> ChartRow? { try snapshot.chart(slot: slot) }
  func charts(after slot: Int64, limit: Int) throws -> [ChartRow] {
    try snapshot.charts(after: slot, limit: limit)
  }
  func dataKeys(slot: Int64) throws -> [DataKeyRow] { try snapshot.dataKeys(slot: slot) }
  func newestVersion(of key: RecordKey) throws -> VersionRow? {
    try snapshot.newestVersion(of: key)
  }
  func version(of key: RecordKey, number: Int64) throws -> VersionRow? {
    try snapshot.version(of: key, number: number)
  }
  func version(row: Int64) throws -> VersionRow? { try snapshot.version(row: row) }
  func versions(rows: [Int64]) throws -> [VersionRow] { try snapshot.versions(rows: rows) }
  func history(of key: RecordKey, before number: Int64, limit: Int) throws -> [VersionRow] {
    try snapshot.history(of: key, before: number, limit: limit)
  }
  func versions(before row: Int64, limit: Int) throws -> [VersionRow] {
    try snapshot.versions(before: row, limit: limit)
  }
  func versions(after row: Int64, limit: Int) throws -> [VersionRow] {
    try snapshot.versions(after: row, limit: limit)
  }
  func records(slot: Int64, after row: Int64, limit: Int) throws -> [VersionRow] {
    try snapshot.records(slot: slot, after: row, limit: limit)
  }
  func entryCount(token: UInt64, slot: Int64?, limit: Int) throws -> Int {
    try snapshot.entryCount(token: token, slot: slot, limit: limit)
  }
  func entries(
    token: UInt64, slot: Int64?, after: IndexEntryPosition?, limit: Int
  ) throws -> [IndexEntryPosition] {
    try snapshot.entries(token: token, slot: slot, after: after, limit: limit)
  }
  func item(_ kind: ItemKind, key: [UInt8]) throws -> [UInt8]? {
    try snapshot.item(kind, key: key)
  }
  func itemKeys(_ kind: ItemKind) throws -> [[UInt8]] { try snapshot.itemKeys(kind) }
  func items(_ kind: ItemKind) throws -> [(key: [UInt8], sealed: [UInt8])] {
    try snapshot.items(kind)
  }
  func items(
    _ kind: ItemKind, prefix: [UInt8], after key: [UInt8]?, limit: Int
  ) throws -> [(key: [UInt8], sealed: [UInt8])] {
    try snapshot.items(kind, prefix: prefix, after: key, limit: limit)
  }
  func counter(_ key: [UInt8]) throws -> Int64 { try snapshot.counter(key) }
  func auditSize() throws -> Int64 { firstSequence + Int64(leafHashes.count) }
  func auditRows(from sequence: Int64, limit: Int) throws -> [AuditRow] {
    try snapshot.auditRows(from: sequence, limit: limit)
  }
  func auditRows(slot: Int64, before sequence: Int64, limit: Int) throws -> [AuditRow] {
    try snapshot.auditRows(slot: slot, before: sequence, limit: limit)
  }
  func leafHashes(from sequence: Int64, to end: Int64) throws -> [[UInt8]] {
    try snapshot.leafHashes(from: sequence, to: end)
  }
  func tileRoots(level: Int, from index: Int64, to end: Int64) throws -> [[UInt8]] {
    try snapshot.tileRoots(level: level, from: index, to: end)
  }
  func tileRoots(afterLevel level: Int, index: Int64, limit: Int) throws -> [TileRootRow] {
    try snapshot.tileRoots(afterLevel: level, index: index, limit: limit)
  }
  func checkpoints() throws -> [CheckpointRow] { try snapshot.checkpoints() }
  func newestCheckpoint() throws -> CheckpointRow? { try snapshot.newestCheckpoint() }
  func outbox(dueAt time: Int64, limit: Int) throws -> [OutboxRow] {
    try snapshot.outbox(dueAt: time, limit: limit)
  }
  func outboxRows() throws -> [OutboxRow] { try snapshot.outboxRows() }
  func hasReceived(_ messageID: [UInt8]) throws -> Bool { try snapshot.hasReceived(messageID) }
}
