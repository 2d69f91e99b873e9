import Audit
import Consent
import FHIR
import Foundation
import Identity
import Primitives
import Synchronization

extension Exchange {
  /// Says how other nodes are reached for what people here look at.
  public func reachPeers(by transport: any PeerTransport) {
    peerTransport.withLock { $0 = transport }
  }

  /// What a patient of another node has opened to this one.
  ///
  /// - Parameter requestID: the request that the patient granted.
  /// - Throws: `forbidden` where it is not open to the caller, or not any more; `not-found`.
  public func sharedChart(_ requestID: String, as caller: Caller) async throws -> SharedChart {
    try await store.read { [self] snapshot in
      try opened(requestID, Reading(self, snapshot, caller)).chart
    }
  }

  /// One page of such a chart, read from the other node at this moment and kept nowhere. It stands in the
  /// logs of both nodes.
  ///
  /// - Throws: `forbidden` where the other node refuses, `unreachable` where it does not answer.
  public func readShared(
    _ requestID: String, _ question: ChartQuestion, cursor: String? = nil, count: Int = 50,
    as caller: Caller
  ) async throws -> ChartPage {
    let opened = try await opened(requestID, caller)
    let asked = question.narrowed(to: opened.types)
    guard asked.types?.isEmpty == false else {
      throw PeerChartError(.forbidden, "records of this kind were not opened to you")
    }
    var pairs = asked.pairs + [("_count", String(count))]
    if let cursor { pairs.append(("_cursor", cursor)) }
    let path =
      "/fhir/Patient/\(opened.patient)/$chart?"
      + pairs.map { "\($0.0)=\(Self.escaped($0.1))" }.joined(separator: "&")
    let body = try await fetch(path, opened, caller)
    // What was not asked for is not shown, whatever comes.
    let page = try ChartPage(parsing: body).filtered { type, record in
      asked.types?.contains(type) ?? false && opened.isAbout(record)
    }
    let query = asked.pairs.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    return try await show(page, page.records, "$chart?\(query)", requestID, caller)
  }

  /// One record of such a chart; as above.
  public func readShared(
    _ requestID: String, _ type: String, id: String, as caller: Caller
  ) async throws -> ChartRecord {
    try Self.checkAddress(type, id)
    let opened = try await opened(requestID, caller)
    let body = try await fetch("/fhir/\(type)/\(id)", opened, caller)
    let record = try ChartRecord(parsing: body)
    guard record.type == type, record.id == id, opened.isAbout(record),
      opened.types.contains(RecordType(of: try Resource(parsing: body)))
    else { throw PeerChartError(.forbidden, "this record was not opened to you") }
    return try await show(record, [record], "\(type)/\(id)", requestID, caller)
  }

  private func opened(_ requestID: String, _ caller: Caller) async throws -> OpenedChart {
    try await store.read { [self] snapshot in
      try opened(requestID, Reading(self, snapshot, caller))
    }
  }

  /// - Throws: `forbidden`, `unreachable`.
  private func fetch(_ path: String, _ opened: OpenedChart, _ caller: Caller) async throws
    -> [UInt8]
  {
    guard let transport = peerTransport.withLock({ $0 }) else {
      throw PeerChartError(.unreachable, "this program does not reach other nodes")
    }
    let reply = try await transport.get(
      path, purpose: opened.chart.purpose,
      person: "\(caller.name.exposed), \(caller.role.rawValue)", from: opened.peer.endpoint())
    switch reply.status {
    case 200: return reply.body
    case 408, 425, 429, 500...:
      throw PeerChartError(.unreachable, "the other node cannot answer at the moment")
    default:
      var draft = EventDraft(kind: .peerRefused, action: .read)
      draft.detail = opened.detail(status: reply.status)
      try await pass { [self, draft] snapshot in
        Passage(
          outcome: .success(()), entries: [try entry(draft, Reading(self, snapshot, caller))])
      }
      throw PeerChartError(.forbidden, "the other node does not open this any more")
    }
  }

  /// Hands out what came, once it is on the log, unless the access has ended meanwhile.
  private func show<Value: Sendable>(
    _ value: Value, _ records: [ChartRecord], _ query: String, _ requestID: String,
    _ caller: Caller
  ) async throws -> Value {
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      let opened = try opened(requestID, reading)
      // The patient's id is the other node's; there may be another patient of that id here, to whose log
      // this does not belong.
      var draft = EventDraft(kind: .read, action: .read)
      draft.entities = records.map { "\($0.type)/\($0.id)/_history/\($0.version)" }
      for record in records {
        let type = (try? Resource(parsing: record.json)).map { RecordType(of: $0) } ?? .other
        draft.counts[type.rawValue, default: 0] += 1
      }
      draft.detail = opened.detail(status: 200)
      draft.detail["query"] = query
      return Passage(outcome: .success(value), entries: [try entry(draft, reading)])
    }
  }

  private static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        String(UnicodeScalar(byte))
      default: "%" + Hex.encode([byte]).uppercased()
      }
    }.joined()
  }
}

extension OpenedChart {
  fileprivate func detail(status: Int) -> [String: String] {
    [
      "peer": peer.node, "request": chart.request, "patient": patient,
      "purpose": chart.purpose, "status": String(status),
    ]
  }

  fileprivate func isAbout(_ record: ChartRecord) -> Bool {
    guard let resource = try? Resource(parsing: record.json) else { return false }
    return PatientCompartment.patients(of: resource).contains { $0.id == patient }
  }
}
