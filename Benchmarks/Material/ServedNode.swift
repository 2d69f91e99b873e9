import Consent
import Exchange
import Foundation
import Identity
import Node
import Primitives

/// A node that was filled by this process and is now closed, to be served by the program itself: with what
/// a client needs, and the records to ask for.
struct ServedNode {
  /// A record and its bytes as they are released.
  struct Record {
    let path: String
    let json: [UInt8]
  }

  let folder: TemporaryFolder
  let dataFolder: String
  /// How many resources the store holds.
  let resources: Int
  let patients: [String]
  let records: [Record]
  /// A bearer token for reading and searching.
  let token: String
  /// The certificate chain of the node and its key, in PEM.
  let certificate: String
  let key: String

  /// Takes what is needed out of an open node, and closes it.
  ///
  /// - Parameter sample: how many records to ask for, from charts all over the store.
  init(
    closing node: PeerChartNode, in folder: TemporaryFolder, resources: Int, patients: [String],
    sample: Int = 1000
  ) async throws {
    let exchange = node.exchange
    self.folder = folder
    self.resources = resources
    self.patients = patients
    dataFolder = node.folder.path
    token = try await exchange.issueToken(
      try Self.tokenRequest, as: exchange.nodeOperator())
    var records: [Record] = []
    let charts = min(patients.count, sample / 20)
    for number in 0..<charts {
      let page = try await exchange.search(
        "Observation",
        query: [("patient", patients[number * patients.count / charts]), ("_count", "20")],
        strict: true, as: exchange.nodeOperator())
      records += page.resources.map { Record(path: "/fhir/\($0.type)/\($0.id)", json: $0.json) }
    }
    guard !records.isEmpty else { throw BenchFailure("there is nothing to read") }
    self.records = records
    let identity = try exchange.tlsIdentity(hosts: [])
    certificate = identity.certificateChain.map { der in
      "-----BEGIN CERTIFICATE-----\n"
        + Data(der).base64EncodedString(options: .lineLength64Characters)
        + "\n-----END CERTIFICATE-----\n"
    }.joined()
    key = identity.privateKeyPEM.exposed
    await node.close()
  }

  /// For reading and searching everything.
  static var tokenRequest: TokenRequest {
    get throws {
      TokenRequest(
        scope: try ScopeSet(parsing: "system/*.rs"), role: .system, name: "bench",
        purpose: .systemAdministration, treats: [], lifetime: 86_400)
    }
  }

  var sizeText: String { FigureTable.text(Double(resources)) }

  func start() throws -> RunningServer {
    try RunningServer(try Programs.peerchart, dataFolder: dataFolder)
  }

  /// One read, to see that it works.
  func read(from server: RunningServer) throws {
    guard let record = records.first else { return }
    let answer = try server.get(record.path, token: token, in: folder)
    guard answer.status == 200, answer.bytes == record.json.count else {
      throw BenchFailure("a read came back as \(answer.status)")
    }
  }
}
