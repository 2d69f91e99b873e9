import ArgumentParser
import Consent
import Exchange
import Foundation
import Identity
import Node

/// `make bench`: what this program does in a second, each figure beside a limit or a peer that is
/// measured in the same run on the same machine.
@main
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peerchart-bench",
    abstract: "Measures, each figure beside its limit or its peer in the same run.",
    subcommands: [Run.self, SecSeal.self, SecOpen.self], defaultSubcommand: Run.self)
}

/// What can be measured by itself.
enum BenchPart: String, CaseIterable, ExpressibleByArgument {
  case `import`, postgresql, read, token, everything, export, server, search, sec, verify, append,
    log, consent, parts, portal
}

/// Runs the measurements.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(shouldDisplay: false)

  @Option(help: "Only these parts: \(BenchPart.allCases.map(\.rawValue).joined(separator: ", ")).")
  var only: [BenchPart] = []

  @Option(help: "How many resources to import at least; a start is measured on top of them.")
  var resources = 50_000

  @Option(help: "How many resources the large store of the searches holds.")
  var large = 200_000

  @Flag(help: "Search in a store of 1,000,000 resources: minutes, and 2 GB of disk.")
  var million = false

  @Option(
    help:
      "How many entries the large log holds that proofs are taken from: a minute, and 1 GB of disk."
  )
  var logEntries = 10_000_000

  @Option(help: "Size of the .sec document, in MiB.")
  var secSize = 1024

  @Option(help: "Seconds for each measurement that repeats itself.")
  var span = 3.0

  @Option(help: "Where to put temporary files; the figures depend on the disk below.")
  var folder = FileManager.default.temporaryDirectory.path

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func run() async throws {
    let report = BenchReport(machine: try Machine(folder: folder), asJSON: json)
    if wants(.consent) { report.add(try ConsentCase(span: span / 3).run()) }
    if wants(.append) {
      let scratch = try TemporaryFolder(in: folder)
      report.add(try await AppendCase(folder: scratch, span: span).run())
    }
    if wants(.log) {
      let scratch = try TemporaryFolder(in: folder)
      report.add(
        try await LogCase(folder: scratch, entries: max(1000, logEntries), span: span).run())
    }
    if [.import, .read, .token, .everything, .export, .server].contains(where: wants) {
      try await charts(report)
    }
    if wants(.postgresql) { try await postgreSQL(report) }
    if wants(.search) {
      let size = million ? 1_000_000 : large
      report.add(
        try await SearchCase(small: 50_000, large: size, folder: folder, span: span).run())
    }
    if wants(.sec) {
      let place = SecCase.place(for: secSize << 20, otherwise: folder)
      report.add(
        try await SecCase(folder: TemporaryFolder(in: place), bytes: secSize << 20).run())
    }
    if wants(.verify) {
      report.add(try await VerificationCase(folder: TemporaryFolder(in: folder), span: span).run())
    }
    if wants(.parts) { report.add(try PartsCase(charts: Charts(), span: span / 6).run()) }
    if wants(.portal) {
      report.add(try await PortalCase(folder: TemporaryFolder(in: folder), span: span).run())
    }
    try report.finish()
  }

  private func wants(_ part: BenchPart) -> Bool { only.isEmpty || only.contains(part) }

  /// The same import into a node whose records are in PostgreSQL, on the server that Scripts/bench
  /// starts.
  private func postgreSQL(_ report: BenchReport) async throws {
    guard let url = ProcessInfo.processInfo.environment["PEERCHART_BENCH_POSTGRESQL"] else {
      guard only.contains(.postgresql) else { return }
      throw BenchFailure("name a PostgreSQL database in PEERCHART_BENCH_POSTGRESQL")
    }
    let scratch = try TemporaryFolder(in: folder)
    let imported = try await ImportCase(
      charts: Charts(), resources: min(resources, 20_000), folder: scratch,
      database: DatabaseOptions(url: url)
    ).run()
    await imported.node.close()
    report.add(imported.figures)
    report.add(
      try SizeCase(resources: imported.resources, json: imported.json).postgreSQL(url, in: scratch))
  }

  /// What needs a node with charts in it.
  private func charts(_ report: BenchReport) async throws {
    let scratch = try TemporaryFolder(in: folder)
    let imported = try await ImportCase(
      charts: Charts(), resources: resources, folder: scratch
    ).run()
    report.add(imported.figures)
    if wants(.import) {
      // Before the reads, which leave entries in the log.
      let size = SizeCase(resources: imported.resources, json: imported.json)
      report.add(try size.sqlite(imported.node.folder.path + "/store/node.sqlite"))
    }
    if wants(.read) {
      report.add(
        try await ReadCase(node: imported.node, patients: imported.patients, span: span).run())
    }
    let served = try await ServedNode(
      closing: imported.node, in: scratch, resources: imported.resources,
      patients: imported.patients)
    if wants(.read) { report.add(try ServedReadCase(served: served, span: span).run()) }
    if wants(.token) { report.add(try await TokenCase(served: served, span: span).run()) }
    let exported = ExportCase(served: served, span: span)
    if wants(.everything) { report.add(try exported.everything()) }
    if wants(.export) { report.add(try exported.export()) }
    if wants(.server) { report.add(try ServerCase(served: served).run()) }
  }
}
