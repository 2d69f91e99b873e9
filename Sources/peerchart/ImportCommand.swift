public import ArgumentParser
import Exchange
import Node
import Primitives

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Store FHIR resources from files.",
    discussion: """
      Takes Bundles (a transaction is all or nothing), single resources, and NDJSON with one \
      resource on a line; - reads standard input. Says for each file what was stored and what was \
      refused, why and where. Importing a second time changes nothing where the resources have ids \
      of their own. The exit status is 1 when anything was refused.

      References such as Practitioner?identifier=… must match something that is here already: \
      import the bundles with organizations and practitioners first, or keep them as logical \
      references with --unresolved keep.

      Examples:
        peerchart import organizations.json patient.json
        gunzip -c all.ndjson.gz | peerchart import -
      """)

  @OptionGroup var node: NodeOptions
  @Argument(help: ArgumentHelp("The files, in the order to import them.", valueName: "file"))
  var files: [String]
  @Option(help: "What to do with a conditional reference that matches nothing: refuse or keep.")
  var unresolved: UnresolvedReferences = .refuse
  @Flag(help: "Print JSON for programs.") var json = false

  func run() async throws {
    let reports = try await node.withNode { node in
      let importer = FileImporter(
        exchange: node.exchange, unresolved: unresolved, progress: Progress("resources"))
      defer { importer.progress.finish() }
      var reports: [FileReport] = []
      for file in files {
        let report = try await importer.report(on: file)
        if !json { try report.print(above: importer.progress) }
        reports.append(report)
      }
      return reports
    }
    if json { try StandardOutput.json(["files": reports]) }
    guard reports.allSatisfy({ $0.refused == 0 }) else { throw ExitCode.failure }
  }
}

extension UnresolvedReferences: ExpressibleByArgument {}
