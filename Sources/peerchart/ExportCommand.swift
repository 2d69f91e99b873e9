import ArgumentParser
import Exchange
import FHIR
import Foundation
import Node
import Primitives

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Give back records as they were stored.",
    discussion: """
      Every resource comes back byte for byte as it was stored. With --output the file appears when \
      it is whole, readable by you only. The export is on record in the log, patient by patient.

      Examples:
        peerchart export --all --output everything.ndjson
        peerchart export --patient 9c1f… --format bundle > chart.json
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case ndjson, bundle }

  @OptionGroup var node: NodeOptions
  @Flag(help: "Everything that the node keeps.") var all = false
  @Option(help: ArgumentHelp("One patient's chart.", valueName: "id")) var patient: String?
  @Option(help: "ndjson: one resource on a line. bundle: one FHIR collection Bundle.")
  var format: Format = .ndjson
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"))
  var output: String?
  @Flag(help: "Print JSON about the export for programs; needs --output.") var json = false

  func validate() throws {
    guard all != (patient != nil) else {
      throw ValidationError("name what to export: either --all or --patient ID")
    }
    guard !json || (output != nil && output != "-") else {
      throw ValidationError("--json tells about an export that goes elsewhere; give --output FILE")
    }
  }

  func run() async throws {
    let file = try output.flatMap { $0 == "-" ? nil : try NewFile($0) }
    let progress = Progress("resources")
    let result = try await node.withNode { node in
      defer { progress.finish() }
      return try await export(from: node.exchange, progress) { bytes in
        if let file { try file.write(bytes) } else { try StandardOutput.write(bytes) }
      }
    }
    try file?.commit()
    if json {
      try StandardOutput.json(["records": result.records, "destroyed": result.destroyed])
    } else if result.destroyed > 0 {
      StandardError.line(
        "\(result.destroyed) charts are not in it: their keys were destroyed")
    }
  }

  private func export(
    from exchange: Exchange, _ progress: Progress, to write: ([UInt8]) throws -> Void
  ) async throws -> (records: Int, destroyed: Int) {
    let scope = patient.map(ExportScope.patient) ?? .all
    let caller = exchange.nodeOperator()
    switch format {
    case .ndjson:
      return try await exchange.export(scope, as: caller) { resources in
        try write(resources.flatMap { Self.line($0.json) })
        progress.add(resources.count)
      }
    case .bundle:
      var writer = BundleWriter(.collection, timestamp: SystemClock().now())
      try write(writer.opening)
      let result = try await exchange.export(scope, as: caller) { resources in
        try write(
          resources.flatMap {
            writer.entry(fullUrl: "urn:peerchart:\($0.type)/\($0.id)", resource: $0.json)
          })
        progress.add(resources.count)
      }
      try write(writer.closing + [UInt8(ascii: "\n")])
      return result
    }
  }

  /// A resource as one line: line ends, which in JSON stand between tokens only, become blanks.
  private static func line(_ json: [UInt8]) -> [UInt8] {
    json.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } + [0x0A]
  }
}
