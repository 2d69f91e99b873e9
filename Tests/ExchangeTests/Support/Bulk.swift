import Consent
import Exchange
import FHIR
import Foundation
import Primitives
import Synchronization

/// A file of a bulk export, read to its end.
struct ReadFile {
  let type: String
  let count: Int
  let lines: [[UInt8]]

  /// Of each line the id, in the order of the file.
  var ids: [String] { resources.compactMap(\.id) }
  var resources: [Resource] { lines.compactMap { try? Resource(parsing: $0) } }
}

extension TestNode {
  /// Small files and small steps, so that little data shows what much would.
  func reopenForBulk(file: Int = 3, step: Int = 4) async throws {
    var limits = ExchangeLimits()
    limits.exportFileRecords = file
    limits.exportStepRecords = step
    try await reopen(limits: limits)
  }

  func beginExport(
    _ level: BulkExportRequest.Level = .system, _ pairs: [(String, String)] = [],
    isPost: Bool = true, as caller: Caller
  ) async throws -> String {
    try await exchange.beginExport(
      BulkExportRequest(
        level, OperationParameters(pairs: pairs), isPost: isPost, isLenient: false),
      url: "https://node.example/fhir/$export", as: caller)
  }

  /// Asks for an export and works on it.
  func export(
    _ level: BulkExportRequest.Level = .system, _ pairs: [(String, String)] = [],
    as caller: Caller
  ) async throws -> (job: String, manifest: BulkManifest) {
    let job = try await beginExport(level, pairs, as: caller)
    _ = try await exchange.workOnBulkJobs(as: "worker")
    return (job, try await manifest(job, as: caller))
  }

  func manifest(_ job: String, as caller: Caller) async throws -> BulkManifest {
    switch try await exchange.bulkStatus(job, as: caller) {
    case .done(let manifest): return manifest
    case .failed(let error): throw error
    case .working: throw PeerChartError(.conflict, "the job is not done")
    }
  }

  func read(_ job: String, _ files: [BulkManifest.File], as caller: Caller) async throws
    -> [ReadFile]
  {
    var read: [ReadFile] = []
    for file in files {
      var source = try await exchange.bulkFile(job, file.name ?? "", as: caller)
      var bytes: [UInt8] = []
      while let group = try await source.next() { bytes += group }
      read.append(
        ReadFile(
          type: file.type, count: file.count,
          lines: bytes.split(separator: 0x0A).map(Array.init)))
    }
    return read
  }

  /// Everything that a caller finds by searching type by type, as `Type/id` and its bytes.
  func found(_ types: [String], as caller: Caller) async throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for type in types {
      for resource in try await exchange.searchAll(type, [("_count", "100")], as: caller) {
        found["\(type)/\(resource.id)"] = resource.json
      }
    }
    return found
  }
}

/// JSON on one line, as an export gives it.
func oneLine(_ json: [UInt8]) -> [UInt8] { json.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } }

/// Files of a bulk import in memory, some of which misbehave.
final class MemorySource: BulkSource {
  struct File: Sendable {
    var bytes: [UInt8]
    /// How often it breaks off, and behind how many bytes.
    var breaks = 0
    var breaksAt = 0
    /// Whether it is refused for good.
    var isAbsent = false
  }

  private let files: Mutex<[String: File]>
  private let opened = Mutex<[String]>([])

  init(_ files: [String: File]) { self.files = Mutex(files) }

  /// The addresses that were asked for, in order.
  var asked: [String] { opened.withLock { $0 } }

  func allows(_ url: String) -> Bool { url.hasPrefix("https://files.example/") }

  func open(_ url: String) async throws -> any BulkStream {
    opened.withLock { $0.append(url) }
    let file = files.withLock { files -> File? in
      let file = files[url]
      files[url]?.breaks -= 1
      return file
    }
    guard let file, !file.isAbsent else { throw PeerChartError(.invalid, "there is no such file") }
    return Stream(
      rest: file.breaks > 0 ? file.bytes[..<file.breaksAt] : file.bytes[...],
      breaks: file.breaks > 0)
  }

  private struct Stream: BulkStream {
    var rest: ArraySlice<UInt8>
    let breaks: Bool

    mutating func next() async throws -> [UInt8]? {
      guard !rest.isEmpty else {
        if breaks { throw PeerChartError(.unreachable, "the file breaks off") }
        return nil
      }
      let piece = rest.prefix(1000)
      rest = rest.dropFirst(1000)
      return Array(piece)
    }
  }
}
