import FHIR
import Foundation

/// How fast charts are given back: one patient's `$everything` over TLS, and all that is stored by
/// `peerchart export`, each record opened, decided about, and named in the log.
struct ExportCase {
  let served: ServedNode
  let span: Double

  func everything() throws -> [Figure] {
    let server = try served.start()
    try served.read(from: server)
    var bytes = 0
    var seconds = 0.0
    var charts = 0
    let before = try ProcessStatus.processorSeconds(of: server.processID)
    for patient in served.patients {
      var next: String? = "/fhir/Patient/\(patient)/$everything"
      while let page = next {
        let file = served.folder.file("everything.json")
        let answer = try server.get(page, token: served.token, into: file, in: served.folder)
        guard answer.status == 200 else {
          throw BenchFailure("$everything came back as \(answer.status)")
        }
        bytes += answer.bytes
        seconds += answer.seconds
        next = try Self.next(file)
      }
      charts += 1
      if seconds > span { break }
    }
    let processor = try ProcessStatus.processorSeconds(of: server.processID) - before
    try server.stop()
    return [
      Figure(
        name: "$everything over TLS", value: Double(bytes) / 1e6 / seconds, unit: "MB/s",
        note: "\(charts) charts, one after the other, to the last page, each page a connection; "
          + "\(FigureTable.text(Double(bytes) / 1e6 / processor)) MB a second of processor")
    ]
  }

  func export() throws -> [Figure] {
    let file = served.folder.file("export.ndjson")
    defer { try? FileManager.default.removeItem(atPath: file) }
    let process = try ChildProcess(
      try Programs.peerchart,
      ["--data", served.dataFolder, "export", "--all", "--output", file])
    let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
    return [
      Figure(
        name: "export of everything", value: Double(size) / 1e6 / process.cost.wall, unit: "MB/s",
        note: "`peerchart export --all` to a file, \(FigureTable.text(Double(size) / 1e6)) MB; "
          + "\(FigureTable.text(Double(size) / 1e6 / process.cost.processor)) MB a second of processor"
      )
    ]
  }

  /// The link to the next page of a Bundle.
  private static func next(_ file: String) throws -> String? {
    let data = FileManager.default.contents(atPath: file) ?? Data()
    let bundle = try JSONDocument(
      parsing: Array(data), limits: JSONLimits(maximumBytes: 1 << 30)
    ).root
    return bundle["link"]?.elements.first { $0["relation"]?.string == "next" }?["url"]?.string
  }
}
