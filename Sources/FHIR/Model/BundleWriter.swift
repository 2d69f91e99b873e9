public import Primitives

/// Writes a Bundle piece by piece, so that a response of any length streams in constant memory.
///
/// `opening`, then each `entry`, then `closing`; what they return, joined, is the Bundle. Resources
/// go in as the bytes they are.
public struct BundleWriter: Sendable {
  /// `Bundle.entry.response`.
  public struct Response: Sendable {
    /// The HTTP status line without the protocol: `201 Created`.
    public var status: String
    /// Where the version is: `Patient/1/_history/3`.
    public var location: String?
    /// The entity tag with its quotes: `W/"3"`.
    public var etag: String?
    /// When the server last changed the resource.
    public var lastModified: Instant?
    /// An OperationOutcome as JSON.
    public var outcome: [UInt8]?

    /// Only what is given is written.
    public init(
      status: String, location: String? = nil, etag: String? = nil, lastModified: Instant? = nil,
      outcome: [UInt8]? = nil
    ) {
      self.status = status
      self.location = location
      self.etag = etag
      self.lastModified = lastModified
      self.outcome = outcome
    }
  }

  private let head: [(String, JSONTree)]
  private var hasEntry = false

  /// - Parameters:
  ///   - total: the number of matches of a search or of versions of a history, where it is known.
  ///   - links: relation and URL, such as `self` and `next`.
  public init(
    _ kind: ResourceBundle.Kind, id: String? = nil, timestamp: Instant? = nil, total: Int? = nil,
    links: [(relation: String, url: String)] = []
  ) {
    var head: [(String, JSONTree)] = [("resourceType", "Bundle")]
    if let id { head.append(("id", .string(id))) }
    head.append(("type", .string(kind.rawValue)))
    if let timestamp { head.append(("timestamp", .string(timestamp.description))) }
    if let total { head.append(("total", .number(String(total)))) }
    if !links.isEmpty {
      let list = links.map {
        JSONTree.object([("relation", .string($0.0)), ("url", .string($0.1))])
      }
      head.append(("link", .array(list)))
    }
    self.head = head
  }

  /// The Bundle up to its first entry.
  public var opening: [UInt8] { Array(JSONTree.object(head).serialized().dropLast()) }

  /// One entry; the order of its members is that of the definition of Bundle.
  public mutating func entry(
    fullUrl: String? = nil, resource: [UInt8]? = nil, searchMode: String? = nil,
    request: (method: String, url: String)? = nil, response: Response? = nil
  ) -> [UInt8] {
    var members: [(String, JSONTree)] = []
    if let fullUrl { members.append(("fullUrl", .string(fullUrl))) }
    if let resource { members.append(("resource", .raw(resource))) }
    if let searchMode { members.append(("search", ["mode": .string(searchMode)])) }
    if let request {
      members.append(("request", ["method": .string(request.method), "url": .string(request.url)]))
    }
    if let response { members.append(("response", Self.tree(response))) }
    // FHIR has no empty arrays, so "entry" itself comes with the first one.
    let lead = hasEntry ? "," : ",\"entry\":["
    hasEntry = true
    return Array(lead.utf8) + JSONTree.object(members).serialized()
  }

  /// What ends the Bundle.
  public var closing: [UInt8] { Array((hasEntry ? "]}" : "}").utf8) }

  private static func tree(_ response: Response) -> JSONTree {
    var members: [(String, JSONTree)] = [("status", .string(response.status))]
    if let location = response.location { members.append(("location", .string(location))) }
    if let etag = response.etag { members.append(("etag", .string(etag))) }
    if let time = response.lastModified {
      members.append(("lastModified", .string(time.description)))
    }
    if let outcome = response.outcome { members.append(("outcome", .raw(outcome))) }
    return .object(members)
  }
}
