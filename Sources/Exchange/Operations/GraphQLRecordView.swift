import Consent
import FHIR
import Identity
import Primitives

/// The records of one snapshot as a GraphQL request of one caller finds them. It remembers what it has
/// handed out, for the log.
final class GraphQLRecordView: GraphQLRecords {
  let reading: Reading
  let search: SearchView
  private var read: [ReferenceTarget: (FoundRecord, Resource)?] = [:]
  private var searched: [ReferenceTarget: FoundRecord] = [:]
  /// What was asked, in words of the REST API.
  private var questions: [String] = []
  private var refusals: [PreparedEntry] = []
  private var workLeft = GraphQLLimits().records

  private static let mostListed = 50

  init(_ reading: Reading) {
    self.reading = reading
    search = SearchView(reading)
  }

  /// What is an error of the request, not of this node.
  static func isTold(_ error: PeerChartError) -> Bool {
    switch error.code {
    case .malformed, .invalid, .notFound, .forbidden, .gone, .tooLarge, .tooCostly, .notSupported:
      true
    default: false
    }
  }

  func read(_ type: String, id: String) throws -> Resource {
    try Exchange.checkAddress(type, id)
    let target = ReferenceTarget(type: type, id: id)
    ask("\(type)/\(id)")
    if let known = read[target], let (_, resource) = known { return resource }
    try reading.caller.requireReach(.read, type)
    guard
      let row = try reading.snapshot.newestVersion(of: reading.exchange.keys.recordKey(type, id))
    else { throw try refused(.absent(type: type, id: id)) }
    guard let found = try reading.visible(row, for: .read, scope: .read, type: type) else {
      throw try refusedToRead(row, target)
    }
    guard !row.isDeleted else {
      handOut(found)
      throw PeerChartError(.gone, "this record was deleted")
    }
    let resource = try found.resource()
    read[target] = (found, resource)
    try chargeWork(found)
    return resource
  }

  /// Why a record that is there is not for the caller.
  private func refusedToRead(_ row: VersionRow, _ target: ReferenceTarget) throws -> PeerChartError
  {
    do {
      let record = try reading.open(row)
      if case .deny(let reasons) = try reading.decide(record, action: .read) {
        return try refused(.record(record, reasons))
      }
    } catch let error as PeerChartError where error.code == .chartDestroyed {
      // Nobody learns more of it than that there is nothing.
    }
    return try refused(.absent(type: target.type, id: target.id))
  }

  func resource(_ target: ReferenceTarget) throws -> Resource? {
    if let known = read[target] { return known?.1 }
    guard let found = try reading.readable(target) else {
      read[target] = .some(nil)
      return nil
    }
    try chargeWork(found)
    let resource = try found.resource()
    read[target] = (found, resource)
    return resource
  }

  // MARK: What is handed out

  func ask(_ question: String) { questions.append(question) }

  func handOut(_ found: FoundRecord) { searched[found.target] = found }

  /// Charges for a record that the caller may see; others are not told by what a request costs.
  func chargeWork(_ found: FoundRecord) throws {
    workLeft -= 1 + found.record.byteCount / 4096
    guard workLeft >= 0 else {
      throw PeerChartError(
        .tooCostly, "this would look at more records than one request may: narrow it")
    }
  }

  /// Puts a refusal on the log, and gives what the caller is told of it.
  func refused(_ cause: RefusalCause, action: ConsentAction = .read) throws -> PeerChartError {
    let passage: Passage<Void> = try reading.exchange.refusal(reading, cause, action: action)
    refusals += passage.entries
    guard case .failure(let error) = passage.outcome else {
      throw PeerChartError(.integrity, "a refusal is none")
    }
    return error
  }

  /// Adds what the log has to say of the answer.
  func record(in passage: inout Passage<GraphQLAnswer>) throws {
    passage.guards = reading.guards
    let listed = questions.prefix(Self.mostListed).joined(separator: "; ")
    let rest = questions.count - min(questions.count, Self.mostListed)
    let text = "$graphql: \(listed)" + (rest > 0 ? "; and \(rest) more" : "")
    let reads = read.values.compactMap { $0?.0 }.sorted(by: Self.precedes)
    let finds = searched.values.sorted(by: Self.precedes)
    for (found, action) in [(reads, ConsentAction.read), (finds, .search)] where !found.isEmpty {
      try passage.disclose(
        found.map(\.record), under: found.map(\.permits), action, reading, query: text)
    }
    if reads.isEmpty, finds.isEmpty, refusals.isEmpty {
      try passage.disclose([], asked: text, of: nil, .search, reading)
    }
    // A grant that both a read and a search rest on is used once.
    passage.uses = Array(Set(passage.uses))
    passage.entries += refusals
  }

  private static func precedes(_ a: FoundRecord, _ b: FoundRecord) -> Bool {
    (a.record.type, a.record.id) < (b.record.type, b.record.id)
  }
}
