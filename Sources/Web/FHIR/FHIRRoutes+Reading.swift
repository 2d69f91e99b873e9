import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// read and vread (R4 3.1.0.2, 3.1.0.3), conditional by `If-None-Match`.
  func read(
    _ type: String, _ id: String, version: Int64? = nil, _ query: QueryString,
    _ incoming: Incoming
  ) async throws -> Response {
    let subsetting: Set<String> = ["_summary", "_elements"]
    try refuseParameters(query.without(subsetting), incoming)
    let subset =
      try query.pairs.isEmpty
      ? nil : Self.subset(type, query.pairs.filter { subsetting.contains($0.0) })
    let caller = try await authenticator.caller(of: incoming)
    var resource =
      if let version {
        try await exchange.read(type, id: id, version: version, as: caller)
      } else {
        try await exchange.read(type, id: id, as: caller)
      }
    if let subset { resource = try resource.reduced(to: subset) }
    let fields = Self.freshness(resource)
    // Whoever learns that nothing has changed has read the record, so this comes after the release.
    if let known = incoming.request.headers[.ifNoneMatch],
      EntityTag.matches(ifNoneMatch: known, version: resource.version)
    {
      return Answer.empty(.notModified, fields: fields)
    }
    return Answer.json(resource.json, type: MediaTypes.fhir, fields: fields)
  }

  private static func subset(_ type: String, _ parameters: [(String, String)]) throws
    -> ResourceSubset?
  {
    let options = try SearchQuery(
      type: ResourceType.isKnown(type) ? type : "Basic",
      parameters: parameters.map { (name: $0.0, value: $0.1) }
    ).options
    return ResourceSubset(options.summary, elements: options.elements)
  }

  /// history of one resource (R4 3.1.0.11).
  func history(
    _ type: String, _ id: String, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    try refuseParameters(query.without(["_count", "_cursor"]), incoming)
    let base = try incoming.baseURL()
    let caller = try await authenticator.caller(of: incoming)
    let page = try await exchange.history(
      type, id: id, cursor: query.values("_cursor").first, count: count(query), as: caller)
    let links = PageLinks.links(
      "\(type)/\(id)/_history", base: base, query: query, next: page.next)
    return Answer.bundle(
      BundleWriter(.history, total: page.total, links: links), page.resources, size: \.json.count
    ) { $0.entry(version: $1, base: base) }
  }

  /// history of a type or of everything (R4 3.1.0.11).
  func changes(_ type: String?, _ query: QueryString, _ incoming: Incoming) async throws -> Response
  {
    try refuseParameters(query.without(["_count", "_cursor", "_since"]), incoming)
    let since = try OperationParameters(pairs: query.pairs).instant("_since")
    let base = try incoming.baseURL()
    let caller = try await authenticator.caller(of: incoming)
    let page = try await exchange.history(
      type, since: since, cursor: query.values("_cursor").first, count: count(query),
      query: query.pairs, as: caller)
    let path = type.map { "\($0)/_history" } ?? "_history"
    let links = PageLinks.links(path, base: base, query: query, next: page.next)
    return Answer.bundle(
      BundleWriter(.history, total: page.total, links: links), page.resources, size: \.json.count
    ) { $0.entry(version: $1, base: base) }
  }

  private func count(_ query: QueryString) throws(PeerChartError) -> Int? {
    try OperationParameters(pairs: query.pairs).number("_count")
  }

  /// search by GET (R4 3.1.0.9), of one type or all, and in a compartment.
  func search(
    _ place: SearchPlace, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    let caller = try await authenticator.caller(of: incoming)
    return try await search(place, query, caller, incoming)
  }

  /// search by POST, so that what is searched for stands in no log of an address.
  func searchByForm(
    _ place: SearchPlace, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    try MediaTypes.checkForm(incoming.field(.contentType))
    let caller = try await authenticator.caller(of: incoming)
    let body = try await BodyReader.read(incoming, limit: 1 << 20)
    guard let text = String(validating: body, as: UTF8.self) else {
      throw PeerChartError(.malformed, "the form is no UTF-8 text", place: "body")
    }
    let form = try QueryString(parsing: text)
    let all = query.adding(Self.content(form))
    return try await search(place, all, caller, incoming)
  }

  private func search(
    _ place: SearchPlace, _ query: QueryString, _ caller: Caller, _ incoming: Incoming
  ) async throws -> Response {
    let page = try await exchange.search(
      place, query: query.pairs, strict: preference(incoming).isStrict, as: caller)
    return try found(page, at: place.path, page.used.map { ($0.name, $0.value) }, incoming)
  }

  /// A page of results as a Bundle.
  func found(
    _ page: ResourcePage, at path: String, _ query: [(String, String)], _ incoming: Incoming
  ) throws -> Response {
    let base = try incoming.baseURL()
    let links = PageLinks.links(path, base: base, query: QueryString(query), next: page.next)
    let entries = page.resources.map { ($0, "match") } + page.included.map { ($0, "include") }
    return Answer.bundle(
      BundleWriter(.searchset, total: page.total, links: links), entries, size: { $0.0.json.count },
      entry: { $0.entry(found: $1.0, mode: $1.1, base: base) })
  }

  /// Parameters such as `_elements` ask for less than everything. Giving everything instead would
  /// disclose more than was asked for, so they are refused unless the caller is lenient.
  private func refuseParameters(_ query: QueryString, _ incoming: Incoming) throws {
    guard !query.pairs.isEmpty, preference(incoming).isStrict else { return }
    throw PeerChartError(.invalid, "there is a parameter that is not offered here")
  }

  static func freshness(_ resource: ReleasedResource) -> HTTPFields {
    [
      .eTag: EntityTag.text(resource.version), .lastModified: HTTPDate.text(resource.lastUpdated),
    ]
  }
}
