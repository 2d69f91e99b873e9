import ArgumentParser
import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Node
import Primitives

/// `peerchart demo`
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show two nodes share a chart under consent.",
    discussion: """
      Makes a household and a hospital in a folder of their own, starts both as processes, imports \
      charts and goes through everything that happens between them, over real sockets. Without \
      --once the nodes are left serving, with a token and commands to try, until Ctrl-C.

      Example:
        peerchart demo --once --bundle organizations.json --bundle patient.json
      """)

  @Flag(help: "Stop when the steps are done.")
  var once = false
  @Option(
    help:
      "A FHIR bundle to import; may be repeated, organizations first. Default: a made-up family.")
  var bundle: [String] = []
  @Option(help: "Leave both data folders and the servers' output here.")
  var keep: String?
  @Flag(help: "Print one line of JSON at the end instead of the steps.")
  var json = false
  @Option(help: "The household's HTTPS port; 0 takes a free one.")
  var port = 0

  func run() async throws {
    let folder = keep ?? FileManager.default.temporaryDirectory.path + "/peerchart-demo-\(UUID())"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { if keep == nil { try? FileManager.default.removeItem(atPath: folder) } }
    guard let program = Bundle.main.executablePath else {
      throw PeerChartError(.storage, "the program does not find itself")
    }
    let household = try await ServedNode(
      name: "Household", kind: .household, path: folder + "/household", program: program,
      port: port)
    let hospital: ServedNode
    do {
      hospital = try await ServedNode(
        name: "General Hospital", kind: .organization, path: folder + "/hospital",
        program: program, port: 0)
    } catch {
      await household.stop()
      throw error
    }
    let demonstration = Demonstration(household: household, hospital: hospital, isQuiet: json)
    await demonstration.run(bundles: bundle, workFolder: folder)
    if json { try StandardOutput.json(demonstration.report) }
    if !once && !json {
      try await leaveServing(demonstration)
    } else if !json {
      try StandardOutput.line(
        demonstration.report.isAllRight ? "All steps went as they must." : "Something failed.")
    }
    await household.stop()
    await hospital.stop()
    guard demonstration.report.isAllRight else { throw ExitCode(1) }
  }

  private func leaveServing(_ demonstration: Demonstration) async throws {
    let household = demonstration.household
    let token = try await household.exchange.issueToken(
      TokenRequest(
        scope: ScopeSet(parsing: "system/*.cruds"), role: .system, name: "demonstration",
        purpose: .operations, treats: [], lifetime: 8 * 3600), as: household.owner)
    let folder = household.node.folder.path
    let hospital = demonstration.hospital
    let patientCode = try await household.exchange.inviteAccount(
      as: .relation(.selfOfPatient, patient: demonstration.patient, until: nil),
      lifetime: 8 * 3600, by: household.owner)
    let clinicianCode = try await hospital.exchange.inviteAccount(
      as: .staff([.clinician]), lifetime: 8 * 3600, by: hospital.owner)
    try StandardOutput.write(
      Array(
        """

        Both nodes are running. Ctrl-C ends them.

          household  https://\(household.address)  data in \(folder)
          hospital   https://\(demonstration.hospital.address)  data in \(demonstration.hospital.node.folder.path)

        Open in a browser, which will ask about certificates of this demonstration's own:
          \(Self.page("register", household))  as the patient, code \(patientCode.text.exposed)
          \(Self.page("register", hospital))  as a clinician, code \(clinicianCode.text.exposed)

        Try, in another terminal:
          export CA=\(folder)/tls/ca.pem TOKEN=\(token)
          curl --cacert $CA -H "Authorization: Bearer $TOKEN" https://\(household.address)/fhir/Patient
          curl --cacert $CA -H "Authorization: Bearer $TOKEN" 'https://\(household.address)/fhir/Observation?patient=\(demonstration.patient)&_count=3'
          peerchart audit list --data \(folder) --patient \(demonstration.patient) --limit 10
          peerchart consent list --data \(folder)

        """.utf8))
    await TerminationSignal.wait()
  }

  /// A page by the name of this machine: browsers keep no passkeys for a bare address.
  private static func page(_ name: String, _ node: ServedNode) -> String {
    let port = node.address.split(separator: ":").last.map { ":\($0)" } ?? ""
    return "https://localhost\(port)/\(name)"
  }
}

extension Demonstration {
  func run(bundles: [String], workFolder: String) async {
    await importCharts(bundles)
    await pair()
    await share()
    await expire()
    await breakGlass()
    await transfer()
    await tamper(workFolder: workFolder)
    await verifyLogs()
  }

  private func importCharts(_ files: [String]) async {
    await step("charts are imported into the household's node") {
      let contents: [(String, [UInt8])] =
        try files.isEmpty
        ? SampleChart.all.map { ($0.name, Array($0.json.utf8)) }
        : files.map { file in
          guard let data = FileManager.default.contents(atPath: file) else {
            throw DemoFailure(reason: "\(file) cannot be read")
          }
          return (file, Array(data))
        }
      var patients: [String] = []
      for (name, bytes) in contents {
        let result = try await household.exchange.importJSON(
          bytes, unresolved: .keep, as: household.owner
        ) { _ in }
        if let fault = result.faults.first {
          throw DemoFailure(reason: "\(name): \(fault)")
        }
        report.imported += result.stored
        patients += result.patients.sorted()
      }
      guard let first = patients.first else {
        throw DemoFailure(reason: "there is no patient in the bundles")
      }
      patient = first
      return "\(report.imported) resources"
    }
  }
}
