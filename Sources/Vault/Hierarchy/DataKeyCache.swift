/// Unwrapped data keys by slot and generation, bounded; the second-chance clock decides who goes.
///
/// Forgetting drops the last reference the vault holds, and with it swift-crypto wipes the key.
struct DataKeyCache {
  struct Name: Hashable {
    let slot: Int64
    let generation: UInt32
  }

  private struct Entry {
    let name: Name
    let key: DataKey
    /// The rows it was unwrapped from, so that no other rows are ever answered with it.
    let wrapped: WrappedKey
    var used: Bool
  }

  private let capacity: Int
  private var entries: [Entry] = []
  private var places: [Name: Int] = [:]
  private var hand = 0

  init(capacity: Int) { self.capacity = max(1, capacity) }

  var count: Int { entries.count }

  /// The key by its name, whatever rows it came from.
  mutating func key(_ name: Name) -> DataKey? {
    guard let place = places[name] else { return nil }
    entries[place].used = true
    return entries[place].key
  }

  /// The key, provided that it was unwrapped from just this row.
  mutating func key(_ name: Name, wrapped: WrappedKey) -> DataKey? {
    guard let place = places[name], entries[place].wrapped == wrapped else { return nil }
    entries[place].used = true
    return entries[place].key
  }

  mutating func insert(_ key: DataKey, wrapped: WrappedKey) {
    let name = Name(slot: key.slot, generation: key.generation)
    let entry = Entry(name: name, key: key, wrapped: wrapped, used: false)
    if let place = places[name] {
      entries[place] = entry
    } else if entries.count < capacity {
      places[name] = entries.count
      entries.append(entry)
    } else {
      let place = evictionPlace()
      places[entries[place].name] = nil
      places[name] = place
      entries[place] = entry
    }
  }

  mutating func removeAll(slot: Int64) {
    entries.removeAll { $0.name.slot == slot }
    places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
    hand = 0
  }

  mutating func removeAll() {
    entries = []
    places = [:]
    hand = 0
  }

  /// Ends after two rounds at the latest: the first clears every mark that it passes.
  private mutating func evictionPlace() -> Int {
    while true {
      let place = hand
      hand = (hand + 1) % entries.count
      guard entries[place].used else { return place }
      entries[place].used = false
    }
  }
}
