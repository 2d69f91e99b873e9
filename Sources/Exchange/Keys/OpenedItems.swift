import Synchronization

/// What came out of sealed items, with the sealed bytes that it came out of.
final class OpenedItems: Sendable {
  /// More of a kind than these are opened each time.
  private static let most = 10_000

  typealias Opened = [[UInt8]: (sealed: [UInt8], value: any Sendable)]

  private let known = Mutex<[ItemKind: Opened]>([:])

  func of(_ kind: ItemKind) -> Opened { known.withLock { $0[kind] ?? [:] } }

  func keep(_ kind: ItemKind, _ items: [([UInt8], (sealed: [UInt8], value: any Sendable))]) {
    let kept = items.count <= Self.most ? Dictionary(items, uniquingKeysWith: { $1 }) : [:]
    known.withLock { $0[kind] = kept }
  }
}
