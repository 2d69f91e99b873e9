import Exchange
import FHIR
import Primitives

/// Imports one file: tells JSON from NDJSON, reads the latter in constant memory.
struct FileImporter {
  let exchange: Exchange
  let unresolved: UnresolvedReferences
  let progress: Progress

  private static let chunkBytes = 1 << 20
  /// NDJSON goes to the store in groups of about so many bytes or lines.
  private static let groupBytes = 8 << 20
  private static let groupLines = 5000

  /// - Throws: only what concerns the node and not the file, such as a full disk.
  func report(on file: String) async throws -> FileReport {
    var report = FileReport(file == "-" ? "standard input" : file)
    do {
      let source = try FileSource(path: file)
      let start = try source.chunk(Self.chunkBytes)
      guard !start.isEmpty else { throw PeerChartError(.malformed, "the file is empty") }
      if Self.isNDJSON(file, start) {
        try await importLines(source, startingWith: start, into: &report)
      } else {
        let bytes = try source.readAll(limit: exchange.limits.bodyBytes, startingWith: start)
        report.add(
          try await exchange.importJSON(
            bytes, unresolved: unresolved, as: exchange.nodeOperator(), progress: progress.add))
      }
    } catch let error as PeerChartError where error.code != .storage {
      report.add(error)
    } catch let error as PeerChartError where error.place == file {
      // The one thing of the kind `storage` that is the file's own fault: it cannot be read.
      report.add(error)
    }
    return report
  }

  /// By its name; else NDJSON is what has a whole resource on its first line and something behind it.
  private static func isNDJSON(_ file: String, _ start: [UInt8]) -> Bool {
    if file.hasSuffix(".ndjson") || file.hasSuffix(".jsonl") { return true }
    guard let end = start.firstIndex(of: 0x0A),
      start[end...].contains(where: { ![0x0A, 0x0D, 0x20, 0x09].contains($0) })
    else { return false }
    return (try? JSONDocument(parsing: Array(start[..<end]))) != nil
  }

  private func importLines(
    _ source: FileSource, startingWith start: [UInt8], into report: inout FileReport
  ) async throws {
    var splitter = NDJSONSplitter()
    var group: [NDJSONSplitter.Line] = []
    var groupBytes = 0
    var chunk = start
    while !chunk.isEmpty {
      let lines = try splitter.split(chunk)
      group += lines
      groupBytes += lines.reduce(0) { $0 + $1.bytes.count }
      if groupBytes >= Self.groupBytes || group.count >= Self.groupLines {
        try await store(group, into: &report)
        group = []
        groupBytes = 0
      }
      chunk = try source.chunk(Self.chunkBytes)
    }
    if let last = splitter.finish() { group.append(last) }
    try await store(group, into: &report)
  }

  private func store(
    _ lines: [NDJSONSplitter.Line], into report: inout FileReport
  ) async throws {
    guard !lines.isEmpty else { return }
    report.add(
      try await exchange.importNDJSON(
        lines, unresolved: unresolved, as: exchange.nodeOperator(), progress: progress.add))
  }
}
