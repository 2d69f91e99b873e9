import Primitives

/// Items of which no two are equal, in the order in which they came.
struct ItemSet {
  private(set) var items: [FHIRPathItem] = []
  private let evaluator: PathEvaluator
  /// Places of the items by a number that equal items share.
  private var places: [Int: [Int]] = [:]
  /// Few items are compared one by one.
  private static let fewItems = 8

  init(_ evaluator: PathEvaluator) { self.evaluator = evaluator }

  /// True when the item was not there.
  mutating func insert(_ item: FHIRPathItem) throws(PeerChartError) -> Bool {
    if items.count < Self.fewItems {
      for other in items where try evaluator.equal(item, other) == true { return false }
      items.append(item)
      if items.count == Self.fewItems {
        for place in items.indices {
          places[items[place].equalityNumber, default: []].append(place)
        }
      }
      return true
    }
    let number = item.equalityNumber
    for place in places[number] ?? [] where try evaluator.equal(item, items[place]) == true {
      return false
    }
    places[number, default: []].append(items.count)
    items.append(item)
    return true
  }

  /// Whether an equal item is there.
  func contains(_ item: FHIRPathItem) throws(PeerChartError) -> Bool {
    let candidates =
      items.count < Self.fewItems ? Array(items.indices) : places[item.equalityNumber]
    for place in candidates ?? [] where try evaluator.equal(item, items[place]) == true {
      return true
    }
    return false
  }
}

extension FHIRPathItem {
  /// A number that is the same for items that are equal.
  fileprivate var equalityNumber: Int {
    switch plain {
    case .string(let text):
      // What may be compared as a date shares one number with all that may.
      if text.utf8.count >= 4, text.utf8.prefix(4).allSatisfy({ (0x30...0x39).contains($0) }) {
        return element.map { $0.type == .unknown } ?? false ? 1 : text.hashValue
      }
      return text.hashValue
    case .boolean(let value): return value ? 2 : 3
    case .integer(let value): return value.hashValue
    case .decimal(let value):
      // As the integer where it is one: both are equal.
      return value.integer?.hashValue ?? value.trimmed.description.hashValue
    case .temporal: return 1
    case .quantity: return 4
    case .typeInfo(_, let name): return name.hashValue
    case .element(let element):
      guard let object = element.object else { return 5 }
      return object.kind == .object ? element.contentNumber : 5
    }
  }
}

extension FHIRPathElement {
  /// A number from the plain strings of an object, in whatever order they stand.
  fileprivate var contentNumber: Int {
    guard let value, value["value"]?.kind != .number else { return 6 }
    var number = 0
    for (name, child) in value.members where child.kind == .string {
      var hasher = Hasher()
      hasher.combine(name)
      hasher.combine(child.string)
      number ^= hasher.finalize()
    }
    return number
  }
}
