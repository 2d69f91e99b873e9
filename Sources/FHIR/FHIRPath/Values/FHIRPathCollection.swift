/// What every FHIRPath expression gives: items in order, perhaps none. One item, the usual case, costs
/// no memory of its own.
public struct FHIRPathCollection: Sendable {
  private enum Storage {
    case none
    case one(FHIRPathItem)
    case many([FHIRPathItem])
  }

  private var storage: Storage

  /// No items, FHIRPath's `{}`.
  public static let empty = FHIRPathCollection()

  /// No items.
  public init() { storage = .none }

  /// One item.
  public init(_ item: FHIRPathItem) { storage = .one(item) }

  /// The items, or none where there is no item.
  public init(_ item: FHIRPathItem?) { storage = item.map { .one($0) } ?? .none }

  /// Items in their order.
  public init(_ items: [FHIRPathItem]) {
    switch items.count {
    case 0: storage = .none
    case 1: storage = .one(items[0])
    default: storage = .many(items)
    }
  }

  /// Appends an item.
  public mutating func append(_ item: FHIRPathItem) {
    switch storage {
    case .none: storage = .one(item)
    case .one(let first): storage = .many([first, item])
    case .many(var items):
      // Let go of the array before it grows, so that it is not copied.
      storage = .none
      items.append(item)
      storage = .many(items)
    }
  }

  /// Appends the items of another collection.
  public mutating func append(contentsOf other: FHIRPathCollection) {
    if case .none = storage {
      storage = other.storage
    } else {
      for item in other { append(item) }
    }
  }

  /// The item where there is exactly one.
  var single: FHIRPathItem? {
    if case .one(let item) = storage { item } else { nil }
  }
}

extension FHIRPathCollection: RandomAccessCollection {
  public var startIndex: Int { 0 }

  public var endIndex: Int {
    switch storage {
    case .none: 0
    case .one: 1
    case .many(let items): items.count
    }
  }

  public subscript(position: Int) -> FHIRPathItem {
    switch storage {
    case .many(let items): items[position]
    case .one(let item): item
    case .none: .boolean(false)
    }
  }
}
