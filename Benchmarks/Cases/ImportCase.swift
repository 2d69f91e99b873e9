import Exchange
import Foundation
import Identity
import Node
import Primitives

/// How fast charts come in, through the door: decided about, indexed, sealed, logged, durable.
struct ImportCase {
  static let target = 2000.0
  static let targetOnPostgreSQL = 1500.0

  let charts: Charts
  /// How many resources to import at least.
  let resources: Int
  let folder: TemporaryFolder
  /// Where the records go, if not into the folder.
  var database = DatabaseOptions()

  /// What was imported, and into what.
  struct Outcome {
    let node: PeerChartNode
    let figures: [Figure]
    let patients: [String]
    let resources: Int
    /// Bytes of the resources as JSON.
    let json: Int
  }

  func run() async throws -> Outcome {
    let path = folder.file("node")
    let node = try await PeerChartNode.initialize(
      DataFolder(path), name: "Benchmark", kind: .organization, protection: .file,
      database: database)
    let exchange = node.exchange
    for bundle in charts.shared { _ = try await load(bundle, exchange) }

    var rates = Samples()
    var total = Cost(wall: 0, processor: 0)
    var stored = 0
    var bytes = 0
    var plan: [Charts.Bundle] = []
    var patients: Set<String> = []
    while stored < resources {
      for bundle in charts.patients where stored < resources {
        let (report, cost) = try await Cost.of { try await load(bundle.bytes, exchange) }
        total.wall += cost.wall
        total.processor += cost.processor
        stored += report.stored
        bytes += bundle.bytes.count
        patients.formUnion(report.patients)
        plan.append(bundle)
        rates.add(Double(report.stored) / cost.processor)
      }
    }
    let (bare, json) = try bareSQLite(plan)
    let note =
      "\(charts.source): \(FigureTable.text(Double(stored))) resources, "
      + "\(FigureTable.text(Double(bytes) / 1e6)) MB of JSON in \(plan.count) transactions"
    if database.url != nil {
      let peer = Figure.Peer(name: "bare SQLite", value: Double(stored) / bare.wall)
      let figure = Figure(
        name: "import on PostgreSQL, on the clock", value: Double(stored) / total.wall,
        unit: "resources/s", target: Figure.atLeast(Self.targetOnPostgreSQL), peer: peer,
        note: note + "; the server on the same machine, syncing; of a second our program works "
          + "\(FigureTable.text(total.processor / total.wall)) s, the server most of the rest")
      return Outcome(
        node: node, figures: [figure], patients: patients.sorted(), resources: stored,
        json: json)
    }
    let figures = [
      Figure(
        name: "import, one core busy (processor time)", value: Double(stored) / total.processor,
        unit: "resources/s", target: Figure.atLeast(Self.target),
        peer: Figure.Peer(name: "bare SQLite", value: Double(stored) / bare.processor), note: note),
      Figure(
        name: "import, on the clock", value: Double(stored) / total.wall, unit: "resources/s",
        target: Figure.atLeast(Self.target),
        peer: Figure.Peer(name: "bare SQLite", value: Double(stored) / bare.wall)),
      Figure(
        name: "import, JSON a second of processor", value: Double(bytes) / 1e6 / total.processor,
        unit: "MB/s"),
    ]
    return Outcome(
      node: node, figures: figures, patients: patients.sorted(), resources: stored,
      json: json)
  }

  private func load(_ bundle: [UInt8], _ exchange: Exchange) async throws -> ImportReport {
    let report = try await exchange.importJSON(
      bundle, unresolved: .refuse, as: exchange.nodeOperator()
    ) { _ in }
    if let fault = report.faults.first {
      throw BenchFailure("an import was refused: \(fault.reason) (\(fault.place ?? ""))")
    }
    return report
  }

  /// The same resources into bare SQLite with the same number of commits.
  private func bareSQLite(_ plan: [Charts.Bundle]) throws -> (Cost, json: Int) {
    let database = try BareSQLite(path: folder.file("bare.sqlite"))
    defer { try? FileManager.default.removeItem(atPath: folder.file("bare.sqlite")) }
    var total = Cost(wall: 0, processor: 0)
    var json = 0
    for bundle in plan {
      // Taking the bundle apart is not SQLite's work.
      let bodies = try charts.resources(of: bundle)
      json += bodies.reduce(0) { $0 + $1.count }
      let clock = ContinuousClock()
      let (start, used) = (clock.now, Cost.processorTime)
      try database.commit(bodies)
      total.wall += (clock.now - start).seconds
      total.processor += Cost.processorTime - used
    }
    return (total, json)
  }
}
