import Audit
import Primitives

/// What the log says the table of items holds, gathered entry by entry, and the newest version of each
/// Consent. `audit verify` compares both with what is there.
struct ItemLedger {
  /// The member of the node's first entry that says: from here on every item is in the log.
  static let marker = (name: "item-log", value: "1")
  private static let listedFindings = 100

  private struct Word {
    /// Nil where it was taken away.
    let digest: String?
    let entry: Int64
  }

  private var items: [String: Word] = [:]
  private var consents: [String: (version: Int64, entry: Int64)] = [:]
  private var isComplete = false
  private(set) var findings: [String] = []

  mutating func follow(_ event: AuditEvent, entry: Int64) {
    if event.detail[Self.marker.name] == Self.marker.value { isComplete = true }
    for (name, text) in event.detail where name == "items" || name.hasPrefix("items-") {
      for note in text.split(separator: " ") {
        let parts = note.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { continue }
        let digest = parts[1] == "-" ? nil : String(parts[1])
        items[String(parts[0])] = Word(digest: digest, entry: entry)
      }
    }
    for entity in event.entities where entity.hasPrefix("Consent/") {
      let parts = entity.split(separator: "/")
      guard parts.count == 4, let version = Int64(parts[3]) else { continue }
      let id = String(parts[1])
      if version > consents[id]?.version ?? 0 { consents[id] = (version, entry) }
    }
  }

  /// Compares with what is stored.
  mutating func compare(_ snapshot: any StoreSnapshot, _ keys: ChartKeeper) throws {
    for kind in ItemKind.allCases where kind.isInLedger {
      // One at a time: a received document may be large.
      for key in try snapshot.itemKeys(kind) {
        guard let sealed = try snapshot.item(kind, key: key) else { continue }
        let name = ItemChange.name(kind, key)
        if let word = items.removeValue(forKey: name) {
          guard word.digest != ItemChange.digest(sealed) else { continue }
          add(
            word.digest == nil
              ? "\(name): item-returned: entry \(word.entry) took it away"
              : "\(name): item-differs: it is not as entry \(word.entry) left it")
        } else if isComplete {
          add("\(name): item-unknown: no entry put it there")
        }
      }
    }
    for (name, word) in items.sorted(by: { $0.key < $1.key }) where word.digest != nil {
      add("\(name): item-missing: entry \(word.entry) put it there")
    }
    for (id, known) in consents.sorted(by: { $0.key < $1.key }) {
      let newest = try snapshot.newestVersion(of: keys.recordKey("Consent", id))
      guard (newest?.number ?? 0) < known.version else { continue }
      add("a Consent: version-missing: entry \(known.entry) stored version \(known.version)")
    }
  }

  private mutating func add(_ finding: String) {
    if findings.count < Self.listedFindings { findings.append(finding) }
  }
}
