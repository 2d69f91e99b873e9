import Primitives

/// One entry of a Bundle, checked as far as it is asked for. Errors carry a place such as
/// `Bundle.entry[17].request.method`.
public struct BundleEntry: Sendable {
  /// The position in `Bundle.entry`, from 0.
  public let index: Int
  /// The entry as it came.
  public let value: JSONValue

  /// `request` of a batch, transaction or history entry.
  public struct Request: Sendable, Equatable {
    /// `Bundle.entry.request.method`.
    public enum Method: String, Sendable {
      case get = "GET"
      case head = "HEAD"
      case post = "POST"
      case put = "PUT"
      case delete = "DELETE"
      case patch = "PATCH"
    }

    /// The verb.
    public let method: Method
    /// The URL relative to the base of the server, as written.
    public let url: String
    /// The version that an update expects, an entity tag such as `W/"3"`.
    public let ifMatch: String?
    /// An entity tag or `*`, as in the header of that name.
    public let ifNoneMatch: String?
    /// The search of a conditional create, without a question mark.
    public let ifNoneExist: String?
    /// The text of an instant, unchecked.
    public let ifModifiedSince: String?

    /// A request that does not come from a Bundle.
    public init(
      method: Method, url: String, ifMatch: String? = nil, ifNoneMatch: String? = nil,
      ifNoneExist: String? = nil, ifModifiedSince: String? = nil
    ) {
      self.method = method
      self.url = url
      self.ifMatch = ifMatch
      self.ifNoneMatch = ifNoneMatch
      self.ifNoneExist = ifNoneExist
      self.ifModifiedSince = ifModifiedSince
    }
  }

  /// What the entry is known by inside its Bundle, nil where it has none.
  ///
  /// - Throws: `invalid` where it is no string or neither a URL nor a URN.
  public var fullUrl: String? {
    get throws(PeerChartError) {
      guard let url = try value.checkedString("fullUrl") else { return nil }
      switch ReferenceForm(url) {
      case .absolute, .urn: return url
      default:
        throw PeerChartError(
          .invalid, "fullUrl must be an absolute URL or a URN", place: value.place(of: "fullUrl"))
      }
    }
  }

  /// The resource, which shares the document; nil where the entry has none.
  ///
  /// - Throws: what `Resource` throws.
  public var resource: Resource? {
    get throws(PeerChartError) {
      try checkObject()
      guard let resource = value["resource"] else { return nil }
      return try Resource(resource)
    }
  }

  /// The request; nil where the entry has none.
  ///
  /// - Throws: `invalid` where the method is no verb of FHIR, the URL is missing or empty, or a
  ///   header is no string.
  public var request: Request? {
    get throws(PeerChartError) {
      try checkObject()
      guard let request = value["request"] else { return nil }
      guard let method = Request.Method(rawValue: try request.checkedString("method") ?? "") else {
        throw PeerChartError(
          .invalid, "method must be GET, HEAD, POST, PUT, DELETE or PATCH",
          place: request.place(of: "method"))
      }
      guard let url = try request.checkedString("url"), !url.isEmpty else {
        throw PeerChartError(.invalid, "url is missing", place: request.place(of: "url"))
      }
      return Request(
        method: method, url: url, ifMatch: try request.checkedString("ifMatch"),
        ifNoneMatch: try request.checkedString("ifNoneMatch"),
        ifNoneExist: try request.checkedString("ifNoneExist"),
        ifModifiedSince: try request.checkedString("ifModifiedSince"))
    }
  }

  /// `search.mode` of a searchset: match, include or outcome.
  public var searchMode: String? { value["search"]?["mode"]?.string }

  /// `response` of a batch-response, transaction-response or history, unchecked.
  public var response: JSONValue? { value["response"] }

  /// `Bundle.entry[17]`.
  public var pointer: String { value.pointer }

  private func checkObject() throws(PeerChartError) {
    guard value.kind == .object else {
      throw PeerChartError(.invalid, "an entry must be an object", place: value.pointer)
    }
  }
}

extension JSONValue {
  /// The place of a member, whether it is there or not.
  func place(of name: String) -> String { "\(pointer).\(name)" }

  /// A member that has to be a string if it is there.
  func checkedString(_ name: String) throws(PeerChartError) -> String? {
    guard let member = self[name] else { return nil }
    guard let text = member.string else {
      throw PeerChartError(.invalid, "\(name) must be a string", place: place(of: name))
    }
    return text
  }
}
