import Consent
import FHIR
import Identity
import Primitives

extension GraphQLRecordView {
  /// A match, by its place in the order of the search.
  private struct Match {
    let position: SearchPosition
    let found: FoundRecord
  }

  func page(_ search: GraphQLSearch) throws -> GraphQLPage {
    let exchange = reading.exchange
    var start: SearchPosition?
    var parameters = search.parameters
    if let cursor = search.cursor {
      (parameters, start) = try exchange.openConnectionCursor(
        cursor, search.type, reading.caller)
    }
    try reading.caller.requireReach(.search, search.type)
    let query = try SearchQuery(type: search.type, parameters: parameters)
    let asked =
      "\(search.type)?" + parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    ask(asked)
    guard reading.caller.purpose != nil else {
      throw try refused(.request(patient: nil, [Reason(.purposeMismatch)]), action: .search)
    }
    guard start.map({ $0.values.count == query.options.sort.count }) ?? true else {
      throw PeerChartError(.invalid, "this cursor is not of this connection; start without it")
    }
    let matches = try matches(query)
    if matches.isEmpty, let denial = try exchange.wholeDenial([query], reading) {
      throw try refused(.request(patient: query.patients?.first, denial), action: .search)
    }
    let size = try max(1, exchange.pageSize(query.count))
    if search.isList {
      guard query.count != nil || matches.count <= exchange.limits.pageSize else {
        throw PeerChartError(
          .tooCostly, "there are more matches than a list may have: ask for a Connection")
      }
      let shown = query.count == nil ? matches[...] : matches.prefix(size)
      return try hand(out: shown, of: matches.count, offset: 0, size: size)
    }
    let offset =
      start.map { start in
        matches.firstIndex { start.precedes($0.position, query.options.sort) } ?? matches.count
      } ?? 0
    let shown = matches.dropFirst(offset).prefix(size)
    var page = try hand(out: shown, of: matches.count, offset: offset, size: size)
    func cursor(before index: Int) throws -> String {
      try exchange.sealConnectionCursor(
        parameters, after: index > 0 ? matches[index - 1].position : nil, search.type,
        reading.caller)
    }
    page.first = try cursor(before: 0)
    if offset > 0 { page.previous = try cursor(before: max(0, offset - size)) }
    let behind = offset + shown.count
    if behind < matches.count { page.next = try cursor(before: behind) }
    page.last = try cursor(before: max(0, (matches.count - 1) / size * size))
    return page
  }

  private func hand(
    out shown: ArraySlice<Match>, of count: Int, offset: Int, size: Int
  ) throws -> GraphQLPage {
    let resources = try shown.map { match in
      handOut(match.found)
      return try match.found.resource()
    }
    return GraphQLPage(resources: resources, count: count, offset: offset, pageSize: size)
  }

  /// All that the caller may find, in order.
  private func matches(_ query: SearchQuery) throws -> [Match] {
    let keys = query.options.sort
    var matches: [Match] = []
    let verifier = SearchVerifier(query)
    var rows = search.rows(of: try search.plan(query).candidates(in: reading.snapshot))
    while let (entry, row) = try rows.next() {
      guard let found = try search.record(row, of: query.resourceType),
        try found.record.matches(verifier, following: search)
      else { continue }
      try chargeWork(found)
      var position = SearchPosition(entry: entry)
      if !keys.isEmpty {
        let resource = try found.resource()
        position.values = keys.map { $0.value(of: resource) }
      }
      matches.append(Match(position: position, found: found))
    }
    if !keys.isEmpty { matches.sort { $0.position.precedes($1.position, keys) } }
    return matches
  }
}
