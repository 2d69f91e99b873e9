import Exchange
import Primitives

extension PostgreSQLTransaction {
  func insertChart(tag: [UInt8]) throws -> Int64 {
    // Slot 0 is the node's own; it is the first chart ever inserted.
    try change {
      try connection.run(
        """
        INSERT INTO chart (slot, tag) SELECT coalesce(max(slot) + 1, 0), $1 FROM chart
        RETURNING slot
        """, .bytes(tag)
      ).first?.int(0) ?? 0
    }
  }

  func setChartKey(slot: Int64, generation: Int64, wrapped: [UInt8]?) throws {
    try change {
      try connection.enqueue(
        "UPDATE chart SET key_generation = $1, wrapped_key = $2 WHERE slot = $3",
        .int(generation), .bytes(wrapped), .int(slot))
    }
  }

  func bumpConsentRevision(slot: Int64) throws {
    try change {
      try connection.enqueue(
        "UPDATE chart SET consent_revision = consent_revision + 1 WHERE slot = $1", .int(slot))
    }
  }

  func insertDataKey(_ row: DataKeyRow) throws {
    try change {
      try connection.enqueue(
        "INSERT INTO data_key (slot, generation, wrapped) VALUES ($1, $2, $3)", .int(row.slot),
        .int(row.generation), .bytes(row.wrapped))
    }
  }

  func deleteDataKeys(slot: Int64) throws {
    let blobs = try look(first: sendVersions) { try $0.blobs(ofChart: slot) }
    staging?.release(blobs)
    try change {
      try connection.enqueue("DELETE FROM data_key WHERE slot = $1", .int(slot))
      if !blobs.isEmpty {
        try connection.enqueue("DELETE FROM version_blob WHERE slot = $1", .int(slot))
      }
    }
  }

  func putItem(_ kind: ItemKind, key: [UInt8], sealed: [UInt8]) throws {
    // Other instances have listeners of their own, who wait for events.
    if kind == .subscriptionEvent { announceOutbox() }
    try forgetBlob(ofItem: kind, key)
    try change {
      let blob = staging?.reference(for: sealed)
      try connection.enqueue(
        """
        INSERT INTO item (kind, key, sealed) VALUES ($1, $2, $3)
        ON CONFLICT (kind, key) DO UPDATE SET sealed = excluded.sealed
        """, .text(kind.rawValue), .bytes(key), .bytes(blob == nil ? sealed : []))
      guard let blob else { return }
      try connection.enqueue(
        "INSERT INTO item_blob (kind, key, hash, length) VALUES ($1, $2, $3, $4)",
        .text(kind.rawValue), .bytes(key), .bytes(blob.hash), .int(Int64(blob.length)))
    }
  }

  func deleteItem(_ kind: ItemKind, key: [UInt8]) throws {
    try forgetBlob(ofItem: kind, key)
    try change {
      try connection.enqueue(
        "DELETE FROM item WHERE kind = $1 AND key = $2", .text(kind.rawValue), .bytes(key))
    }
  }

  private func forgetBlob(ofItem kind: ItemKind, _ key: [UInt8]) throws {
    if let staging {
      guard let old = try look({ try $0.blob(ofItem: kind, key) }) else { return }
      staging.release([old])
    }
    try change {
      try connection.enqueue(
        "DELETE FROM item_blob WHERE kind = $1 AND key = $2", .text(kind.rawValue), .bytes(key))
    }
  }

  func incrementCounter(_ key: [UInt8]) throws -> Int64 {
    try change {
      try connection.run(
        """
        INSERT INTO counter (key, value) VALUES ($1, 1)
        ON CONFLICT (key) DO UPDATE SET value = counter.value + 1 RETURNING value
        """, .bytes(key)
      ).first?.int(0) ?? 0
    }
  }

  func putTileRoot(_ row: TileRootRow) throws {
    try change {
      try connection.enqueue(
        "INSERT INTO log_tile (level, tile, hash) VALUES ($1, $2, $3)", .int(Int64(row.level)),
        .int(row.index), .bytes(row.hash))
    }
  }

  func putCheckpoint(_ row: CheckpointRow) throws {
    try change {
      // There is one unpinned checkpoint at most. Looking for it from the newest down does not pass
      // those that were deleted before and that a long read may keep from being swept away.
      try connection.enqueue(
        """
        DELETE FROM checkpoint WHERE size = (
          SELECT size FROM checkpoint WHERE NOT pinned AND size <= $1 ORDER BY size DESC LIMIT 1)
        """, .int(row.size))
      try connection.enqueue(
        """
        INSERT INTO checkpoint (size, note, pinned) VALUES ($1, $2, $3)
        ON CONFLICT (size) DO UPDATE
        SET note = excluded.note, pinned = checkpoint.pinned OR excluded.pinned
        """, .int(row.size), .text(row.note), .flag(row.pinned))
    }
  }

  func putOutbox(_ row: OutboxRow) throws {
    if row.attempts == 0 { announceOutbox() }
    try change {
      try connection.enqueue(
        """
        INSERT INTO outbox (id, peer, created_at, next_attempt, attempts, sealed)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id) DO UPDATE
        SET next_attempt = excluded.next_attempt, attempts = excluded.attempts
        """, .bytes(row.id), .bytes(row.peer), .int(row.createdAt), .int(row.nextAttempt),
        .int(row.attempts), .bytes(row.sealed))
    }
  }

  func deleteOutbox(id: [UInt8]) throws {
    try change { try connection.enqueue("DELETE FROM outbox WHERE id = $1", .bytes(id)) }
  }

  func receive(messageID: [UInt8], at time: Int64) throws -> Bool {
    try change {
      try connection.run(
        """
        INSERT INTO inbox (id, received_at) VALUES ($1, $2) ON CONFLICT DO NOTHING
        RETURNING received_at
        """, .bytes(messageID), .int(time)
      ).count > 0
    }
  }
}
