public import Primitives

/// A FHIR Bundle of any type over the bytes in which it came. (Named so that it is not mistaken for
/// Foundation's `Bundle`.)
///
/// The Bundle itself is checked at once; each entry when it is asked for, so that one faulty entry of
/// a batch does not take the others with it.
public struct ResourceBundle: Sendable {
  /// `Bundle.type` (FHIR R4 2.36).
  public enum Kind: String, Sendable {
    case document, message, transaction, batch, history, searchset, collection
    case transactionResponse = "transaction-response"
    case batchResponse = "batch-response"
  }

  /// The most entries a Bundle may have.
  public static let maximumEntries = 1_000_000

  /// The Bundle as a resource.
  public let resource: Resource
  /// `Bundle.type`.
  public let kind: Kind
  /// How many entries there are.
  public let count: Int

  /// Parses a text that holds one Bundle.
  ///
  /// - Throws: what `Resource` and `JSONDocument` throw, and what `init(_:)` throws.
  public init(parsing bytes: [UInt8], limits: JSONLimits = .init()) throws(PeerChartError) {
    try self.init(Resource(parsing: bytes, limits: limits))
  }

  /// Reads a resource as a Bundle; shares its document.
  ///
  /// - Throws: `invalid` where the resource is no Bundle, its type is unknown or `entry` is no array;
  ///   `tooLarge` beyond `maximumEntries`.
  public init(_ resource: Resource) throws(PeerChartError) {
    guard resource.type == "Bundle" else {
      throw PeerChartError(.invalid, "this is not a Bundle", place: resource.root.pointer)
    }
    let type = resource.root["type"]
    guard let kind = Kind(rawValue: type?.string ?? "") else {
      throw PeerChartError(
        .invalid, "type is not a Bundle type of FHIR R4", place: resource.root.place(of: "type"))
    }
    if let entries = resource.root["entry"] {
      guard entries.kind == .array else {
        throw PeerChartError(.invalid, "entry must be an array", place: entries.pointer)
      }
      guard entries.count <= Self.maximumEntries else {
        throw PeerChartError(
          .tooLarge, "more than \(Self.maximumEntries) entries", place: entries.pointer)
      }
      count = entries.count
    } else {
      count = 0
    }
    self.resource = resource
    self.kind = kind
  }

  /// `Bundle.total`, where it is a number that fits.
  public var total: Int? { resource.root["total"]?.numberLiteral.flatMap { Int($0) } }

  /// The URL of the link with that relation, such as `next`.
  public func link(_ relation: String) -> String? {
    resource.root["link"]?.elements.first { $0["relation"]?.isString(relation) ?? false }?["url"]?
      .string
  }

  /// The entries in order; nothing is copied.
  public var entries: some Sequence<BundleEntry> {
    let values = resource.root["entry"]?.elements
    return sequence(state: (values?.makeIterator(), 0)) { state in
      guard let value = state.0?.next() else { return nil }
      defer { state.1 += 1 }
      return BundleEntry(index: state.1, value: value)
    }
  }
}
