import Exchange
import Primitives

/// What a store's tables say about blobs. Both engines' snapshots and transactions know it.
protocol BlobLedger {
  /// The name of this store's space in a place that it may share. It stays with the records.
  func blobSpace() throws -> String
  /// Those that no row names.
  func unnamed(_ hashes: [[UInt8]]) throws -> [[UInt8]]
  /// What rows name, in the order of the hashes, behind the given one.
  func blobReferences(after hash: [UInt8], limit: Int) throws -> [BlobReference]
}

/// What the stores do with blobs beside reading and writing them.
protocol BlobKeepingStore: RecordStore {
  var shelf: BlobShelf? { get }
}

extension BlobKeepingStore {
  /// Makes a write whose large bodies go to blobs. `attempt` makes it once.
  func staging<Result: Sendable>(
    _ attempt: (BlobStaging?) async throws -> Result
  ) async throws -> Result {
    guard let shelf else { return try await attempt(nil) }
    let staging = BlobStaging(shelf)
    let result: Result
    do {
      result = try await attempt(staging)
    } catch  where staging.isWanting(after: error) {
      try await staging.stage()
      result = try await attempt(staging)
    }
    let released = staging.released.map(\.hash)
    if !released.isEmpty {
      // It is stored, whatever comes of this; what stays behind is swept later.
      _ = try? await remove(released, from: shelf, olderThan: nil)
    }
    return result
  }

  func sweepBlobs() async throws -> Int {
    guard let shelf else { return 0 }
    let (place, space, grace) = (shelf.policy.place, shelf.space, shelf.policy.grace)
    try await shelf.threads.run { try place.removeRemains(in: space) }
    var removed = 0
    var last: [UInt8]?
    while true {
      let page = try await shelf.threads.run { [last] in try place.list(in: space, after: last) }
      guard let end = page.last else { return removed }
      last = end.hash
      let old = page.filter { $0.age >= grace }.map(\.hash)
      // Most are named; the lock of the commits is taken only for those that are not.
      let suspects = try await read { try Self.ledger($0).unnamed(old) }
      for start in stride(from: 0, to: suspects.count, by: Self.removedAtOnce) {
        let some = Array(suspects[start..<min(start + Self.removedAtOnce, suspects.count)])
        removed += try await remove(some, from: shelf, olderThan: grace)
      }
    }
  }

  /// How many are removed under one hold of the commits' lock.
  private static var removedAtOnce: Int { 16 }

  /// Removes blobs that no row names. It holds the lock of the commits, so no row comes meanwhile.
  ///
  /// - Parameter age: leaves younger ones alone; nil for what was named before, where nobody else can
  ///   be about to name it.
  private func remove(
    _ hashes: [[UInt8]], from shelf: BlobShelf, olderThan age: Int64?
  ) async throws -> Int {
    let (place, space) = (shelf.policy.place, shelf.space)
    return try await write { transaction in
      try Self.ledger(transaction).unnamed(hashes).filter { hash in
        if let age {
          guard let current = try place.age(hash, in: space), current >= age else { return false }
        }
        try place.remove(hash, in: space)
        return true
      }.count
    }
  }

  func checkBlobs() async throws -> BodyCheck {
    var check = BodyCheck()
    guard let shelf else {
      try await forEachBlobPage { check.count += $0.count }
      check.missing = check.count
      return check
    }
    // Listing goes by pages, and a page holds at least what lies between two names: both sides are
    // walked in the same order.
    var listed: [StoredBlob] = []
    var listedTo: [UInt8]?
    var hasAll = false
    var last: [UInt8] = []
    while true {
      let named = try await read { [last] in
        try Self.ledger($0).blobReferences(after: last, limit: 1000)
      }
      guard let end = named.last else { return check }
      last = end.hash
      while !hasAll, (listedTo ?? []).lexicographicallyPrecedes(end.hash) {
        let page = try await shelf.threads.run { [listedTo] in
          try shelf.policy.place.list(in: shelf.space, after: listedTo)
        }
        hasAll = page.isEmpty
        listedTo = page.last?.hash ?? listedTo
        listed += page
      }
      let there = Dictionary(listed.map { ($0.hash, $0.length) }) { first, _ in first }
      check.count += named.count
      check.missing += named.count { there[$0.hash] != $0.length }
      listed.removeAll { !end.hash.lexicographicallyPrecedes($0.hash) }
    }
  }

  /// Puts every blob that a row names into another place as well.
  ///
  /// - Returns: how many were not there yet.
  func copyBlobs(to place: any BlobPlace) async throws -> Int {
    guard let shelf else { return 0 }
    var copied = 0
    try await forEachBlobPage { page in
      copied += try await shelf.threads.run {
        try page.count { reference in
          try place.put(
            shelf.get(reference), as: reference, in: shelf.space, replacing: false)
        }
      }
    }
    return copied
  }

  /// Every blob that a row names, a page at a time.
  private func forEachBlobPage(_ body: ([BlobReference]) async throws -> Void) async throws {
    var last: [UInt8] = []
    while true {
      let page = try await read { [last] in
        try Self.ledger($0).blobReferences(after: last, limit: 1000)
      }
      guard let end = page.last else { return }
      try await body(page)
      last = end.hash
    }
  }

  static func ledger(_ snapshot: any StoreSnapshot) throws -> any BlobLedger {
    guard let ledger = snapshot as? any BlobLedger else {
      throw PeerChartError(.storage, "this store knows no blobs")
    }
    return ledger
  }
}
